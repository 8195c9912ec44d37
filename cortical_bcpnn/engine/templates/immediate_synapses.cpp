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

    const live::Runs &_runs = live::runs(&{{ pathway.name }});
    const int32_t _num_events = {{ _events_array }}[_num_{{ _events_array }} - 1];
    for (int32_t _index_events = 0; _index_events < _num_events; _index_events++)
    {
        const int32_t _event = {{ _events_array }}[_index_events];
        {# Runs lie anywhere in memory: those to come are fetched ahead. #}
        const live::Run *_run = _runs.first(_event), *const _last_run = _runs.last(_event);
        if (_index_events + 1 < _num_events)
        {
            const int32_t _next_event = {{ _events_array }}[_index_events + 1];
            const live::Run *const _next = _runs.first(_next_event);
            for (int32_t _k = 0; _k < live::AHEAD && _next + _k < _runs.last(_next_event); _k++)
            {
                {% for array in synaptic_arrays %}
                live::prefetch({{ get_array_name(array) }} + _next[_k].synapse, _next[_k].length);
                {% endfor %}
            }
        }
        for (; _run < _last_run; _run++)
        {
            const int32_t _length = _run->length, _opposite = _run->opposite;
            const size_t _synapse = _run->synapse;
            if (_run + live::AHEAD < _last_run)
            {
                {% for array in synaptic_arrays %}
                live::prefetch({{ get_array_name(array) }} + _run[live::AHEAD].synapse, _run[live::AHEAD].length);
                {% endfor %}
            }
            #pragma GCC ivdep
            for (int32_t _k = 0; _k < _length; _k++)
            {
                const size_t _idx = _synapse + _k;
                const size_t _vectorisation_idx = _idx;
                {{ vector_code|autoindent|replace(_pointer + '[_idx]', '_event')|replace(_opposite_pointer + '[_idx]', '(_opposite + _k)') }}
            }
        }
    }
{% endblock %}
