"""Attractor states grouped into prototypes, and what these look like."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from .style import NEUTRAL, bare, new_figure, styled

_KINDS = {"within": ("within a class", "#E69F00"), "between": ("between classes", NEUTRAL)}
_COUNT = "#0072B2"
_MOST_ROWS = 4  # prototypes of one class that are shown


@styled
def draw_prototypes(
    histogram: pd.DataFrame,
    counts: pd.DataFrame,
    s_min: float,
    prototypes: pd.DataFrame,
    images: np.ndarray,
    averages: dict[int, np.ndarray],
) -> Figure:
    """Similarities of attractor states, number of prototypes, and their images by class.

    Parameters
    ----------
    histogram : DataFrame
        See `analysis.similarity_histogram`.
    counts : DataFrame
        Columns s_min and prototypes, of several networks below one another if there are.
    s_min : float
        Threshold at which the images were made.
    prototypes : DataFrame
        See `analysis.describe_prototypes`; those of most members in each class are shown.
    images : ndarray, shape (prototypes, side, side)
        In the order of the table, whose index counts from 0.
    averages : dict of ndarray
        Mean image of each class.
    """
    most = min(_MOST_ROWS, prototypes["label"].value_counts().max())
    width, below = max(6.5, 0.72 * len(averages) + 1.2), 0.85 * (1 + most) + 0.3
    figure = new_figure(figsize=(width, 2.7 + below))
    above, grid = figure.subfigures(2, 1, height_ratios=[2.7, below])
    left, right = above.subplots(1, 2)
    above.subplots_adjust(left=0.11, right=0.97, bottom=0.22, top=0.95, wspace=0.35)
    _draw_histogram(left, histogram)
    _draw_counts(right, counts, s_min)
    _draw_images(grid, prototypes, images, averages, most)
    return figure


def _draw_histogram(ax: Axes, histogram: pd.DataFrame) -> None:
    edges = np.append(histogram["low"], histogram["high"].iloc[-1])
    for kind, (label, colour) in _KINDS.items():
        ax.stairs(100 * histogram[kind], edges, color=colour, fill=True, alpha=0.35, lw=0)
        ax.stairs(100 * histogram[kind], edges, color=colour, lw=1.3, label=label)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel("cosine similarity of HID at the end of recall")
    ax.set_ylabel("share of pairs (%)")
    ax.legend(loc="upper center")


def _draw_counts(ax: Axes, counts: pd.DataFrame, s_min: float) -> None:
    number = counts.groupby("s_min")["prototypes"]
    mean, n_networks = number.mean(), number.size().max()
    if n_networks > 1:
        ax.fill_between(mean.index, number.min(), number.max(), color=_COUNT, alpha=0.25, lw=0,
                        label=f"range of {n_networks} networks")  # fmt: skip
    ax.semilogy(mean.index, mean, color=_COUNT, lw=1.3, label="mean")
    if n_networks > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0.88))
    ax.axvline(s_min, color=NEUTRAL, ls=":", lw=1.2)
    shift, side = (0.02, "left") if s_min < 0.5 else (-0.02, "right")
    ax.text(s_min + shift, 0.99, f"$s_{{min}}$ = {s_min:g}", color=NEUTRAL, ha=side, va="top",
            transform=ax.get_xaxis_transform(), fontsize=8)  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_xlabel("$s_{min}$")
    ax.set_ylabel("number of prototypes")
    few = mean.max() < 100 * mean.min()
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())


def _draw_images(grid, prototypes, images, averages, most) -> None:
    """Class averages in the first row, below each the prototypes of that class."""
    axes = grid.subplots(1 + most, len(averages), squeeze=False)
    grid.subplots_adjust(left=0.11, right=0.99, bottom=0.05, top=0.93, wspace=0.1, hspace=0.32)
    for column, (label, average) in zip(axes.T, averages.items()):
        for ax in column:
            ax.axis("off")
        _image(column[0], average)
        column[0].set_title(f"class {label}", fontsize=8, pad=3)
        rows = prototypes[prototypes["label"] == label]
        rows = rows.sort_values("members", ascending=False, kind="stable")
        for ax, (number, row) in zip(column[1:], rows.iterrows()):
            _image(ax, images[number])
            ax.set_title(f"{row['members']:.0f}, {row['purity']:.0%}", fontsize=7, pad=2)
        if len(rows) > most:
            column[-1].set_xlabel(f"+ {len(rows) - most} more", fontsize=7, labelpad=2)
    axes[0, 0].set_ylabel("average\nimage", rotation=0, ha="right", va="center")
    where = axes[1, 0].get_position()
    grid.text(0.105, where.y0 + where.height / 2, "prototypes", ha="right", va="center")
    grid.text(0.105, where.y1 + 0.005, "members, purity", ha="right", va="bottom", fontsize=7)


def _image(ax: Axes, image: np.ndarray) -> None:
    ax.axis("on")
    ax.imshow(image, cmap="Greys", vmin=0, vmax=1)
    bare(ax)
