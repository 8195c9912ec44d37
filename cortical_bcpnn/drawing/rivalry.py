"""Who wins in perceptual rivalry, against how much of the cue is the rival's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..analysis.rivalry import WINNERS
from .bands import ATTRACTOR_LINE, FEEDFORWARD_LINE, draw_means, of_networks
from .style import NEUTRAL, bare, new_figure, styled

_COLOURS = dict(zip(WINNERS, ("#009E73", "#CC79A7", NEUTRAL)))
_LOOKS = {"feedforward": FEEDFORWARD_LINE, "attractor": ATTRACTOR_LINE}


@styled
def draw_rivalry(table: pd.DataFrame, cues: np.ndarray, difficulties: np.ndarray) -> Figure:
    """Shares of cues that are recognised as their image, its rival or neither, a panel a variant.

    Parameters
    ----------
    table : DataFrame
        Columns variant, seed, difficulty, moment, image, rival and neither (shares from 0 to 1).
    cues : ndarray, shape (n, side, side)
        Of one image, shown above all panels.
    difficulties : ndarray, shape (n,)
        Of these cues.
    """
    variants = list(table["variant"].unique())
    figure = new_figure(figsize=(max(6.5, 3.3 * len(variants)), 4.4), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(0.25, 1))
    for ax, cue, difficulty in zip(above.subplots(1, len(cues), squeeze=False)[0], cues, difficulties):
        ax.imshow(cue, cmap="Greys", vmin=0, vmax=1)
        bare(ax)
        ax.set_title(f"{difficulty:g}", fontsize=8)
    axes = below.subplots(1, len(variants), sharey=True, squeeze=False)[0]
    for ax, variant in zip(axes, variants):
        _draw_panel(ax, table[table["variant"] == variant])
        ax.set_title(variant)
    axes[0].set(ylabel="cues recognised as … (%)", ylim=(0, 100))
    names = {"image": "the image", "rival": "its rival", "neither": "neither"}
    handles = [Line2D([], [], color=colour, lw=2, label=names[winner])
               for winner, colour in _COLOURS.items()]  # fmt: skip
    handles += [Line2D([], [], color=NEUTRAL, ms=4, label=moment, **look)
                for moment, look in _LOOKS.items()]  # fmt: skip
    below.legend(handles=handles, ncol=len(handles), loc="outside lower center", handlelength=3,
                 title=of_networks(table["seed"].nunique()), title_fontsize=8)  # fmt: skip
    return figure


def _draw_panel(ax: Axes, rows: pd.DataFrame) -> None:
    for moment, look in _LOOKS.items():
        of_moment = rows[rows["moment"] == moment]
        if of_moment.empty:
            continue
        for winner, colour in _COLOURS.items():
            shares = (100 * of_moment[winner]).groupby(of_moment["difficulty"])
            draw_means(ax, shares, colour, 0.15, ms=4, lw=1.3, **look)
    ax.set(xlabel="difficulty", xlim=(-0.02, 1.05))
