"""What a network has learned: copies that share nothing, the untouched start, drawn when needed."""

from __future__ import annotations

import copy as copies
import shutil

import numpy as np
import pytest
from brian2 import ms
from comparing import assert_same
from tasks import SHORT
from tiny import LEARNING, ScriptedSimulation, teach, tiny_memory

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.learned.traces import Traces
from cortical_bcpnn.store import learn_or_load

# --- Copies ------------------------------------------------------------------------------


def adopted(memory: AssociativeMemory) -> AssociativeMemory:
    other = tiny_memory(rewire_every=6, rewire_margin=1.0)
    other.adopt(memory)
    return other


def given(memory: AssociativeMemory) -> AssociativeMemory:
    return tiny_memory(rewire_every=6, rewire_margin=1.0, traces=memory.traces)


def assigned(memory: AssociativeMemory) -> AssociativeMemory:
    other = tiny_memory(rewire_every=6, rewire_margin=1.0)
    other.traces = memory.traces
    return other


@pytest.mark.parametrize("make", [adopted, given, assigned])
def test_what_a_copy_learns_the_original_does_not(learned, patterns, make):
    before = copies.deepcopy(
        (learned.traces, learned.rewiring, learned.connection_history, learned.history)
    )
    other = make(learned)
    other.learn(patterns, protocol=LEARNING)
    for state in other.traces.values():
        for name in ("p_pre", "p_post", "q", "deferred", "connections"):
            getattr(state, name)[:] = 0
    other.connection_history[0]["feedforward"][:] = 0
    other.seconds["learn"] = -1.0
    unchanged = tiny_memory(rewire_every=6, rewire_margin=1.0)
    unchanged.n_learned = 48
    unchanged.traces, unchanged.rewiring, unchanged.connection_history, history = before
    assert_same(learned, unchanged)
    assert learned.history == history and learned.seconds["learn"] > 0


def test_adopting_takes_over_everything(learned, patterns):
    """And learning goes on as it does in the original."""
    other = adopted(learned)
    assert_same(other, learned)
    assert other.history == learned.history and other.seconds == learned.seconds


# --- Weights of traces that were given ---------------------------------------------------


def test_weights_of_given_traces_are_theirs(learned, patterns, tmp_path):
    """Nothing has been learned here, but they have; files keep that."""
    memory = given(learned)
    memory.save(tmp_path / "given.h5")
    loaded = AssociativeMemory.load(tmp_path / "given.h5")
    for other in (memory, loaded):
        assert other.n_learned == 0
        for name in learned.traces:
            assert other.has_learned(name)
            np.testing.assert_array_equal(other.weights(name), learned.weights(name))
            np.testing.assert_array_equal(other.biases(name), learned.biases(name))
    with memory, loaded:
        recalls = [m.recall(patterns[:3]).z["attractor"]["HID"] for m in (learned, memory, loaded)]
    np.testing.assert_array_equal(recalls[1], recalls[0])
    np.testing.assert_array_equal(recalls[2], recalls[0])


@pytest.mark.parametrize("given_to", [adopted, given, assigned])
def test_weights_of_an_untouched_start_are_zero_wherever_it_goes(given_to):
    """Its time constant may change before it learns."""
    start = tiny_memory()
    start.parameters = tiny_memory(tau_p=400 * ms).parameters
    for memory in (start, given_to(start)):
        for name in memory.traces:
            assert not memory.has_learned(name)
            assert not memory.weights(name).any() and not memory.biases(name).any()


@pytest.mark.parametrize("make, gain", [(given, 0.3), (lambda _: tiny_memory(), 0.0)])
def test_given_traces_transmit_from_the_first_pattern_on(learned, patterns, make, gain):
    """The random start from the second on."""
    memory = make(learned)
    simulation = ScriptedSimulation(memory)
    teach(memory, simulation, patterns[:2])
    first, second = simulation.steps[0], simulation.steps[3]
    assert (first.gains["feedforward"], second.gains["feedforward"]) == (gain, 0.3)


# --- The random start --------------------------------------------------------------------


@pytest.fixture
def draws(monkeypatch) -> list[str]:
    """Projections whose random start has been drawn."""
    drawn, initial = [], Traces.initial.__func__

    def noting(cls, architecture, projection, *arguments):
        drawn.append(projection.name)
        return initial(cls, architecture, projection, *arguments)

    monkeypatch.setattr(Traces, "initial", classmethod(noting))
    return drawn


def test_random_start_is_drawn_once_when_needed(draws):
    """In the order of the projections, with the parameters that the network was made with."""
    memory, other = tiny_memory(), tiny_memory()
    assert not draws
    other.parameters = tiny_memory(seed=4).parameters
    assert memory.is_undrawn
    first, again = memory.traces, memory.traces
    assert first is again and draws == ["feedforward", "recurrent", "feedback"]
    for name, state in other.traces.items():
        np.testing.assert_array_equal(state.q, first[name].q)
    assert not memory.is_undrawn


def test_connections_before_learning_are_kept(draws, patterns):
    """Even if nobody asks before they have moved."""
    before = tiny_memory().rewired_connections()
    memory = tiny_memory(rewire_every=6, rewire_margin=1.0)
    memory.learn(patterns, epochs=2, protocol=LEARNING)
    assert (memory.connections("feedforward") != tiny_memory().connections("feedforward")).any()
    for name, connections in before.items():
        np.testing.assert_array_equal(memory.connection_history[0][name], connections)
        np.testing.assert_array_equal(tiny_memory().connection_history[0][name], connections)


def test_what_is_loaded_over_is_not_drawn(saved, learned, draws, patterns):
    """Loading, adopting, and finding a network in the store."""
    AssociativeMemory.load(saved)
    tiny_memory().adopt(learned)
    assert not draws
    learn_or_load(tiny_memory(seed=11), patterns[:2])
    draws.clear()
    found = learn_or_load(tiny_memory(seed=11), patterns[:2])
    assert found.n_learned == 2 and not draws


def test_what_a_checkpoint_holds_is_not_drawn(half_learned, draws, tmp_path):
    SHORT.learn(shutil.copytree(half_learned, tmp_path / "checkpoints"))
    assert not draws


def test_traces_of_another_network_are_refused():
    """Missing, or of another size."""
    memory, larger = tiny_memory(), tiny_memory(hidden=(4, 6))
    with pytest.raises(ValueError, match="traces are of feedforward: give traces of feedforward, r"):
        memory.traces = {"feedforward": memory.traces["feedforward"]}
    with pytest.raises(ValueError, match=r"p_post of feedforward in traces has shape \(24,\): give"):
        tiny_memory(traces=larger.traces)
