"""Connections of hidden hypercolumns over training, and what minicolumns prefer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from .style import bare, new_figure, styled

_READING = {
    "feedforward": "feedforward: pixels that hidden hypercolumns 0–{} listen to",
    "feedback": "feedback: pixels that listen to hidden hypercolumns 0–{}",
}
_GAP = 0.5  # between feedforward and feedback, in widths of a map


@styled
def draw_connections(patterns: Sequence[int], maps: Mapping[str, np.ndarray]) -> Figure:
    """Maps of the connections of hidden hypercolumns, a row for each checkpoint of learning.

    Parameters
    ----------
    patterns : sequence of int
        Learned by then.
    maps : mapping of str to ndarray of bool, shape (checkpoints, hypercolumns, pixels)
        By projection, see `connectivity.connection_maps`.
    """
    n = next(iter(maps.values())).shape[1]
    columns, cell, left, above = len(maps) * (n + _GAP) - _GAP, 0.45, 0.85, 0.45  # inches
    width, height = left + cell * columns + 0.1, above + cell * len(patterns) + 0.1
    figure = new_figure(figsize=(width, height))
    for block, (name, of_all) in enumerate(maps.items()):
        x = left + block * (n + _GAP) * cell
        axes = figure.subplots(
            len(patterns), n, squeeze=False,
            gridspec_kw={"left": x / width, "right": (x + n * cell) / width,
                         "top": 1 - above / height, "bottom": 0.1 / height,
                         "wspace": 0.1, "hspace": 0.1},
        )  # fmt: skip
        for row, learned, connections in zip(axes, patterns, of_all):
            for ax, connected in zip(row, connections):
                _draw_map(ax, connected)
            if block == 0:
                row[0].set_ylabel(f"{learned:,}", rotation=0, ha="right", va="center", fontsize=8)
        for h, ax in enumerate(axes[0]):
            ax.set_title(f"{h}", fontsize=8, pad=3)
        figure.text((x + n * cell / 2) / width, 1 - 0.05 / height,
                    _READING.get(name, name).format(n - 1), ha="center", va="top")  # fmt: skip
    figure.text(0.1 / width, 0.5 * (1 - above / height), "training patterns", rotation=90,
                ha="center", va="center")  # fmt: skip
    return figure


@styled
def draw_preferences(preferred: np.ndarray) -> Figure:
    """What the busiest minicolumns of hidden hypercolumns prefer to see.

    Parameters
    ----------
    preferred : ndarray, shape (hypercolumns, minicolumns, pixels)
        See `connectivity.busiest_fields`.
    """
    n, shown = preferred.shape[:2]
    figure = new_figure(figsize=(0.75 * n + 1.6, 0.75 * shown + 0.5), layout="constrained")
    axes = figure.subplots(shown, n, squeeze=False)
    image = _draw_busiest(axes, preferred)
    for h, ax in enumerate(axes[0]):
        ax.set_title(f"{h}", fontsize=8, pad=3)
    for number, ax in enumerate(axes[:, 0], 1):
        ax.set_ylabel(f"busiest {number}", rotation=0, ha="right", va="center", fontsize=8)
    figure.suptitle("what minicolumns prefer, by hidden hypercolumn (grey: not connected)", fontsize=10)
    _bar(figure, image, axes)
    return figure


@styled
def draw_receptive_fields(before: np.ndarray, after: np.ndarray, preferred: np.ndarray) -> Figure:
    """Receptive fields of hidden hypercolumns.

    Parameters
    ----------
    before, after : ndarray of bool, shape (pixels, hypercolumns)
        Feedforward connections before and after learning.
    preferred : ndarray, shape (hypercolumns, minicolumns, pixels)
        What their busiest minicolumns prefer, see `connectivity.busiest_fields`.
    """
    n, shown = preferred.shape[:2]
    figure = new_figure(figsize=(0.85 * n + 1.6, 0.9 * (2 + shown) + 0.3), layout="constrained")
    axes = figure.subplots(2 + shown, n, squeeze=False)
    for h in range(n):
        for row, connected in enumerate((before, after)):
            _draw_map(axes[row, h], connected[:, h])
        axes[0, h].set_title(f"{h}", fontsize=8)
    image = _draw_busiest(axes[2:], preferred)
    labels = ["before", "after", *(f"busiest {m + 1}" for m in range(shown))]
    for ax, label in zip(axes[:, 0], labels):
        ax.set_ylabel(label, rotation=0, ha="right", va="center")
    figure.suptitle(
        "connections of hidden hypercolumns before and after learning, and their busiest minicolumns",
        fontsize=10,
    )
    _bar(figure, image, axes)
    return figure


def _draw_map(ax: Axes, connected: np.ndarray) -> None:
    ax.axis("on")
    ax.imshow(_square(connected), cmap="Greys", vmin=0, vmax=1.3)
    _frame(ax)


def _draw_busiest(axes: np.ndarray, preferred: np.ndarray) -> AxesImage:
    """The busiest minicolumns of a hypercolumn below one another, one hypercolumn a column."""
    limit = np.nanpercentile(np.abs(preferred), 95) or 1
    for h, column in enumerate(axes.T):
        for ax, weights in zip(column, preferred[h]):
            ax.set_facecolor("0.8")
            image = ax.imshow(_square(weights), cmap="RdBu_r", vmin=-limit, vmax=limit)
            _frame(ax)
    return image


def _bar(figure: Figure, image: AxesImage, axes: np.ndarray) -> None:
    bar = figure.colorbar(image, ax=axes, shrink=0.6, extend="both")
    bar.set_label("weight ON − OFF")


def _square(pixels: np.ndarray) -> np.ndarray:
    side = int(np.sqrt(len(pixels)))
    return pixels.reshape(side, side)


def _frame(ax: Axes) -> None:
    bare(ax)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.4)
