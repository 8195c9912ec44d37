"""The biophysical memory end to end: ground state, competition, traces, completion."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import Hz, ms

from cortical_bcpnn.biophysical import BiophysicalMemory, BiophysicalRecall, Layout, Spikes
from cortical_bcpnn.biophysical.protocols import rest, steps_of_rest
from cortical_bcpnn.biophysical.recall import SpikeReader

pytestmark = pytest.mark.long

# A pattern has fewer hypercolumns than in 9 × 9, so a cell hears more cells of each.
SIZE = {
    "hypercolumns": 5, "minicolumns": 5, "baskets_per_minicolumn": 4, "p_plastic": 0.4,
    "learning_time": 250 * ms,
}  # fmt: skip
PATTERNS = np.array([[0, 1, 2, 3, 4], [1, 2, 3, 4, 0], [2, 3, 4, 0, 1], [3, 4, 0, 1, 2]])
CUES = np.where(np.arange(5) < 2, PATTERNS, -1)
#: Minicolumns that belong to no pattern.
UNUSED = np.arange(25).reshape(5, 5)[np.arange(5), [4, 0, 1, 2, 3]]


@pytest.fixture(scope="module")
def naive():
    """A memory that has learned nothing."""
    with BiophysicalMemory(seed=1, **SIZE) as memory:
        yield memory


@pytest.fixture(scope="module")
def trained():
    """A memory after learning, its spikes while it learned, and what it recalls."""
    with BiophysicalMemory(seed=1, **SIZE).learn(PATTERNS) as memory:
        get = memory._simulation.get
        spikes = np.array(get("pyramidal_spikes.t")), np.array(get("pyramidal_spikes.i"))
        yield memory, spikes, memory.recall(CUES)


# --- Before learning -------------------------------------------------------------------------


def test_ground_state_is_low_but_not_silent(naive):
    """Background alone: the mean of 750 cells in 20 trials of 225 ms is between 0.01 and 1 Hz."""
    recall = naive.recall(np.full((20, 5), -1))
    rate = recall.rates_between(0.05, 0.275).mean()
    assert 0.01 < rate < 1


def test_basket_cells_make_minicolumns_compete(naive):
    """Soft winner-take-all: of two driven minicolumns the one with half the input falls behind.

    The share of the weaker in their spikes is below 20 % with inhibition and above 28 % without
    (14 and 33 % were measured; 600 spikes have a standard error of 2 %).
    """
    rate = np.zeros((5, 5, 30))
    rate[:, 0], rate[:, 1] = 1200, 0.5 * 1200
    shares = {}
    for conductance in (float(naive.parameters.inhibition_conductance), 0.0):
        simulation = naive._started()
        simulation.set("basket.inhibition_conductance", conductance)
        reader, parameters = SpikeReader(simulation, naive.layout), naive.parameters

        def driven(simulation=simulation, parameters=parameters):
            yield from rest(simulation, parameters)
            simulation.seed(3)
            simulation.set("pyramidal.stimulus_rate", rate.ravel())
            yield 2000, False

        seen = reader.seen()
        naive._drive("recall", driven(), steps_of_rest(parameters) + 2000)
        counts = np.bincount(reader.since(seen, 0.0).columns, minlength=25).reshape(5, 5).sum(axis=0)
        shares[conductance > 0] = counts[1] / counts[:2].sum()
    naive.close()
    assert shares[True] < 0.2 and shares[False] > 0.28


def test_nothing_learned_nothing_completed(naive):
    """Uncued hypercolumns stay at ground: below 2 Hz in every minicolumn."""
    recall = naive.recall(CUES)
    assert recall.rates_between(*recall.cue).reshape(4, 5, 5)[:, 2:].max() < 2
    assert np.isnan(naive.weights()).sum() == 5 * 25
    np.testing.assert_allclose(np.nan_to_num(naive.weights()), 0, atol=1e-12)
    np.testing.assert_allclose(naive.biases(), np.log(0.05))


# --- Learning --------------------------------------------------------------------------------


@pytest.mark.parametrize("trace, tau_z", [("fast", 5e-3), ("slow", 100e-3)])
def test_traces_of_the_network_are_those_of_dense_integration(trained, trace, tau_z):
    """p_i and p_ij of 200 synapses by Euler at dt/20 from the recorded spikes.

    0.2 %: that is the error of Euler, dt/(20 tau_z) = 0.1 % for the fast z.
    """
    memory, (times, cells), _ = trained
    connections, p = memory.connections["plastic"], memory.parameters
    # Synapses of all kinds: within a pattern, between patterns, and of unused minicolumns.
    chosen = np.random.default_rng(0).choice(len(connections.sources), 200, replace=False)
    within = np.flatnonzero((connections.sources < 30) & (connections.targets // 30 == 6))[:50]
    chosen = np.concatenate([chosen, within])
    sources, targets = connections.sources[chosen], connections.targets[chosen]
    dt, fine = 1e-4, 20
    steps = np.round(times / dt).astype(int)
    rest = round(5e-3 / dt) + 1
    shown, gap = p.steps(p.learning_time), p.steps(p.learning_gap)
    start = rest + p.steps(p.settle_time)
    z = np.full(memory.layout.pyramidal, p.epsilon)
    p_i, p_ij = np.full_like(z, p.p_start), np.full(len(chosen), p.p_start**2)
    by_step = {step: cells[steps == step] for step in np.unique(steps)}
    jump = 1 / (float(p.f_max) * tau_z)
    h = dt / fine
    for step in range(rest, start + len(PATTERNS) * (1 + shown + gap)):
        learning = 1 <= (step - start) % (1 + shown + gap) <= shown and step >= start
        for _ in range(fine if learning else 0):
            p_ij += h / 5 * (z[sources] * z[targets] - p_ij)
            p_i += h / 5 * (z - p_i)
            z += h / tau_z * (p.epsilon - z)
        if not learning:
            z = p.epsilon + (z - p.epsilon) * np.exp(-dt / tau_z)
        z[by_step.get(step, [])] += jump
    np.testing.assert_allclose(memory.learned.p[trace], p_i, rtol=2e-3)
    np.testing.assert_allclose(memory.learned.p_ij[trace][chosen], p_ij, rtol=2e-3)


def test_weights_in_the_simulation_are_those_of_the_traces(trained):
    memory, _, _ = trained
    for trace in ("fast", "slow"):
        expected = memory.learned.weights(memory.connections["plastic"], trace)
        np.testing.assert_allclose(
            memory._simulation.get(f"plastic.w_{trace}"), expected, rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("trace", ["fast", "slow"])
def test_weights_bind_patterns_and_keep_them_apart(trained, trace):
    memory, _, _ = trained
    weights, columns = memory.weights(trace), PATTERNS + 5 * np.arange(5)
    for k, mine in enumerate(columns):
        assert np.nanmean(weights[np.ix_(mine, mine)]) > 1
        for other in np.delete(columns, k, axis=0):
            assert np.nanmean(weights[np.ix_(mine, other)]) < -0.5
    biases = memory.biases(trace)
    assert biases[columns.ravel()].min() > biases[UNUSED].max() + 0.5


# --- Recall ----------------------------------------------------------------------------------


def test_patterns_are_completed_from_half_cues(trained):
    """Two of five hypercolumns are cued; all four patterns come up and outlast the cue."""
    _, _, recall = trained
    np.testing.assert_array_equal(recall.winners, PATTERNS)
    assert (recall.correct(PATTERNS) == 5).all()
    assert recall.cue[1] <= recall.read[0]


def test_one_minicolumn_wins_each_hypercolumn(trained):
    """In the attractor the winner fires at more than 5 Hz, and the others less than a tenth."""
    rates = np.sort(trained[2].rates.reshape(4, 5, 5), axis=-1)
    assert rates[..., -1].min() > 5
    assert rates[..., :-1].sum(axis=-1).mean() < 0.1 * rates[..., -1].mean()


def test_a_wrong_hypercolumn_is_corrected(trained):
    """Four of five cued, one of them wrongly: in three of four patterns or more all are right."""
    cues = PATTERNS.copy()
    cues[:, 4] = -1
    cues[np.arange(4), np.arange(4)] = UNUSED[np.arange(4)] % 5
    assert (trained[0].recall(cues).correct(PATTERNS) == 5).sum() >= 3


def test_recall_does_not_depend_on_other_cues_nor_change_what_was_learned(trained):
    memory, _, recall = trained
    before = memory.weights()
    again = memory.recall(CUES[:2])
    for first, second in zip(recall.spikes, again.spikes):
        np.testing.assert_array_equal(first.cells, second.cells)
        np.testing.assert_allclose(first.times, second.times, atol=1e-9)
    np.testing.assert_array_equal(memory.weights(), before)


def test_the_same_seed_gives_the_same_memory(trained):
    """Also where it was closed in between, and another seed gives another."""
    memory, _, recall = trained
    with BiophysicalMemory(seed=1, **SIZE).learn(PATTERNS) as twin:
        np.testing.assert_array_equal(twin.learned.p_ij["fast"], memory.learned.p_ij["fast"])
        twin.close()
        np.testing.assert_array_equal(twin.recall(CUES).rates, recall.rates)
    with BiophysicalMemory(seed=2, **SIZE).learn(PATTERNS[:1]) as other:
        assert (other.weights() != memory.weights()).any()


def test_spikes_come_with_their_minicolumns(trained):
    memory, _, recall = trained
    for spikes in recall.spikes:
        assert (spikes.columns == spikes.cells // 30).all()
        assert spikes.times.min() >= 0 and spikes.times.max() < 0.275
        assert len(spikes.times) == len(spikes.cells) > 100
        assert len(spikes.baskets) and spikes.baskets.max() < memory.layout.baskets
    assert memory.seconds["simulated"] > 0


# --- Runtime mode ----------------------------------------------------------------------------


def test_runtime_mode_learns_and_recalls(numpy_target):
    """A small network in NumPy: the same traces as in C++ up to chance (same sign of weights)."""
    with BiophysicalMemory(
        2, 2, cells_per_minicolumn=5, p_plastic=0.8, device="runtime", learning_time=60 * ms,
        learning_gap=5 * ms, settle_time=5 * ms, free_time=10 * ms, read_time=10 * ms,
        cue_time=20 * ms, stimulus_rate=3000 * Hz,
    ) as memory:  # fmt: skip
        memory.learn([[0, 1]])
        weights = memory.weights()
        assert weights[0, 3] > 0 > weights[0, 2]
        recall = memory.recall([[0, -1], [-1, 1]])
        assert len(recall.spikes) == 2 and recall.rates_between(*recall.cue)[0, 0] > 10


def test_a_spike_transmits_weight_times_release_after_the_delay(numpy_target):
    """One cell fires once: conductances of all others, 1e-9, with the decay of forward Euler.

    Its synapses have random weights of both signs; positive ones open AMPA and NMDA, negative
    ones inhibition, and those in its minicolumn are fixed.
    """
    with BiophysicalMemory(
        2, 2, cells_per_minicolumn=5, p_plastic=0.8, p_local=0.5, device="runtime",
        background_rate=0 * Hz,
    ) as memory:  # fmt: skip
        p, simulation = memory.parameters, memory._started()
        plastic, local = memory.connections["plastic"], memory.connections["local"]
        rng = np.random.default_rng(0)
        w = {trace: rng.normal(size=len(plastic.sources)) for trace in ("fast", "slow")}
        mine, near = plastic.sources == 3, local.sources == 3
        assert w["fast"][mine].min() < 0 < w["fast"][mine].max()
        for trace, values in w.items():
            memory.learned.p_ij[trace] = 0.05**2 * np.exp(values)
        memory.learned.write(simulation, plastic)
        v = np.full(20, float(p.E_leak))
        v[3] = 0.01
        simulation.set("pyramidal.v", v)
        simulation.set("basket.v", float(p.E_leak))
        simulation.set("pyramidal.x", 0.6)
        measured = {}

        def one_spike():
            names = ("g_ampa", "g_gaba", "g_nmda", "g_inh_slow")
            for step in range(47):
                yield 1, False
                measured[step] = {n: np.array(simulation.get(f"pyramidal.{n}")) for n in names}

        memory._drive("recall", one_spike(), 47)
        assert len(simulation.get("pyramidal_spikes.i")) == 1
    # dt = 0.1 ms: local synapses take 15 steps, plastic ones 45; one step of decay is in between.
    released = 0.25 * (0.6 + 1e-4 / 0.5 * 0.4)
    plus, minus = (lambda x: np.maximum(x, 0)), (lambda x: np.maximum(-x, 0))
    for name, trace, part, tau in (
        ("g_ampa", "fast", plus, 5e-3), ("g_gaba", "fast", minus, 5e-3),
        ("g_nmda", "slow", plus, 0.1), ("g_inh_slow", "slow", minus, 0.1),
    ):  # fmt: skip
        gain = float(p.ampa_gain if trace == "fast" else p.nmda_gain) * released
        late, early = np.zeros(20), np.zeros(20)
        late[plastic.targets[mine]] = gain * part(w[trace][mine])
        early[local.targets[near]] = gain * (part is plus)
        decay = 1 - 1e-4 / tau
        np.testing.assert_allclose(measured[14][name], 0, atol=1e-24)
        np.testing.assert_allclose(measured[44][name], early * decay**29, rtol=1e-9, atol=1e-24)
        np.testing.assert_allclose(
            measured[46][name], early * decay**31 + late * decay, rtol=1e-9, atol=1e-24
        )


# --- Reading recall ----------------------------------------------------------------------------


def made_up() -> BiophysicalRecall:
    """One trial in which minicolumn 1 of hypercolumn 0 fires most, and hypercolumn 1 never."""
    times, cells = np.array([0.01, 0.02, 0.03, 0.011]), np.array([2, 2, 3, 0])
    empty = np.empty(0)
    spikes = Spikes(times, cells, cells // 2, empty, empty.astype(int))
    return BiophysicalRecall([spikes], (0.0, 0.01), (0.01, 0.03), Layout(2, 2, 2, 1))


def test_winners_and_rates():
    recall = made_up()
    np.testing.assert_allclose(recall.rates, [[25, 50, 0, 0]])
    np.testing.assert_array_equal(recall.winners, [[1, -1]])
    assert recall.correct([[1, -1]]) == 1 and recall.correct([[1, 0]]) == 1
    assert recall.correct([[0, 0]]) == 0


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: made_up().rates_between(0.2, 0.1), "start is 0.2 and stop 0.1"),
        (lambda: made_up().correct([[0, 0], [1, 1]]), "patterns are 2: give one for each of the 1"),
        (lambda: BiophysicalMemory(2, 2).learn([[0, 0]], epochs=0), "epochs is 0: give a whole"),
        (lambda: BiophysicalMemory(2, 2).recall([[0, 2]]), r"cues hold 2 at index \(0, 1\)"),
        (lambda: BiophysicalMemory(2, 2).weights("medium"), "trace is 'medium': choose one of"),
        (lambda: BiophysicalMemory(2, 2, device="gpu"), "device 'gpu' is unknown"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
