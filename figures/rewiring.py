"""Structural plasticity over training."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from .style import ATTRACTOR, FEEDFORWARD

_LOOK = {
    "feedforward": {"color": FEEDFORWARD, "marker": "o"},
    "feedback": {"color": ATTRACTOR, "marker": "s"},
}


def draw_rewiring(rewiring: pd.DataFrame) -> Figure:
    """Flips per rewiring, and scores of active connections, against training patterns."""
    figure, (flips, score) = plt.subplots(1, 2, figsize=(7, 2.8))
    for name, rows in rewiring.groupby("projection", sort=False):
        look = {"ms": 3, "lw": 1, "label": name, **_LOOK.get(name, {})}
        flips.plot(rows["patterns"], rows["flips"], **look)
        score.plot(rows["patterns"], rows["score"], **look)
    flips.set_ylabel("flips per rewiring")
    score.set_ylabel("summed score of active connections\n(nats, mean over hypercolumns)")
    for ax in (flips, score):
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("training patterns")
        ax.set_ylim(bottom=0)
    flips.legend()
    figure.tight_layout()
    return figure
