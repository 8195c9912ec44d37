"""One model in two simulators: single cells, recall of the same networks, and cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled

_LOOKS = {"Brian2": (FEEDFORWARD, "-", "o"), "NEST": (ATTRACTOR, "--", "x")}
_CELLS = {"adapting": ("adapting", 1.0), "without adaptation": ("without\nadaptation", 0.5)}


@styled
def draw_single_cells(rates: pd.DataFrame, intervals: pd.DataFrame, synapses: pd.DataFrame) -> Figure:
    """Rates against currents, adaptation, potentials after a spike, conductances under a train.

    Parameters
    ----------
    rates : DataFrame
        'simulator', 'cells' ('adapting' or 'without adaptation'), 'pa', 'hz'.
    intervals : DataFrame
        'simulator', 'cells', 'interval' (1, 2, …), 'ms'.
    synapses : DataFrame
        'simulator', 'synapse', 'ms', 'mv', 'ns'.
    """
    figure = new_figure(figsize=(14, 5.6))
    axes = figure.subplots(2, 4)
    _draw_curves(axes[0, 0], rates, "pa", "hz")
    axes[0, 0].set(xlabel="current (pA)", ylabel="firing rate (Hz)", title="current and rate")
    axes[0, 0].legend(fontsize=8)
    _draw_curves(axes[1, 0], intervals, "interval", "ms")
    axes[1, 0].set(xlabel="interval", ylabel="between spikes (ms)", title="adaptation, 400 pA")
    axes[1, 0].set_ylim(bottom=0)
    for (name, rows), ax in zip(synapses.groupby("synapse", sort=False), axes[:, 1:3].ravel()):
        for simulator, (colour, line, _) in _LOOKS.items():
            one = rows[(rows["simulator"] == simulator) & (rows["ms"] < 60)]
            base = one["mv"][one["ms"] < 14].iloc[-1]
            ax.plot(one["ms"] - 10, 1e3 * (one["mv"] - base), line, color=colour, lw=1.4)
        ax.set(xlabel="after the spike (ms)", ylabel="potential (µV)", title=f"{name}, one spike")
    for name, ax in zip(("AMPA", "NMDA"), axes[:, 3]):
        for simulator, (colour, line, _) in _LOOKS.items():
            one = synapses[(synapses["simulator"] == simulator) & (synapses["synapse"] == name)]
            ax.plot(one["ms"], one["ns"], line, color=colour, lw=1)
        ax.set(xlabel="time (ms)", ylabel="conductance (nS)", title=f"{name}, train at 20 Hz")
    figure.tight_layout()
    return figure


def _draw_curves(ax: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    for simulator, (colour, line, marker) in _LOOKS.items():
        for cells, (text, strength) in _CELLS.items():
            rows = table[(table["simulator"] == simulator) & (table["cells"] == cells)]
            label = simulator if cells == "adapting" else None
            ax.plot(rows[x], rows[y], line, color=colour, marker=marker, ms=5, lw=1.2,
                    mfc="none", alpha=0.5 + strength / 2, label=label)  # fmt: skip
            if simulator == "Brian2" and len(rows):
                ax.annotate(text, (rows[x].iloc[-1], rows[y].iloc[-1]), xytext=(-2, 6), fontsize=7.5,
                            textcoords="offset points", ha="right", color=NEUTRAL)  # fmt: skip
    ax.margins(y=0.15)


@styled
def draw_recall_by_both(networks: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Measures of recall by one simulator against those by the other, a point a network.

    Parameters
    ----------
    networks : DataFrame
        See `cortical_bcpnn.analysis.paired.by_network`.
    models : sequence of str
        Two.
    """
    measures = networks["measure"].unique()
    figure = new_figure(figsize=(13.5, 5.6))
    axes = figure.subplots(2, -(-len(measures) // 2)).ravel()
    first, second = models
    groups = list(networks.groupby(["stored", "cued", "wrong"]))
    looks = [(colour, marker) for colour in (FEEDFORWARD, ATTRACTOR, NEUTRAL) for marker in "os"]
    for ax, measure in zip(axes, measures):
        values = networks[networks["measure"] == measure]
        both = values[[first, second]].to_numpy(float)
        low, high = (0.0, 1.0) if np.isnan(both).all() else (np.nanmin(both), np.nanmax(both))
        edge = 0.12 * (high - low) or 0.1 * abs(high) or 0.1
        span = [low - edge, high + edge]
        ax.plot(span, span, color=NEUTRAL, lw=0.7)
        for ((stored, cued, wrong), rows), (colour, marker) in zip(groups, looks * len(groups)):
            rows = rows[rows["measure"] == measure]
            text = f"{stored} patterns, {cued} cued" + (f", {wrong} wrongly" if wrong else "")
            ax.plot(rows[first], rows[second], marker, color=colour, ms=6, alpha=0.7, mew=0, label=text)
        unit = values["unit"].iloc[0]
        unit = f" ({unit})" if isinstance(unit, str) and unit else ""
        ax.set(title=f"{measure}{unit}", xlabel=first, ylabel=second, xlim=span, ylim=span)
        ax.set_aspect("equal")
    for ax in axes[len(measures):]:
        ax.set_visible(False)
    figure.tight_layout()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="upper center", ncol=len(groups),
                  bbox_to_anchor=(0.5, 0.01))  # fmt: skip
    return figure


@styled
def draw_cost(speed: pd.DataFrame) -> Figure:
    """Time per second of model time, and memory, against the size of the network.

    Parameters
    ----------
    speed : DataFrame
        One row a measurement: 'hypercolumns', 'minicolumns', 'cells', 'simulator', 'threads', 'wall',
        'cpu', 'memory_mb'.
    """
    figure = new_figure(figsize=(12, 3.4))
    axes = figure.subplots(1, 3)
    panels = (("wall", "wall time (s per s of model time)"),
              ("cpu", "processor time (s per s of model time)"),
              ("memory_mb", "memory of the simulation (MB)"))  # fmt: skip
    for ax, (column, label) in zip(axes, panels):
        for (simulator, threads), rows in speed.groupby(["simulator", "threads"]):
            colour, line, marker = _LOOKS[simulator]
            values = rows.groupby("cells")[column]
            if values.median().isna().all():
                continue
            text = simulator + (f", {threads} threads" if threads > 1 else "")
            ax.plot(values.median().index, values.median(), ":" if threads > 1 else line, color=colour,
                    marker="s" if threads > 1 else marker, ms=5, mfc="none", label=text)  # fmt: skip
            ax.plot(rows["cells"], rows[column], ".", color=colour, ms=3, alpha=0.5)
        ax.set(xscale="log", yscale="log", xlabel="cells", ylabel=label)
        sizes = speed.drop_duplicates("cells")[["cells", "hypercolumns", "minicolumns"]].to_numpy()
        ax.set_xticks(sizes[:, 0], [f"{cells}\n{h} × {m}" for cells, h, m in sizes])
        ax.xaxis.set_minor_locator(NullLocator())
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    return figure
