"""Structural plasticity over training."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from .bands import draw_means, of_networks
from .style import ATTRACTOR, FEEDFORWARD, new_figure, styled

_LOOK = {
    "feedforward": {"color": FEEDFORWARD, "marker": "o"},
    "feedback": {"color": ATTRACTOR, "marker": "s"},
}
_MARKERS = 15  # on a curve


@styled
def draw_rewiring(rewiring: pd.DataFrame) -> Figure:
    """Flips per rewiring, and scores of active connections, against training patterns.

    Parameters
    ----------
    rewiring : DataFrame
        `LearnedNetwork.rewiring`, with a column 'seed' if it is of several networks: their
        mean is drawn then, with a band of one standard deviation to both sides.
    """
    names = list(rewiring["projection"].unique())
    n_networks = rewiring["seed"].nunique() if "seed" in rewiring else 1
    figure = new_figure(figsize=(3.3 * (1 + len(names)), 2.8))
    flips, *scores = figure.subplots(1, 1 + len(names))
    for name, score in zip(names, scores):
        rows = rewiring[rewiring["projection"] == name]
        look = {"ms": 3.5, "lw": 1.2, "label": name, **_LOOK.get(name, {})}
        _draw(flips, rows, "flips", look)
        _draw(score, rows, "score", look)
        score.set_ylabel(f"summed score, {name}\n(nats, mean over hypercolumns)")
    flips.set_ylabel("flips per rewiring")
    for ax in (flips, *scores):
        ax.set_xscale("log")
        first, last = rewiring["patterns"].min(), rewiring["patterns"].max()
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if last < 40 * first else (1,)))
        ax.xaxis.set_major_formatter(EngFormatter(sep=""))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel("training patterns")
        ax.set_ylim(0, 1.05 * ax.get_ylim()[1])
    title = of_networks(n_networks) if n_networks > 1 else None
    flips.legend(title=title, title_fontsize=8)
    figure.tight_layout()
    return figure


def _draw(ax: Axes, rows: pd.DataFrame, column: str, look: dict) -> None:
    patterns = np.unique(rows["patterns"])
    marked = np.searchsorted(patterns, np.geomspace(patterns[0], patterns[-1], _MARKERS))
    marked = np.unique(marked.clip(max=len(patterns) - 1))
    look = {"color": None, "markevery": marked.tolist(), **look}
    draw_means(ax, rows.groupby("patterns")[column], alpha=0.2, **look)
