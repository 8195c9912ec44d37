"""Rate-based variants: minicolumns emit expected spikes, step by step as NumPy has it.

A whole round of learning, rewiring included, and recall are compared with `reference.RateNetwork`
(1e-10); what is random in spiking variants is tested with fixed seeds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import reference
from brian2 import Hz, ms, prefs
from tiny import MINICOLUMNS, record_recall, tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, Phase, Recall

RATE = VARIANTS["rate-full"]
#: All phases, and filters in which one step does not replace the last.
FILTERED = replace(
    RATE, name="filtered", tau_m=2 * ms, tau_z=4 * ms, f_max=400 * Hz, gap=3 * ms, overlap=4 * ms
)
#: In which nothing is left out and no number is rounded to float32.
EXACT = {"precision": "float64", "z_min": 0.0, "emission_min": 0.0}
CLOSE = {"rtol": 1e-10, "atol": 1e-10}


# --- Learning and recall against NumPy ---------------------------------------------------


@pytest.fixture(
    scope="module",
    params=[
        ("cpp_standalone", RATE, 0.0),
        ("cpp_standalone", FILTERED, 0.0),
        ("cpp_standalone", FILTERED, 0.05),
        ("runtime", RATE, 0.0),
        ("runtime", FILTERED, 0.05),
    ],
    ids=lambda p: f"{p[0]}-{p[1].name}-{p[2]}",
)
def both(request, patterns):
    """A memory that has learned and rewired, and NumPy's."""
    device, variant, emission_min = request.param
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"  # what runtime compiles; standalone does not ask
    memory = tiny_memory(
        **{**EXACT, "emission_min": emission_min}, variant=variant, device=device, rewire_every=6
    )
    dense = reference.RateNetwork(memory)
    memory.learn(patterns, epochs=2)
    dense.learn(np.tile(patterns, (2, 1)))
    yield memory, dense
    memory.close()
    prefs.codegen.target = before


@pytest.mark.parametrize("name", ["feedforward", "recurrent", "feedback"])
def test_learning_is_that_of_the_equations(both, name):
    memory, dense = both
    mask = reference.expanded(dense.mask(name), *memory.traces[name].minicolumns)
    np.testing.assert_array_equal(memory.connections(name), dense.mask(name))
    np.testing.assert_allclose(memory.weights(name), dense.traces[name].weights, **CLOSE)
    np.testing.assert_allclose(memory.weights(name) * mask, dense.weights[name], **CLOSE)
    np.testing.assert_allclose(memory.biases(name), dense.biases[name], **CLOSE)
    assert memory.rewiring["flips"].sum() > 10 and np.ptp(dense.weights[name]) > 0.05


def test_recall_is_that_of_the_equations(both, patterns):
    """z, supports and expected spikes at every step."""
    memory, dense = both
    for cue in patterns[:2]:
        recording = record_recall(memory, cue, memory.parameters.variant.recall_protocol())
        z = dense.recall(cue)
        for population in MINICOLUMNS:
            expected = [step[population] for step in z]
            np.testing.assert_allclose(recording[f"{population}.z"], expected, **CLOSE)
            np.testing.assert_allclose(recording[f"{population}.s"][-1], dense.s[population], **CLOSE)
            count = recording[f"{population}.spike_count"][-1]
            np.testing.assert_allclose(count, dense.count[population], **CLOSE)
            assert np.ptp(expected) > 0.01


def test_minicolumns_that_win_for_certain_are_at_f_max(both, patterns):
    """z of clamped minicolumns follows z = v, at once or as 1 - (1 - dt/tau_z)^n."""
    memory, _ = both
    v = memory.parameters.variant
    pattern = np.where(patterns[0] > 0.5, 1.0, 0.0)
    protocol = [Phase(30 * ms, ("INP",), {}, read="end")]
    recording = record_recall(memory, pattern, protocol)
    activity = np.stack([pattern, 1 - pattern], axis=1).ravel()
    if v is RATE:
        expected = np.tile(activity, (30, 1))
    else:  # support and z start from rest
        support = (1 - 0.5 ** np.arange(1, 31))[:, None] * np.log(activity + 1e-7)
        share = 0.4 * reference.softmax(support, 2)
        share[share <= memory.parameters.emission_min] = 0
        expected = reference.z_trace(
            share, np.full(18, 1e-7), dt=1e-3, tau_z=4e-3, f_max=400.0, epsilon=1e-7
        )
    np.testing.assert_allclose(recording["INP.z"], expected, rtol=0, atol=3e-7)


