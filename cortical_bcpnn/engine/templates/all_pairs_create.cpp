{# Synapses between all pairs, in order: their indices follow from their place and are not kept.
   USES_VARIABLES { N, N_incoming, N_outgoing, N_pre, N_post }
   WRITES_TO_READ_ONLY_VARIABLES { N, N_incoming, N_outgoing } #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    const size_t _pre = {{ constant_or_scalar('N_pre', variables['N_pre']) }};
    const size_t _post = {{ constant_or_scalar('N_post', variables['N_post']) }};
    {{ _dynamic_N_incoming }}.assign(_post, _pre);
    {{ _dynamic_N_outgoing }}.assign(_pre, _post);
    {% for name in owner._registered_variables | variables_to_array_names(access_data=False) | sort %}
    {% if name not in (get_array_name(owner.variables['_synaptic_pre'], access_data=False), get_array_name(owner.variables['_synaptic_post'], access_data=False)) %}
    {{ name }}.resize(_pre * _post);
    {% endif %}
    {% endfor %}
    {{ N }} = _pre * _post;
{% endblock %}
