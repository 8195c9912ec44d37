"""What a change in the equations changes: accuracy, rates, and z of a hypercolumn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from brian2 import Quantity, ms
from matplotlib.figure import Figure

from ..model.phases import Phase
from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled

_MOMENTS = {"ff": ("feedforward", FEEDFORWARD), "attractor": ("attractor", ATTRACTOR)}
_STYLES = ("--", "-")


@styled
def draw_tweak(
    table: pd.DataFrame,
    rates: Mapping[str, Mapping[str, Mapping[str, float]]],
    z: Mapping[str, np.ndarray],
    protocol: Sequence[Phase],
    dt: Quantity,
    changes: Sequence[str] = (),
    n_classes: int = 10,
) -> Figure:
    """Networks with the equations before and after a change.

    Parameters
    ----------
    table : DataFrame
        Columns equations, difficulty, ff and attractor (accuracies from 0 to 1).
    rates : mapping
        ``rates[equations][moment]``: 'mean' and 'max' firing rate of HID in Hz.
    z : mapping of str to ndarray, shape (time steps, minicolumns)
        z of the minicolumns of one hypercolumn over a recall.
    protocol : sequence of Phase
        Of the recall.
    dt : Quantity
    changes : sequence of str
        What is changed, a line each.
    n_classes : int
        For the chance level.
    """
    names = list(z)
    figure = new_figure(figsize=(9.5, 4.4 + 0.16 * len(changes)), layout="constrained")
    if changes:
        figure.suptitle("changed:\n" + "\n".join(changes), x=0.02, ha="left", fontsize=8,
                        family="monospace")  # fmt: skip
    grid = figure.add_gridspec(len(names), 3, width_ratios=(2, 1.2, 2.6))
    _draw_accuracy(figure.add_subplot(grid[:, 0]), table, names, n_classes)
    _draw_rates(figure.add_subplot(grid[:, 1]), rates, names)
    first = None
    for row, name in enumerate(names):
        first = ax = figure.add_subplot(grid[row, 2], sharex=first, sharey=first)
        ax.plot(np.arange(1, len(z[name]) + 1) * float(dt / ms), z[name], lw=0.9)
        end = 0.0
        for phase in protocol:
            end += float(phase.duration / ms)
            ax.axvline(end, color=NEUTRAL, ls=":", lw=0.8)
        ax.set_title(f"z of a hypercolumn of HID, {name}")
        ax.set_ylabel("z")
    ax.set_xlabel("time (ms); dotted: ends of phases")
    return figure


def _draw_accuracy(ax, table: pd.DataFrame, names: Sequence[str], n_classes: int) -> None:
    for style, name in zip(_STYLES, names):
        rows = table[table["equations"] == name]
        for column, (moment, colour) in _MOMENTS.items():
            ax.plot(rows["difficulty"], 100 * rows[column], style, marker="o", ms=3, color=colour,
                    label=f"{moment}, {name}")  # fmt: skip
    ax.axhline(100 / n_classes, color=NEUTRAL, ls=":", lw=1)
    ax.set_ylim(0, 105)
    ax.set_xlabel("difficulty of completion")
    ax.set_ylabel("test accuracy (%)")
    ax.legend(fontsize=7, handlelength=3)


def _draw_rates(ax, rates: Mapping, names: Sequence[str]) -> None:
    moments = list(rates[names[0]])
    for name, shift, filled in zip(names, (-0.12, 0.12), (False, True)):
        x = np.arange(len(moments)) + shift
        for value, marker, colour in (("max", "s", NEUTRAL), ("mean", "d", FEEDFORWARD)):
            text = "largest" if value == "max" else "mean"
            ax.plot(x, [rates[name][m][value] for m in moments], marker, ms=8, color=colour,
                    mfc=colour if filled else "none", label=f"{text}, {name}")  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(top=4 * ax.get_ylim()[1])
    ax.set_xticks(range(len(moments)), moments, fontsize=7)
    ax.set_xlim(-0.5, len(moments) - 0.5)
    ax.set_ylabel("firing rate of HID (Hz)")
    ax.legend(fontsize=7)
