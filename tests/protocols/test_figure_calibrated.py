"""Published against calibrated recall: what is measured, its confidence, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from scipy import stats
from small import SMALL
from stopping import stopped

from cortical_bcpnn import CALIBRATED_VARIANTS, VARIANTS
from cortical_bcpnn.analysis.recurrence import END, FF, MEAN, differences, extremes
from cortical_bcpnn.data.stimuli import TASKS, make_cues
from cortical_bcpnn.drawing.calibrated import draw_calibrated, draw_unknown
from cortical_bcpnn.experiments import Networks, readouts
from cortical_bcpnn.experiments.ways_of_recall import WAYS
from cortical_bcpnn.learned.calibration import calibrated_gain
from protocols.calibrated import calibrated

READINGS = [FF, END, MEAN]


def table(n_seeds: int, images: int = 200) -> pd.DataFrame:
    """Recalls with won and lost images drawn at random."""
    rng = np.random.default_rng(6)
    rows = []
    for seed in range(n_seeds):
        for way, task, difficulty in [
            ("published", "clean", 0.0), ("published", "completion", 0.8),
            ("calibrated", "clean", 0.0), ("calibrated", "completion", 0.8),
        ]:  # fmt: skip
            right = rng.random((3, images)) < 0.7
            for reading, correct in zip(READINGS, right):
                rows.append(
                    {
                        "kind": "spk", "seed": seed, "way": way, "task": task,
                        "difficulty": difficulty, "reading": reading, "recurrent_gain": 0.1,
                        "accuracy": correct.mean(), "won": (correct & ~right[0]).sum(),
                        "lost": (~correct & right[0]).sum(), "images": images,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def values(given: pd.DataFrame, reading: str, way="published", task="clean") -> np.ndarray:
    rows = given[(given["reading"] == reading) & (given["way"] == way) & (given["task"] == task)]
    return rows.sort_values("seed")["accuracy"].to_numpy()


# --- Differences and their confidence ----------------------------------------------------


def test_differences_of_networks_are_those_of_a_paired_t_test():
    given = table(4)
    found = differences(given)
    assert len(found) == 2 * 4 and (found["seeds"] == 4).all()
    for row in found.itertuples():
        ff, attractor = (values(given, r, row.way, row.task) for r in (FF, row.reading))
        low, high = stats.ttest_rel(attractor, ff).confidence_interval(0.95)
        assert row.difference == pytest.approx((attractor - ff).mean())
        assert row.difference - row.half_width == pytest.approx(low)
        assert row.difference + row.half_width == pytest.approx(high)
        assert row.ff == pytest.approx(ff.mean()) and row.ff_sd == pytest.approx(ff.std(ddof=1))


def test_confidence_of_one_network_covers_the_truth():
    """Over images: in 95 % of 400 experiments, within three standard errors of 1.1 %."""
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        ff, attractor = rng.random(300) < 0.8, rng.random(300) < 0.85
        row = {
            "kind": "spk", "seed": 0, "way": "published", "task": "clean", "difficulty": 0.0,
            "recurrent_gain": 1.0, "reading": END, "accuracy": attractor.mean(),
            "won": (attractor & ~ff).sum(), "lost": (~attractor & ff).sum(), "images": 300,
        }  # fmt: skip
        found = differences(pd.DataFrame([row])).iloc[0]
        covered += abs(found["difference"] - 0.05) < found["half_width"]
    assert covered / 400 == pytest.approx(0.95, abs=0.033)


def test_extremes():
    found = differences(table(3))
    for row in extremes(found):
        group = found[(found["way"] == row["way"]) & (found["reading"] == row["reading"])]
        assert row["worst_points"] == pytest.approx(100 * group["difference"].min())
        hard = group[group["task"] == "completion"]["difference"]
        assert row["least_in_hard_completion"] == pytest.approx(100 * hard.min())


# --- Figures -----------------------------------------------------------------------------


def test_lines_are_the_differences():
    found = differences(table(3))
    figure = draw_calibrated(found)
    drawn = found[found["reading"] == MEAN]
    (ax,) = figure.axes
    for line, way in zip(ax.lines[1:], ("published", "calibrated")):
        rows = drawn[drawn["way"] == way].sort_values("difficulty")
        np.testing.assert_allclose(line.get_ydata(), 100 * rows["difference"])
    assert figure.legends[0].get_title().get_text() == "mean of 3 networks; bands: 95 % confidence"
    plt.close(figure)


def test_accuracies_where_unknown_pixels_are_silent():
    given = table(2)
    given = given[given["task"] == "completion"]
    silent = given.assign(way=given["way"] + ", unknown silent", accuracy=given["accuracy"] / 2)
    found = differences(pd.concat([given, silent]))
    figure = draw_unknown(found)
    lines = {(line.get_color(), line.get_linestyle()): line.get_ydata() for line in figure.axes[0].lines}
    rows = found[found["reading"] == MEAN].set_index("way")["accuracy"]
    assert lines["#000000", "-"] == pytest.approx(100 * rows["calibrated"])
    assert lines["#000000", "--"] == pytest.approx(100 * rows["calibrated, unknown silent"])
    plt.close(figure)


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("calibrated") / "out"
    arguments = ["--kinds", "spk", "--difficulties", "0.6,1"]
    calibrated.run([*SMALL, *arguments, "--out", str(out)])
    return out


def test_every_condition_is_measured_once(result):
    found = pd.read_csv(result / "recalls.csv")
    everywhere = {("clean", 0.0), *((t, d) for t in TASKS for d in (0.6, 1.0))}
    expected = {
        (way, *condition, reading)
        for way in WAYS for condition in everywhere for reading in READINGS
        if "silent" not in way or condition[0] == "completion"
    }  # fmt: skip
    keys = found[["way", "task", "difficulty", "reading"]].itertuples(index=False, name=None)
    assert set(keys) == expected and len(found) == len(expected)


def test_measures_are_those_of_the_network(result):
    """Recalled again, with gains and cues written out."""
    found = pd.read_csv(result / "recalls.csv")
    found = found.set_index(["way", "task", "difficulty", "reading"]).sort_index()
    setup = Networks(limit=60, epochs=4, seed=5)
    dataset = setup.data
    with setup.learned("spk-full") as memory:
        readout = readouts.fit_readout(memory, dataset)
        gain = calibrated_gain(memory)
        kept = CALIBRATED_VARIANTS["spk-calibrated"].recall_protocol
        for way, steps, unknown in [
            ("published", VARIANTS["spk-full"].recall_protocol(), 0.5),
            ("cue kept", kept(0.0), 0.5),
            ("calibrated", kept(gain), 0.5),
            ("calibrated, unknown silent", kept(gain), np.nan),
        ]:
            cues = make_cues("completion", dataset.test_images, 0.6, 5, unknown=unknown).reshape(60, 64)
            recall = memory.recall(cues, protocol=steps)
            moments = recall.moments
            read = {
                FF: recall.z["feedforward"]["HID"],
                END: recall.z["attractor"]["HID"],
                MEAN: recall.rates("HID", "attractor") / 1000,
            }
            right = {k: readout.predict(z) == dataset.test_labels for k, z in read.items()}
            for reading, correct in right.items():
                row = found.loc[way, "completion", 0.6, reading]
                assert row["accuracy"] == pytest.approx(correct.mean())
                assert row["won"] == (correct & ~right[FF]).sum()
                assert row["lost"] == (~correct & right[FF]).sum()
            assert moments[0] == "feedforward" and moments[-1] == "attractor"
        assert found.loc["calibrated", "recurrent_gain"].to_numpy() == pytest.approx(gain)


def test_summary(result):
    summary = json.loads((result / "summary.json").read_text())
    assert summary["kinds"] == ["spk"] and summary["confidence"] == 0.95
    assert 0 < summary["recurrent_gain"]["spk"] <= 1
    names = {f"{stem}.{kind}" for stem in ("calibrated", "unknown") for kind in ("png", "svg")}
    assert set(summary["files"]) == {"recalls.csv", "recalls.jsonl", "differences.csv", *names}
    assert imread(result / "calibrated.png").std() > 0.01


def test_pictures_are_drawn_again(result, tmp_path):
    assert_redrawn(calibrated, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_measures_what_is_missing(result, tmp_path):
    """And what it had is kept: the table is that of the run that was not stopped."""
    pieces = len((result / "recalls.jsonl").read_text().splitlines())
    out = stopped(result, tmp_path / "out", "recalls", lambda number: number < pieces - 3)
    calibrated.run(["--resume", str(out)])
    assert (out / "recalls.csv").read_bytes() == (result / "recalls.csv").read_bytes()


def test_unknown_kinds():
    with pytest.raises(ValueError, match="kind 'lif' is unknown: choose from rate, spk, spspk"):
        calibrated.run(["--kinds", "lif"])
