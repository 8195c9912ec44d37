{# Statements for every neuron, block by block.
   USES_VARIABLES { N }
   ALLOWS_SCALAR_WRITE #}
{% extends 'common_group.cpp' %}
{% import 'blocks.cpp' as blocks %}

{% block maincode %}
    // scalar code
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    {% set code, calls = in_blocks(vector_code|autoindent, index_arrays, get_array_name) %}
    const int32_t _chunk = {{ blocks.chunk(length) }};
    {% for call in range(calls) %}
    double _uniform_{{ call }}[_chunk + live::Uniform::LANES];
    {% endfor %}
    for (int32_t _start = 0; _start < N; _start += _chunk)
    {
        const int32_t _stop = _start + _chunk < N ? _start + _chunk : N;
        {{ blocks.draw(calls) }}
        {% call blocks.each_neuron(length) %}
        {{ code }}
        {% endcall %}
    }
{% endblock %}
