"""Prototypes: what is drawn, and the protocol in small."""

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

from cortical_bcpnn.drawing.prototypes import draw_prototypes
from protocols.prototypes import TABLES, prototypes


@pytest.fixture
def drawn():
    """Seven prototypes of classes 0 and 3, six of them of class 0."""
    rng = np.random.default_rng(0)
    histogram = pd.DataFrame({"low": [0, 0.5], "high": [0.5, 1], "within": [0.1, 0.9],
                              "between": [0.8, 0.2]})  # fmt: skip
    counts = pd.DataFrame({"s_min": [0.2, 0.6, 0.2, 0.6], "prototypes": [2, 8, 4, 10]})
    table = pd.DataFrame({"label": [0, 0, 3, 0, 0, 0, 0], "members": [1, 9, 5, 7, 3, 8, 2],
                          "purity": [1, 0.5, 0.8, 1, 1, 1, 1]})  # fmt: skip
    images, averages = rng.random((7, 4, 4)), {0: rng.random((4, 4)), 3: rng.random((4, 4))}
    figure = draw_prototypes(histogram, counts, 0.6, table, images, averages)
    yield figure, images, averages
    plt.close(figure)


def axes(figure) -> list:
    return [ax for panel in figure.subfigs for ax in panel.axes]


def test_histogram_and_counts(drawn):
    left, right = axes(drawn[0])[:2]
    outlines = [patch for patch in left.patches if not patch.get_fill()]
    np.testing.assert_allclose([patch.get_data().values for patch in outlines], [[10, 90], [80, 20]])
    line, threshold = right.lines
    np.testing.assert_allclose(line.get_xydata(), [[0.2, 3], [0.6, 9]])
    assert right.get_yscale() == "log" and threshold.get_xdata()[0] == 0.6
    band = right.collections[0].get_paths()[0].vertices
    assert {(0.2, 2), (0.2, 4), (0.6, 8), (0.6, 10)} <= {tuple(point) for point in band}


def test_prototypes_are_below_the_average_of_their_class(drawn):
    """Those of most members come first; beyond four the number of the others is said."""
    figure, images, averages = drawn
    grid = np.array(axes(figure)[2:]).reshape(5, 2)
    expected = [[averages[0], *images[[1, 5, 3, 4]]], [averages[3], images[2]]]
    for column, shown in zip(grid.T, expected):
        found = [ax.images[0].get_array() for ax in column if ax.images]
        np.testing.assert_array_equal(found, shown)
    titles = [ax.get_title() for ax in grid[:, 0]]
    assert titles == ["class 0", "9, 50%", "8, 100%", "7, 100%", "3, 100%"]
    assert grid[-1, 0].get_xlabel() == "+ 2 more"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("prototypes") / "out"
    prototypes.run([*SMALL, "--seeds", "2", "--out", str(out)])
    return out


def test_tables_fit_together(result):
    summary = json.loads((result / "summary.json").read_text())
    counts, table = (pd.read_csv(result / f"{name}.csv") for name in ("counts", "prototypes"))
    assert summary["seeds"] == [5, 6] and summary["recalled_images"] == 60
    assert (table.groupby("seed")["members"].sum() == 60).all()
    assert table["purity"].between(0.1, 1).all() and table["own"].between(-1, 1).all()
    for seed in (5, 6):
        number = counts[(counts["seed"] == seed) & (counts["s_min"] == summary["s_min"])]
        assert number["prototypes"].item() == (table["seed"] == seed).sum()
    images = np.load(result / "images.npz")["prototypes"]
    assert images.shape == ((table["seed"] == 5).sum(), 8, 8)
    assert images.min() >= 0 and images.max() <= 1
    shares = pd.read_csv(result / "histogram.csv").groupby("seed")[["within", "between"]].sum()
    np.testing.assert_allclose(shares, 1)
    assert summary["counts"]["prototypes"] == pytest.approx(
        counts.groupby("s_min")["prototypes"].mean().tolist()
    )


def test_picture(result):
    picture = imread(result / "prototypes.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05


def test_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(prototypes, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    """With the second network only; all comes out the same."""
    folder = stopped(result, tmp_path / "stopped", TABLES[0], lambda number: number == 0)
    prototypes.run(["--resume", str(folder)])
    for name in TABLES:
        assert (folder / f"{name}.csv").read_bytes() == (result / f"{name}.csv").read_bytes(), name
    one, two = (json.loads((path / "summary.json").read_text()) for path in (folder, result))
    assert one["prototypes"] == two["prototypes"] and one["s_min"] == two["s_min"]


def test_another_threshold_gives_other_prototypes(result, tmp_path):
    """At 0 nearly all states are one; --images leaves the others out."""
    out = tmp_path / "out"
    prototypes.run([*SMALL, "--s-min", "0.01", "--images", "40", "--out", str(out)])
    table = pd.read_csv(out / "prototypes.csv")
    assert table["members"].sum() == 40
    assert len(table) < (pd.read_csv(result / "prototypes.csv")["seed"] == 5).sum()


@pytest.mark.parametrize("value", ["1", "-0.1", "high"])
def test_bad_threshold(value):
    with pytest.raises(ValueError, match=f"'{value}' is no similarity: give a number of 0 or more"):
        prototypes.run([f"--s-min={value}"])
