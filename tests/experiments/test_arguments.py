"""Text of a command line as values, with units."""

from __future__ import annotations

import pytest
from brian2 import Hz, ms, second

from cortical_bcpnn.experiments.arguments import (
    assignment,
    duration,
    hidden,
    rate,
    several,
    similarity,
    whole,
)


@pytest.mark.parametrize(
    "text, value",
    [("5ms", 5 * ms), ("0.5 ms", 0.5 * ms), ("1.5s", 1.5 * second), ("2", 2 * second),
     ("1e-2", 10 * ms)],
)  # fmt: skip
def test_times(text, value):
    assert float(duration(text)) == pytest.approx(float(value), rel=1e-15)


@pytest.mark.parametrize("text, value", [("100", 100 * Hz), ("20Hz", 20 * Hz), ("1e3 Hz", 1000 * Hz)])
def test_rates(text, value):
    assert float(rate(text)) == float(value)


def test_lists_pairs_and_sizes():
    assert several(duration)("1ms, 20ms,0.1") == [1 * ms, 20 * ms, 100 * ms]
    assert several(whole)("3") == [3]
    assert hidden("30x100") == hidden("30×100") == hidden("30,100") == (30, 100)
    assert assignment(" tau_a = 200 ms") == ("tau_a", "200 ms")


@pytest.mark.parametrize(
    "parse, text",
    [(several(duration), "5ms,"), (several(duration), ""), (several(duration), "5ms,x"),
     (several(duration), "5ms,0.005"), (duration, "-1ms"), (duration, "20Hz"), (rate, "0"),
     (rate, "20ms"), (whole, "0"), (whole, "1.5"), (hidden, "30"), (hidden, "0x3"),
     (assignment, "tau_a="), (assignment, "=3"), (similarity, "1"), (similarity, "nan")],
)  # fmt: skip
def test_text_that_means_nothing(parse, text):
    """Empty places, other things, one value twice."""
    with pytest.raises(ValueError, match="give|name it once"):
        parse(text)
