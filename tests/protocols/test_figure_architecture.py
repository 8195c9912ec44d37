"""The drawing of the network: numbers, phases, other architectures, and the protocol."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import ms
from matplotlib.colors import to_hex
from matplotlib.image import imread
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from redrawing import assert_redrawn
from tiny import tiny_memory

from cortical_bcpnn import (
    VARIANTS,
    Architecture,
    Parameters,
    Phase,
    Population,
    Projection,
    associative_memory,
)
from cortical_bcpnn.analysis.connectivity import projection_table
from cortical_bcpnn.drawing.architecture import draw_architecture
from cortical_bcpnn.drawing.scheme import columns, projection_colours
from protocols.architecture import architecture

PAPER = associative_memory(784)
VARIANT = VARIANTS["spspk-full"]


@pytest.fixture
def draw():
    """Axes of a drawing: scheme, learning, recall and equations."""

    def draw(network=PAPER, learning=None, recall=None):
        learning, recall = learning or VARIANT.learning_protocol(), recall or VARIANT.recall_protocol()
        return draw_architecture(network, Parameters(), learning, recall).axes

    yield draw
    plt.close("all")


def words(ax) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def parts(ax, kind: type) -> list:
    return [patch for patch in ax.patches if type(patch) is kind]


def test_numbers_of_the_paper(draw):
    scheme = draw()[0]
    for text in ("784 hypercolumns\nof 2 minicolumns", "30 hypercolumns\nof 100 minicolumns",
                 "fan-in 78 of 784, rewired\n468,000 of 4,704,000 pairs connected",
                 "fan-in 30 of 30, not rewired\nall 9,000,000 pairs connected",
                 "fan-in 5 of 30, rewired\n784,000 of 4,704,000 pairs connected\n"
                 "learned by active HID (pre)"):  # fmt: skip
        assert text in words(scheme)


def test_hypercolumns_minicolumns_and_connections(draw):
    """Of each population four hypercolumns in a frame, of HID six places with one for '…'."""
    scheme = draw()[0]
    assert len(parts(scheme, FancyBboxPatch)) == 3 * (1 + 4)
    circles = [patch for patch in parts(scheme, Circle) if patch.zorder == 4]
    assert len(circles) == 4 * (2 + 6 + 2)
    active = [patch for patch in circles if patch.get_facecolor() != (1, 1, 1, 1)]
    assert len(active) == 3 * 4  # one in each hypercolumn
    # Feedforward and feedback from four to four hypercolumns, and the loop
    arrows = parts(scheme, FancyArrowPatch)
    assert len(arrows) == 2 * 16 + 1
    silent = [arrow for arrow in arrows if arrow.get_linestyle() != "-"]
    assert 0 < len(silent) < 32


def test_populations_do_not_overlap(draw):
    frames = [p.get_window_extent() for p in parts(draw()[0], FancyBboxPatch) if p.zorder == 1]
    assert [frame.x0 for frame in frames] == sorted(frame.x0 for frame in frames)
    assert all(left.x1 < right.x0 for left, right in zip(frames, frames[1:]))


def bars(ax) -> dict[str, list[tuple[float, float]]]:
    """Start and end of the bars in each row, by colour."""
    found: dict[str, list[tuple[float, float]]] = {}
    for bar in ax.patches:
        if 0.5 < bar.get_height() < 0.9:  # phases are shaded over the whole height
            span = (float(bar.get_x()), float(bar.get_x() + bar.get_width()))
            found.setdefault(to_hex(bar.get_facecolor()).upper(), []).append(span)
    return found


def test_bars_show_what_is_on(draw):
    _, learning, recall, _ = draw()
    labels = [label.get_text() for label in learning.get_yticklabels()]
    assert labels == ["INP clamped", "INPRC clamped", "feedforward on", "recurrent on", "feedback on"]
    colours = projection_colours(PAPER)
    assert bars(learning)[colours["feedforward"]] == [(0, 100)]
    shown = bars(recall)
    assert shown[colours["feedforward"]] == [(0, 100), (100, 200), (200, 250)]
    assert shown[colours["recurrent"]] == [(200, 250), (250, 400)]
    assert colours["recurrent"] not in bars(learning)
    assert list(recall.get_xticks()) == [0, 100, 200, 250, 400]
    read = next(line for line in recall.lines if line.get_marker() == 7)
    assert list(read.get_xdata()) == [200, 400]


def test_gains_other_than_one_are_written(draw):
    kept = [Phase(10 * ms, ("INP",), {"feedforward": 1, "recurrent": 0.1}, read="attractor")]
    recall = draw(recall=kept)[2]
    assert [text.get_text() for text in recall.texts if text.get_color() == "white"] == ["0.1"]


P, J = Population, Projection
OTHERS = {
    "one": Architecture(
        (P("A", 2, 5),), (J("a", "A", "A", 2, False, "post"), J("b", "A", "A", 1, True, "pre"))
    ),
    "no projections": Architecture((P("A", 1, 1), P("B", 3, 3)), ()),
    "branches": Architecture(
        (P("A", 50, 2), P("B", 6, 7), P("C", 3, 3), P("D", 9, 20)),
        (J("ab", "A", "B", 2, True, "post"), J("ac", "A", "C", 50, False, "post"),
         J("ad", "A", "D", 5, True, "post"), J("bd", "B", "D", 3, False, "post"),
         J("db", "D", "B", 1, True, "pre"), J("cb", "C", "B", 3, False, "post")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_architectures(draw, name):
    network = OTHERS[name]
    phases = [Phase(5 * ms, ("A",), {p.name: 0.5 for p in network.projections}, read="end")]
    scheme, *_ = draw(network, phases, phases)
    for item in (*network.populations, *network.projections):
        assert item.name in words(scheme).split("\n")
    inside = scheme.get_window_extent()
    for patch in parts(scheme, FancyBboxPatch):
        assert inside.contains(*patch.get_window_extent().min)
        assert inside.contains(*patch.get_window_extent().max)


def test_columns_follow_projections():
    """C comes before B among the populations' projections, so that D is right of both."""
    assert columns(PAPER) == {"INP": 0, "HID": 1, "INPRC": 2}
    assert columns(OTHERS["branches"]) == {"A": 0, "B": 1, "C": 1, "D": 2}


