"""How well cells estimate the probability that they are given, and what that means for accuracy."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, MINICOLUMN_COLOURS, NEUTRAL, new_figure, styled

_STYLES = ("-", "--")


@styled
def draw_transfer(
    curves: pd.DataFrame, accuracies: pd.DataFrame, noise: pd.DataFrame | None = None
) -> Figure:
    """z against the posterior, calibration against noise, accuracy by how broad the posterior is.

    Parameters
    ----------
    curves : DataFrame
        Columns model, posterior and z.
    accuracies : DataFrame
        Columns model, ff_broad and ff_sharp, from 0 to 1; a row a network.
    noise : DataFrame, optional
        Columns noise, calibration_error and spread.
    """
    names = list(dict.fromkeys(accuracies["model"]))
    height = max(3.6, 1.4 + 0.27 * len(names))
    figure = new_figure(figsize=(11.5 if noise is not None else 8.5, height), layout="constrained")
    axes = figure.subplots(1, 2 if noise is None else 3)
    _draw_curves(axes[0], curves)
    if noise is not None:
        _draw_noise(axes[1], noise)
    _draw_halves(axes[-1], accuracies, names)
    for letter, ax in zip("ABC", axes):
        ax.set_title(letter, loc="left", fontweight="bold")
    return figure


def _draw_curves(ax: Axes, curves: pd.DataFrame) -> None:
    ax.plot([0, 1], [0, 1], color=NEUTRAL, ls=":", lw=1)
    for number, (name, rows) in enumerate(curves.groupby("model", sort=False)):
        style = _STYLES[number // len(MINICOLUMN_COLOURS) % len(_STYLES)]
        colour = MINICOLUMN_COLOURS[number % len(MINICOLUMN_COLOURS)]
        ax.plot(rows["posterior"], rows["z"], style, marker="o", ms=2.5, lw=1.2, color=colour,
                label=name)  # fmt: skip
    ax.set_xlabel("posterior π that is imposed; dotted: z = π")
    ax.set_ylabel("mean z")
    ax.legend(fontsize=7, loc="upper left")


def _draw_noise(ax: Axes, noise: pd.DataFrame) -> None:
    for column, colour, marker, label in (
        ("calibration_error", FEEDFORWARD, "o", "mean |z − π|, of mean z"),
        ("spread", ATTRACTOR, "s", "standard deviation of z at a moment"),
    ):
        ax.plot(noise["noise"], noise[column], color=colour, marker=marker, ms=4, label=label)
    ax.axhline(0.25, color=NEUTRAL, ls=":", lw=1)
    ax.set_xlabel("noise on the drive of the SRC")
    ax.set_ylabel("error; dotted: mean |z − π| of on and off")
    ax.set_ylim(0, 1.35 * max(0.25, noise[["calibration_error", "spread"]].to_numpy().max()))
    ax.legend(fontsize=7, loc="upper left")


def _draw_halves(ax: Axes, accuracies: pd.DataFrame, names: list[str]) -> None:
    for column, colour, marker, label in (
        ("ff_broad", ATTRACTOR, "s", "broadest half"), ("ff_sharp", FEEDFORWARD, "o", "sharpest half"),
    ):  # fmt: skip
        for at, name in enumerate(names):
            values = 100 * accuracies.loc[accuracies["model"] == name, column]
            ax.plot(values, [at] * len(values), ".", color="black", ms=4, mew=0)
            ax.plot(values.mean(), at, marker, color=colour, ms=7, alpha=0.75,
                    label=label if at == 0 else None)  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.grid(axis="x", lw=0.4, color=NEUTRAL, alpha=0.4)
    ax.set_xlabel("test accuracy, feedforward (%)")
    ax.legend(fontsize=7, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0),
              title="images by the posterior of HID", title_fontsize=7)  # fmt: skip
