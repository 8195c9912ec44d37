"""Models side by side: accuracy, firing rates and speed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled

_LOOK = {
    "ff": ("feedforward", FEEDFORWARD),
    "attractor": ("attractor", ATTRACTOR),
    "rate_mean_hz": ("mean", FEEDFORWARD),
    "rate_max_hz": ("largest", NEUTRAL),
    "ms_per_pattern": ("learning (ms per pattern)", FEEDFORWARD),
    "us_per_step": ("recall (µs per step)", ATTRACTOR),
}


@styled
def draw_models(table: pd.DataFrame, n_classes: int = 10) -> Figure:
    """Means over networks as bars, or as marks where the axis is logarithmic; a dot a network.

    Parameters
    ----------
    table : DataFrame
        One row per model and network: model, ff, attractor (accuracies from 0 to 1),
        rate_mean_hz, rate_max_hz, ms_per_pattern, us_per_step.
    n_classes : int
        For the chance level.
    """
    names = list(dict.fromkeys(table["model"]))
    table = table.assign(ff=100 * table["ff"], attractor=100 * table["attractor"])
    height = 1.1 + 0.42 * len(names)
    figure = new_figure(figsize=(9.5, height), layout="constrained")
    axes = figure.subplots(1, 3, sharey=True)
    _bars(axes[0], table, names, ["ff", "attractor"])
    axes[0].axvline(100 / n_classes, color=NEUTRAL, ls=":", lw=1)
    axes[0].set_xlim(0, 100)
    axes[0].set_xlabel("test accuracy (%); dotted: chance")
    _marks(axes[1], table, names, ["rate_mean_hz", "rate_max_hz"])
    axes[1].set_xlabel("firing rate of HID (Hz)")
    _marks(axes[2], table, names, ["ms_per_pattern", "us_per_step"])
    axes[2].set_xlabel("wall time")
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    for ax in axes:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8)
    return figure


def _bars(ax: Axes, table: pd.DataFrame, names: list[str], columns: list[str]) -> None:
    width = 0.8 / len(columns)
    for number, column in enumerate(columns):
        label, colour = _LOOK[column]
        y = np.arange(len(names)) + (number - (len(columns) - 1) / 2) * width
        values = [table.loc[table["model"] == name, column].to_numpy() for name in names]
        ax.barh(y, [v.mean() for v in values], width, color=colour, alpha=0.75, label=label)
        for at, each in zip(y, values):
            ax.plot(each, np.full(len(each), at), "o", color="black", ms=2.5, mew=0)


def _marks(ax: Axes, table: pd.DataFrame, names: list[str], columns: list[str]) -> None:
    """A bar on a logarithmic axis would have a length without meaning."""
    for column, marker, shift in zip(columns, "ds", (-0.12, 0.12)):
        label, colour = _LOOK[column]
        for at, name in enumerate(names):
            values = table.loc[table["model"] == name, column].to_numpy()
            ax.plot(values.mean(), at + shift, marker, color=colour, ms=8, alpha=0.75,
                    label=label if at == 0 else None)  # fmt: skip
            ax.plot(values, np.full(len(values), at + shift), "o", color="black", ms=2.5, mew=0)
    ax.set_xscale("log")
    ax.grid(axis="x", lw=0.4, color=NEUTRAL, alpha=0.4)
    low, high = ax.get_xlim()
    ax.set_xlim(low / 1.3, high * 1.3)
