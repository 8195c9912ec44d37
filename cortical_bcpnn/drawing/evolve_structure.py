"""Connections by evolution, by rewiring and at random, against presentations of patterns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, MINICOLUMN_COLOURS, NEUTRAL, log_x, new_figure, styled

_COLOURS = {"rewired": FEEDFORWARD, "random": NEUTRAL, "evolved": ATTRACTOR,
            "best of random": MINICOLUMN_COLOURS[4]}  # fmt: skip


@styled
def draw_evolve_structure(
    curves: pd.DataFrame, search: pd.DataFrame, held_out: pd.DataFrame, summary: Mapping
) -> Figure:
    """Accuracy against all presentations that it took, and what is found on unseen images.

    Parameters
    ----------
    curves : DataFrame
        Columns way ('rewired', 'random'), shown and the aim; rows of several networks.
    search : DataFrame
        Columns way, search, generation, shown and the aim; a row for each candidate.
    held_out : DataFrame
        Columns candidate and the aim; rows of several networks.
    summary : mapping
        ``aim`` and ``learned_images``.
    """
    aim = summary["aim"]
    figure = new_figure(figsize=(9.6, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    _draw_shown(left, curves, search, aim, summary["learned_images"])
    _draw_tested(right, held_out, aim)
    return figure


def _draw_shown(ax: Axes, curves: pd.DataFrame, search: pd.DataFrame, aim: str, images: int) -> None:
    for way in ("rewired", "random"):
        of = 100 * curves[curves["way"] == way].groupby("shown")[aim].agg(["mean", "std"])
        ax.errorbar(images * of.index, of["mean"], of["std"].fillna(0), color=_COLOURS[way], marker="o",
                    ms=4, capsize=2, label=f"one network, {way}")  # fmt: skip
    for way in ("evolved", "best of random"):
        for number, of in search[search["way"] == way].groupby("search"):
            generations = of.groupby("generation")
            ends = images * generations["shown"].max()
            label = "all candidates" if number == 0 else None
            ax.plot(ends, 100 * generations[aim].mean(), ":", color=_COLOURS[way],
                    label=label and f"{way}: mean of a generation")  # fmt: skip
            ax.plot(ends, 100 * generations[aim].max().cummax(), "-", color=_COLOURS[way],
                    label=label and f"{way}: best so far")  # fmt: skip
    log_x(ax)
    ax.set_xlabel("patterns presented, those of all candidates together")
    ax.set_ylabel("accuracy of OUT, validation (%)")
    ax.set_title("what a presentation is worth")
    ax.figure.legend(*ax.get_legend_handles_labels(), fontsize=8, loc="outside lower left", ncols=3)


def _draw_tested(ax: Axes, held_out: pd.DataFrame, aim: str) -> None:
    names = list(dict.fromkeys(held_out["candidate"]))
    found = 100 * held_out.groupby("candidate", sort=False)[aim].agg(["mean", "std"])
    y = np.arange(len(names))
    for place, name in zip(y, names):
        colour = next(c for way, c in reversed(_COLOURS.items()) if name.startswith(way))
        ax.errorbar(found.loc[name, "mean"], place, xerr=np.nan_to_num(found.loc[name, "std"]), fmt="o",
                    color=colour, capsize=3)  # fmt: skip
    ax.set_yticks(y, names)
    ax.invert_yaxis()
    ax.set_xlabel("test accuracy of OUT (%)")
    ax.set_title("unseen images, fresh networks (± 1 SD)")
