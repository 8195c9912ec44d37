"""Connections as text: a parameter of runs, from which networks begin."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn import AssociativeMemory, associative_memory
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.sweeps.connections import connect, from_text, to_text
from cortical_bcpnn.sweeps.parameters import resolve
from cortical_bcpnn.sweeps.run import Run

PAPER = associative_memory(9, hidden=(2, 3), fan_in=3, feedback_fan_in=1)


def test_text_says_connections():
    connections = np.array([[0, 2, 8], [1, 3, 4]])
    assert to_text(connections) == "105-1a"
    np.testing.assert_array_equal(from_text("105-1a", PAPER), connections)


@pytest.mark.parametrize(
    "text, message",
    [
        ("1-x", "hexadecimal mask"), ("105", "are 1 masks, and HID has 2"),
        ("105-3", "mask 1 .* 2 bits"), ("0-0", "0 bits"),
        ("105-203", "mask 1 .* up to 9: give 3, the fan-in, of the 9"),
    ],
)  # fmt: skip
def test_text_that_says_none(text, message):
    with pytest.raises(ValueError, match=message):
        from_text(text, PAPER)


def test_a_network_begins_with_them_and_is_else_as_its_seed_says():
    memory, usual = (AssociativeMemory(architecture=PAPER, seed=3) for _ in range(2))
    connect(memory, "105-1a")
    begun = memory.traces["feedforward"].connections
    np.testing.assert_array_equal(begun, [[0, 2, 8], [1, 3, 4]])
    for name in ("feedforward", "recurrent", "feedback"):
        np.testing.assert_array_equal(memory.traces[name].q, usual.traces[name].q)
    np.testing.assert_array_equal(memory.connections("feedback"), usual.connections("feedback"))


def test_a_run_is_another_with_them_and_the_same_without():
    dataset = digits()
    given = {"hypercolumns": 2, "minicolumns": 3, "fan_in": 3, "feedback_fan_in": 1}
    ids = [Run.make(dataset, resolve({**given, **more}, dataset), 0, ("accuracy",)).id
           for more in ({}, {"connections": ""}, {"connections": "105-1a"})]  # fmt: skip
    assert ids[0] == ids[1] != ids[2]
    with pytest.raises(ValueError, match="are 1 masks"):
        resolve({**given, "connections": "105"}, dataset)
