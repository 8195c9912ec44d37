"""How many patterns a network holds: what is drawn, and the protocol in small."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from brian2 import prefs
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.analysis.capacity import capacities, willshaw_right
from cortical_bcpnn.drawing.capacity import draw_capacity, draw_forgetting_and_prototypes
from protocols.capacity import capacity

SMALL = ["--rules", "BCPNN,Willshaw", "--size", "3x3", "--loads", "1,3", "--probes", "1",
         "--kinds", "rate", "--seeds", "1", "--tau-p", "2", "--prototypes", "1", "--examples", "1,2",
         "--distorted", "0.3", "--missing", "0.34", "--wrong", "0.34",
         "--device", "runtime"]  # fmt: skip


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out, target = tmp_path_factory.mktemp("capacity") / "out", prefs.codegen.target
    prefs.codegen.target = "numpy"  # few synapses and time steps: nothing to compile
    try:
        return capacity.run([*SMALL, "--out", str(out)])
    finally:
        prefs.codegen.target = target


def test_tables_and_summary(result):
    recall, held = result.table("recall"), result.table("capacities")
    whole = recall[recall["cue"] != "one step"]
    assert len(whole) == 3 * 2 * 2 * 2  # patterns, loads, cues, rules
    assert set(recall["patterns"]) == {"random", "skewed", "clustered"}
    one_step = recall[recall["cue"] == "one step"]
    assert set(one_step["patterns"]) == {"random"} and set(one_step["rule"]) == {"Willshaw"}
    assert one_step["missing_theory"].tolist() == [willshaw_right(n, 3, 2) for n in (1, 3)]
    pd.testing.assert_frame_equal(held, capacities(recall))
    assert (whole[whole["stored"] == 1]["recalled"] == 1).all()  # a single pattern is recalled
    summary = result.summary()
    gains = result.table("gains").set_index("rule")["gain"].to_dict()
    assert summary["gains"] == {"rate": gains} and set(gains.values()) <= {1, 2, 4, 8, 16}
    assert (whole["gain"] == whole["rule"].map(gains)).all()
    assert list(summary["rules"]["rate"]["BCPNN"])[-3:] == ["span", "prototypes", "composite"]
    assert len(result.table("forgetting")) == 2 * 6  # rules, three tau_p


def test_pictures_are_drawn_again(result, tmp_path):
    for name in ("capacity", "forgetting_and_prototypes"):
        picture = imread(result.path / f"{name}.png")
        assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.05
    assert_redrawn(capacity, result.path, tmp_path / "copy")


def test_the_closing_table_is_the_summary(result):
    row = re.search(r"^BCPNN +.*$", capacity.report(result), re.MULTILINE)
    composite = result.summary()["rules"]["rate"]["BCPNN"]["composite"]
    assert row and row[0].split()[-1] == f"{composite:.2f}"


def test_curves_are_means_of_networks():
    rows = [
        {"kind": "rate", "patterns": "random", "cue": cue, "rule": rule, "seed": seed, "stored": n,
         "recalled": share - 0.1 * seed, "right": 1.0}
        for rule, less in (("A", 0), ("B", 0.2)) for cue in ("missing", "wrong") for seed in (0, 1)
        for n, share in ((10, 1 - less), (20, 0.7 - less))
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    figure = draw_capacity(table, capacities(table), (4, 2), 3)
    first, _, bits = figure.axes[:3]
    for line, less in zip(first.lines, (0, 20)):
        assert line.get_ydata() == pytest.approx([95 - less, 65 - less])
    assert bits.lines[0].get_ydata() == pytest.approx([10 * 4 / 48, 20 * 4 / 48])
    plt.close(figure)


@pytest.mark.parametrize(
    "taus, examples, panels", [([10], [1], 1), ([10, 30], [1], 3), ([10], [1, 2], 2)]
)
def test_what_was_not_varied_has_no_panel(taus, examples, panels):
    forgetting = pd.DataFrame(
        [{"tau_p": tau, "rule": "A", "seed": 0, "age": age, "recalled": age < tau}
         for tau in taus for age in range(40)]
    )  # fmt: skip
    prototypes = pd.DataFrame(
        [{"distortion": 0.2, "rule": "A", "seed": 0, "examples": n, "recalled": 0.5} for n in examples]
    )
    figure = draw_forgetting_and_prototypes(forgetting, prototypes)
    assert sum(ax.axison for ax in figure.axes) == panels
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A"]
    plt.close(figure)


@pytest.mark.parametrize(
    "given, message",
    [
        (["--size", "2x9"], "--size is 2x9: give 3x3 or more"),
        (["--missing", "0.01"], "--missing is 0.01, 0 of 10 hypercolumns: give a share of one or more"),
        (["--wrong", "1"], "--wrong is 1.0, 10 of 10 hypercolumns"),
        (["--rules", "BCPNN,Heb"], "rule 'Heb' is unknown: choose from BCPNN"),
        (["--device", "gpu"], "device 'gpu' is unknown"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(given, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        capacity.run([*given, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
