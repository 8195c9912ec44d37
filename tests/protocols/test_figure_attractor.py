"""Strips of images through a recall: what is drawn, and the protocol end to end in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from small import SMALL

from cortical_bcpnn import VARIANTS, AssociativeMemory, Parameters
from cortical_bcpnn.analysis.timecourse import time_bins
from cortical_bcpnn.drawing.attractor import Strips, draw_attractor
from protocols.attractor import attractor

PROTOCOL = VARIANTS["spspk-full"].recall_protocol()
BINS = time_bins(PROTOCOL, Parameters(), 16)
ROWS = ("INP spikes", "INP z", "INPRC spikes", "INPRC z")


def make_strips(rows=ROWS, seed: int = 0) -> Strips:
    rng = np.random.default_rng(seed)
    images = {row: 2 * rng.random((16, 3, 3)) - 1 for row in rows}
    table = pd.DataFrame(rng.random((400, 4)), columns=["similarity", "sd", "others", "inp"])
    table["time_ms"] = np.arange(1.0, 401)
    return Strips(rng.random((3, 3)), rng.random((3, 3)), images, table, 0.7)


@pytest.fixture
def axes():
    """Axes of a drawing, by task: images, similarity, original, cue and colour bar."""

    def draw(tasks: dict[str, Strips]):
        figure = draw_attractor(tasks, BINS, PROTOCOL, Parameters())
        return dict(zip(tasks, np.array(figure.axes, object).reshape(len(tasks), 5)))

    yield draw
    plt.close("all")


def test_images_are_at_their_times(axes):
    tasks = {"completion": make_strips(), "rivalry": make_strips(seed=1)}
    for title, (images, _, original, cue, _) in axes(tasks).items():
        assert [label.get_text() for label in images.get_yticklabels()] == list(ROWS)
        assert len(images.images) == 4 * 16
        for number, image in enumerate(images.images):
            row, time = divmod(number, 16)
            np.testing.assert_array_equal(image.get_array(), tasks[title].images[ROWS[row]][time])
            left, right, bottom, top = image.get_extent()
            assert 25 * time < left < right < 25 * (time + 1)
            assert bottom < -row < top and image.get_clim() == (-1, 1)
        np.testing.assert_array_equal(original.images[0].get_array(), tasks[title].original)
        np.testing.assert_array_equal(cue.images[0].get_array(), tasks[title].cue)


def test_lines_are_similarities(axes):
    strips = make_strips()
    ax = axes({"completion": strips})["completion"][1]
    for line, column in zip(ax.lines, ("similarity", "others", "inp")):
        np.testing.assert_array_equal(line.get_ydata(), strips.similarity[column])
        np.testing.assert_array_equal(line.get_xdata(), strips.similarity["time_ms"])
    assert list(ax.lines[3].get_ydata()) == [0.7, 0.7]
    assert ax.get_xlim() == (0, 400) and ax.get_xlabel() == "time (ms)"


def test_without_spikes_there_are_rows_of_traces_only(axes):
    images = axes({"completion": make_strips(ROWS[1::2])})["completion"][0]
    assert [label.get_text() for label in images.get_yticklabels()] == ["INP z", "INPRC z"]
    names = [text.get_text() for text in images.texts]
    assert names == ["gap", "feedforward", "overlap", "recurrent"]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A run that was stopped after two tasks, and then resumed."""
    out = tmp_path_factory.mktemp("attractor")
    recall, calls = AssociativeMemory.recall, []

    def interrupted(self, *arguments, **options):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(arguments)
        return recall(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AssociativeMemory, "recall", interrupted)
        with pytest.raises(KeyboardInterrupt):
            attractor.run([*SMALL, "--mean-images", "6", "--image", "4", "--out", str(out)])
    before = pd.read_csv(out / "similarity_over_time.csv")
    assert before["task"].unique().tolist() == ["completion", "rivalry"]
    attractor.run(["--resume", str(out)])
    after = pd.read_csv(out / "similarity_over_time.csv")
    pd.testing.assert_frame_equal(after[: len(before)], before)
    return out


def test_protocol(result):
    summary = json.loads((result / "summary.json").read_text())
    courses = pd.read_csv(result / "similarity_over_time.csv")
    table = pd.read_csv(result / "similarity.csv")
    assert len(courses) == 3 * 400 and len(table) == 3 * 4 and (table["images"] == 6).all()
    assert summary["shown_image"] == 4 and summary["difficulty"] == 0.6
    for _, row in table.iterrows():
        task, phase = row["task"], row["phase"]
        same = (courses["task"] == task) & (courses["time_ms"] == row["time_ms"])
        assert courses[same]["similarity"].item() == row["similarity"]
        assert summary["similarity"][task][phase] == pytest.approx(row["similarity"])
        assert summary["inp_similarity"][task][phase] == pytest.approx(row["inp"])
        assert summary["cue_similarity"][task] == pytest.approx(row["cue"])
    assert table["time_ms"].tolist() == [100, 200, 250, 400] * 3
    # While it is clamped INP looks like the image; by then INPRC looks more like it than before.
    completion = table[table["task"] == "completion"].set_index("phase")
    assert completion["inp"]["feedforward"] > completion["inp"]["gap"] + 0.1
    assert completion["similarity"]["feedforward"] > completion["others"]["feedforward"] + 0.05
    picture = imread(result / "attractor.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05


def test_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(attractor, result, tmp_path / "copy")


def test_image_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="--image names test image 60: digits has 60 here"):
        attractor.run([*SMALL, "--image", "60", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_bad_difficulty_is_named():
    with pytest.raises(ValueError, match="--difficulty.*'-1' is no difficulty: give a number from 0"):
        attractor.run(["--difficulty", "-1"])
