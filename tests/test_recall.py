"""Recall: protocols as data, what is returned, and what it does not depend on.

Where results are said to be the same, they are so bit by bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms
from comparing import assert_equal_recalls, differ
from tiny import RECALL, ScriptedSimulation, tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, Phase, Recall
from cortical_bcpnn.recall import read_until


@pytest.fixture(scope="module")
def recall(learned, patterns) -> Recall:
    return learned.recall(patterns)


# --- What each cue goes through ----------------------------------------------------------


@pytest.fixture
def script(patterns):
    """What recall sets and simulates, step by step, with nothing simulated."""

    def run(cues, variant="spspk-full", **arguments):
        memory = tiny_memory(variant=variant)
        simulation = ScriptedSimulation(memory)
        memory._start = lambda *_, **__: [simulation]
        memory.recall(cues, **arguments)
        return simulation

    return run


@pytest.mark.parametrize("variant", VARIANTS)
def test_published_recall(script, patterns, variant):
    """Gap, feedforward, overlap (INP clamped in both), recurrent phase; nothing learns."""
    v = VARIANTS[variant]
    up = {"feedforward": 1, "recurrent": 0, "feedback": 1}
    phases = [
        (v.gap, set(), up),
        (v.feedforward, {"INP"}, up),
        (v.overlap, {"INP"}, {**up, "recurrent": 1}),
        (v.recurrent, set(), {"feedforward": 0, "recurrent": 1, "feedback": 1}),
    ]
    expected = [(round(d / ms), c, g) for d, c, g in phases if d > 0 * ms]
    steps = script(patterns[:2], variant).steps
    assert [(s.steps, s.clamped, s.gains) for s in steps] == expected * 2
    assert not any(s.learning for s in steps)


def test_cues_come_in_order(script, patterns):
    steps = script(patterns[:3], protocol=[Phase(5 * ms, ("INP",), read="end")]).steps
    activity = np.stack([patterns, 1 - patterns], axis=-1).reshape(12, 18)
    shown = [s.stimulus["INP"] for s in steps]
    np.testing.assert_allclose(shown, np.log(activity[:3] + 1e-7), rtol=1e-12)


def test_a_recall_knows_what_was_asked(patterns):
    memory = tiny_memory()
    memory._start = lambda *_, **__: [ScriptedSimulation(memory)]
    recall = memory.recall(patterns[:2], protocol=RECALL)
    assert recall.protocol == tuple(RECALL) and recall.parameters is memory.parameters
    np.testing.assert_array_equal(recall.cues["INP"], patterns[:2])


def test_every_cue_starts_from_rest(script, patterns):
    simulation = script(patterns[:1])
    for name, value in (("s", 0), ("spike_count", 0), ("z", 1e-7)):
        for population in ("INP", "HID", "INPRC"):
            assert (simulation.values[f"{population}.{name}"] == value).all()
            assert (simulation.values[f"{population}_hypercolumns.shift"] == 0).all()
    for name in ("HID.I_feedforward", "HID.I_recurrent", "INPRC.I_feedback"):
        assert (simulation.values[name] == 0).all()


def test_gains_and_clamps_of_a_protocol_are_honoured(script, patterns):
    """Any gain, any population that takes the pattern, any name to read under."""
    protocol = [
        Phase(3 * ms, ("INP", "INPRC"), {"feedforward": 0.3, "recurrent": -2.0}, read="both"),
        Phase(4 * ms, ("INPRC",), {"feedback": 1e-3}),
        Phase(2 * ms, read="last"),
    ]
    steps = script(patterns[:1], protocol=protocol).steps
    assert [(s.steps, s.clamped) for s in steps] == [
        (3, {"INP", "INPRC"}), (4, {"INPRC"}), (2, set()),
    ]  # fmt: skip
    assert [s.gains for s in steps] == [
        {"feedforward": 0.3, "recurrent": -2.0, "feedback": 0.0},
        {"feedforward": 0.0, "recurrent": 0.0, "feedback": 1e-3},
        {"feedforward": 0.0, "recurrent": 0.0, "feedback": 0.0},
    ]
    np.testing.assert_array_equal(steps[0].stimulus["INP"], steps[0].stimulus["INPRC"])


def test_until_leaves_out_what_comes_later(script, patterns):
    assert [s.steps for s in script(patterns[:1], until="feedforward").steps] == [100, 100]


# --- Protocols in the simulation ---------------------------------------------------------


def test_custom_protocol_is_read_under_its_names(learned, patterns):
    recall = learned.recall(patterns[:2], protocol=RECALL)
    assert recall.moments == ["cued", "free"]
    assert recall.elapsed == pytest.approx({"cued": 0.01, "free": 0.02})
    assert recall.reconstruction.shape == (2, 9)
    np.testing.assert_array_equal(recall.reconstruction, recall.pattern("INPRC", "free"))


def test_a_gain_of_zero_is_no_gain(learned, patterns):
    def protocol(**gains):
        return [Phase(30 * ms, ("INP",), {"feedforward": 1.0, **gains}, read="attractor")]

    without = learned.recall(patterns, protocol=protocol())
    off = learned.recall(patterns, protocol=protocol(recurrent=0.0, feedback=0.0))
    assert_equal_recalls(without, off)
    assert differ(without, learned.recall(patterns, protocol=protocol(recurrent=0.3)))
    assert differ(
        learned.recall(patterns, protocol=protocol(recurrent=0.3)),
        learned.recall(patterns, protocol=protocol(recurrent=1.0)),
    )


def test_clamped_populations_show_the_pattern(learned):
    """z of a clamped population is the pattern within the sampling error.

    20 cues, spspk: shares of ON for pixels of 0 or 1 are exact but for spikes at a rate of
    1e-7 f_max; for a pixel of 0.5 the mean of 20 × 8 shares is within 5 standard errors, at
    most 5 × 0.5 / sqrt(160) = 0.2. An unclamped INPRC without input is at 0.5 too.
    """
    pattern = np.array([1.0] + [0.5] * 8)
    for clamped in (("INP",), ("INP", "INPRC"), ("INPRC",)):
        recall = learned.recall(
            np.tile(pattern, (20, 1)), protocol=[Phase(200 * ms, clamped, read="end")]
        )
        for population in ("INP", "INPRC"):
            share = recall.pattern(population, "end")
            assert share[:, 1:].mean() == pytest.approx(0.5, abs=0.2)
            if population in clamped:
                assert (share[:, 0] > 0.999).all()
            else:
                assert share[:, 0].mean() < 0.9


def test_activities_of_minicolumns_are_cues_too(learned, patterns, recall):
    cues = np.stack([patterns, 1 - patterns], axis=-1)
    assert_equal_recalls(recall, learned.recall(cues))


def test_until_and_the_whole_protocol_agree_on_what_both_read(learned, patterns, recall):
    early = learned.recall(patterns, until="feedforward")
    assert early.moments == ["feedforward"]
    assert_equal_recalls(early, recall, ["feedforward"])


def test_populations_not_asked_for_change_nothing(learned, patterns, recall):
    """Whatever is left out for their sake is there again in the next recall."""
    hidden = learned.recall(patterns, until="feedforward", populations=["HID"])
    np.testing.assert_array_equal(hidden.z["feedforward"]["HID"], recall.z["feedforward"]["HID"])
    assert_equal_recalls(recall, learned.recall(patterns))


def test_feedforward_phase_does_not_depend_on_recurrence(patterns, learned, recall):
    """Without the later phases named at all."""
    protocol = learned.parameters.variant.recall_protocol()[:2]
    assert_equal_recalls(learned.recall(patterns, protocol=protocol), recall, ["feedforward"])


# --- What recall does not depend on ------------------------------------------------------


def test_same_seed_same_recall(learned, patterns, recall):
    assert_equal_recalls(recall, learned.recall(patterns))


def test_another_seed_another_recall(learned, patterns, recall, tmp_path):
    learned.save(tmp_path / "network.h5")
    with AssociativeMemory.load(tmp_path / "network.h5") as other:
        assert_equal_recalls(recall, other.recall(patterns))
        other.parameters = replace(other.parameters, seed=4)
        assert differ(recall, other.recall(patterns))


@pytest.mark.parametrize("jobs", [2, 3, 20])
def test_recall_does_not_depend_on_the_number_of_jobs(learned, patterns, recall, jobs):
    assert_equal_recalls(recall, learned.recall(patterns, jobs=jobs))


def test_recall_of_a_cue_does_not_depend_on_the_other_cues(learned, patterns, recall):
    """Random numbers follow from the position of a cue, not from what came before it."""
    first = learned.recall(patterns[:1])
    np.testing.assert_array_equal(first.z["attractor"]["HID"][0], recall.z["attractor"]["HID"][0])
    others = patterns.copy()
    others[:5] = 0.5
    among_others = learned.recall(others)
    for moment in recall.moments:
        for population, z in recall.z[moment].items():
            np.testing.assert_array_equal(among_others.z[moment][population][5:], z[5:])
    assert differ(among_others, recall)


def test_cues_at_different_positions_have_different_random_numbers(learned, patterns):
    recall = learned.recall(np.tile(patterns[0], (3, 1)))
    z = recall.z["attractor"]["HID"]
    assert (z[0] != z[1]).any() and (z[1] != z[2]).any()


def test_recall_learns_nothing(learned, patterns, recall):
    before = {n: (m.q.copy(), m.p_post.copy(), m.p) for n, m in learned.traces.items()}
    learned.recall(patterns[:2])
    for name, (q, p_post, p) in before.items():
        np.testing.assert_array_equal(learned.traces[name].q, q)
        np.testing.assert_array_equal(learned.traces[name].p_post, p_post)
        assert learned.traces[name].p == p
    assert learned.n_learned == 48


def test_recall_after_learning_more_uses_the_new_weights(make_memory, patterns):
    memory = make_memory(rewire_every=0)
    before = memory.recall(patterns, until="feedforward")
    memory.learn(patterns, epochs=3)
    after = memory.recall(patterns, until="feedforward")
    assert differ(before, after, "HID", "feedforward")
    assert not differ(before, after, "INP", "feedforward")  # same seed, same cue


# --- Over time ---------------------------------------------------------------------------


def test_recording_over_time_changes_nothing(learned, patterns, recall):
    """Same states at the moments; the last of z and the sum of spikes are those states."""
    detailed = learned.recall(patterns, over_time=True, jobs=2)
    assert_equal_recalls(recall, detailed)
    for population, m in (("INP", 18), ("HID", 20), ("INPRC", 18)):
        z, spikes = detailed.z_over_time[population], detailed.spikes_over_time[population]
        assert z.shape == spikes.shape == (12, 400, m)
        assert spikes.dtype == bool and z.dtype == np.float32
        for moment, end in (("feedforward", 200), ("attractor", 400)):
            np.testing.assert_array_equal(z[:, end - 1], recall.z[moment][population])
            np.testing.assert_array_equal(
                spikes[:, :end].sum(axis=1), recall.spike_counts[moment][population]
            )


def test_only_populations_asked_for_are_returned(learned, patterns, recall):
    some = learned.recall(patterns[:2], populations=["INPRC", "HID"], over_time=True)
    assert set(some.z["attractor"]) == set(some.z_over_time) == {"INPRC", "HID"}
    assert set(some.minicolumns) == {"INPRC", "HID"}
    np.testing.assert_array_equal(some.z["attractor"]["HID"], recall.z["attractor"]["HID"][:2])
    assert learned.recall(patterns[:1]).z_over_time == {}


# --- Results -----------------------------------------------------------------------------


def result() -> Recall:
    """Two moments of one population with 2 × 2 minicolumns."""
    z = {"a": {"P": np.array([[0.2, 0.6, 0.0, 0.0]])}, "b": {"P": np.array([[0.3, 0.1, 1.0, 0.0]])}}
    counts = {"a": {"P": np.array([[1, 2, 3, 4]])}, "b": {"P": np.array([[1, 4, 9, 4]])}}
    return Recall(z, counts, {"a": 0.1, "b": 0.3}, {"P": 2})


def test_patterns_are_shares_of_on():
    np.testing.assert_allclose(result().pattern("P", "a"), [[0.25, 0.5]], rtol=1e-12)
    np.testing.assert_allclose(result().pattern("P", "b"), [[0.75, 1.0]], rtol=1e-12)


def test_patterns_of_more_minicolumns_are_shares_of_each():
    recall = replace(result(), minicolumns={"P": 4})
    np.testing.assert_allclose(
        recall.pattern("P", "a"), [[[0.25, 0.75, 0.0, 0.0]]], rtol=1e-12
    )


@pytest.mark.parametrize("m", [1, 2, 4])
def test_shares_have_a_place_for_every_minicolumn(m):
    """However many there are, two included."""
    recall = replace(result(), minicolumns={"P": m})
    z, shares = recall.z["a"]["P"].reshape(1, -1, m), recall.shares("P", "a")
    assert shares.shape == (1, 4 // m, m)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(shares * z.sum(axis=-1, keepdims=True), z, rtol=1e-12)


def test_rates_are_since_the_moment_before():
    np.testing.assert_allclose(result().rates("P", "a"), [[10, 20, 30, 40]], rtol=1e-12)
    np.testing.assert_allclose(result().rates("P", "b"), [[0, 10, 30, 0]], rtol=1e-12)


def test_rates_of_a_recall_count_its_spikes(learned, patterns, recall):
    """200 ms each."""
    for moment in recall.moments:
        counts = recall.spike_counts[moment]["HID"]
        if moment == "attractor":
            counts = counts - recall.spike_counts["feedforward"]["HID"]
        np.testing.assert_allclose(recall.rates("HID", moment), counts / 0.2, rtol=1e-12)


def test_read_until():
    phases = [Phase(1 * ms), Phase(2 * ms, read="a"), Phase(3 * ms, read="b")]
    assert read_until(phases, "a") == phases[:2]
    assert read_until(phases, "b") == read_until(phases, None) == phases


def test_reading_nothing_is_refused():
    with pytest.raises(ValueError, match="no phase of the protocol is read: give one .*read="):
        read_until([Phase(1 * ms)], None)


def test_unknown_moment_is_refused():
    with pytest.raises(ValueError, match="until is 'c', at which nothing is read: choose .*a, b"):
        read_until([Phase(1 * ms, read="a"), Phase(1 * ms), Phase(1 * ms, read="b")], "c")
