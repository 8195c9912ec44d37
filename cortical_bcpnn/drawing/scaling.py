"""Runs per hour against workers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .style import FEEDFORWARD, NEUTRAL, new_figure, styled


@styled
def draw_scaling_of_sweeps(table: pd.DataFrame, medians: pd.DataFrame) -> Figure:
    """Medians, all measurements behind them, and the ideal.

    Parameters
    ----------
    table : DataFrame
        One row per measurement: workers, runs_per_hour.
    medians : DataFrame
        One row per number of workers, in rising order: workers, median.
    """
    figure = new_figure(figsize=(4.8, 3.6), layout="constrained")
    ax = figure.subplots()
    one = medians.iloc[0]
    most = np.array([0, table["workers"].max()])
    ax.plot(most, most * one["median"] / one["workers"], color=NEUTRAL, ls="--", lw=1, label="ideal")
    ax.plot(table["workers"], table["runs_per_hour"], "o", color=FEEDFORWARD, ms=3, alpha=0.4, lw=0)
    ax.plot(medians["workers"], medians["median"], "o-", color=FEEDFORWARD, ms=6, lw=1, label="median")
    ax.set_xticks(sorted(table["workers"].unique()))
    ax.set_xlabel("workers")
    ax.set_ylabel("runs per hour")
    ax.set_ylim(0, None)
    ax.legend(fontsize=8, loc="upper left")
    return figure
