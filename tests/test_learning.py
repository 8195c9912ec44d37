"""Learning: protocol, order, rewiring while the simulation runs, interruption."""

from __future__ import annotations

import signal

import numpy as np
import pytest
import reference
from brian2 import ms
from tiny import LEARNING, SIZE, ScriptedSimulation, record, record_learning, teach, tiny_memory

from cortical_bcpnn import AssociativeMemory, Phase
from cortical_bcpnn.circuits.projection import synapse_indices
from cortical_bcpnn.learned.rewiring import rewire

# --- What each pattern goes through ------------------------------------------------------


@pytest.fixture
def script():
    """What learning sets and simulates, step by step, with nothing simulated."""

    def learn(patterns, protocol=LEARNING, n_learned=0, **arguments):
        memory = tiny_memory(rewire_every=0)
        memory.n_learned = n_learned
        for state in memory.traces.values():
            state.p += n_learned * memory.parameters.kappa
        simulation = ScriptedSimulation(memory)
        teach(memory, simulation, patterns, protocol, **arguments)
        return simulation.steps

    return learn


def test_each_pattern_goes_through_the_protocol(script, patterns):
    """Durations, clamped populations, gains, and learning in the last time step only."""
    steps = script(patterns[:2])
    assert [(s.steps, s.learning) for s in steps] == [(3, False), (3, False), (1, True)] * 2
    assert all(s.clamped == {"INP", "INPRC"} for s in steps)
    assert [s.gains["feedforward"] for s in steps[3:]] == [0.3, 1.0, 1.0]
    assert all(s.learning == flag for s in steps for flag in s.learning_flags.values())


def test_nothing_is_transmitted_before_the_first_pattern_is_learned(script, patterns):
    """Weights and biases are 0 until then; afterwards, and in a second round, they count."""
    assert [s.gains["feedforward"] for s in script(patterns[:2])][:3] == [0, 0, 0]
    assert script(patterns[:1], n_learned=5)[0].gains["feedforward"] == 0.3


def test_patterns_come_in_the_given_order(script, patterns):
    shown = [s.stimulus["INP"] for s in script(patterns, epochs=2) if s.learning]
    activity = np.stack([patterns, 1 - patterns], axis=-1).reshape(12, 18)
    np.testing.assert_allclose(shown, np.log(np.tile(activity, (2, 1)) + 1e-7), rtol=1e-12)


def test_shuffled_patterns_come_once_per_epoch_each_in_an_order_of_its_own(script, patterns):
    shown = [s.stimulus["INP"] for s in script(patterns, epochs=3, shuffle=True) if s.learning]
    activity = np.log(np.stack([patterns, 1 - patterns], axis=-1).reshape(12, 18) + 1e-7)
    order = [int(np.abs(activity - s).sum(axis=1).argmin()) for s in shown]
    epochs = [order[:12], order[12:24], order[24:]]
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] and list(range(12)) not in epochs
    again = [s.stimulus["INP"] for s in script(patterns, epochs=3, shuffle=True) if s.learning]
    np.testing.assert_array_equal(shown, again)


def test_phases_clamp_only_what_they_name(script, patterns):
    protocol = [Phase(2 * ms, (), {"feedforward": 0.5}), Phase(3 * ms, ("INPRC",))]
    steps = script(patterns[:1], protocol, n_learned=1)
    assert [s.clamped for s in steps] == [set(), {"INPRC"}, {"INPRC"}]
    assert [s.gains["feedforward"] for s in steps] == [0.5, 0, 0]


def test_a_phase_of_one_step_learns_in_it(script, patterns):
    steps = script(patterns[:2], [Phase(1 * ms, ("INP", "INPRC"), {"feedforward": 1.0})])
    assert [(s.steps, s.learning) for s in steps] == [(1, True), (1, True)]


