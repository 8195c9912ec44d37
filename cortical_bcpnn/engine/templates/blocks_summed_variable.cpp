{# Sums over neighbours of what they are grouped in.
   USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    // scalar code
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}

    {% set code, calls = in_blocks(vector_code|autoindent, index_arrays, get_array_name) %}
    for (int32_t _block = 0; _block < {{ sums }}; _block++)
    {
        {{ c_data_type(_target_var.dtype) }} _sum = 0;
        for (int32_t _idx = _block * {{ length }}; _idx < (_block + 1) * {{ length }}; _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {{ code }}
            _sum += _synaptic_var;
        }
        {{ get_array_name(_target_var) }}[_block + {{ _target_start }}] = _sum;
    }
{% endblock %}
