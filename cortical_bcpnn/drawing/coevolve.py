"""Fronts of accuracy and spikes: all parameters at once, one at a time, at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, MINICOLUMN_COLOURS, log_x, new_figure, styled

_LOOKS = {"together": (ATTRACTOR, "o"), "one at a time": (FEEDFORWARD, "s"),
          "at random": (MINICOLUMN_COLOURS[2], "^")}  # fmt: skip


@styled
def draw_coevolve(
    search: pd.DataFrame, held_out: pd.DataFrame, hypervolume: pd.DataFrame, summary: Mapping
) -> Figure:
    """Candidates, the fronts on unseen images, and their hypervolumes.

    Parameters
    ----------
    search, held_out : DataFrame
        Columns way, search, candidate and the two aims; 'published' is a way of `held_out` and a
        candidate of `search`.
    hypervolume : DataFrame
        Columns way, search, searched, tested, tested_sd.
    summary : mapping
        ``aims``, accuracy first, and ``evaluations``.
    """
    accuracy, spikes = summary["aims"]
    figure = new_figure(figsize=(11.4, 3.7), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 0.8))
    _draw_candidates(left, search, accuracy, spikes)
    _draw_fronts(middle, held_out, accuracy, spikes)
    for ax in (left, middle):
        log_x(ax)
        ax.set_xlabel("HID spikes per recall")
        ax.set_ylabel("accuracy of OUT (%)")
        ax.set_ylim(0, 100)
    _draw_volumes(right, hypervolume)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, loc="outside lower center", ncols=4)
    return figure


def _draw_candidates(ax: Axes, search: pd.DataFrame, accuracy: str, spikes: str) -> None:
    for way, (colour, marker) in _LOOKS.items():
        of = search[(search["way"] == way) & (search["candidate"] != "published")]
        ax.plot(of[spikes], 100 * of[accuracy], marker, color=colour, ms=4, alpha=0.6, label=way)
    of = search[search["candidate"] == "published"].iloc[:1]
    ax.plot(of[spikes], 100 * of[accuracy], "*", color="black", ms=11, lw=0, label="published")
    ax.set_title("all candidates (validation)")


def _draw_fronts(ax: Axes, held_out: pd.DataFrame, accuracy: str, spikes: str) -> None:
    groups = held_out.groupby(["way", "search", "candidate"], sort=False)[[accuracy, spikes]]
    means, errors = groups.mean(), groups.std().fillna(0)
    for way, (colour, marker) in _LOOKS.items():
        for number in means.loc[way].index.get_level_values(0).unique():
            of, sd = means.loc[(way, number)].sort_values(spikes), errors.loc[(way, number)]
            ax.errorbar(of[spikes], 100 * of[accuracy], 100 * sd.loc[of.index, accuracy], color=colour,
                        marker=marker, ms=4, lw=1, capsize=2)  # fmt: skip
    of = means.loc["published"].iloc[0]
    ax.plot(of[spikes], 100 * of[accuracy], "*", color="black", ms=11, lw=0)
    ax.set_title("their fronts, unseen images (± 1 SD)")


def _draw_volumes(ax: Axes, volumes: pd.DataFrame) -> None:
    names = list(_LOOKS)
    for place, (way, (colour, marker)) in enumerate(_LOOKS.items()):
        of = volumes[volumes["way"] == way]
        x = place + np.linspace(-0.15, 0.15, len(of)) if len(of) > 1 else np.array([place])
        ax.plot(x, of["searched"], marker, color=colour, mfc="none", ms=6)
        ax.errorbar(x, of["tested"], of["tested_sd"].fillna(0), color=colour, marker=marker, lw=0,
                    elinewidth=1.2, capsize=2, ms=6)  # fmt: skip
    ax.axhline(volumes[volumes["way"] == "published"]["tested"].iloc[0], color="black", ls="--", lw=1)
    ax.set_xticks(range(len(names)), [name.replace(" a ", "\na ") for name in names])
    ax.set_ylabel("hypervolume")
    ax.set_title("open: search; filled: unseen\ndashed: published", fontsize=9)
    ax.set_ylim(0, None)
