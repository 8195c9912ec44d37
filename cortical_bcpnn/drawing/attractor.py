"""Images of INP and INPRC at a row of times through one recall, and likeness to the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from brian2 import ms
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from ..model.parameters import Parameters
from ..model.phases import Phase
from .phases import name_phases, shade_phases
from .style import NEUTRAL, POPULATION_COLOURS, bare, new_figure, styled

SIZE = 0.8  # of the original and the cue, in inches
LARGEST = 1.0  # of an image in a strip
ROW = 1.0  # height of a row, in widths of the narrowest time bin
_WIDTH, _LEFT, _RIGHT = 10.0, 1.9, 0.75  # of the figure and its margins, in inches


@dataclass(frozen=True)
class Strips:
    """One recall, as images in bins of time.

    Attributes
    ----------
    original, cue : ndarray, shape (side, side)
    images : mapping of str to ndarray of shape (bins, side, side)
        ON minus OFF, as a share of a minicolumn that fires at f_max, by title.
    similarity : DataFrame
        Columns time_ms; similarity, sd and others: likeness of INPRC to the original, its
        standard deviation, and likeness to other images; inp: likeness of INP to the original
        (means over images).
    cue_similarity : float
        Likeness of the cue itself to the original (mean over images).
    """

    original: np.ndarray
    cue: np.ndarray
    images: Mapping[str, np.ndarray]
    similarity: pd.DataFrame
    cue_similarity: float


@styled
def draw_attractor(
    tasks: Mapping[str, Strips], bins: np.ndarray, protocol: Sequence[Phase], parameters: Parameters
) -> Figure:
    """A panel for each task: strips of images, and similarity below them.

    Parameters
    ----------
    tasks : mapping of str to Strips
        By title.
    bins : ndarray of int
        Edges of the time bins, in time steps.
    protocol : sequence of Phase
        That of the recall.
    parameters : Parameters
        For the time step.
    """
    edges = np.asarray(bins) * float(parameters.dt / ms)
    inches = (_WIDTH - _LEFT - _RIGHT) / edges[-1]  # per ms
    side = min(np.diff(edges).min(), LARGEST / inches)  # of an image, in ms
    rows = max(len(strips.images) for strips in tasks.values())
    strip, line, above, below = rows * ROW * side * inches, 1.15, 0.5, 0.5
    height = above + strip + 0.1 + line + below
    figure = new_figure(figsize=(_WIDTH, height * len(tasks)))
    for number, (title, strips) in enumerate(tasks.items()):
        top = len(tasks) - number  # of the panel, in panels

        def place(left: float, bottom: float, wide: float, high: float, top=top) -> Axes:
            """Axes at inches from the panel's lower left corner."""
            box = (left / _WIDTH, (top - 1 + bottom / height) / len(tasks),
                   wide / _WIDTH, high / height / len(tasks))  # fmt: skip
            return figure.add_axes(box)

        wide = edges[-1] * inches
        images = place(_LEFT, below + line + 0.1, wide, strip)
        similarity = place(_LEFT, below, wide, line)
        _draw_images(images, strips, edges, side)
        _draw_similarity(similarity, strips)
        for ax in (images, similarity):
            shade_phases(ax, protocol, parameters)
            ax.set_xlim(0, edges[-1])
        name_phases(images, protocol, parameters, wide)
        similarity.set_xlabel("time (ms)")
        for name, image, down in (("original", strips.original, 0), ("cue", strips.cue, 1)):
            ax = place(0.05, height - above - 0.12 - (down + 1) * SIZE - down * 0.25, SIZE, SIZE)
            ax.imshow(image, cmap="Greys", vmin=0, vmax=1)
            ax.set_title(name, fontsize=8, pad=2)
            _frame(ax)
        figure.text(0.05 / _WIDTH, (top - 0.13 / height) / len(tasks), title, fontsize=10,
                    weight="bold", va="top")  # fmt: skip
        high = max(strip, 1.6)
        bar = place(_WIDTH - _RIGHT + 0.12, height - above - high, 0.1, high)
        scale = figure.colorbar(images.images[0], cax=bar, ticks=[-1, 0, 1])
        scale.set_label("ON − OFF (share of f$_{max}$)", fontsize=8)
        scale.ax.tick_params(labelsize=8)
        if number == 0:
            corner = (1 - _RIGHT / _WIDTH, 1 - 0.05 / height / len(tasks))
            figure.legend(*similarity.get_legend_handles_labels(), loc="upper right", ncol=4,
                          fontsize=8, bbox_to_anchor=corner, borderaxespad=0)  # fmt: skip
    return figure


def _draw_images(ax: Axes, strips: Strips, edges: np.ndarray, side: float) -> None:
    """Rows of images, each in the middle of its time bin; one image is 1 high."""
    middles = (edges[:-1] + edges[1:]) / 2
    half_x, half_y = 0.46 * side, 0.46
    for row, images in enumerate(strips.images.values()):
        for middle, image in zip(middles, images):
            ax.imshow(
                image, cmap="Greys", vmin=-1, vmax=1, aspect="auto", zorder=2,
                extent=(middle - half_x, middle + half_x, -row - half_y, -row + half_y),
            )  # fmt: skip
    ax.set_ylim(0.5 - len(strips.images), 0.5)
    ax.set_yticks(-np.arange(len(strips.images)), list(strips.images))
    ax.tick_params(axis="y", length=0, labelsize=8)
    ax.set_xticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def _draw_similarity(ax: Axes, strips: Strips) -> None:
    table = strips.similarity
    colour = POPULATION_COLOURS["INPRC"]
    mean, sd = table["similarity"], table["sd"]
    ax.fill_between(table["time_ms"], mean - sd, mean + sd, color=colour, alpha=0.3, lw=0)
    ax.plot(table["time_ms"], mean, color=colour, lw=1.5, label="INPRC to the original ± s.d.")
    ax.plot(table["time_ms"], table["others"], color=NEUTRAL, lw=1, ls="--",
            label="INPRC to other images")  # fmt: skip
    ax.plot(table["time_ms"], table["inp"], color=POPULATION_COLOURS["INP"], lw=1,
            label="INP to the original")  # fmt: skip
    ax.axhline(strips.cue_similarity, color=POPULATION_COLOURS["INP"], lw=1, ls=":",
               label="cue to the original")  # fmt: skip
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_locator(MultipleLocator(0.5))
    ax.set_ylabel("cosine\nsimilarity")


def _frame(ax: Axes) -> None:
    bare(ax)
    for spine in ax.spines.values():
        spine.set(visible=True, linewidth=0.4)