# --- What is left out --------------------------------------------------------------------


@pytest.fixture(scope="module")
def exact(patterns):
    """A memory that has learned, in which nothing is left out."""
    memory = tiny_memory(**EXACT, variant=RATE).learn(patterns, epochs=4)
    yield memory
    memory.close()


def with_emission_min(memory: AssociativeMemory, emission_min: float) -> AssociativeMemory:
    """Another memory with the same weights."""
    other = tiny_memory(**{**EXACT, "emission_min": emission_min}, variant=RATE)
    other.adopt(memory)
    return other


@pytest.mark.parametrize("emission_min", [0.2, 1e-2, 1e-6])
def test_what_is_left_out_of_z_and_currents_is_bounded(exact, patterns, emission_min):
    """With tau_z = dt and f_max dt = 1, z is off by at most emission_min, and the current by that
    times the sum of weights, as long as the minicolumns before are the same (INP is clamped)."""
    protocol = [Phase(5 * ms, ("INP",), {"feedforward": 1.0}, read="end")]
    weights = exact.weights("feedforward")
    weights = weights * reference.expanded(exact.connections("feedforward"), 2, 5)
    sums = np.abs(weights).sum(axis=0)
    with with_emission_min(exact, emission_min) as other:
        for cue in patterns[:4]:
            full, cut = (record_recall(m, cue, protocol) for m in (exact, other))
            left_out = full["INP.z"] - cut["INP.z"]
            assert (left_out >= 0).all() and left_out.max() <= emission_min
            difference = np.abs(full["HID.I_feedforward"] - cut["HID.I_feedforward"])
            assert (difference <= emission_min * sums + 1e-12).all()
            # z and current leave out the same.
            current = (cut["INP.z"] - 1e-7) @ weights
            np.testing.assert_allclose(cut["HID.I_feedforward"], current, rtol=0, atol=1e-9)
            assert (left_out.max() > 0) == (difference.max() > 0)


def test_the_default_leaves_out_next_to_nothing(exact, patterns):
    """Of a whole recall: sums of at most 20 weights, times 1e-6, in each of 25 steps."""
    default = tiny_memory().parameters.emission_min
    assert default == 1e-6
    with with_emission_min(exact, default) as other:
        full, cut = exact.recall(patterns, over_time=True), other.recall(patterns, over_time=True)
    for population, z in full.z_over_time.items():
        np.testing.assert_allclose(cut.z_over_time[population], z, rtol=0, atol=1e-4)


# --- Without chance ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned_rates(patterns):
    """A memory with all defaults."""
    memory = tiny_memory(variant=RATE, rewire_every=6).learn(patterns, epochs=4)
    yield memory
    memory.close()


@pytest.fixture(scope="module")
def recall(learned_rates, patterns) -> Recall:
    return learned_rates.recall(patterns, over_time=True)


def test_recall_does_not_depend_on_the_seed(learned_rates, patterns, recall, tmp_path):
    """Nor on the position of the cue, the other cues and the number of jobs, bit by bit."""
    learned_rates.save(tmp_path / "network.h5")
    with AssociativeMemory.load(tmp_path / "network.h5") as other:
        other.parameters = replace(other.parameters, seed=99)
        backwards = other.recall(patterns[::-1], jobs=2)
    for moment in recall.moments:
        for population in MINICOLUMNS:
            for kind in ("z", "spike_counts"):
                np.testing.assert_array_equal(
                    getattr(backwards, kind)[moment][population][::-1],
                    getattr(recall, kind)[moment][population],
                )


def test_learning_depends_on_the_seed_by_the_first_traces_only(patterns, learned_rates):
    """Another seed after the start, the same weights."""
    memory = tiny_memory(variant=RATE, rewire_every=6)
    memory.parameters = replace(memory.parameters, seed=99)
    memory.learn(patterns, epochs=4)
    other = tiny_memory(variant=RATE, rewire_every=6, seed=99).learn(patterns, epochs=4)
    for name in memory.traces:
        weights = memory.weights(name)
        np.testing.assert_array_equal(weights, learned_rates.weights(name))
        assert (weights != other.weights(name)).any()


