"""Runs per hour against workers."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, POPULATION_COLOURS

_KINDS = {
    "local": ("one machine", FEEDFORWARD, "o"),
    "loopback": ("joined over loopback", ATTRACTOR, "s"),
    "namespaces": ("joined, each worker in a network namespace", POPULATION_COLOURS["INP"], "^"),
}


def draw_scaling_of_sweeps(table: pd.DataFrame, medians: pd.DataFrame) -> Figure:
    """Medians, all measurements behind them, and the ideal.

    Parameters
    ----------
    table : DataFrame
        One row per measurement: kind ('local', 'loopback', 'namespaces'), workers, runs_per_hour.
    medians : DataFrame
        One row per kind and number of workers: kind, workers, median.
    """
    figure, ax = plt.subplots(figsize=(4.8, 3.6), layout="constrained")
    local = medians[medians["kind"] == "local"].sort_values("workers")
    one = local.iloc[0]
    most = np.array([0, table["workers"].max()])
    ax.plot(most, most * one["median"] / one["workers"], color=NEUTRAL, ls="--", lw=1, label="ideal")
    for number, (kind, (label, colour, marker)) in enumerate(_KINDS.items()):
        rows, points = medians[medians["kind"] == kind], table[table["kind"] == kind]
        if not len(rows):
            continue
        shift = 0.09 * number
        ax.plot(points["workers"] + shift, points["runs_per_hour"], marker, color=colour, ms=3,
                alpha=0.4, lw=0)  # fmt: skip
        ax.plot(rows["workers"] + shift, rows["median"], marker=marker, color=colour, ms=6,
                lw=1 if len(rows) > 1 else 0, label=label)  # fmt: skip
    ax.set_xticks(sorted(table["workers"].unique()))
    ax.set_xlabel("workers")
    ax.set_ylabel("runs per hour")
    ax.set_ylim(0, None)
    ax.legend(fontsize=8, loc="upper left")
    return figure
