{# Prepares the runs of a pathway without delay; its events need no queue.
   USES_VARIABLES { _n_sources, _n_targets, delay, _source_dt } #}
{% extends 'synapses_push_spikes.cpp' %}

{% block before_code %}
    {{ super() }}
    {% if opposite_neurons %}
    live::all_pairs({{ owner.name }}, {{ opposite_neurons }});
    {% else %}
    live::find_runs({{ owner.name }}, {{ get_array_name(owner.synapse_targets, access_data=False) }});
    {% endif %}
{% endblock %}

{% block maincode %}
{% endblock %}
