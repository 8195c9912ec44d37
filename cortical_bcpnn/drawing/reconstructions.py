"""Original, cue and what the memory makes of it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import bare, new_figure, styled

ROWS = ("original", "cue", "INPRC, feedforward", "INPRC, attractor")


@styled
def draw_reconstructions(examples: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Images in four rows for each task.

    Parameters
    ----------
    examples : dict
        For each title, images of shape (n, side, side) under the names in `ROWS` (rows
        that are missing are left out).
    """
    rows = [row for row in ROWS if row in next(iter(examples.values()))]
    n = len(next(iter(examples.values()))[rows[0]])
    figure = new_figure(figsize=(0.62 * n + 1.4, len(examples) * (0.66 * len(rows) + 0.35)))
    for panel, (title, images) in zip(
        np.atleast_1d(figure.subfigures(len(examples), 1)), examples.items()
    ):
        axes = panel.subplots(len(rows), n, gridspec_kw={"wspace": 0.06, "hspace": 0.06})
        panel.subplots_adjust(left=0.2, right=0.99, top=0.88, bottom=0.02)
        panel.suptitle(title, fontsize=10, x=0.595, y=0.99)
        for row, row_axes in zip(rows, axes):
            for ax, image in zip(row_axes, images[row]):
                ax.imshow(image, cmap="Greys", vmin=0, vmax=1)
                bare(ax)
            row_axes[0].set_ylabel(row, rotation=0, ha="right", va="center", fontsize=8)
    return figure
