"""What images and labels bring to mind of each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .bands import draw_means
from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, bare, new_figure, styled

_LOOKS = {"feedforward": (FEEDFORWARD, "o", "feedforward"), "attractor": (ATTRACTOR, "^", "attractor")}


@styled
def draw_association(
    labels: pd.DataFrame, chance: float, images: dict[int, np.ndarray], averages: dict[int, np.ndarray]
) -> Figure:
    """Labels recalled from cues, and images recalled from labels.

    Parameters
    ----------
    labels : DataFrame
        Columns seed, task, difficulty, moment and accuracy (from 0 to 1); clean images have
        difficulty 0.
    chance : float
    images, averages : dict of ndarray, shape (side, side)
        Recalled from each label, and mean training image of each class.
    """
    tasks = [task for task in dict.fromkeys(labels["task"]) if task != "clean"]
    figure = new_figure(figsize=(9.5, 5.4), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    axes = above.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for ax, task in zip(axes, tasks):
        _draw_accuracy(ax, labels[labels["task"].isin(("clean", task))], chance)
        ax.set_title(f"label from image: {task}")
    axes[0].set_ylabel("right labels (%)")
    axes[0].legend(fontsize=8, loc="lower left")
    grid = below.subplots(2, len(images), squeeze=False)
    for column, (label, image) in zip(grid.T, images.items()):
        for ax, shown in zip(column, (image, averages[label])):
            bare(ax)
            ax.imshow(shown, cmap="gray", vmin=0, vmax=1)
        column[0].set_title(str(label), fontsize=9)
    for ax, name in zip(grid[:, 0], ("recalled", "class mean")):
        ax.set_ylabel(name, fontsize=8.5)
    below.suptitle("image from label", fontsize=10)
    return figure


def _draw_accuracy(ax: Axes, rows: pd.DataFrame, chance: float) -> None:
    for moment, (colour, marker, label) in _LOOKS.items():
        found = rows[rows["moment"] == moment]
        if found.empty:
            continue
        values = (100 * found["accuracy"]).groupby(found["difficulty"])
        draw_means(ax, values, colour, 0.2, marker=marker, ms=4, label=label)
    ax.axhline(100 * chance, color=NEUTRAL, ls=":", lw=1)
    ax.set(xlabel="difficulty", ylim=(0, 100))