def test_table_counts_what_the_network_has():
    memory = tiny_memory()
    variant = memory.parameters.variant
    table = projection_table(memory, variant.learning_protocol(), variant.recall_protocol())
    table = table.set_index("projection")
    minicolumns = {"INP": 2, "HID": 5, "INPRC": 2}
    for name, row in table.iterrows():
        connected = np.kron(
            memory.connections(name), np.ones((minicolumns[row["pre"]], minicolumns[row["post"]]))
        )
        assert row["synapses"] == connected.sum() and row["plastic_pairs"] == connected.size
        assert row["connections"] == memory.connections(name).sum()
    assert table["fan_in"].tolist() == [4, 4, 2] and table["available"].tolist() == [9, 4, 4]
    assert table.loc["recurrent", "on_in_learning"] == ""
    assert table.loc["recurrent", "on_in_recall"] == "overlap recurrent"
    assert table.loc["feedforward", "on_in_learning"] == "feedforward"


def test_protocol(tmp_path):
    out = tmp_path / "out"
    architecture.run(["--hidden", "12x7", "--variant", "spk-full", "--out", str(out)])
    summary = json.loads((out / "summary.json").read_text())
    assert summary["minicolumns"] == {"INP": 128, "HID": 84, "INPRC": 128}
    assert summary["projections"]["feedforward"]["synapses"] == 12 * 24 * 2 * 7
    assert summary["projections"]["recurrent"]["rewired"] is False
    assert summary["totals"]["plastic_pairs"] == 2 * 128 * 84 + 84 * 84
    recall = summary["phases"]["recall"]
    assert [(p["name"], p["duration"]) for p in recall] == [
        ("gap", "25.0 ms"), ("feedforward", "25.0 ms"), ("overlap", "25.0 ms"), ("recurrent", "50.0 ms")
    ]  # fmt: skip
    assert len(pd.read_csv(out / "projections.csv")) == 3
    picture = imread(out / "architecture.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05
    assert_redrawn(architecture, out, tmp_path / "copy")


def test_a_gain_that_is_open_is_drawn_as_on(tmp_path):
    results = architecture(variant="spspk-calibrated", out=tmp_path / "out")
    recall = results.figures["architecture"].axes[2]
    assert projection_colours(PAPER)["recurrent"] in bars(recall)
    assert "plastic pairs" in architecture.report(results)


def test_protocol_refuses_what_does_not_fit(tmp_path):
    with pytest.raises(ValueError, match="fan-in of the feedforward projection is 65"):
        architecture.run(["--fan-in", "65", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
