"""Connections of hidden hypercolumns before and after learning, and what minicolumns prefer."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .style import bare


def draw_receptive_fields(
    before: np.ndarray,
    after: np.ndarray,
    preferred: np.ndarray,
    bias: np.ndarray,
    n_hypercolumns: int = 10,
) -> Figure:
    """Receptive fields of the first hidden hypercolumns.

    Parameters
    ----------
    before, after : ndarray of bool, shape (pixels, H hidden)
        Feedforward connections before and after learning.
    preferred : ndarray, shape (H hidden, M hidden, pixels)
        What minicolumns prefer (`AssociativeMemory.receptive_fields`).
    bias : ndarray, shape (H hidden, M hidden)
        The three minicolumns of highest bias (most often active) are shown.
    """
    n = min(n_hypercolumns, before.shape[1])
    side = int(np.sqrt(len(before)))
    shown = min(3, preferred.shape[1])
    busiest = np.argsort(-bias[:n], axis=1)[:, :shown]
    preferred = np.take_along_axis(preferred[:n], busiest[..., None], axis=1)
    figure, axes = plt.subplots(
        2 + shown, n, figsize=(0.85 * n + 1.6, 0.9 * (2 + shown) + 0.3), layout="constrained"
    )
    limit = np.nanpercentile(np.abs(preferred), 95) or 1
    for h in range(n):
        for row, connected in enumerate((before, after)):
            ax = axes[row, h]
            ax.imshow(connected[:, h].reshape(side, side), cmap="Greys", vmin=0, vmax=1.3)
            _frame(ax)
        for m in range(shown):
            ax = axes[2 + m, h]
            ax.set_facecolor("0.8")
            image = ax.imshow(
                preferred[h, m].reshape(side, side), cmap="RdBu_r", vmin=-limit, vmax=limit
            )
            _frame(ax)
        axes[0, h].set_title(f"{h}", fontsize=8)
    labels = ["before", "after", *(f"busiest {m + 1}" for m in range(shown))]
    for ax, label in zip(axes[:, 0], labels):
        ax.set_ylabel(label, rotation=0, ha="right", va="center")
    figure.suptitle(
        "connections of hidden hypercolumns before and after learning, and their busiest minicolumns",
        fontsize=10,
    )
    bar = figure.colorbar(image, ax=axes, shrink=0.6, extend="both")
    bar.set_label("weight ON − OFF")
    return figure


def _frame(ax) -> None:
    bare(ax)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.4)