def test_recorded_gains_are_those_of_the_protocol(learning):
    """In the simulation: 0 for the first pattern, then 0.3 for 3 ms and 1 for 4 ms."""
    gains = learning["HID.g_feedforward"].ravel()
    expected = np.tile([0.3] * 3 + [1.0] * 4, len(gains) // 7)
    expected[:7] = 0
    np.testing.assert_array_equal(gains, expected)


# --- Silent traces and rewiring ----------------------------------------------------------


def test_silent_pairs_go_on_learning(learning):
    """Their joint traces move as those of connected pairs do, by the same rule (1e-5)."""
    memory = learning.memory
    silent = ~reference.expanded(memory.connections("feedforward"), 2, 5)
    before, dense = learning.initial["feedforward"].joint, learning.final("feedforward").joint
    after = memory.traces["feedforward"].joint()
    assert silent.any() and (np.abs(after[silent] / before[silent] - 1) > 1e-3).all()
    np.testing.assert_allclose(after[silent], dense[silent], rtol=1e-5)


def learn_and_look(memory: AssociativeMemory, patterns: np.ndarray, look, **arguments) -> None:
    """Learn, and call ``look(simulation)`` after every rewiring."""
    protocol = memory.parameters.variant.learning_protocol()
    (simulation,) = memory._start(protocol, plastic=True)
    try:
        teach(memory, simulation, patterns, protocol, shuffle=True,
              on_segment=lambda _: look(simulation), **arguments)  # fmt: skip
    finally:
        simulation.close()


def test_transmission_follows_the_connections_after_rewiring(patterns):
    """Synapses have the new sources, their q is that of the traces of all pairs, and what they
    transmit is the sum over the new connections (1e-5 of the largest, float32)."""
    memory = tiny_memory(variant="spk-full", rewire_every=6, rewire_margin=1.0)
    state = memory.traces["feedforward"]
    seen = [state.connections]

    def look(simulation):
        sources, targets = synapse_indices(
            memory.architecture, state.projection, state.connections
        )
        np.testing.assert_array_equal(simulation.get("feedforward._synaptic_pre"), sources)
        np.testing.assert_array_equal(simulation.get("feedforward._synaptic_post"), targets)
        np.testing.assert_array_equal(simulation.get("feedforward.q"), state.q[targets, sources])
        seen.append(state.connections)
        simulation.set("INP.z", memory.parameters.epsilon)
        simulation.set("HID.I_feedforward", 0)
        names = ["INP.z", "HID.I_feedforward"]
        values, _ = record(simulation, iter([(20, False)]), 20, names)
        connected = reference.expanded(state.mask(), 2, 5)
        expected = (values["INP.z"] - 1e-7) @ (state.weights() * connected)
        scale = np.abs(expected).max()
        assert scale > 0.1
        np.testing.assert_allclose(values["HID.I_feedforward"], expected, rtol=0, atol=1e-5 * scale)

    learn_and_look(memory, patterns, look, epochs=3)
    assert len(seen) == 7
    changed = [(a != b).any() for a, b in zip(seen, seen[1:])]
    assert sum(changed) >= 3  # or there was nothing to see


def test_traces_of_all_pairs_and_of_synapses_stay_equal_over_rewirings(patterns):
    """Both copies of q learn by themselves between rewirings (to the last bits, 3e-7)."""
    memory = tiny_memory(variant="spk-full", rewire_every=4, rewire_margin=1.0)
    state = memory.traces["feedforward"]
    checks = []

    def look(simulation):
        sources, targets = synapse_indices(
            memory.architecture, state.projection, state.connections
        )
        for _ in range(3):  # a pattern later, and another
            for name in ("INP", "HID", "INPRC"):
                simulation.set(f"{name}.learning", True)
            simulation.drive(iter([(1, True)]), 1)
            q = np.array(simulation.get("feedforward_traces.q")).reshape(state.q.shape)
            np.testing.assert_allclose(
                simulation.get("feedforward.q"), q[targets, sources], rtol=3e-7
            )
            checks.append((q != state.q).any())
            for name in ("INP", "HID", "INPRC"):
                simulation.set(f"{name}.learning", False)

    learn_and_look(memory, patterns, look)
    assert len(checks) == 9 and all(checks)


def test_connection_counts_are_conserved(learned):
    """Fan-in stays, nothing is connected twice, recurrence stays all to all."""
    initial = tiny_memory(rewire_every=6, rewire_margin=1.0)
    for name, fan_in in (("feedforward", 4), ("feedback", 2)):
        rows = learned.traces[name].connections
        assert rows.shape == initial.traces[name].connections.shape
        assert all(len(set(row)) == fan_in for row in rows.tolist())
        assert (learned.connections(name) != initial.connections(name)).any()
        np.testing.assert_array_equal(learned.connections(name).sum(axis=0), fan_in)
    assert learned.connections("recurrent").all()


def test_rewiring_table(learned):
    """A row per rewiring and rewired projection, every 6 of 48 patterns."""
    table = learned.rewiring
    assert list(table.columns) == ["patterns", "projection", "flips", "score"]
    assert list(table["patterns"]) == list(np.repeat(np.arange(6, 49, 6), 2))
    assert list(table["projection"]) == ["feedforward", "feedback"] * 8
    assert table["flips"].between(0, 9 * 4).all() and table["flips"].sum() > 0
    assert (table["score"] > 0).all()
    assert learned.n_learned == 48


def test_last_score_is_that_of_the_last_traces(learned):
    """Mean over post hypercolumns of information / (1 + fan-out), summed over connections."""
    for name in ("feedforward", "feedback"):
        information, mask = learned.traces[name].information(), learned.connections(name)
        score = (information / (1 + mask.sum(axis=1))[:, None] * mask).sum(axis=0).mean()
        rows = learned.rewiring[learned.rewiring["projection"] == name]
        assert rows["score"].iloc[-1] == pytest.approx(score, rel=1e-9)


@pytest.mark.parametrize(
    "margin, max_swaps", [(1.0, 100), (1.1, 100), (3.0, 100), (1.0, 1), (1.0, 0)]
)
def test_margin_and_largest_number_of_swaps_are_those_given(
    make_memory, patterns, margin, max_swaps
):
    """Each rewiring is that of `rewire` with them, from the connections before."""
    memory = make_memory(rewire_every=4, rewire_margin=margin, max_swaps=max_swaps)
    rewired = ("feedforward", "feedback")
    before = {name: memory.traces[name].connections for name in rewired}
    flips = []

    def look(_):
        for name in rewired:
            state = memory.traces[name]
            expected, n, _ = rewire(before[name], state.information(), margin, max_swaps)
            np.testing.assert_array_equal(state.connections, expected)
            before[name] = state.connections
            flips.append(n)

    memory.learn(patterns, epochs=2, on_segment=look)
    assert list(memory.rewiring["flips"]) == flips and len(flips) == 12
    assert (sum(flips) > 0) == (max_swaps > 0)


def test_rewiring_counts_patterns_across_calls(make_memory, patterns):
    """6 patterns make a rewiring, in whichever portions they come."""
    memory = make_memory(rewire_every=6)
    memory.learn(patterns[:4])
    assert memory.rewiring.empty and memory.n_learned == 4
    memory.learn(patterns[4:])
    assert list(memory.rewiring["patterns"]) == [6, 6, 12, 12]


def test_no_rewiring_if_not_asked_for(make_memory, patterns):
    memory = make_memory(rewire_every=0)
    before = {name: m.connections.copy() for name, m in memory.traces.items()}
    memory.learn(patterns, epochs=2)
    assert memory.rewiring.empty and memory.n_learned == 24
    for name, state in memory.traces.items():
        np.testing.assert_array_equal(state.connections, before[name])


def test_segments_of_learning_show_the_traces_so_far(make_memory, patterns):
    """on_segment sees current traces and count: p = 1 - (1 - kappa)^(n + 1) after n patterns."""
    seen = []
    memory = make_memory(rewire_every=4)
    memory.learn(
        patterns, on_segment=lambda m: seen.append((m.n_learned, m.traces["recurrent"].p))
    )
    assert [n for n, _ in seen] == [4, 8, 12]
    for n, p in seen:
        assert p == pytest.approx(1 - (1 - 1 / 40) ** (n + 1), rel=1e-12)


def test_learning_goes_on_from_where_it_stopped(make_memory, patterns):
    """A second round starts from the traces of the first: p and its mass keep growing."""
    memory = make_memory(rewire_every=0)
    memory.learn(patterns[:5])
    memory.learn(patterns[5:])
    for state in memory.traces.values():
        assert state.p == pytest.approx(1 - (1 - 1 / 40) ** 13, rel=1e-12)
    recording = record_learning(memory, patterns[:2])
    assert recording.initial["feedforward"].p == pytest.approx(1 - (1 - 1 / 40) ** 13, rel=1e-12)


# --- Interruption ------------------------------------------------------------------------


def test_ctrl_c_ends_learning_after_the_segment(make_memory, patterns):
    """What was learned so far is kept, the handler of before is back, and learning can go on."""
    memory = make_memory(rewire_every=4)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        memory.learn(patterns, on_segment=lambda _: signal.raise_signal(signal.SIGINT))
    assert memory.n_learned == 4
    assert memory.traces["recurrent"].p == pytest.approx(1 - (1 - 1 / 40) ** 5, rel=1e-12)
    assert signal.getsignal(signal.SIGINT) is handler
    memory.learn(patterns)
    assert memory.n_learned == 16


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_what_on_segment_does(make_memory, patterns, monkeypatch, tmp_path, number):
    """At once, and learning where it is; a checkpoint holds what was learned."""
    raised, raise_signal = [], signal.raise_signal
    monkeypatch.setattr(signal, "raise_signal", raised.append)  # of SIGTERM, in the end
    memory, after = make_memory(rewire_every=4), []

    def look(_):
        raise_signal(number)
        after.append(memory.n_learned)

    with pytest.raises(KeyboardInterrupt, match="stopped after 4 of 12 patterns"):
        memory.learn(patterns, on_segment=look, checkpoints=tmp_path / "run")
    assert not after and memory.history[-1]["shown"] == memory.n_learned == 4
    assert raised == [number] * (number == signal.SIGTERM)
    resumed = make_memory(rewire_every=4).learn(patterns, checkpoints=tmp_path / "run", resume=True)
    assert resumed.n_learned == 12 and resumed.history[-1]["resumed"][0]["shown"] == 4


@pytest.mark.parametrize("method", ["learn", "adopt"])
def test_nothing_else_is_learned_meanwhile(make_memory, patterns, method):
    """By on_segment, in the middle of a run."""
    memory = make_memory(rewire_every=4)
    argument = patterns if method == "learn" else make_memory()
    with pytest.raises(RuntimeError, match=f"{method} was called while this memory learns"):
        memory.learn(patterns, on_segment=lambda m: getattr(m, method)(argument))
    assert memory.n_learned == 4
    memory.learn(patterns)
    assert memory.n_learned == 16


def test_an_error_in_on_segment_is_passed_on(make_memory, patterns):
    def fail(_):
        raise ZeroDivisionError

    memory = make_memory(rewire_every=4)
    with pytest.raises(ZeroDivisionError):
        memory.learn(patterns, on_segment=fail)
    assert memory.history[-1]["shown"] == memory.n_learned == 4
    assert SIZE["n_inputs"] == 9 and memory.recall(patterns[:1]).reconstruction.shape == (1, 9)


class DyingSimulation:
    """A simulation whose process dies in a given segment."""

    def __init__(self, simulation, segment: int) -> None:
        self._simulation, self._segments_left = simulation, segment

    def __getattr__(self, name: str):
        return getattr(self._simulation, name)

    def drive(self, experiment, n_steps: int) -> None:
        if self._segments_left == 0:
            raise RuntimeError("the simulation process ended with status -9")
        self._segments_left -= 1
        self._simulation.drive(experiment, n_steps)


@pytest.mark.parametrize("rewire_every", [0, 4])
def test_a_memory_stays_in_one_piece_when_its_simulation_dies(patterns, rewire_every):
    """All traces are of the number of patterns that it says it has learned (1e-12)."""
    memory = tiny_memory(rewire_every=rewire_every)
    protocol = [Phase(1 * ms, ("INP", "INPRC"), {"feedforward": 1.0})]
    (simulation,) = memory._start(protocol, plastic=True)
    try:
        with pytest.raises(RuntimeError, match="status -9"):
            teach(memory, DyingSimulation(simulation, 2), patterns, protocol, epochs=50)
    finally:
        simulation.close()
    for state in memory.traces.values():
        expected = 1 - (1 - 1 / 40) ** (memory.n_learned + 1)
        assert state.p == pytest.approx(expected, rel=1e-12)


def test_a_memory_stays_in_one_piece_when_rewiring_fails(patterns, monkeypatch):
    """Its simulation dies after the second rewiring, before it has taken the new connections."""
    memory = tiny_memory(rewire_every=4, rewire_margin=1.0)
    protocol = [Phase(1 * ms, ("INP", "INPRC"), {"feedforward": 1.0})]
    (simulation,) = memory._start(protocol, plastic=True)
    kept = []

    def die(*_):
        if memory.n_learned == 4:
            raise RuntimeError("the simulation process ended with status -9")

    monkeypatch.setattr("cortical_bcpnn.learning.move_synapses", die)
    try:
        with pytest.raises(RuntimeError, match="status -9"):
            teach(memory, simulation, patterns, protocol,
                  on_segment=lambda m: kept.append(m.connections("feedforward")))  # fmt: skip
    finally:
        simulation.close()
    assert memory.n_learned == 4 and set(memory.rewiring["patterns"]) == {4}
    assert set(memory.connection_history) == {0, 4}
    np.testing.assert_array_equal(memory.connections("feedforward"), kept[-1])
    for state in memory.traces.values():
        assert state.p == pytest.approx(1 - (1 - 1 / 40) ** 5, rel=1e-12)
