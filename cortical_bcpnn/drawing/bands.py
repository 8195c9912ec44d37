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


def of_networks(*counts: int) -> str:
    """What lines and bands are, for the title of a legend; points may be of more and fewer networks."""
    fewest, most = min(counts), max(counts)
    if most == 1:
        return "one network" + " each" * (len(counts) > 1)
    return f"mean ± SD of {most if fewest == most else f'{fewest} to {most}'} networks"


def epochs_axis(ax: Axes, epochs: list[int]) -> None:
    """A logarithmic x axis with the numbers of epochs that there are, which rise."""
    ax.set_xscale("log")
    ax.set_xlim(epochs[0] / 1.3, epochs[-1] * 1.2)
    ax.set_xticks(epochs, [str(number) for number in epochs])
    ax.minorticks_off()
    ax.set_xlabel("epochs")
    ax.grid(lw=0.4, color="0.88")
