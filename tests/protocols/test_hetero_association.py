"""Images and labels that recall each other: what is drawn, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from stopping import stopped

from cortical_bcpnn.data.stimuli import make_cues
from cortical_bcpnn.drawing.association import draw_association
from cortical_bcpnn.experiments import Setup
from cortical_bcpnn.model.architectures import hetero_associative
from protocols.hetero_association import hetero_association

SMALL = ["--limit", "40", "--epochs", "2", "--hidden", "6x7", "--jobs", "1", "--variant", "rate-full",
         "--difficulties", "0.5"]  # fmt: skip
TASKS = ("completion", "rivalry", "distortion")


# --- Figure ------------------------------------------------------------------------------


@pytest.fixture
def figure():
    """Two networks and two tasks, two labels with images of their own."""
    rows = [
        {"seed": seed, "task": task, "difficulty": difficulty, "moment": moment,
         "accuracy": 0.9 - difficulty / 2 - 0.1 * seed - 0.3 * (moment == "attractor")}
        for seed in (0, 1) for moment in ("feedforward", "attractor")
        for task, difficulty in (("clean", 0.0), ("completion", 0.6), ("rivalry", 1.0))
    ]  # fmt: skip
    images, means = ({label: np.full((3, 3), level + label / 10) for label in (4, 7)}
                     for level in (0.1, 0.2))  # fmt: skip
    figure = draw_association(pd.DataFrame(rows), 0.25, images, means)
    yield figure
    plt.close(figure)


def test_lines_are_means_over_networks(figure):
    """Clean images at difficulty 0 of both panels."""
    for ax, task, difficulty in zip(figure.axes, ("completion", "rivalry"), (0.6, 1.0)):
        feedforward, attractor, chance = ax.lines
        assert ax.get_title() == f"label from image: {task}"
        for line, less in ((feedforward, 0), (attractor, 30)):
            np.testing.assert_allclose(line.get_xydata(), [[0, 85 - less],
                                                           [difficulty, 85 - 50 * difficulty - less]])
        assert set(chance.get_ydata()) == {25.0}
        corners = ax.collections[0].get_paths()[0].vertices
        at_0 = corners[corners[:, 0] == 0, 1]
        sd = np.std([90, 80], ddof=1)
        assert (at_0.min(), at_0.max()) == (pytest.approx(85 - sd), pytest.approx(85 + sd))


def test_images_stand_over_the_means_of_their_classes(figure):
    panels = [ax for ax in figure.axes if ax.images]
    levels = [float(ax.images[0].get_array()[0, 0]) for ax in panels]
    assert levels == pytest.approx([0.5, 0.8, 0.6, 0.9])
    assert [ax.get_title() for ax in panels] == ["4", "7", "", ""]
    assert [ax.get_ylabel() for ax in panels] == ["recalled", "", "class mean", ""]


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("association") / "out"
    hetero_association.run([*SMALL, "--seeds", "2", "--out", str(out)])
    return out


def test_tables_and_summary(result):
    labels, images = (pd.read_csv(result / f"{name}.csv") for name in ("labels", "images"))
    keys = labels[["seed", "task", "difficulty", "moment"]].itertuples(index=False, name=None)
    conditions = [("clean", 0.0), *((task, 0.5) for task in TASKS)]
    moments = ("feedforward", "attractor")
    assert list(keys) == [(s, *c, m) for s in (0, 1) for c in conditions for m in moments]
    assert (labels["images"] == 40).all() and labels["accuracy"].between(0, 1).all()
    assert list(zip(images["seed"], images["label"])) == [(s, n) for s in (0, 1) for n in range(10)]
    summary = json.loads((result / "summary.json").read_text())
    assert summary["chance"] == 0.1 and summary["parameters"]["fan_in"]["label"] == 1
    found = summary["image_from_label"]
    assert found["own"] == pytest.approx(images["own"].mean())
    assert found["most_like_own"] == (images["own"] > images["closest_other"]).mean()
    # 40 images of 10 classes: chance is 10 % with a standard error of 5 %.
    clean = labels[(labels["task"] == "clean") & (labels["moment"] == "feedforward")]
    assert clean["accuracy"].mean() > 0.3


def test_both_ways_are_those_of_the_network(result):
    """Learned and recalled again, by hand."""
    setup = Setup(limit=40, epochs=2, hidden=(6, 7), jobs=1, variant="rate-full", seed=1)
    shown = setup.data
    images, cues = (array.reshape(len(array), -1) for array in (
        shown.train_images, make_cues("completion", shown.test_images, 0.5, 1)))  # fmt: skip
    with setup.network(architecture=hetero_associative(64, 10, (6, 7), 24)) as memory:
        setup.learn(memory, patterns={"INP": images, "INPRC": images, "OUT": shown.train_labels})
        labels = memory.recall({"INP": cues}).z["attractor"]["OUT"].argmax(axis=1)
        recalled = memory.recall({"OUT": np.repeat(np.arange(10), 20)}).reconstruction
    table = pd.read_csv(result / "labels.csv")
    row = table.set_index(["seed", "task", "moment"]).loc[(1, "completion", "attractor")]
    assert row["accuracy"] == (labels == shown.test_labels).mean()
    three = recalled[60:80].mean(axis=0)
    mean = images[shown.train_labels == 3].mean(axis=0)
    row = pd.read_csv(result / "images.csv").set_index(["seed", "label"]).loc[(1, 3)]
    assert row["own"] == pytest.approx(np.corrcoef(three, mean)[0, 1], abs=1e-5)


def test_picture_is_drawn_again(result, tmp_path):
    picture = imread(result / "hetero_association.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05
    assert_redrawn(hetero_association, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    """With the second network only; the tables come out the same."""
    folder = stopped(result, tmp_path / "stopped", "labels", lambda number: number == 0)
    results = hetero_association.run(["--resume", str(folder)])
    for name in ("labels.csv", "images.csv"):
        assert (folder / name).read_bytes() == (result / name).read_bytes()
    assert "images from labels: correlation" in hetero_association.report(results)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--dataset", "wine"], "wine has samples of shape .* where square grey images are needed"),
        (["--fan-in", "65"], "fan-in of the feedforward projection is 65: .* from 1 to 64"),
        (["--limit-test", "1"], "rivalry needs another image: give --limit-test 2 or more"),
        (["--difficulties", "0"], "--difficulties.*difficulty 0 is there anyway"),
        (["--hidden", "4x7"], "fan-in of the feedback projection is 5: .* from 1 to 4"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=message):
        hetero_association.run([*arguments, "--out", str(out)])
    assert not out.exists()
