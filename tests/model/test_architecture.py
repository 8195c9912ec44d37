"""What a network is made of, and what is refused, with which words."""

from __future__ import annotations

import pytest

from cortical_bcpnn import Architecture, Population, Projection, associative_memory


def test_associative_memory_is_the_published_network():
    """Sizes of MNIST: 784 × 2, 30 × 100, 784 × 2; fan-in 78, all to all and 5."""
    architecture = associative_memory(784)
    sizes = {p.name: (p.hypercolumns, p.minicolumns) for p in architecture.populations}
    assert sizes == {"INP": (784, 2), "HID": (30, 100), "INPRC": (784, 2)}
    assert [p.size for p in architecture.populations] == [1568, 3000, 1568]
    projections = {
        p.name: (p.pre, p.post, p.fan_in, p.rewired) for p in architecture.projections
    }
    assert projections == {
        "feedforward": ("INP", "HID", 78, True),
        "recurrent": ("HID", "HID", 30, False),
        "feedback": ("HID", "INPRC", 5, True),
    }


def test_hidden_minicolumns_are_the_conditioning_side():
    """They are the sparse ones: few columns learn from a pattern."""
    for projection in associative_memory(9, (4, 5), 4, 2).projections:
        assert getattr(projection, projection.conditioning) == "HID"
        assert {projection.conditioning, projection.conditioned} == {"pre", "post"}


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"fan_in": 10}, "fan-in of the feedforward projection is 10: give .* from 1 to 9.*INP"),
        ({"fan_in": 0}, "fan-in of the feedforward projection is 0: give .* from 1 to 9"),
        ({"fan_in": 2.5}, r"fan-in of the feedforward projection is 2\.5: give a whole number"),
        ({"feedback_fan_in": 5}, "fan-in of the feedback projection is 5: .* from 1 to 4.*HID"),
        ({"feedback_fan_in": -1}, "fan-in of the feedback projection is -1: give .* from 1 to 4"),
        ({"n_inputs": 0}, "hypercolumns of population INP is 0: give a whole number of 1 or more"),
        ({"n_inputs": 9.0}, r"hypercolumns of population INP is 9\.0: give a whole number"),
        ({"hidden": (0, 5)}, "hypercolumns of population HID is 0: give a whole number"),
        ({"hidden": (4, -5)}, "minicolumns of population HID is -5: give a whole number"),
        ({"hidden": (4, True)}, "minicolumns of population HID is True: give a whole number"),
    ],
)
def test_impossible_networks_are_refused(arguments, message):
    size = {"n_inputs": 9, "hidden": (4, 5), "fan_in": 4, "feedback_fan_in": 2}
    with pytest.raises(ValueError, match=message):
        associative_memory(**{**size, **arguments})


def test_projection_of_an_unknown_population_is_refused():
    with pytest.raises(ValueError, match="population 'B' is unknown: choose .*A"):
        Architecture((Population("A", 2, 2),), (Projection("ab", "A", "B", 1, False, "post"),))


def test_unknown_projection_is_refused():
    with pytest.raises(ValueError, match="projection 'forward' is unknown: .*feedforward"):
        associative_memory(9, (4, 5), 4, 2).projection("forward")
