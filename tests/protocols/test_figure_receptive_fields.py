"""Connections over training and preferences: what is drawn, and the protocol in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from small import SMALL

from cortical_bcpnn.drawing.receptive_fields import draw_connections, draw_preferences
from protocols import receptive_fields as protocol


def test_maps_of_connections():
    """Three hypercolumns on 2 x 2 pixels at two times, the second not among those shown."""
    rng = np.random.default_rng(0)
    maps = {
        patterns: {name: rng.random((3, 4)) < 0.5 for name in ("feedforward", "feedback")}
        for patterns in (2000, 0)
    }
    figure = draw_connections(maps, n_hypercolumns=2)
    axes = np.array(figure.axes).reshape(2, 2, 2)  # projection, time, hypercolumn
    for block, name in zip(axes, ("feedforward", "feedback")):
        for row, patterns in zip(block, (0, 2000)):
            for ax, connected in zip(row, maps[patterns][name]):
                np.testing.assert_array_equal(ax.images[0].get_array().ravel(), connected)
    assert [ax.get_ylabel() for ax in axes[0, :, 0]] == ["0", "2,000"]
    assert "listen to hidden hypercolumns 0–1" in " ".join(text.get_text() for text in figure.texts)
    plt.close(figure)


def test_preferences_of_the_busiest_minicolumns():
    rng = np.random.default_rng(1)
    preferred = rng.normal(size=(2, 3, 4))
    preferred[0, :, 1] = np.nan  # not connected
    bias = np.log([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    figure = draw_preferences(preferred, bias, shown=2)
    axes = np.array(figure.axes[:4]).reshape(2, 2)  # rank, hypercolumn
    for h, order in enumerate([(1, 2), (0, 2)]):
        for ax, minicolumn in zip(axes[:, h], order):
            shown = np.ma.filled(ax.images[0].get_array(), np.nan).ravel()
            np.testing.assert_array_equal(shown, preferred[h, minicolumn])
    low, high = axes[0, 0].images[0].get_clim()
    assert low == -high
    plt.close(figure)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("receptive_fields") / "out"
    protocol.main([*SMALL, "--seeds", "2", "--out", str(out)])
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


def test_fewer_can_be_shown_but_not_more_than_there_are(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="hypercolumns is 31: the hidden population has 30"):
        protocol.main([*SMALL, "--hypercolumns", "31", "--out", str(out)])
    with pytest.raises(ValueError, match="minicolumns is 40: the hidden population has 30"):
        protocol.main([*SMALL, "--minicolumns", "40", "--out", str(out)])
    assert not out.exists()
    protocol.main([*SMALL, "--hypercolumns", "4", "--minicolumns", "2", "--out", str(out)])
    assert imread(out / "preferences.png").shape[1] < 900
