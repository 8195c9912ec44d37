"""Similarity matrices: what is drawn, and the protocol in small."""

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

from cortical_bcpnn.analysis.representations import orthogonality, similarity
from cortical_bcpnn.drawing.similarity import draw_similarity
from cortical_bcpnn.experiments import Setup
from protocols.similarity import similarity as protocol

POPULATIONS = ["INP", "HID", "INPRC"]


@pytest.fixture
def drawn():
    """Six images of classes 0, 2 and 5."""
    rng = np.random.default_rng(0)
    matrices = {m: {p: rng.random((6, 6)) for p in POPULATIONS} for m in ("feedforward", "attractor")}
    s_ortho = {m: {p: 1 + k + j / 10 for k, p in enumerate(POPULATIONS)} for j, m in enumerate(matrices)}
    figure = draw_similarity(matrices, np.array([0, 0, 2, 2, 2, 5]), s_ortho, ("attractor",))
    yield figure, matrices
    plt.close(figure)


def test_matrices_are_drawn_on_one_scale(drawn):
    figure, matrices = drawn
    panels = [ax for ax in figure.axes if ax.get_title()]
    expected = [matrices[moment][population] for moment in matrices for population in POPULATIONS]
    assert len(panels) == 6
    for ax, matrix in zip(panels, expected):
        np.testing.assert_array_equal(ax.images[0].get_array(), matrix)
        assert ax.images[0].get_clim() == (0, 1)
    assert figure.axes[-1].get_ylabel() == "cosine similarity of z"


def test_titles_name_population_moment_and_s_ortho(drawn):
    titles = [ax.get_title() for ax in drawn[0].axes if ax.get_title()]
    assert titles[1].startswith("HID, feedforward") and titles[1].endswith("= 2.00")
    assert titles[3].startswith("INP, attractor, cue withdrawn") and titles[3].endswith("= 1.10")
    assert sum("withdrawn" in title for title in titles) == 1


def test_matrices_averaged_down_cover_the_same_axes(drawn):
    """A quarter of the points; classes are where they were."""
    smaller = {m: {p: each[::2, ::2] for p, each in of.items()} for m, of in drawn[1].items()}
    s_ortho = {moment: dict.fromkeys(POPULATIONS, 1.0) for moment in smaller}
    figure = draw_similarity(smaller, np.array([0, 0, 2, 2, 2, 5]), s_ortho)
    before, after = (each.axes[0] for each in (drawn[0], figure))
    assert after.images[0].get_array().shape == (3, 3)
    for name in ("get_xlim", "get_ylim", "get_xticks", "get_yticks"):
        np.testing.assert_array_equal(getattr(after, name)(), getattr(before, name)())
    plt.close(figure)


def test_classes_are_marked(drawn):
    ax = drawn[0].axes[0]
    assert [line.get_ydata()[0] for line in ax.lines[::2]] == [1.5, 4.5]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "2", "5"]
    np.testing.assert_allclose(ax.get_xticks(), [0.5, 3, 5])


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("similarity") / "out"
    protocol.run([*SMALL, "--seeds", "2", "--images", "50", "--out", str(out)])
    return out


def test_summary_and_table(result):
    summary = json.loads((result / "summary.json").read_text())
    table = pd.read_csv(result / "s_ortho.csv")
    assert summary["seeds"] == [5, 6] and summary["compared_images"] == 50
    assert list(table["seed"]) == [5] * 6 + [6] * 6
    np.testing.assert_allclose(table["within"] / table["all"], table["s_ortho"])
    hid = table[(table["population"] == "HID") & (table["moment"] == "attractor")]["s_ortho"]
    found = summary["similarity"]["HID"]["attractor"]["s_ortho"]
    assert found == {"mean": pytest.approx(hid.mean()), "sd": pytest.approx(hid.std()), "n": 2}
    # Without the cue INP is random: the ratio is 1, within six standard errors of some 100 pairs.
    assert summary["similarity"]["INP"]["attractor"]["s_ortho"]["mean"] == pytest.approx(1, abs=0.03)


def test_table_is_that_of_the_network(result):
    """Recall once more, similarities from scratch."""
    setup = Setup(limit=60, epochs=4, jobs=1, seed=5)  # as SMALL says
    dataset = setup.data.limited(n_test=50)
    with setup.learned() as memory:
        z = memory.recall(dataset.test_images.reshape(50, -1)).z
    table = pd.read_csv(result / "s_ortho.csv")
    for _, row in table[table["seed"] == 5].iterrows():
        values = z[row["moment"]][row["population"]].astype(float)
        assert row["s_ortho"] == pytest.approx(orthogonality(values, dataset.test_labels), rel=1e-4)
        assert row["all"] == pytest.approx((similarity(values).sum() - 50) / 2450, rel=1e-4)


def test_picture(result):
    picture = imread(result / "similarity.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05


def test_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(protocol, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    """With the second network only; the table comes out the same."""
    table = pd.read_csv(result / "s_ortho.csv")
    folder = stopped(result, tmp_path / "stopped", "s_ortho", lambda number: number == 0)
    results = protocol.run(["--resume", str(folder)])
    pd.testing.assert_frame_equal(pd.read_csv(folder / "s_ortho.csv"), table)
    assert "sd of s_ortho" in protocol.report(results)


def test_feedforward_variant_has_one_moment(tmp_path):
    protocol.run([*SMALL, "--variant", "spspk-ff", "--out", str(tmp_path / "out")])
    table = pd.read_csv(tmp_path / "out" / "s_ortho.csv")
    assert list(table["population"]) == POPULATIONS and set(table["moment"]) == {"feedforward"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images", "400"], "images is 400: digits has 360 test images"),
        (["--images", "1"], "1 test images of 1 classes are too few"),
        (["--limit-test", "2"], "2 test images of 2 classes are too few.*--images or --limit-test"),
    ],
)
def test_bad_numbers_of_images(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        protocol.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
