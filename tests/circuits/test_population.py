"""Support, softmax, z traces and firing of minicolumns.

Deterministic parts are compared step by step with NumPy (1e-12); firing is tested with fixed
seeds and tolerances from the binomial distribution of its spikes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import reference
from brian2 import ms
from scipy import stats
from tiny import MINICOLUMNS, record, record_recall, tiny_memory

from cortical_bcpnn import VARIANTS, Phase

POPULATIONS = tuple(MINICOLUMNS)
EXACT = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(params=["learning", "recalling"])
def recording(request, learning, recalling):
    """Both circuits: the plastic one and that of recall."""
    return {"learning": learning, "recalling": recalling}[request.param]


@pytest.mark.parametrize("population", POPULATIONS)
def test_z_follows_from_the_spikes(recording, population):
    variant, epsilon = recording.memory.parameters.variant, recording.memory.parameters.epsilon
    spikes = recording.spikes(population)
    expected = reference.z_trace(
        spikes, np.full(spikes.shape[1], epsilon), dt=1e-3, tau_z=float(variant.tau_z),
        f_max=float(variant.f_max), epsilon=epsilon,
    )  # fmt: skip
    assert set(np.unique(spikes)) == {0, 1}
    np.testing.assert_allclose(recording[f"{population}.z"], expected, **EXACT)


@pytest.mark.parametrize("population", POPULATIONS)
def test_support_follows_from_stimulus_and_evidence(recording, population):
    """Forward Euler from the state before the step; gains other than 0 and 1 included."""
    architecture = recording.memory.architecture
    stimulus = recording[f"{population}.clamped"] * recording[f"{population}.log_stimulus"]
    evidence = np.zeros_like(stimulus)
    for projection in architecture.projections:
        gain = f"{population}.g_{projection.name}"
        if projection.post == population and gain in recording.values:
            bias = recording[f"{population}.b_{projection.name}"]
            if recording.learned.any():  # biases change at the end of a step
                bias = recording.before(f"{population}.b_{projection.name}")
            current = recording.before(f"{population}.I_{projection.name}")
            evidence += recording[gain] * (bias + current)
    before = recording.before(f"{population}.s")
    rate = 1e-3 / float(recording.memory.parameters.variant.tau_m)
    expected = before + rate * (stimulus + evidence - before)
    np.testing.assert_allclose(recording[f"{population}.s"], expected, **EXACT)
    assert np.ptp(expected) > 0.1


@pytest.mark.parametrize("population", POPULATIONS)
def test_rates_are_the_softmax_of_the_support(recording, population):
    m = MINICOLUMNS[population]
    share = recording[f"{population}.activation"] / np.repeat(
        recording[f"{population}_hypercolumns.partition"], m, axis=1
    )
    expected = reference.softmax(recording[f"{population}.s"], m)
    np.testing.assert_allclose(share, expected, **EXACT)


def test_with_time_constants_of_one_step_support_and_z_are_input_and_spike(make_memory, patterns):
    """As the published variants have it: no filtering at all with tau = dt."""
    fast = replace(VARIANTS["spk-full"], tau_z=1 * ms)
    recording = record_recall(
        make_memory(variant=fast), patterns[0], [Phase(20 * ms, ("INP",), read="end")]
    )
    epsilon = recording.memory.parameters.epsilon
    np.testing.assert_allclose(recording["INP.s"], recording["INP.log_stimulus"], **EXACT)
    expected = epsilon + (1 - epsilon) * recording.spikes("INP")
    np.testing.assert_allclose(recording["INP.z"], expected, **EXACT)


# --- Where exp would overflow ------------------------------------------------------------


@pytest.fixture
def hidden(make_memory):
    """Gives HID a support for one time step and returns the softmax that came out."""
    simulation = make_memory(variant="spk-full")._recalling(1)[0]

    def step(support: np.ndarray) -> np.ndarray:
        simulation.set("HID.clamped", True)
        simulation.set("HID.log_stimulus", support)  # tau_m = dt: the support of the next step
        simulation.drive(iter([(1, False)]), 1)
        np.testing.assert_array_equal(simulation.get("HID.s"), support)
        assert np.isfinite(simulation.get("HID_hypercolumns.shift")).all()
        partition = np.repeat(simulation.get("HID_hypercolumns.partition"), 5)
        return simulation.get("HID.activation") / partition

    return step


def supports(level: float, spread: float = 5.0) -> np.ndarray:
    rng = np.random.default_rng(4)
    return level + spread * rng.standard_normal(20)


@pytest.mark.parametrize("level", [2000.0, -2000.0, 30000.0])
def test_softmax_at_levels_where_exp_overflows(hidden, level):
    for approached in np.arange(0, level, np.copysign(500, level)):
        hidden(supports(approached))
    np.testing.assert_allclose(
        hidden(supports(level)), reference.softmax(supports(level), 5), **EXACT
    )


def test_softmax_of_differences_beyond_700(hidden):
    """Each loser fires with a probability below 1e-300 a step, whichever the exact value."""
    support = supports(0.0)
    support[[2, 8]] += 900
    support[12] -= 1500
    for _ in range(2):
        share = hidden(support)
        np.testing.assert_allclose(share, reference.softmax(support, 5), **EXACT)


@pytest.mark.parametrize("jump", [650.0, -650.0])
def test_softmax_is_right_at_once_after_a_jump_below_700(hidden, jump):
    hidden(supports(0.0))
    expected = reference.softmax(supports(jump), 5)
    np.testing.assert_allclose(hidden(supports(jump)), expected, **EXACT)


@pytest.mark.parametrize("jump", [1000.0, -1000.0, 2000.0, -2000.0, 20000.0])
def test_softmax_is_finite_after_any_jump_and_soon_right(hidden, jump):
    """A jump beyond 700 in one step takes one more step for each further 700."""
    hidden(supports(0.0))
    for _ in range(int(abs(jump) // 700)):
        share = hidden(supports(jump)).reshape(4, 5)
        assert np.isfinite(share).all() and (share >= 0).all()
        np.testing.assert_allclose(share.sum(axis=1), 1, rtol=1e-12)
    expected = reference.softmax(supports(jump), 5)
    np.testing.assert_allclose(hidden(supports(jump)), expected, **EXACT)


# --- Firing ------------------------------------------------------------------------------

N_STEPS = 12_000
STIMULUS = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.2, 0.8, 1.0, 0.0])


@pytest.fixture(scope="module")
def spikes():
    """Spikes of INP at constant rates, shape (time steps, minicolumns), spspk (f_max dt = 0.1)."""
    memory = tiny_memory()
    simulation = memory._recalling(1)[0]
    simulation.seed(21)
    stimulus = np.log(np.stack([STIMULUS, 1 - STIMULUS], axis=1).ravel() + 1e-7)
    simulation.set("INP.clamped", True)
    simulation.set("INP.log_stimulus", stimulus)
    simulation.set("INP.s", stimulus)
    values, _ = record(simulation, iter([(N_STEPS, False)]), N_STEPS, ["INP.spike_count"])
    memory.close()
    return np.diff(values["INP.spike_count"], axis=0, prepend=0)


def probabilities() -> np.ndarray:
    """Of a spike per time step: softmax(log(v + epsilon)) f_max dt."""
    v = np.stack([STIMULUS, 1 - STIMULUS], axis=1).ravel() + 1e-7
    return 0.1 * v / (1 + 2e-7)


def test_spike_counts_are_binomial(spikes):
    """Each count within the central 1 - 1e-5 of its binomial distribution."""
    low, high = stats.binom.interval(1 - 1e-5, N_STEPS, probabilities())
    counts = spikes.sum(axis=0)
    assert (low <= counts).all() and (counts <= high).all()


def test_no_minicolumn_fires_above_f_max_beyond_chance(spikes):
    """The one that is clamped to 1 fires at f_max, the one that is clamped to 0 never."""
    counts = spikes.sum(axis=0)
    assert counts.max() == counts[14] <= stats.binom.ppf(1 - 1e-5, N_STEPS, 0.1)
    assert counts[15] == 0  # 12 000 steps with a probability of 1e-8


def test_spikes_in_windows_are_binomial(spikes):
    """Chi-square of counts in 20 steps at half of f_max, ten minicolumns, at the 0.1 % level."""
    counts = spikes[:, :10].reshape(-1, 20, 10).sum(axis=1).ravel()
    pmf = stats.binom.pmf(np.arange(4), 20, 0.05)
    observed = np.bincount(np.minimum(counts, 4), minlength=5)
    expected = len(counts) * np.append(pmf, 1 - pmf.sum())
    assert stats.chisquare(observed, expected).pvalue > 1e-3


def test_minicolumns_fire_independently(spikes):
    """Correlations between minicolumns, and of each with its own past, are within 5 / sqrt(n)."""
    active = spikes[:, probabilities() > 1e-3].astype(float)
    bound = 5 / np.sqrt(N_STEPS)
    between = np.corrcoef(active.T)
    assert np.abs(between[~np.eye(len(between), dtype=bool)]).max() < bound
    centred = (active - active.mean(axis=0)) / active.std(axis=0)
    for lag in (1, 2, 5):
        lagged = centred[:-lag].T @ centred[lag:] / (N_STEPS - lag)
        assert np.abs(lagged).max() < bound


@pytest.mark.parametrize("variant, total", [("spspk-full", 0.1), ("spk-full", 1.0)])
def test_mean_hidden_rate_is_f_max_over_the_number_of_minicolumns(make_memory, variant, total):
    """Within 5 %: a step of a hypercolumn has f_max dt spikes in the mean, variance below that.

    400 steps × 4 hypercolumns × 30 cues and more: at most 1 / sqrt(4800) = 1.4 % sampling error.
    """
    rng = np.random.default_rng(5)
    memory = make_memory(variant=variant)
    f_max = float(memory.parameters.variant.f_max)
    recall = memory.recall(rng.random((30, 9)), populations=["HID"])
    steps = round(recall.elapsed["attractor"] / 1e-3)
    assert f_max * 1e-3 == total and 30 * 4 * steps * total > 4800 * (1 - 1e-9)
    counts = recall.spike_counts["attractor"]["HID"]
    assert (counts <= stats.binom.ppf(1 - 1e-7, steps, total)).all()
    assert counts.sum() / (30 * 20 * steps * 1e-3) == pytest.approx(f_max / 5, rel=0.05)


def test_noise_breaks_ties_within_its_amplitude(make_memory, numpy_target):
    """tau_m = dt: the support is stimulus plus a uniform number from 0 to the amplitude.

    The mean of 20 × 40 of them is half the amplitude within 5 standard errors of 1 %.
    """
    memory = make_memory(variant="spk-full", support_noise=0.01, device="runtime")
    simulation = memory._recalling(1)[0]
    simulation.seed(3)
    simulation.set("HID.clamped", True)
    simulation.set("HID.log_stimulus", -2.0)
    values, _ = record(simulation, iter([(40, False)]), 40, ["HID.s"])
    noise = values["HID.s"] + 2.0
    assert noise.min() >= 0 and noise.max() <= 0.01
    assert noise.mean() == pytest.approx(0.005, rel=0.06)
    assert len(np.unique(noise)) == noise.size
