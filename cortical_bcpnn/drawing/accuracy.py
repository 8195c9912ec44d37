"""Accuracy against difficulty."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled

_LOOK = {
    "ff": {"color": FEEDFORWARD, "marker": "o", "label": "feedforward"},
    "attractor": {"color": ATTRACTOR, "marker": "s", "label": "attractor"},
}


@styled
def draw_accuracy(tasks: pd.DataFrame, clean: dict[str, float], n_classes: int = 10) -> Figure:
    """Accuracy of the readout on the three tasks.

    Parameters
    ----------
    tasks : DataFrame
        Columns task, difficulty, ff, attractor (accuracies from 0 to 1).
    clean : dict of float
        Accuracies 'ff' and 'attractor' on clean images, drawn at difficulty 0.
    n_classes : int
        For the chance level.
    """
    names = list(tasks["task"].unique())
    figure = new_figure(figsize=(3.1 * len(names), 2.9))
    axes = figure.subplots(1, len(names), sharey=True)
    for ax, name in zip(axes, names):
        rows = tasks[tasks["task"] == name].sort_values("difficulty")
        for moment, look in _LOOK.items():
            difficulty = [0, *rows["difficulty"]]
            ax.plot(difficulty, [100 * clean[moment], *(100 * rows[moment])], ms=4, **look)
        ax.axhline(100 / n_classes, color=NEUTRAL, ls=":", lw=1)
        ax.text(0, 100 / n_classes + 1.5, "chance", color=NEUTRAL, fontsize=8)
        ax.set_title(name)
        ax.set_xlabel("difficulty")
        ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes[0].set_ylabel("test accuracy (%)")
    axes[0].set_ylim(0, 108)
    axes[-1].legend(loc="upper right")
    return figure
