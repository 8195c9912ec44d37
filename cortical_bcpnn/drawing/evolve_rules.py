"""The factors of a learning rule: lines through BCPNN, searches from random rules, and other data."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, MINICOLUMN_COLOURS, NEUTRAL, new_figure, styled

_LINES = {
    "theta_1": (r"$\theta_1$", MINICOLUMN_COLOURS[0], "-"),
    "theta_3": (r"$\theta_3$", MINICOLUMN_COLOURS[1], "-"),
    "theta_b": (r"$\theta_b$", MINICOLUMN_COLOURS[4], "-"),
    "gain": ("all, as BCPNN", MINICOLUMN_COLOURS[6], "-"),
    "theta_2": (r"$\theta_2$", MINICOLUMN_COLOURS[2], "--"),
    "theta_4": (r"$\theta_4$", MINICOLUMN_COLOURS[3], ":"),
    "merged": (r"$\theta_3$ with $\theta_b - H\,\theta_3$", MINICOLUMN_COLOURS[5], "-."),
}


@styled
def draw_evolve_rules(
    scan: pd.DataFrame, search: pd.DataFrame, floor: pd.DataFrame, transfer: pd.DataFrame,
    summary: Mapping,
) -> Figure:  # fmt: skip
    """Accuracy along lines, generations, candidates by what is identifiable, the best on other data.

    Parameters
    ----------
    scan : DataFrame
        Columns direction, offset and the aim; rows of several networks.
    search : DataFrame
        Columns start, generation, candidate, the factors, the aim and the fitness.
    floor : DataFrame
        BCPNN with fresh seeds: the aim.
    transfer : DataFrame
        Columns dataset, fan_in, candidate and the aim; rows of several networks.
    summary : mapping
        ``aim`` and ``fitness``, columns of accuracies and likelihoods; ``fan_in``, H of the search.
    """
    aim, fitness = summary["aim"], summary["fitness"]
    own = search[search["candidate"] != "published"]
    figure = new_figure(figsize=(11.4, 7.4), layout="constrained")
    (lines, generations), (plane, others) = figure.subplots(2, 2)
    _draw_lines(lines, scan, floor, aim)
    _draw_generations(generations, own)
    points = _draw_plane(plane, own, aim, fitness, summary["fan_in"])
    figure.colorbar(points, ax=plane, shrink=0.9).set_label("accuracy of OUT (%)")
    _draw_transfer(others, transfer, aim)
    return figure


def _draw_lines(ax: Axes, scan: pd.DataFrame, floor: pd.DataFrame, aim: str) -> None:
    mean, sd = 100 * floor[aim].mean(), 100 * floor[aim].std()
    ax.axhspan(mean - sd, mean + sd, color="#DDDDDD", zorder=0, label="BCPNN, fresh seeds, ± 1 SD")
    for width, (name, (label, colour, style)) in enumerate(_LINES.items()):
        points = scan[scan["direction"] == name].groupby("offset")[aim].mean()
        ax.plot(points.index, 100 * points, style, color=colour, label=label, marker="o", ms=3,
                lw=3.2 if width in (0, 4) else 1.6)  # fmt: skip
    ax.set_xlabel("offset from BCPNN along the line")
    ax.set_ylabel("accuracy of OUT (%)")
    ax.set_title("lines through BCPNN (validation)")
    ax.set_ylim(0, 105)
    ax.figure.legend(*ax.get_legend_handles_labels(), fontsize=8, loc="outside lower left", ncols=4)


def _draw_generations(ax: Axes, own: pd.DataFrame) -> None:
    """theta_1 of all candidates, and its mean in every generation of every start."""
    ax.axhline(0, color=NEUTRAL, lw=1)
    ax.axhline(1, color=NEUTRAL, lw=1, ls="--")
    for (start, of), colour in zip(own.groupby("start"), cycle(MINICOLUMN_COLOURS)):
        shift = 0.05 * (start - (own["start"].nunique() - 1) / 2)
        ax.plot(of["generation"] + 1 + shift, of["theta_1"], ".", color=colour, ms=4, alpha=0.6)
        means = of.groupby("generation")["theta_1"].mean()
        ax.plot(means.index + 1 + shift, means, color=colour, lw=1.8, label=f"start {start + 1}")
    ax.set_xticks(sorted(own["generation"].unique() + 1))
    ax.set_xlabel("generation")
    ax.set_ylabel(r"$\theta_1$  (BCPNN: 1)")
    ax.set_title("each start: candidates, and their mean")
    ax.set_ylim(1.35 * min(own["theta_1"].min(), -0.1), None)  # room for the legend
    ax.legend(fontsize=7, loc="lower center", ncols=6)


def _draw_plane(ax: Axes, own: pd.DataFrame, aim: str, fitness: str, fan_in: int):
    """Candidates by theta_1 and by the departure from BCPNN in that gain."""

    def departure(of: pd.DataFrame) -> pd.Series:
        return of["theta_b"] + fan_in * of["theta_3"] - (1 - fan_in) * of["theta_1"]

    of = own.sort_values(aim)
    points = ax.scatter(of["theta_1"], departure(of), c=100 * of[aim], cmap="viridis", s=16, vmin=0,
                        vmax=100)  # fmt: skip
    ax.axhline(0, color=NEUTRAL, lw=1, ls="--", label="BCPNN times a gain")
    ax.plot(1, 0, "*", color="black", ms=12, lw=0, label="BCPNN")
    best = own.loc[own.groupby("start")[fitness].idxmax()]
    ax.plot(best["theta_1"], departure(best), "o", mfc="none", ms=10, mew=1.5, lw=0, color=ATTRACTOR,
            label="best of each start, by likelihood")  # fmt: skip
    ax.set_xlabel(r"$\theta_1$")
    ax.set_ylabel(rf"$H\,(\theta_3 + \theta_1) + \theta_b - \theta_1$  (H = {fan_in})")
    ax.set_title(f"candidates of {own['start'].nunique()} starts (validation)")
    ax.legend(fontsize=7, loc="lower left", frameon=True, framealpha=0.85)
    return points


def _draw_transfer(ax: Axes, transfer: pd.DataFrame, aim: str) -> None:
    places = list(dict.fromkeys(zip(transfer["dataset"], transfer["fan_in"])))
    rules = list(dict.fromkeys(transfer["candidate"]))
    found = 100 * transfer.groupby(["dataset", "fan_in", "candidate"])[aim].agg(["mean", "std"])
    looks = zip(rules, ("black", ATTRACTOR, FEEDFORWARD, NEUTRAL), "*os^")
    for number, (rule, colour, marker) in enumerate(looks):
        of = found.loc[[(*place, rule) for place in places]]
        x = np.arange(len(places)) + 0.16 * (number - 1.5)
        ax.errorbar(x, of["mean"], of["std"].fillna(0), color=colour, marker=marker, lw=0, capsize=2,
                    ms=8 if marker == "*" else 5, elinewidth=1.2, label=rule)  # fmt: skip
    ax.set_xticks(range(len(places)), [f"{name}\nH = {size}" for name, size in places], fontsize=8)
    for between in np.arange(len(places) - 1) + 0.5:
        ax.axvline(between, color="#DDDDDD", lw=0.8, zorder=0)
    ax.set_ylim(0, 105)
    ax.set_ylabel("test accuracy of OUT (%)")
    ax.set_title("unseen samples, other fan-in, other data")
    ax.figure.legend(*ax.get_legend_handles_labels(), fontsize=8, loc="outside lower right", ncols=2)
