{# Loops over neurons that read variables of what they are grouped in, block by block. #}

{# How many numbers are drawn at a time: whole blocks, few enough to stay in the nearest cache. #}
{% macro chunk(length) -%}
{{ [1024 // length, 1] | max * length }}
{%- endmacro %}

{# Uniform numbers for every call of rand() in a chunk. #}
{% macro draw(calls) %}
{% for call in range(calls) %}
live::uniform().fill(_uniform_{{ call }}, _stop - _start);
{% endfor %}
{% endmacro %}

{# The neurons from _start to _stop. Short blocks are not worth a loop of their own. #}
{% macro each_neuron(length) %}
{% if length >= 8 %}
for (int32_t _first = _start; _first < _stop; _first += {{ length }})
{
    const int32_t _block = _first / {{ length }};
    #pragma GCC ivdep
    for (int32_t _idx = _first; _idx < _first + {{ length }}; _idx++)
    {
        const size_t _vectorisation_idx = _idx;
        {{ caller() }}
    }
}
{% else %}
#pragma GCC ivdep
for (int32_t _idx = _start; _idx < _stop; _idx++)
{
    const int32_t _block = _idx / {{ length }};
    const size_t _vectorisation_idx = _idx;
    {{ caller() }}
}
{% endif %}
{% endmacro %}
