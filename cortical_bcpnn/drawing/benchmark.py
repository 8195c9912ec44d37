"""Cost against network size."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from .style import ATTRACTOR, FEEDFORWARD, new_figure, styled

_COSTS = {
    "learn_ms_per_pattern": ("learning (ms per pattern)", FEEDFORWARD, "o"),
    "recall_us_per_step": ("recall (µs per time step)", ATTRACTOR, "s"),
}


@styled
def draw_scaling(table: pd.DataFrame, exponents: dict[str, dict[str, float]]) -> Figure:
    """Learning and recall against hidden minicolumns, fan-in and input size.

    Parameters
    ----------
    table : DataFrame
        Columns varied, size, learn_ms_per_pattern, recall_us_per_step.
    exponents : dict
        Fitted exponents by what is varied and by cost.
    """
    kinds = list(table["varied"].unique())
    figure = new_figure(figsize=(3 * len(kinds), 4.6))
    axes = figure.subplots(2, len(kinds), sharey="row")
    for column, kind in zip(axes.T, kinds):
        rows = table[table["varied"] == kind]
        for ax, (cost, (label, colour, marker)) in zip(column, _COSTS.items()):
            ax.loglog(rows["size"], rows[cost], color=colour, marker=marker, lw=0)
            slope = exponents[kind][cost]
            level = np.log(rows[cost]).mean() - slope * np.log(rows["size"]).mean()
            ax.loglog(rows["size"], np.exp(level) * rows["size"] ** slope, color=colour, lw=1)
            ax.set_title(f"size$^{{{slope:.2f}}}$", fontsize=9)
            ax.set_xticks(rows["size"])
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(ScalarFormatter())
                axis.set_minor_formatter(NullFormatter())
            if ax in axes[:, 0]:
                ax.set_ylabel(label)
        column[-1].set_xlabel(kind)
    figure.tight_layout()
    return figure
