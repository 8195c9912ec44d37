"""Numbers with units survive the way through text, whoever reads it."""

from __future__ import annotations

import pytest
from brian2 import Hz, Quantity, ms, mV, nS, second
from hypothesis import given, settings
from hypothesis import strategies as st

from cortical_bcpnn.experiments.arguments import duration
from cortical_bcpnn.sweeps.parameters import find_parameter
from cortical_bcpnn.values.quantities import base_text, parse_quantity, quantity_text

SURE = settings(max_examples=300, deadline=None, derandomize=True, database=None)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@SURE
@given(number=FINITE, unit=st.sampled_from([second, ms, Hz, mV, nS]))
def test_text_gives_back_the_very_same_quantity(number, unit):
    value = number * unit
    texts = [base_text(value)] + [quantity_text(value)] * (abs(float(value)) < 1e300)
    for text in texts:
        again = parse_quantity(text)
        assert again.dim is value.dim and float(again) == float(value)


@SURE
@given(number=FINITE)
def test_numbers_come_back_without_a_unit(number):
    again = parse_quantity(repr(number))
    assert again == number and not isinstance(again, Quantity)


@pytest.mark.parametrize(
    "text, value",
    [("0.2", 0.2), ("-5e-1*mV", -0.5 * mV), ("100 Hz", 100 * Hz), (" .5s ", 500 * ms),
     ("20 µs", 0.02 * ms), ("1.kHz", 1000 * Hz), ("2 second", 2 * second)],
)  # fmt: skip
def test_ways_to_write_a_value(text, value):
    found = parse_quantity(text)
    assert isinstance(found, Quantity) == isinstance(value, Quantity)
    assert float(found) == pytest.approx(float(value), rel=1e-15)
    assert not isinstance(value, Quantity) or found.dim is value.dim


@pytest.mark.parametrize("text", ["", "ms", "3 lightyears", "5 ms 3", "1,5ms", "__import__('os')"])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(ValueError, match="is no value: give a number with its unit"):
        parse_quantity(text)
    with pytest.raises(ValueError, match="is not a positive time"):
        duration(text)
    with pytest.raises(ValueError, match="tau_z is .*: give a time, 5ms say"):
        find_parameter("tau_z").parse(text)


@pytest.mark.parametrize("text", ["5ms", "0.005 s", "5e-3s", "5*ms", "5000us"])
def test_options_and_sweeps_read_the_same(text):
    assert float(duration(text)) == pytest.approx(float(5 * ms), rel=1e-15)
    assert find_parameter("tau_z").parse(text) == 5.0
