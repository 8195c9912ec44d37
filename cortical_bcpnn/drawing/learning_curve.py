"""Accuracy, orthogonality and firing rates of variants over epochs."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..model.paper import kind_of
from .bands import ATTRACTOR_LINE, FEEDFORWARD_LINE, draw_means, epochs_axis, of_networks
from .style import NEUTRAL, VARIANT_COLOURS, new_figure, styled

#: Of each panel: its label, and the measures in it with how they look and what they are.
_PANELS = (
    ("test accuracy (%)", {"ff": (FEEDFORWARD_LINE, "feedforward"),
                           "attractor": (ATTRACTOR_LINE, "attractor")}),
    ("orthogonality of HID, s_ortho", {"s_ortho_ff": (FEEDFORWARD_LINE, "feedforward"),
                                       "s_ortho_attractor": (ATTRACTOR_LINE, "attractor")}),
    ("firing rate of HID (Hz)", {"rate_mean_hz": ({"ls": "-", "marker": "v"}, "mean"),
                                 "rate_max_hz": ({"ls": ":", "marker": "^"}, "largest")}),
)  # fmt: skip
_REFERENCE = {"ff": "*", "attractor": "P"}


@styled
def draw_learning_curve(table: pd.DataFrame, reference: pd.DataFrame) -> Figure:
    """A panel each for accuracy, s_ortho and firing rates: a line per variant, a band of a deviation.

    Parameters
    ----------
    table : DataFrame
        A row per network and number of epochs, with the columns variant, seed, epochs, ff, attractor
        (accuracies from 0 to 1), s_ortho_ff, s_ortho_attractor, rate_mean_hz and rate_max_hz.
    reference : DataFrame
        Columns variant, epochs, ff and attractor: marks for accuracies that others came to.
    """
    percent = {"ff": 100 * table["ff"], "attractor": 100 * table["attractor"]}
    table = table.assign(**percent)
    figure = new_figure(figsize=(11, 4.2), layout="constrained")
    axes = figure.subplots(1, len(_PANELS))
    variants = list(dict.fromkeys(table["variant"]))
    for ax, (label, measures) in zip(axes, _PANELS):
        for variant in variants:
            of_variant = table[table["variant"] == variant]
            for name, (look, _) in measures.items():
                values = of_variant.groupby("epochs")[name]
                draw_means(ax, values, _colour(variant), 0.18, ms=4, lw=1.3, **look)
        epochs_axis(ax, sorted({*table["epochs"], *reference["epochs"]}))
        ax.set_ylabel(label)
        handles = [Line2D([], [], color=NEUTRAL, label=what, ms=4, **look)
                   for look, what in measures.values()]  # fmt: skip
        ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8)
    _mark(axes[0], reference)
    axes[2].set_yscale("log")
    counts = table.groupby(["variant", "epochs"]).size()
    handles = [Line2D([], [], color=_colour(v), lw=2.5, label=v) for v in variants]
    if len(reference):
        handles += [Line2D([], [], color=NEUTRAL, ls="", marker=_REFERENCE[name], ms=8, alpha=0.7,
                           label=f"reference, {what}") for name, what in
                    (("ff", "feedforward"), ("attractor", "attractor"))]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles),
                  title=of_networks(*counts), title_fontsize=8, fontsize=8)  # fmt: skip
    return figure


def _mark(ax: Axes, reference: pd.DataFrame) -> None:
    """Accuracies that others came to, beside their number of epochs."""
    for row in reference.itertuples():
        for name, marker in _REFERENCE.items():
            ax.plot(row.epochs * 0.9, 100 * getattr(row, name), marker, ms=8, mew=0, alpha=0.7,
                    color=_colour(row.variant), zorder=3)  # fmt: skip


def _colour(variant: str) -> str:
    return VARIANT_COLOURS.get(kind_of(variant), NEUTRAL)
