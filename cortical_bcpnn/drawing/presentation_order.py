"""Accuracy over epochs of images in order and at random, and by time constants of the p traces."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .bands import ATTRACTOR_LINE, FEEDFORWARD_LINE, draw_means, epochs_axis, of_networks
from .style import MINICOLUMN_COLOURS, NEUTRAL, new_figure, styled

_LINES = {"ff": (FEEDFORWARD_LINE, "feedforward"), "attractor": (ATTRACTOR_LINE, "attractor")}


@styled
def draw_presentation_order(table: pd.DataFrame) -> Figure:
    """A panel per variant: a line for each order of images and time constant.

    Parameters
    ----------
    table : DataFrame
        A row per network and number of epochs, with the columns variant, order, tau_p_s, seed, epochs,
        ff and attractor (accuracies from 0 to 1).
    """
    variants = list(dict.fromkeys(table["variant"]))
    ways = list(dict.fromkeys(table[["order", "tau_p_s"]].itertuples(index=False, name=None)))
    colours = dict(zip(ways, MINICOLUMN_COLOURS * len(ways)))
    figure = new_figure(figsize=(1.2 + 3.3 * len(variants), 4.2), layout="constrained")
    axes = figure.subplots(1, len(variants), squeeze=False, sharey=True)[0]
    for ax, variant in zip(axes, variants):
        of_variant = table[table["variant"] == variant]
        for way, of_way in of_variant.groupby(["order", "tau_p_s"], sort=False):
            for name, (look, _) in _LINES.items():
                values = (100 * of_way[name]).groupby(of_way["epochs"])
                draw_means(ax, values, colours[way], 0.18, ms=5, lw=1.3, **look)
        epochs_axis(ax, sorted(set(of_variant["epochs"])))
        ax.set_title(variant)
    axes[0].set_ylabel("test accuracy (%)")
    handles = [Line2D([], [], color=colours[order, tau_p], lw=2.5, label=f"{order}, τ_p = {tau_p:g} s")
               for order, tau_p in ways]  # fmt: skip
    handles += [Line2D([], [], color=NEUTRAL, label=what, ms=5, **look)
                for look, what in _LINES.values()]  # fmt: skip
    counts = table.groupby(["variant", "order", "tau_p_s", "epochs"]).size()
    figure.legend(handles=handles, loc="outside lower center", ncols=2, title=of_networks(*counts),
                  title_fontsize=8, fontsize=8)  # fmt: skip
    return figure
