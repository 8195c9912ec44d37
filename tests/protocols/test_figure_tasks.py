"""Accuracy of the variants on the tasks: what is measured, what is drawn, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from small import SMALL
from stopping import stopped
from tiny import tiny_memory

import protocols.tasks
from cortical_bcpnn import VARIANTS
from cortical_bcpnn.analysis.accuracy import over_seeds, recurrence_gain
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.data.stimuli import DISTORTIONS, TASKS, make_cues
from cortical_bcpnn.drawing.style import VARIANT_COLOURS
from cortical_bcpnn.drawing.tasks import Example, draw_tasks, examples_of
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.cues import example_cues
from cortical_bcpnn.experiments.variants import share_networks
from cortical_bcpnn.learned.checkpoints import identity
from cortical_bcpnn.recall import read_until
from cortical_bcpnn.store import learn_or_load
from protocols.tasks import EXAMPLE_DIFFICULTIES, tasks

FAMILIES = sorted({name.rpartition("-")[0] for name in VARIANTS})


# --- One network for two variants --------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_ff_is_what_full_has_come_to_when_recurrence_sets_in(family, patterns):
    """Both learn the same network, and go through the same phases until the cue has been seen."""
    ff, full = f"{family}-ff", f"{family}-full"
    until = read_until(VARIANTS[full].recall_protocol(), "feedforward")
    assert VARIANTS[ff].recall_protocol() == until
    learned = [identity(m, m.plan(patterns)) for m in (tiny_memory(variant=v) for v in (ff, full))]
    assert learned[0] == learned[1]


def test_so_they_recall_the_same(patterns):
    """Bit by bit."""
    recalled = {}
    for name in ("spk-ff", "spk-full"):
        with learn_or_load(tiny_memory(variant=name), patterns, 2) as memory:
            recalled[name] = memory.recall(patterns, populations=["HID"])
    assert recalled["spk-ff"].moments == ["feedforward"]
    np.testing.assert_array_equal(
        *(recall.z["feedforward"]["HID"] for recall in recalled.values())
    )


def test_variants_share_networks():
    """In the order of the variants, the full one last."""
    shared = share_networks(["spspk-full", "rate-full", "spspk-ff", "spk-ff"])
    assert list(shared.items()) == [
        ("spspk", ["spspk-ff", "spspk-full"]), ("rate", ["rate-full"]), ("spk", ["spk-ff"]),
    ]  # fmt: skip
    assert sum(share_networks(list(VARIANTS)).values(), []) == list(VARIANTS)


# --- Means -------------------------------------------------------------------------------


def table(n_seeds: int = 3, variants=("spk-ff", "spk-full", "rate-ff")) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    conditions = [("clean", 0.0), *((task, d) for task in TASKS for d in (0.1, 0.6, 1.0))]
    rows = [
        (variant, seed, *condition, rng.random(), 100)
        for seed in range(n_seeds) for variant in variants for condition in conditions
    ]  # fmt: skip
    columns = ["variant", "seed", "task", "difficulty", "accuracy", "images"]
    return pd.DataFrame(rows, columns=columns)


def values(given: pd.DataFrame, *key) -> np.ndarray:
    """Accuracies of a variant, task and difficulty, in the order of seeds."""
    rows = given[(given[["variant", "task", "difficulty"]] == list(key)).all(axis=1)]
    return rows.sort_values("seed")["accuracy"].to_numpy()


def test_means_over_seeds():
    given = table()
    means = over_seeds(given)
    assert len(means) == 30 and (means["seeds"] == 3).all()
    for row in means.itertuples():
        found = values(given, row.variant, row.task, row.difficulty)
        assert row.mean == pytest.approx(found.mean(), rel=1e-12)
        assert row.sd == pytest.approx(found.std(ddof=1), rel=1e-12)


def test_gain_of_recurrence_is_taken_network_by_network():
    given = table().sample(frac=1, random_state=1)
    gain = over_seeds(recurrence_gain(given))
    assert set(gain["variant"]) == {"spk"} and len(gain) == 10
    for row in gain.itertuples():
        key = row.task, row.difficulty
        found = values(given, "spk-full", *key) - values(given, "spk-ff", *key)
        assert row.mean == pytest.approx(found.mean(), rel=1e-12)
        assert row.sd == pytest.approx(found.std(ddof=1), rel=1e-12)


@pytest.mark.parametrize("variants", [["spk-ff"], ["spk-full", "rate-ff"]])
def test_no_gain_without_both_variants(variants):
    assert recurrence_gain(table(2, variants)).empty


# --- Figure ------------------------------------------------------------------------------


def test_examples_are_cues_of_one_image():
    dataset = digits()
    cues = example_cues(dataset, EXAMPLE_DIFFICULTIES, seed=3)
    examples = examples_of(cues, EXAMPLE_DIFFICULTIES)
    first = dataset.test_images[0]
    for task in TASKS:
        assert [e.difficulty for e in examples[task]] == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
        np.testing.assert_array_equal(examples[task][0].image, first)
    for task in ("completion", "rivalry"):
        for example in examples[task]:
            expected = make_cues(task, dataset.test_images, example.difficulty, 3)[0]
            np.testing.assert_array_equal(example.image, expected)
            assert example.label == ""
    assert [e.label for e in examples["distortion"]] == ["", *DISTORTIONS]
    distorted = [e.image for e in examples["distortion"][1:]]
    assert all((image != first).any() for image in distorted)
    # Occlusion spares the centre.
    np.testing.assert_array_equal(distorted[-1][3:5, 3:5], first[3:5, 3:5])


@pytest.fixture
def figure():
    image = np.linspace(0, 1, 16).reshape(4, 4)
    examples = {
        task: [Example(0.0, image), Example(0.6, image / (2 + n), "noise")]
        for n, task in enumerate(TASKS)
    }
    figure = draw_tasks(over_seeds(table()), examples, chance=0.1)
    yield figure
    plt.close(figure)


def test_lines_are_the_means(figure):
    """Clean images at difficulty 0 of every panel; a band of a standard deviation."""
    given = table()
    for ax, task in zip(figure.axes, TASKS):
        chance, *lines = ax.lines
        assert set(chance.get_ydata()) == {10.0}
        assert [line.get_label() for line in lines] == ["spk-ff", "spk-full", "rate-ff"]
        for line, band in zip(lines, ax.collections):
            variant = line.get_label()
            found = [values(given, variant, "clean", 0.0)]
            found += [values(given, variant, task, d) for d in (0.1, 0.6, 1.0)]
            mean, sd = (100 * np.array([getattr(f, what)(**k) for f in found])
                        for what, k in (("mean", {}), ("std", {"ddof": 1})))  # fmt: skip
            np.testing.assert_allclose(line.get_xydata(), np.c_[[0, 0.1, 0.6, 1.0], mean])
            corners = band.get_paths()[0].vertices
            for x, low, high in zip([0, 0.1, 0.6, 1.0], mean - sd, mean + sd):
                at_x = corners[corners[:, 0] == x, 1]
                assert at_x.min() == pytest.approx(low) and at_x.max() == pytest.approx(high)
        assert ax.get_xlabel() == "difficulty" and ax.get_title() == task
    assert figure.axes[0].get_ylabel() == "test accuracy (%)"


def test_variants_can_be_told_apart(figure):
    lines = figure.axes[0].lines[1:]
    looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines}
    assert len(looks) == 3 and lines[0].get_color() == lines[1].get_color() == VARIANT_COLOURS["spk"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["spk-ff", "spk-full", "rate-ff"]
    assert legend.get_title().get_text() == "mean ± SD of 3 networks"


def test_cues_stand_over_their_difficulty(figure):
    figure.canvas.draw()
    for n, ax in enumerate(figure.axes):
        insets = ax.child_axes
        assert [inset.get_title() for inset in insets] == ["", "noise"]
        for inset, difficulty, share in zip(insets, (0.0, 0.6), (1, 1 / (2 + n))):
            shown = np.asarray(inset.images[0].get_array())
            np.testing.assert_allclose(shown, share * np.linspace(0, 1, 16).reshape(4, 4))
            box = inset.get_window_extent()
            x, _ = ax.transData.inverted().transform(((box.x0 + box.x1) / 2, 0))
            assert x == pytest.approx(difficulty, abs=1e-6) and box.y0 > ax.get_window_extent().y1


def test_one_network_has_no_spread():
    examples = {task: [Example(0.0, np.eye(3))] for task in TASKS}
    figure = draw_tasks(over_seeds(table(1)), examples)
    assert not any(ax.collections for ax in figure.axes)
    assert figure.legends[0].get_title().get_text() == "one network"
    plt.close(figure)


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("tasks") / "out"
    arguments = ["--seeds", "2", "--variants", "spk-full,spk-ff", "--difficulties", "0.6,1"]
    tasks.run([*SMALL, *arguments, "--out", str(out)])
    return out


def test_every_condition_is_measured_once(result):
    found = pd.read_csv(result / "tasks.csv")
    assert list(found.columns) == ["variant", "seed", "task", "difficulty", "accuracy", "images"]
    conditions = {("clean", 0.0), *((task, d) for task in TASKS for d in (0.6, 1.0))}
    keys = found[["variant", "seed", "task", "difficulty"]].itertuples(index=False, name=None)
    expected = {(v, s, *c) for v in ("spk-ff", "spk-full") for s in (5, 6) for c in conditions}
    assert set(keys) == expected and len(found) == len(expected)
    assert (found["images"] == 60).all() and found["accuracy"].between(0, 1).all()
    # 60 images learned 4 times are enough to be far from chance, 10 % with an error of 4 %.
    assert found[(found["variant"] == "spk-ff") & (found["task"] == "clean")]["accuracy"].min() > 0.4


def test_accuracies_are_those_of_the_networks(result):
    """Measured again, by other means, in one condition."""
    found = pd.read_csv(result / "tasks.csv")
    dataset = digits().limited(60, 60)
    setup = Networks(limit=60, epochs=4, seed=5)
    with setup.learned("spk-full", seed=6) as memory:
        z = memory.recall(dataset.train_images.reshape(60, 64)).z["feedforward"]["HID"]
        readout = train_readout(z, dataset.train_labels)
        cues = make_cues("completion", dataset.test_images, 0.6, 6).reshape(60, 64)
        z = memory.recall(cues).z
    for variant, moment in (("spk-ff", "feedforward"), ("spk-full", "attractor")):
        right = (readout.predict(z[moment]["HID"]) == dataset.test_labels).mean()
        rows = found[(found["variant"] == variant) & (found["seed"] == 6)]
        row = rows[(rows["task"] == "completion") & (rows["difficulty"] == 0.6)]
        assert row["accuracy"].item() == pytest.approx(right)


def test_summary_says_what_the_figure_shows(result):
    summary = json.loads((result / "summary.json").read_text())
    found = pd.read_csv(result / "tasks.csv")
    assert summary["variants"] == ["spk-full", "spk-ff"] and summary["seeds"] == [5, 6]
    assert summary["difficulties"] == [0.6, 1.0] and summary["chance"] == 0.1
    assert summary["networks"]["spk"]["f_max"] == "1000.0 Hz"
    assert summary["parameters"]["populations"]["HID"] == [30, 30]
    for variant in summary["variants"]:
        for task, difficulty in (("clean", 0.0), ("rivalry", 1.0)):
            of_seeds = values(found, variant, task, difficulty)
            said = summary["accuracy"][variant][task][str(difficulty)]
            assert said["mean"] == pytest.approx(of_seeds.mean())
            assert said["sd"] == pytest.approx(of_seeds.std(ddof=1))
    said = summary["attractor_minus_ff"]["spk"]["distortion"]["0.6"]["mean"]
    gain = [values(found, f"spk-{kind}", "distortion", 0.6).mean() for kind in ("full", "ff")]
    assert said == pytest.approx(gain[0] - gain[1])
    assert set(summary["files"]) == {
        "tasks.csv", "tasks.jsonl", "accuracy.csv", "cues.npz", "tasks.png", "tasks.svg"
    }


def test_the_picture_is_not_blank(result):
    picture = imread(result / "tasks.png")
    assert min(picture.shape[:2]) > 300 and picture[..., :3].std() > 0.05


def test_pictures_are_drawn_again_from_the_folder_alone(result, tmp_path):
    assert_redrawn(tasks, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_measures_what_is_missing(result, tmp_path, monkeypatch):
    """Here the last network's last two conditions, and all of them end up in the same table."""
    pieces = len((result / "tasks.jsonl").read_text().splitlines())
    out = stopped(result, tmp_path / "out", "tasks", lambda number: number < pieces - 2)
    measured, cues_for = [], protocols.tasks.cues_for

    def noted(task, dataset, difficulty, seed):
        measured.append((task, difficulty))
        return cues_for(task, dataset, difficulty, seed)

    monkeypatch.setattr(protocols.tasks, "cues_for", noted)
    results = tasks(resume=out)
    assert measured == [("distortion", 0.6), ("distortion", 1.0)]
    for name in ("tasks.csv", "accuracy.csv"):
        assert (out / name).read_bytes() == (result / name).read_bytes()
    assert "spk-full" in tasks.report(results)