@pytest.mark.parametrize(
    "variant",
    [RATE, FILTERED, replace(VARIANTS["spspk-full"], spiking=False)],
    ids=lambda v: v.name,
)
def test_rates_are_the_mean_of_spikes(make_memory, variant):
    """z and counts of clamped populations are the mean over 2000 trials (5 standard errors).

    Clamped, because their rates do not depend on spikes; by no less than 0.1, so that spikes
    are enough for a normal distribution of their sums: 0.1 × 0.1 × 7 steps × 2000 = 140.
    """
    cue, n = np.linspace(0.1, 0.9, 9), 2000
    protocol = [
        Phase(7 * ms, ("INPRC",), read="early"),
        Phase(20 * ms, ("INP",), {"feedforward": 1.0}, read="late"),
    ]
    rates = make_memory(variant=variant).recall(cue[None], protocol=protocol)
    spiking = make_memory(variant=replace(variant, spiking=True))
    spikes = spiking.recall(np.tile(cue, (n, 1)), protocol=protocol)
    assert spikes.spike_counts["early"]["INP"].dtype == np.int32
    for moment, population in (("early", "INPRC"), ("late", "INP")):
        for kind in ("z", "spike_counts"):
            trials = getattr(spikes, kind)[moment][population].astype(float)
            expected = getattr(rates, kind)[moment][population][0]
            error = trials.std(axis=0, ddof=1) / np.sqrt(n)
            assert (np.abs(trials.mean(axis=0) - expected) <= 5 * error).all()
        mean = spikes.rates(population, moment).mean(axis=0)
        np.testing.assert_allclose(rates.rates(population, moment)[0], mean, rtol=0.2, atol=2)


# --- What recall returns -----------------------------------------------------------------


def test_expected_spikes_are_counted(recall):
    """float32; each hypercolumn expects f_max t spikes, up to 1e-6 a step and minicolumn."""
    for population, m in MINICOLUMNS.items():
        for moment, steps in (("feedforward", 5), ("attractor", 25)):
            counts = recall.spike_counts[moment][population]
            assert counts.dtype == np.float32
            sums = counts.reshape(12, -1, m).sum(axis=2)
            np.testing.assert_allclose(sums, steps, rtol=0, atol=1e-4)
        for moment in recall.moments:
            rates = recall.rates(population, moment)
            assert (rates >= 0).all() and (rates <= 1000 * (1 + 1e-6)).all()
            assert rates.mean() == pytest.approx(1000 / m, rel=1e-4)


def test_there_are_no_spikes_over_time(recall):
    assert recall.spikes_over_time == {}
    for population, z in recall.z_over_time.items():
        for moment, end in (("feedforward", 5), ("attractor", 25)):
            np.testing.assert_array_equal(z[:, end - 1], recall.z[moment][population])
            # tau_z = dt: z is what was emitted in the step.
            emitted = z[:, :end].sum(axis=1, dtype=float)
            counts = recall.spike_counts[moment][population]
            np.testing.assert_allclose(counts, emitted, rtol=1e-5, atol=1e-5)


def test_feedforward_phase_is_the_whole_of_rate_ff(learned_rates, patterns, recall):
    """Both learn alike; recall ends where the other goes on."""
    memory = tiny_memory(variant="rate-ff", rewire_every=6).learn(patterns, epochs=4)
    with memory:
        feedforward = memory.recall(patterns)
    assert feedforward.moments == ["feedforward"]
    for name in memory.traces:
        np.testing.assert_array_equal(memory.weights(name), learned_rates.weights(name))
    for population, z in feedforward.z["feedforward"].items():
        np.testing.assert_array_equal(z, recall.z["feedforward"][population])


def test_spiking_circuits_have_no_work_with_rates(learned):
    """Nothing of what rate-based variants need."""
    circuits = []
    with tiny_memory(on_build=circuits.append) as memory:
        memory._recalling(1)
    for population in MINICOLUMNS:
        group = circuits[-1].objects[population]
        assert not {"emission", "emission_min"} & group.variables.keys()
        assert "rand()" in group.events["spike"]
