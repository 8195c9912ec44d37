{# Statements of a pathway without delay, for the synapses of each event, run by run.
   USES_VARIABLES { _synaptic_pre, _synaptic_post } #}
{% extends 'common_synapses.cpp' %}

{% set _pointer = get_array_name(pathway.synapse_sources) %}
{% set _opposite_pointer = get_array_name(pathway.synapse_targets) %}
{% set _events_array = get_array_name(pathway.source.variables[pathway.eventspace_name])|replace('_ptr', '', 1) %}

{% block maincode %}
    // scalar code
    const size_t _vectorisation_idx = -1;
    {{ scalar_code|autoindent }}

    live::Runs &_runs = live::runs(&{{ pathway.name }});
    const int32_t _number = _runs.of_events({{ _events_array }}, {{ _events_array }}[_num_{{ _events_array }} - 1]);
    for (int32_t _run = 0; _run < _number; _run++)
    {
        const live::Run &_this = _runs.active[_run];
        const int32_t _event = _this.event, _length = _this.length, _opposite = _this.opposite;
        const size_t _synapse = _this.synapse;
        {# Runs lie anywhere in memory: those to come are fetched ahead. #}
        const live::Run &_ahead = _runs.active[_run + live::AHEAD];
        {% for array in synaptic_arrays %}
        live::prefetch({{ get_array_name(array) }} + _ahead.synapse, _ahead.length);
        {% endfor %}
        #pragma GCC ivdep
        for (int32_t _k = 0; _k < _length; _k++)
        {
            const size_t _idx = _synapse + _k;
            const size_t _vectorisation_idx = _idx;
            {{ vector_code|autoindent|replace(_pointer + '[_idx]', '_event')|replace(_opposite_pointer + '[_idx]', '(_opposite + _k)') }}
        }
    }
{% endblock %}
