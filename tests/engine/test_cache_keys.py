"""Keys of Brian2's caches against Brian2's own."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import TimedArray, ms, mV
from brian2.utils import caching
from tiny import tiny_memory

from cortical_bcpnn.circuits.circuit import build_circuit
from cortical_bcpnn.engine.cache_keys import BRIAN2S, hashable


def test_they_are_brian2s():
    """Of all variables, with equations and functions among them, of a network that learns."""
    memory = tiny_memory()
    circuit = build_circuit(memory.architecture, dt=memory.parameters.dt,
                            transmitting=list(memory.traces), plastic=True)  # fmt: skip
    assert caching._hashable is hashable is not BRIAN2S
    variables = [group.variables for group in circuit.objects.values()]
    assert sum(map(len, variables)) > 100
    for things in (*variables, *(group.equations for group in circuit.objects.values())):
        assert hashable(things) == BRIAN2S(things)
        assert hash(hashable(things)) == hash(BRIAN2S(things))


@pytest.mark.parametrize(
    "thing",
    ["text", 1.5, True, None, ("a", [1, {2}]), {"a": [1], "b": {"c": 3 * mV}}, {1, 2}, 5 * mV,
     np.float64(3), TimedArray([1, 2] * mV, dt=1 * ms), len],
    ids=lambda thing: type(thing).__name__,
)  # fmt: skip
def test_so_are_those_of_other_objects(thing):
    assert hashable(thing) == BRIAN2S(thing) and type(hashable(thing)) is type(BRIAN2S(thing))


@pytest.mark.parametrize("thing", [np.zeros(2), [np.zeros(2)], {"a": [1, 2] * mV}])
def test_what_brian2_cannot_handle_is_refused_as_there(thing):
    with pytest.raises(TypeError, match="Do not know how to handle"):
        BRIAN2S(thing)
    with pytest.raises(TypeError, match="Do not know how to handle"):
        hashable(thing)
