"""Accuracy over time constant and largest rate, as heat maps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from brian2 import Hz, ms
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator

from ..analysis.time_constants import CARRIED_OVER
from ..model.paper import Variant
from .style import new_figure, styled

PANELS = {"ff": "feedforward", "attractor": "attractor"}
SPIKES = (0.1, 1, 10, 100)  # iso-lines of tau_z f_max
_COLOURS = colormaps["viridis"]
_OUTLINE = withStroke(linewidth=2, foreground="black", alpha=0.3)  # shows white on yellow


def draw_grid(cells: pd.DataFrame, variant: Variant) -> Figure:
    """`draw_time_constants` of networks that but for tau_z and f_max are those of a variant."""
    framed = float(variant.tau_z / ms), float(variant.f_max / Hz)
    is_there = bool(np.isclose(cells[["tau_z_ms", "f_max_hz"]], framed).all(axis=1).any())
    phases = [variant.gap, variant.feedforward, variant.overlap, variant.recurrent]
    return draw_time_constants(
        cells,
        framed=framed,
        settled=float(variant.feedforward / ms) / -np.log(CARRIED_OVER),
        note=f"support $\\tau_m$ {float(variant.tau_m / ms):g} ms, phases "
        f"{', '.join(f'{float(phase / ms):g}' for phase in phases)} ms as in {variant.name}"
        f"{' (framed)' * is_there}\n"
        "dashed: spikes within $\\tau_z$ at $f_{max}$; dotted: above it, more than "
        f"{CARRIED_OVER:.0%} of z is left of the pattern before when a pattern is learned",
    )


@styled
def draw_time_constants(
    grid: pd.DataFrame,
    framed: tuple[float, float] | None = None,
    settled: float | None = None,
    note: str = "",
) -> Figure:
    """Test accuracy for each pair of tau_z and f_max, at the end of both phases.

    Dashed lines join pairs of equal tau_z f_max: spikes that a minicolumn which fires at f_max
    emits within the time constant of its trace.

    Parameters
    ----------
    grid : DataFrame
        Columns tau_z_ms, f_max_hz, ff and attractor (accuracies from 0 to 1), one row per pair;
        pairs that are missing stay white.
    framed : (float, float), optional
        tau_z (ms) and f_max (Hz) of a cell to frame.
    settled : float, optional
        tau_z (ms) up to which traces settle while a pattern is shown: a dotted line.
    note : str
        What to write below.
    """
    tau_z, f_max = np.unique(grid["tau_z_ms"]), np.unique(grid["f_max_hz"])
    size = (1.6 + 2 * (0.48 * len(f_max) + 0.5), 0.9 + 0.4 * max(len(tau_z), 4))
    figure = new_figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    norm = Normalize(0, 100)
    for ax, (column, title) in zip(axes, PANELS.items()):
        values = grid.pivot(index="tau_z_ms", columns="f_max_hz", values=column)
        _draw_map(ax, tau_z, f_max, 100 * values.loc[tau_z, f_max].to_numpy(), norm)
        _draw_lines(ax, tau_z, f_max)
        if settled is not None and cell_edges(tau_z)[0] < settled < cell_edges(tau_z)[-1]:
            ax.axhline(settled, color="white", lw=1.5, ls=":", zorder=2, path_effects=[_OUTLINE])
        if framed is not None:
            _frame(ax, tau_z, f_max, framed)
        ax.set_title(title, pad=16)
        ax.set_xlabel("$f_{max}$ (Hz)")
    axes[0].set_ylabel("$\\tau_z$ (ms)")
    bar = figure.colorbar(ScalarMappable(norm, _COLOURS), ax=axes, shrink=0.8, aspect=25)
    bar.set_label("test accuracy (%)")
    if note:
        figure.supxlabel(note, fontsize=7.5)
    return figure


def cell_edges(centres: np.ndarray) -> np.ndarray:
    """Edges of cells on a logarithmic axis, half-way between their centres."""
    if len(centres) == 1:
        return centres[0] * np.array([0.7, 1 / 0.7])
    logs = np.log(centres)
    between = (logs[1:] + logs[:-1]) / 2
    return np.exp([2 * logs[0] - between[0], *between, 2 * logs[-1] - between[-1]])


def _draw_map(
    ax: Axes, tau_z: np.ndarray, f_max: np.ndarray, values: np.ndarray, norm: Normalize
) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.pcolormesh(cell_edges(f_max), cell_edges(tau_z), values, cmap=_COLOURS, norm=norm)
    for row, y in zip(values, tau_z):
        for value, x in zip(row, f_max):
            if np.isfinite(value):
                colour = _COLOURS(norm(value))
                ax.text(
                    x, y, f"{value:.0f}", ha="center", va="center", fontsize=8, zorder=3,
                    color="white" if _is_dark(colour) else "black",
                    bbox={"boxstyle": "square,pad=0.15", "fc": colour, "lw": 0},
                )  # fmt: skip
    for axis, ticks in ((ax.xaxis, f_max), (ax.yaxis, tau_z)):
        axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.set_minor_locator(NullLocator())
        axis.set_tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _draw_lines(ax: Axes, tau_z: np.ndarray, f_max: np.ndarray) -> None:
    """Iso-lines of tau_z f_max that reach the top or the right edge, where they are labelled."""
    x, y = cell_edges(f_max)[[0, -1]], cell_edges(tau_z)[[0, -1]]
    ax.set_xlim(*x)
    ax.set_ylim(*y)
    for spikes in SPIKES:
        at_top, at_right = 1000 * spikes / y[1], 1000 * spikes / x[1]
        label = {"text": f"{spikes:g} spike{'s' * (spikes != 1)}", "fontsize": 7}
        if x[0] < at_top < x[1]:
            ax.annotate(xy=(at_top, y[1]), xytext=(0, 2), textcoords="offset points", ha="center",
                        **label)  # fmt: skip
        elif y[0] * 0.999 < at_right < y[1]:
            ax.annotate(xy=(x[1], at_right), xytext=(3, 0), textcoords="offset points", va="center",
                        **label)  # fmt: skip
        else:
            continue
        ends = np.clip(1000 * spikes / y, *x)
        ax.plot(ends, 1000 * spikes / ends, color="white", lw=1, ls="--", zorder=2,
                path_effects=[_OUTLINE])  # fmt: skip


def _frame(
    ax: Axes, tau_z: np.ndarray, f_max: np.ndarray, framed: tuple[float, float]
) -> None:
    """Frame a cell, if it is there."""
    row, column = np.flatnonzero(tau_z == framed[0]), np.flatnonzero(f_max == framed[1])
    if len(row) and len(column):
        y, x = cell_edges(tau_z)[row[0] :][:2], cell_edges(f_max)[column[0] :][:2]
        ax.add_patch(
            Rectangle((x[0], y[0]), x[1] - x[0], y[1] - y[0], fc="none", ec="white", lw=2, zorder=4)
        )


def _is_dark(colour: tuple[float, float, float, float]) -> bool:
    red, green, blue, _ = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
