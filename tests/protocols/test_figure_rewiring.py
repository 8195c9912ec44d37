"""Flips and scores over training: what is drawn, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.analysis.connectivity import describe_rewiring
from cortical_bcpnn.drawing.rewiring import draw_rewiring
from protocols.rewiring import rewiring

SMALL = ["--limit", "60", "--epochs", "7", "--jobs", "2"]


def table(n_networks: int) -> pd.DataFrame:
    rows = [
        (seed, patterns, name, 10 * seed + patterns // 200, seed + patterns / 1000)
        for seed in range(n_networks)
        for patterns in (200, 400, 600)
        for name in ("feedforward", "feedback")
    ]
    return pd.DataFrame(rows, columns=["seed", "patterns", "projection", "flips", "score"])


def test_one_network_is_drawn_as_it_is():
    figure = draw_rewiring(table(1).drop(columns="seed"))
    flips, feedforward, feedback = figure.axes
    for line in flips.lines:
        np.testing.assert_array_equal(line.get_xydata(), [[200, 1], [400, 2], [600, 3]])
    for ax in (feedforward, feedback):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.2, 0.4, 0.6])
        assert ax.get_xscale() == "log" and ax.get_ylim()[0] == 0 and not ax.collections
    plt.close(figure)


def test_several_networks_are_drawn_as_mean_and_deviation():
    """Flips of seeds 0 to 2 are 0, 10 and 20 apart from the common part: 10 ± 10."""
    figure = draw_rewiring(table(3))
    flips = figure.axes[0]
    np.testing.assert_allclose(flips.lines[0].get_ydata(), [11, 12, 13])
    band = {tuple(point) for point in flips.collections[0].get_paths()[0].vertices}
    assert {(200, 1), (200, 21), (600, 3), (600, 23)} <= band
    assert flips.get_legend().get_title().get_text() == "mean ± SD of 3 networks"
    plt.close(figure)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("rewiring") / "out"
    rewiring.run([*SMALL, "--seeds", "2", "--out", str(out)])
    return out


def test_tables_and_summary(result):
    table, summary_table = (pd.read_csv(result / f"{n}.csv") for n in ("rewiring", "summary"))
    assert list(table["patterns"]) == [200, 200, 400, 400] * 2
    assert list(table["seed"]) == [0] * 4 + [1] * 4
    pd.testing.assert_frame_equal(describe_rewiring(table), summary_table)
    summary = json.loads((result / "summary.json").read_text())
    assert summary["seeds"] == [0, 1]
    found = summary["rewiring"]["feedback"]
    rows = summary_table[summary_table["projection"] == "feedback"]
    assert found["connections"] == 64 * 5
    assert found["flips_first"]["mean"] == pytest.approx(rows["flips_first"].mean())
    assert found["score_last"]["sd"] == pytest.approx(rows["score_last"].std())


def test_picture(result):
    picture = imread(result / "rewiring.png")
    assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.05


def test_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(rewiring, result, tmp_path / "copy")


def test_learning_too_short_to_rewire(tmp_path):
    with pytest.raises(ValueError, match="180 patterns are shown.*rewired every 200: give more"):
        rewiring.run(["--limit", "60", "--epochs", "3", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
