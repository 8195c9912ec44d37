"""The gain at which recurrent evidence counts once: from traces, against samples, and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms
from tiny import tiny_memory

from cortical_bcpnn import CALIBRATED_VARIANTS, VARIANTS, AssociativeMemory, Phase
from cortical_bcpnn.data.patterns import minicolumn_activity
from cortical_bcpnn.learned.calibration import calibrated_gain, evidence_statistics
from cortical_bcpnn.learned.traces import Traces
from cortical_bcpnn.model.architecture import Projection

M = 4


def patterns_with(rng, n: int, hypercolumns: int, coherence: float) -> np.ndarray:
    """Active minicolumns, shape (n, H): those of a common cause by chance, else any."""
    cause = rng.integers(M, size=(n, 1))
    own = rng.integers(M, size=(n, hypercolumns))
    return np.where(rng.random((n, hypercolumns)) < coherence, cause, own)


def one_hot(active: np.ndarray, m: int = M) -> np.ndarray:
    return np.eye(m)[active].reshape(len(active), -1)


def traces_of(z: np.ndarray, m: int = M) -> Traces:
    """The traces of a recurrent projection after all of z, every pattern with the same weight."""
    joint, p = z.T @ z / len(z), z.mean(axis=0)
    projection = Projection("recurrent", "HID", "HID", len(p) // m, False, "post")
    q = np.maximum(joint, 1e-12).T / p[:, None]
    connections = np.tile(np.arange(len(p) // m, dtype=np.int32), (len(p) // m, 1))
    return Traces(projection, (m, m), 1.0, p, p, q, np.zeros(len(p)), connections)


def test_statistics_are_those_of_the_samples():
    """Distance and variance within, of the evidence that each pattern brings."""
    z = one_hot(patterns_with(np.random.default_rng(1), 5000, 6, 0.5))
    memory = traces_of(z)
    weights = memory.weights()
    hypercolumn = np.arange(6 * M) // M
    evidence = z @ np.where(hypercolumn[:, None] == hypercolumn, 0, weights)
    evidence /= 1 - memory.p_post
    statistics = evidence_statistics(memory)
    for j in range(6 * M):
        active = z[:, j] == 1
        groups = evidence[active, j], evidence[~active, j]
        within = sum(((g - g.mean()) ** 2).sum() for g in groups) / len(z)
        assert statistics.distance[j] == pytest.approx(groups[0].mean() - groups[1].mean())
        assert statistics.variance[j] == pytest.approx(within)
        assert statistics.probability[j] == active.mean()


def test_evidence_said_n_times_has_an_nth_of_the_gain():
    """Two groups of hypercolumns, the second being n copies of one: evidence for the first."""
    active = patterns_with(np.random.default_rng(2), 5000, 2, 0.6)
    gains = {}
    for n in (1, 3, 10):
        z = one_hot(np.hstack([active[:, :1], np.repeat(active[:, 1:], n, axis=1)]))
        statistics = evidence_statistics(traces_of(z))
        gains[n] = statistics.distance[0] / statistics.variance[0]
    assert gains[1] == pytest.approx(3 * gains[3]) and gains[1] == pytest.approx(10 * gains[10])


@pytest.mark.parametrize("m", [2, 4, 8])
def test_weak_independent_evidence_counts_fully(m):
    """Hypercolumns that depend on the first one only, and little: log-likelihood ratios add up.

    200,000 patterns leave a standard error of 2 to 4 %, and evidence is weak to 10 %.
    """
    rng = np.random.default_rng(3)
    first = rng.integers(m, size=(200_000, 1))
    others = rng.integers(m, size=(200_000, 5))
    active = np.hstack([first, np.where(rng.random(others.shape) < 0.3 / m, first, others)])
    statistics = evidence_statistics(traces_of(one_hot(active, m), m))
    assert statistics.distance[:m] / statistics.variance[:m] == pytest.approx(1, abs=0.15)


def test_gain_falls_as_one_over_the_number_of_hypercolumns():
    """Where a common cause is all that they know of each other: 1/H but for what is private."""
    gains = {}
    for h in (10, 20, 40):
        z = one_hot(patterns_with(np.random.default_rng(4), 20_000, h, 0.7))
        gains[h] = evidence_statistics(traces_of(z)).gain
    assert gains[10] / gains[20] == pytest.approx(2, abs=0.3)
    assert gains[20] / gains[40] == pytest.approx(2, abs=0.2)


def test_feedforward_evidence_is_that_of_the_samples():
    """Between two populations patterns tell how presynaptic minicolumns depend on one another.

    Six pixels, of which each of two hypercolumns hears three; grey ones among them.
    """
    rng = np.random.default_rng(5)
    pixels = np.clip(rng.random((4000, 6)) + 0.5 * rng.random((4000, 1)) - 0.25, 0, 1)
    activity = np.stack([pixels, 1 - pixels], axis=-1).reshape(4000, -1)
    heard = np.array([[0, 1, 2], [3, 4, 5]])
    z = one_hot(np.stack([(4 * pixels[:, h].mean(axis=1)).astype(int) % M for h in heard], axis=1))
    p_pre, p_post = activity.mean(axis=0), z.mean(axis=0)
    q = (z.T @ activity / 4000) / p_post[:, None]
    projection = Projection("feedforward", "INP", "HID", 3, True, "post")
    memory = Traces(projection, (2, M), 1.0, p_pre, p_post, q, np.zeros(2 * M), heard)
    transmitted = np.kron(memory.mask(), np.ones((2, M)))
    evidence = activity @ (memory.weights() * transmitted) / (1 - p_post)
    statistics = evidence_statistics(memory, activity)
    for j in range(2 * M):
        groups = evidence[z[:, j] == 1, j], evidence[z[:, j] == 0, j]
        within = sum(((g - g.mean()) ** 2).sum() for g in groups) / 4000
        assert statistics.distance[j] == pytest.approx(groups[0].mean() - groups[1].mean())
        assert statistics.variance[j] == pytest.approx(within)


def test_feedforward_gain(learned, patterns):
    gain = calibrated_gain(learned, "feedforward", patterns)
    memory = learned.traces["feedforward"]
    activity = np.maximum(minicolumn_activity(patterns), 1e-7)
    assert gain == pytest.approx(np.clip(evidence_statistics(memory, activity).gain, 0, 1))


@pytest.mark.parametrize("projection, given", [("feedforward", False), ("feedback", True)])
def test_projections_whose_sources_are_not_known(learned, patterns, projection, given):
    with pytest.raises(ValueError, match="give one from a population to itself, or from INP and pat"):
        calibrated_gain(learned, projection, patterns if given else None)


def test_unknown_projection(learned):
    with pytest.raises(ValueError, match="projection 'lateral' is unknown: choose one of"):
        calibrated_gain(learned, "lateral")


def test_certain_minicolumns_bring_no_evidence():
    """A hypercolumn that is always alike, and a minicolumn alone in its own, change nothing."""
    active = patterns_with(np.random.default_rng(6), 5000, 5, 0.6)
    alone = evidence_statistics(traces_of(one_hot(active)))
    with_certain = evidence_statistics(
        traces_of(np.hstack([one_hot(active), np.tile([1.0, 1e-7, 1e-7, 1e-7], (5000, 1))]))
    )
    assert with_certain.gain == pytest.approx(alone.gain, rel=1e-3)
    certain = 5 * M
    assert with_certain.distance[certain] == with_certain.variance[certain] == 0


@pytest.mark.parametrize("hidden", [(4, 1), (1, 5)])
def test_evidence_that_cannot_be_weighed(numpy_target, patterns, hidden):
    """One minicolumn in each hypercolumn is certain; one hypercolumn hears no other."""
    memory = AssociativeMemory(
        9, hidden, 4, 1, tau_p=40 * ms, variant="spspk-calibrated", device="runtime"
    )
    memory.learn(patterns[:2], protocol=[Phase(5 * ms, ("INP", "INPRC"), {"feedforward": 1.0})])
    with pytest.raises(ValueError, match="'recurrent' brings no evidence.*: give recurrent_gain a num"):
        memory.recall(patterns[:1])


def test_rules_without_log_odds_are_refused(make_memory):
    with pytest.raises(ValueError, match="plasticity is 'covariance'.*give recurrent_gain a number"):
        calibrated_gain(make_memory(plasticity="covariance"))


def test_nothing_learned(make_memory):
    memory = make_memory(variant="spspk-calibrated")
    with pytest.raises(ValueError, match="nothing has been learned yet: let the network learn"):
        memory.recall(np.full((1, 9), 0.5))


# --- Calibrated variants -----------------------------------------------------------------


@pytest.mark.parametrize("name", CALIBRATED_VARIANTS)
def test_calibrated_variants_differ_in_recall_only(name):
    """The cue stays, at a gain of its own; all else is published."""
    variant = CALIBRATED_VARIANTS[name]
    published = VARIANTS[name.replace("calibrated", "full")]
    assert replace(variant, name=published.name, recurrent_gain=1.0, cue_kept=False) == published
    assert variant.learning_protocol() == published.learning_protocol()
    protocol = variant.recall_protocol(0.1)
    assert [p.duration for p in protocol] == [p.duration for p in published.recall_protocol()]
    recurrent = [p for p in protocol if p.gains.get("recurrent")]
    assert recurrent and {p.gains["recurrent"] for p in recurrent} == {0.1}
    assert {p.gains["feedforward"] for p in recurrent} == {1.0}
    assert {p.clamped for p in recurrent} == {("INP",)}
    assert protocol[-1].read == "attractor"


def test_open_gain_is_asked_for():
    with pytest.raises(ValueError, match="recurrent_gain of variant spk-calibrated is open"):
        CALIBRATED_VARIANTS["spk-calibrated"].recall_protocol()


def test_calibrated_recall_is_that_protocol(patterns):
    """With the gain of what has been learned; learning more changes it."""
    variant = CALIBRATED_VARIANTS["spk-calibrated"]
    with tiny_memory(variant=variant, rewire_every=0) as memory:
        memory.learn(patterns[:3], epochs=200)
        gain = calibrated_gain(memory)
        assert 0.05 < gain < 0.95  # hypercolumns tell the same patterns apart
        assert memory.recall_protocol() == variant.recall_protocol(gain)
        recall = memory.recall(patterns)
        explicit = memory.recall(patterns, protocol=variant.recall_protocol(gain))
        assert recall.moments == ["feedforward", "settled", "attractor"]
        for moment in recall.moments:
            z, expected = recall.z[moment]["HID"], explicit.z[moment]["HID"]
            np.testing.assert_array_equal(z, expected, err_msg=moment)
        memory.learn(patterns)
        assert memory.recall_protocol() == variant.recall_protocol(calibrated_gain(memory))
        assert memory.recall_protocol() != variant.recall_protocol(gain)


def test_calibrated_gain_while_learning(patterns):
    """That of the moment, whatever changes what has been learned."""
    variant = CALIBRATED_VARIANTS["spk-calibrated"]
    gains = []

    def look(memory):
        gain = calibrated_gain(memory)
        assert memory.recall_protocol() == variant.recall_protocol(gain)
        gains.append(gain)

    with tiny_memory(variant=variant, rewire_every=100) as memory:
        memory.learn(patterns[:3], epochs=100, on_segment=look)
        recurrent = memory.traces["recurrent"]
        recurrent.q[:] = (recurrent.q + recurrent.p_pre / recurrent.p) / 2
        look(memory)
    assert len(set(gains)) >= 3  # none is above 1


def test_calibrated_variants_learn_what_published_ones_learn(patterns):
    with tiny_memory(variant="spspk-calibrated", rewire_every=6, rewire_margin=1.0) as memory:
        memory.learn(patterns, epochs=4)
        with tiny_memory(rewire_every=6, rewire_margin=1.0) as published:
            published.learn(patterns, epochs=4)
            for name, traces in published.traces.items():
                np.testing.assert_array_equal(memory.traces[name].q, traces.q)


def test_files_keep_the_gain(saved, tmp_path):
    with AssociativeMemory.load(saved) as memory:
        variant = replace(VARIANTS["spspk-full"], name="mine", recurrent_gain=0.3, cue_kept=True)
        memory.parameters = replace(memory.parameters, variant=variant)
        memory.save(tmp_path / "mine.h5")
        with AssociativeMemory.load(tmp_path / "mine.h5") as loaded:
            assert loaded.parameters.variant == variant


@pytest.mark.parametrize("value", [np.nan, "0.1", True, 0.1 * ms])
def test_bad_gain(value):
    with pytest.raises(ValueError, match="recurrent_gain is .*: give a number, or None"):
        tiny_memory(variant=replace(VARIANTS["spspk-full"], recurrent_gain=value))


def test_bad_cue_kept():
    with pytest.raises(TypeError, match="cue_kept is 1: give True or False"):
        tiny_memory(variant=replace(VARIANTS["spspk-full"], cue_kept=1))


def test_any_gain_in_any_phase(learned, patterns):
    """Negative, huge, or for projections that the published protocol never scales."""
    gains = {"feedforward": 2.5, "recurrent": -0.3, "feedback": 1e3}
    recall = learned.recall(patterns[:2], protocol=[Phase(5 * ms, ("INPRC",), gains, read="end")])
    assert np.isfinite(recall.z["end"]["HID"]).all()
