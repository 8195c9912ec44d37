"""Connections over training and preferences: what is drawn, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from small import SMALL

from cortical_bcpnn.drawing.receptive_fields import draw_connections, draw_preferences
from protocols.receptive_fields import receptive_fields


def test_maps_of_connections():
    """Two hypercolumns on 2 x 2 pixels at two times."""
    rng = np.random.default_rng(0)
    maps = {name: rng.random((2, 2, 4)) < 0.5 for name in ("feedforward", "feedback")}
    figure = draw_connections([0, 2000], maps)
    axes = np.array(figure.axes).reshape(2, 2, 2)  # projection, time, hypercolumn
    for block, of_all in zip(axes, maps.values()):
        for ax, connected in zip(block.ravel(), of_all.reshape(4, 4)):
            np.testing.assert_array_equal(ax.images[0].get_array().ravel(), connected)
    assert [ax.get_ylabel() for ax in axes[0, :, 0]] == ["0", "2,000"]
    assert "listen to hidden hypercolumns 0–1" in " ".join(text.get_text() for text in figure.texts)
    plt.close(figure)


def test_preferences_are_drawn_on_one_scale():
    """Two minicolumns of three hypercolumns, a column each."""
    preferred = np.random.default_rng(1).normal(size=(3, 2, 4))
    preferred[0, :, 1] = np.nan  # not connected
    figure = draw_preferences(preferred)
    axes = np.array(figure.axes[:6]).reshape(2, 3)  # rank, hypercolumn
    for h, column in enumerate(axes.T):
        for ax, expected in zip(column, preferred[h], strict=True):
            shown = np.ma.filled(ax.images[0].get_array(), np.nan).ravel()
            np.testing.assert_array_equal(shown, expected)
    limits = {ax.images[0].get_clim() for ax in axes.ravel()}
    assert len(limits) == 1 and sum(limits.pop()) == 0
    plt.close(figure)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("receptive_fields") / "out"
    receptive_fields.run([*SMALL, "--seeds", "2", "--out", str(out)])
    return out


def test_table_and_summary(result):
    """240 patterns: connections at the start, after the rewiring at 200, and at the end."""
    table = pd.read_csv(result / "connections.csv")
    assert list(table["patterns"]) == [0, 0, 200, 200, 240, 240] * 2
    feedforward = table[table["projection"] == "feedforward"]
    assert (feedforward["fewest"] == 24).all() and (feedforward["most"] == 24).all()
    assert (table[table["projection"] == "feedback"]["covered"] == 64).all()
    last = table[table["patterns"] >= 200]
    assert (last["overlap"] == 1).all() and (table[table["patterns"] == 0]["overlap"] < 0.7).all()
    summary = json.loads((result / "summary.json").read_text())
    assert summary["seeds"] == [5, 6] and summary["pixels"] == 64
    found = summary["connections"]["feedforward"]
    assert found["patterns"] == [0, 200, 240] and found["overlap"][-1] == 1
    mean = feedforward.groupby("patterns")["extent"].mean()
    assert found["extent"] == pytest.approx(mean.tolist())


@pytest.mark.parametrize("name", ["connections", "preferences"])
def test_pictures(result, name):
    picture = imread(result / f"{name}.png")
    assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.05


def test_pictures_are_drawn_again(result, tmp_path):
    assert_redrawn(receptive_fields, result, tmp_path / "copy")


def test_fewer_can_be_shown_but_not_more_than_there_are(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="hypercolumns is 31: the hidden population has 30"):
        receptive_fields.run([*SMALL, "--hypercolumns", "31", "--out", str(out)])
    with pytest.raises(ValueError, match="minicolumns is 40: the hidden population has 30"):
        receptive_fields.run([*SMALL, "--minicolumns", "40", "--out", str(out)])
    assert not out.exists()
    receptive_fields.run([*SMALL, "--hypercolumns", "4", "--minicolumns", "2", "--out", str(out)])
    assert imread(out / "preferences.png").shape[1] < 900