@pytest.mark.usefixtures("undrawn")
def test_networks_added_later_make_the_same_tables(result, tmp_path):
    arguments = ["--variants", "spk-full,spk-ff", "--difficulties", "0.6,1"]
    out = tasks.run([*SMALL, *arguments, "--out", str(tmp_path / "out")]).path
    tasks(resume=out, seeds=2)
    for name in ("tasks.csv", "accuracy.csv"):
        assert (out / name).read_bytes() == (result / name).read_bytes()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--variants", "spk-ff,spk"], "'spk' is no published variant: choose from rate-ff"),
        (["--variants", "spk-calibrated"], "calibrated ones are compared by python -m protocols.cal"),
        (["--variants", "spk-ff,spk-ff"], "spk-ff is there twice"),
        (["--variants", ""], "'' is no published variant"),
        (["--difficulties", "0,0.5"], "difficulty 0 is there anyway"),
        (["--difficulties", "1.5"], "--difficulties: '1.5' is no difficulty: give a number from 0 to 1"),
        (["--task-images", "0"], "--task-images: '0' is no whole number of 1 or more"),
        (["--limit-test", "1"], "rivalry needs another image: give --limit-test 2 or more"),
    ],
)
def test_bad_options(arguments, message, tmp_path):
    with pytest.raises(ValueError) as error:
        tasks.run([*arguments, "--out", str(tmp_path / "out")])
    assert message in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_values_that_no_network_can_have(tmp_path):
    with pytest.raises(ValueError, match="f_max \\* dt must not exceed 1"):
        tasks.run(["--f-max", "2000", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_one_variant_can_be_named_as_elsewhere(tmp_path):
    """By --variant, which the other protocols have."""
    tasks.run([*SMALL, "--variant", "spk-ff", "--difficulties", "1", "--out", str(tmp_path / "out")])
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["variants"] == ["spk-ff"] and summary["attractor_minus_ff"] == {}
