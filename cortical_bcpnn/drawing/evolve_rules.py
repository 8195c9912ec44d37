"""The factors of a learning rule: lines through BCPNN, searches from random rules, and other data."""

from __future__ import annotations

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
    scan: pd.DataFrame, search: pd.DataFrame, floor: pd.DataFrame, transfer: pd.DataFrame, aim: str,
    fan_in: int,
) -> Figure:  # fmt: skip
    """Fitness along lines, candidates in the plane of what is identifiable, and the best on other data.

    Parameters
    ----------
    scan : DataFrame
        Columns direction, offset and the aim; rows of several networks.
    search : DataFrame
        Columns start, candidate, the factors and the aim.
    floor : DataFrame
        BCPNN with fresh seeds: the aim.
    transfer : DataFrame
        Columns dataset, fan_in, candidate and the aim; rows of several networks.
    aim : str
        A column of accuracies.
    fan_in : int
        H, of the search.
    """
    figure = new_figure(figsize=(12.4, 3.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1.1, 1.25))
    _draw_lines(left, scan, floor, aim)
    points = _draw_plane(middle, search, aim, fan_in)
    figure.colorbar(points, ax=middle, shrink=0.85).set_label("accuracy of OUT (%)")
    _draw_transfer(right, transfer, aim)
    return figure


def _draw_lines(ax: Axes, scan: pd.DataFrame, floor: pd.DataFrame, aim: str) -> None:
    mean, sd = 100 * floor[aim].mean(), 100 * floor[aim].std()
    ax.axhspan(mean - sd, mean + sd, color="#DDDDDD", zorder=0, label="BCPNN, fresh seeds, ± 1 SD")
    for width, (name, (label, colour, style)) in enumerate(_LINES.items()):
        points = scan[scan["direction"] == name].groupby("offset")[aim].mean()
        ax.plot(points.index, 100 * points, style, color=colour, label=label, marker="o", ms=3,
                lw=3.2 if width == 4 else 1.6)  # fmt: skip
    ax.set_xlabel("offset from BCPNN along the line")
    ax.set_ylabel("accuracy of OUT (%)")
    ax.set_title("lines through BCPNN (validation)")
    ax.set_ylim(0, 105)
    ax.figure.legend(*ax.get_legend_handles_labels(), fontsize=8, loc="outside lower left", ncols=4)


def _draw_plane(ax: Axes, search: pd.DataFrame, aim: str, fan_in: int):
    own = search[search["candidate"] != "published"].sort_values(aim)
    merged = own["theta_b"] + fan_in * own["theta_3"]
    points = ax.scatter(own["theta_1"], merged, c=100 * own[aim], cmap="viridis", s=14, vmin=0, vmax=100)
    reach = np.array([own["theta_1"].min(), own["theta_1"].max()])
    ax.plot(reach, (1 - fan_in) * reach, color=NEUTRAL, lw=1, ls="--", label="BCPNN times a gain")
    ax.plot(1, 1 - fan_in, "*", color="black", ms=12, lw=0, label="BCPNN")
    best = own.loc[own.groupby("start")[aim].idxmax()]
    ax.plot(best["theta_1"], best["theta_b"] + fan_in * best["theta_3"], "o", mfc="none", ms=10, mew=1.5,
            lw=0, color=ATTRACTOR, label="best of each start")  # fmt: skip
    ax.set_xlabel(r"$\theta_1$")
    ax.set_ylabel(rf"$\theta_b + H\,\theta_3$  (H = {fan_in})")
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
