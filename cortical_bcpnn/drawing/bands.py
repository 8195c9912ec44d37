"""Means over networks, with bands of a standard deviation."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

#: Lines of what a network has come to before recurrence sets in, and at the end of recall.
FEEDFORWARD_LINE = {"ls": "--", "marker": "o", "mfc": "white"}
ATTRACTOR_LINE = {"ls": "-", "marker": "s"}


def draw_means(ax: Axes, groups, color: str | None, alpha: float, **look: Any) -> None:
    """A line of means against what values are grouped by, and a band where there are several.

    Parameters
    ----------
    ax : Axes
    groups : SeriesGroupBy
        Values of all networks, grouped by what is on the x axis.
    color : str, optional
        Default is the next of the axes' cycle.
    alpha : float
        Opacity of the band.
    **look
        Of the line.
    """
    mean, sd = groups.mean(), groups.std(ddof=1)
    ax.plot(mean.index, mean, color=color, **look)
    if sd.notna().any():
        ax.fill_between(mean.index, mean - sd, mean + sd, color=color, alpha=alpha, lw=0)


def of_networks(number: int) -> str:
    """What lines and bands are, for the title of a legend."""
    return f"mean ± SD of {number} networks" if number > 1 else "one network"
