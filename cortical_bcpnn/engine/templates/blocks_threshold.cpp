{# Which neurons fire, block by block.
   USES_VARIABLES { N } #}
{% extends 'threshold.cpp' %}
{% import 'blocks.cpp' as blocks %}

{% block maincode %}
    {% set _eventspace = get_array_name(eventspace_variable) %}
    // scalar code
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    {% set code, calls = in_blocks(vector_code|autoindent, index_arrays, get_array_name) %}
    const int32_t _chunk = {{ blocks.chunk(length) }};
    {% for call in range(calls) %}
    double _uniform_{{ call }}[_chunk + live::Uniform::LANES];
    {% endfor %}
    char _fires[_chunk + 8];
    int32_t _count = 0;
    for (int32_t _start = 0; _start < N; _start += _chunk)
    {
        const int32_t _stop = _start + _chunk < N ? _start + _chunk : N;
        {{ blocks.draw(calls) }}
        {% call blocks.each_neuron(length) %}
        {{ code }}
        _fires[_idx - _start] = _cond;
        {% endcall %}
        // Few fire: most are passed over eight at a time.
        for (int32_t _eight = _start; _eight < _stop; _eight += 8)
        {
            uint64_t _any;
            std::memcpy(&_any, _fires + _eight - _start, 8);
            if (!_any && _eight + 8 <= _stop) continue;
            for (int32_t _idx = _eight; _idx < _eight + 8 && _idx < _stop; _idx++)
                if (_fires[_idx - _start]) {{_eventspace}}[_count++] = _idx;
        }
    }
    {{_eventspace}}[N] = _count;
{% endblock %}
