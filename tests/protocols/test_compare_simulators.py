"""The twin by Brian2 and by NEST: what is drawn, what is refused, and the protocol in small."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.biophysical import nest_kernel
from cortical_bcpnn.biophysical.nest_kernel import has_nest
from cortical_bcpnn.biophysical.single_cells import SIMULATORS
from cortical_bcpnn.drawing.simulators import draw_cost, draw_recall_by_both
from cortical_bcpnn.experiments.two_simulators import conditions, p_plastic_within
from protocols.compare_simulators import compare_simulators
from protocols.simulator_costs import simulator_costs

SMALL = {
    compare_simulators: ["--patterns", "2", "--hypercolumns", "4", "--minicolumns", "3", "--seeds", "1"],
    simulator_costs: ["--sizes", "3", "--threads", "1", "--repeats", "2"],
}


# --- Pictures --------------------------------------------------------------------------------


def test_networks_lie_on_the_diagonal_where_simulators_agree():
    networks = pd.DataFrame({"stored": [4, 4, 10], "seed": [0, 1, 0], "cued": 4, "wrong": 0,
                             "measure": "mean firing rate", "unit": "Hz",
                             "Brian2": [2.0, 3.0, 4.0], "NEST": [2.0, 3.0, 5.0]})  # fmt: skip
    ax = draw_recall_by_both(networks, SIMULATORS).axes[0]
    diagonal, four, ten = ax.lines
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    assert list(four.get_xdata()) == list(four.get_ydata()) == [2, 3]
    assert list(ten.get_ydata()) == [5] and ax.get_title() == "mean firing rate (Hz)"


def test_cost_is_the_median():
    rows = [{"hypercolumns": n, "minicolumns": n, "cells": 32 * n * n, "simulator": s, "threads": t,
             "wall": wall, "cpu": wall, "memory_mb": 10.0 * n if t == 1 else None}
            for n in (9, 16) for s, t in (("Brian2", 1), ("NEST", 1), ("NEST", 2))
            for wall in (1.0, 2.0, 9.0)]  # fmt: skip
    wall, _, memory = draw_cost(pd.DataFrame(rows)).axes
    medians = [line for line in wall.lines if len(line.get_xdata()) == 2]
    assert len(medians) == 3 and all(list(line.get_ydata()) == [2, 2] for line in medians)
    assert len([line for line in memory.lines if len(line.get_xdata()) == 2]) == 2


# --- Sizes -----------------------------------------------------------------------------------


def test_large_networks_are_connected_more_sparsely():
    """81 minicolumns: 2430 cells with 6 synapses onto each of 72 others are 1,049,760."""
    assert p_plastic_within(9, 9, 1_049_760) == 0.2
    assert p_plastic_within(9, 9, 1_049_759) == 5 / 30
    assert p_plastic_within(9, 9, 1) == 1 / 30
    assert conditions(9) == [(4, 0), (6, 2)]


@pytest.mark.parametrize(
    "protocol, given, message",
    [
        (compare_simulators, ["--hypercolumns", "2"], "--hypercolumns is 2: give 3 or more"),
        (compare_simulators, ["--minicolumns", "2"], "--minicolumns is 2: give 3 or more"),
        (simulator_costs, ["--sizes", "2,9"], "--sizes are 2,9: give 3 or more"),
        (compare_simulators, ["--seed", "-1"], "--seed is -1: give 0 or more"),
        (compare_simulators, [], r"NEST is not installed: pip install cortical_bcpnn\[nest\]"),
    ],
)
def test_what_does_not_work_is_refused_before_anything_is_written(
    protocol, given, message, tmp_path, monkeypatch
):
    monkeypatch.setattr(nest_kernel, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=message):
        protocol.run([*given, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


# --- In small --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A folder for each protocol."""
    if not has_nest():
        pytest.skip("NEST is not installed: the extra 'nest' has it")
    folders = {}
    for protocol, given in SMALL.items():
        folders[protocol.name] = tmp_path_factory.mktemp("simulators") / "out"
        protocol.run([*given, "--out", str(folders[protocol.name])])
    return folders


@pytest.mark.long
def test_recall_by_both(result):
    out = result["compare_simulators"]
    trials, synapses = (pd.read_csv(out / f"{name}.csv") for name in ("trials", "synapses"))
    assert len(trials) == 2 * 2 * 2 and set(trials["model"]) == set(SIMULATORS)
    assert set(synapses["simulator"]) == set(SIMULATORS)
    summary = json.loads((out / "summary.json").read_text())
    assert {row["measure"] for row in summary["comparison"]} > {"patterns recalled", "synchrony"}
    for name in ("cells", "recall"):
        assert min(imread(out / f"{name}.png").shape[:2]) > 200


@pytest.mark.long
def test_cost_of_both(result):
    speed = pd.read_csv(result["simulator_costs"] / "speed.csv")
    assert len(speed) == 4 and (speed[["wall", "cpu", "memory_mb"]] > 0).all(axis=None)
    assert speed["cells"].unique().tolist() == [9 * 32]


@pytest.mark.long
@pytest.mark.parametrize("protocol", SMALL, ids=lambda protocol: protocol.name)
def test_pictures_are_drawn_again(protocol, result, tmp_path):
    assert_redrawn(protocol, result[protocol.name], tmp_path / "copy")
