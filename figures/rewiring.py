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
    names = list(rewiring["projection"].unique())
    figure, (flips, *scores) = plt.subplots(
        1, 1 + len(names), figsize=(3.3 * (1 + len(names)), 2.8)
    )
    for name, score in zip(names, scores):
        rows = rewiring[rewiring["projection"] == name]
        look = {"ms": 3, "lw": 1, "label": name, **_LOOK.get(name, {})}
        flips.plot(rows["patterns"], rows["flips"], **look)
        score.plot(rows["patterns"], rows["score"], **look)
        score.set_ylabel(f"summed score, {name}\n(nats, mean over hypercolumns)")
    flips.set_ylabel("flips per rewiring")
    for ax in (flips, *scores):
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("training patterns")
        ax.set_ylim(bottom=0)
    flips.legend()
    figure.tight_layout()
    return figure
