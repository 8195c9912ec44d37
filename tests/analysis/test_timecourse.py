"""Phases, time bins, similarity over time and firing rates, held against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import ms

from cortical_bcpnn import VARIANTS, Parameters, Phase, Recall
from cortical_bcpnn.analysis.timecourse import (
    difference_over_time,
    firing_rates,
    images_over_time,
    overall_rates,
    phase_names,
    phase_steps,
    read_every_phase,
    reconstruction_course,
    resemblance,
    similarity_over_time,
    time_bins,
)

PUBLISHED = VARIANTS["spspk-full"].recall_protocol()


def phases(*durations: int) -> list[Phase]:
    return [Phase(duration * ms) for duration in durations]


def test_phases_of_the_published_recall():
    assert phase_names(PUBLISHED) == ["gap", "feedforward", "overlap", "recurrent"]
    assert phase_steps(PUBLISHED, Parameters()).tolist() == [0, 100, 200, 250, 400]
    assert phase_steps(PUBLISHED, Parameters(dt=0.5 * ms)).tolist() == [0, 200, 400, 500, 800]


def test_phases_that_come_again_are_numbered():
    cued, free = Phase(5 * ms, ("INP",), name="cued"), Phase(5 * ms, name="free")
    names = ["cued", "free", "cued 2", "phase", "free 2"]
    assert phase_names([cued, free, cued, Phase(5 * ms), free]) == names


def test_reading_every_phase_changes_nothing_else(learned, patterns):
    protocol = learned.parameters.variant.recall_protocol()
    every = read_every_phase(protocol)
    assert [phase.gains for phase in every] == [phase.gains for phase in protocol]
    recall, expected = learned.recall(patterns[:3], protocol=every), learned.recall(patterns[:3])
    assert recall.moments == ["gap", "feedforward", "overlap", "recurrent"]
    for ours, theirs in (("feedforward", "feedforward"), ("recurrent", "attractor")):
        for name, z in expected.z[theirs].items():
            np.testing.assert_array_equal(recall.z[ours][name], z)


def test_bins_are_equal_where_they_can_be():
    assert time_bins(PUBLISHED, Parameters(), 16).tolist() == list(range(0, 401, 25))
    assert time_bins(PUBLISHED, Parameters(), 8).tolist() == list(range(0, 401, 50))
    assert time_bins(phases(5, 20), Parameters(), 16).tolist() == list(range(26))


@pytest.mark.parametrize("durations", [(25, 25, 25, 50), (100, 3, 97), (1, 1, 1), (7,), (1, 200)])
@pytest.mark.parametrize("n", [1, 4, 16, 40])
def test_bins_cover_the_phases(durations, n):
    bins = time_bins(phases(*durations), Parameters(), n)
    assert bins[0] == 0 and bins[-1] == sum(durations) and (np.diff(bins) > 0).all()
    assert set(np.cumsum(durations)) <= set(bins)
    assert len(bins) - 1 <= 2 * max(n, len(durations)) + len(durations)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return a @ b / np.sqrt((a @ a) * (b @ b))


def test_similarity_over_time():
    rng = np.random.default_rng(3)
    z, images = rng.random((4, 5, 18)), rng.random((4, 3, 3))
    on, flat = z[:, :, ::2], images.reshape(4, 9)
    expected = np.array([[[cosine(on[n, t], flat[m]) for t in range(5)] for m in range(4)]
                         for n in range(4)])  # fmt: skip
    np.testing.assert_allclose(resemblance(z, images), expected, rtol=1e-12)
    table = similarity_over_time(z, images)
    own = np.array([expected[n, n] for n in range(4)])
    others = [expected[n, m] for n in range(4) for m in range(4) if m != n]
    np.testing.assert_allclose(table["similarity"], own.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(table["sd"], own.std(axis=0), rtol=1e-12)
    np.testing.assert_allclose(table["others"], np.mean(others, axis=0), rtol=1e-12)


def test_similarity_without_activity_or_other_images():
    table = similarity_over_time(np.zeros((1, 2, 8)), np.ones((1, 4)))
    assert (table["similarity"] == 0).all() and table["others"].isna().all()


def make_recall(**over_time) -> Recall:
    """Two cues, phases of 10 and 30 ms; three minicolumns in one hypercolumn, two in another."""
    counts = {"gap": [[1, 0, 2], [0, 0, 0]], "recurrent": [[1, 6, 2], [3, 0, 0]]}
    return Recall(
        z={moment: {} for moment in counts},
        spike_counts={moment: {"HID": np.array(n, np.int32)} for moment, n in counts.items()},
        elapsed={"gap": 0.01, "recurrent": 0.04},
        minicolumns={"HID": 3},
        **over_time,
    )


def test_firing_rates():
    """In Hz: gap 100, 0, 200 and nothing; recurrent 0, 200, 0 and 100, 0, 0; all by 40 ms."""
    table = firing_rates(make_recall()).set_index("phase")
    assert list(table.index) == ["gap", "recurrent", "all"] and (table["population"] == "HID").all()
    assert table["duration_ms"].tolist() == [10, 30, 40]
    np.testing.assert_allclose(table["mean_hz"], [50, 50, 50], rtol=1e-12)
    np.testing.assert_allclose(table["max_hz"], [100, 150, 112.5], rtol=1e-12)
    np.testing.assert_allclose(table["largest_hz"], [200, 200, 150], rtol=1e-12)


def test_overall_rates():
    """Both phases count alike."""
    rates = overall_rates(make_recall())
    assert rates == {"HID": {"mean": pytest.approx(50), "max": pytest.approx(200)}}


@pytest.mark.parametrize("spiking", [True, False])
def test_difference_of_on_and_off(spiking):
    rng = np.random.default_rng(5)
    z, spikes = rng.random((2, 7, 6)), rng.random((2, 7, 6)) < 0.4
    recall = Recall({}, {}, {}, {"INP": 2}, {"INP": z}, {"INP": spikes} if spiking else {})
    result = difference_over_time(recall, "INP", np.array([0, 2, 3, 7]))
    on_off = spikes[..., ::2].astype(int) - spikes[..., 1::2]
    per_step = [on_off[:, :2].sum(1) / 2, on_off[:, 2], on_off[:, 3:].sum(1) / 4]
    assert ("spikes" in result) == spiking
    if spiking:
        np.testing.assert_allclose(result["spikes"], np.stack(per_step, axis=1), rtol=1e-12)
    ends = z[:, [1, 2, 6]]
    np.testing.assert_array_equal(result["z"], ends[..., ::2] - ends[..., 1::2])


def test_difference_needs_on_and_off():
    with pytest.raises(ValueError, match="HID has 3 minicolumns per hypercolumn: give a population"):
        difference_over_time(make_recall(), "HID", np.array([0, 1]))


def test_images_are_shares_of_f_max():
    """Spikes in bins of 2 and 3 ms; at 100 Hz a spike in 10 ms is all that f_max can give."""
    rng = np.random.default_rng(0)
    z = {"INP": rng.random((1, 5, 8))}
    spikes = {"INP": rng.random((1, 5, 8)) < 0.5}
    recall = Recall({}, {}, {}, {"INP": 2}, z, spikes)
    images = images_over_time(recall, np.array([0, 2, 5]), Parameters(variant=VARIANTS["spspk-full"]))
    assert list(images) == ["INP spikes", "INP z"]
    on, off = (spikes["INP"][0, :, k::2].astype(int) for k in (0, 1))
    expected = [(on - off)[start:end].mean(axis=0) / 0.1 for start, end in ((0, 2), (2, 5))]
    np.testing.assert_allclose(images["INP spikes"], np.reshape(expected, (2, 2, 2)), rtol=1e-3)
    difference = (z["INP"][0, :, 0::2] - z["INP"][0, :, 1::2])[[1, 4]]
    np.testing.assert_allclose(images["INP z"], difference.reshape(2, 2, 2), atol=1e-3)


def test_course_of_a_reconstruction():
    """INPRC shows the originals, INP the cues."""
    rng = np.random.default_rng(0)
    cues, originals = rng.random((2, 3, 2, 2))
    z = {}
    for name, shown in (("INP", cues), ("INPRC", originals)):
        z[name] = np.zeros((3, 4, 8))
        z[name][..., 0::2] = shown.reshape(3, 1, 4)
    recall = Recall({}, {}, {}, {"INP": 2, "INPRC": 2}, z, {})
    course = reconstruction_course(recall, cues, originals, Parameters(dt=0.5 * ms))
    assert course["time_ms"].tolist() == [0.5, 1, 1.5, 2] and (course["images"] == 3).all()
    alike = [c.ravel() @ o.ravel() / np.linalg.norm(c) / np.linalg.norm(o)
             for c, o in zip(cues, originals)]  # fmt: skip
    np.testing.assert_allclose(course["similarity"], 1)
    np.testing.assert_allclose(course[["inp", "cue"]], np.mean(alike))
