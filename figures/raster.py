"""Spikes and smoothed rates of the populations over a few recalls."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from brian2 import ms
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from cortical_bcpnn import Parameters, Phase, Recall

from .style import PHASE_COLOURS, POPULATION_COLOURS

SPIKES_PER_STEP = 8  # on average, beyond which a raster becomes a block of colour


def draw_raster(recall: Recall, protocol: Sequence[Phase], parameters: Parameters) -> Figure:
    """Raster of minicolumns, and rates within the hypercolumn that fires most selectively.

    Of a large population the raster shows the hypercolumns in the middle.

    Parameters
    ----------
    recall : Recall
        With spikes and z over time of a few cues, shown one after the other.
    protocol : sequence of Phase
        That of the recall.
    parameters : Parameters
        For the time step, and f_max: the smoothed rate is z f_max.
    """
    populations = list(recall.spikes_over_time)
    figure, axes = plt.subplots(
        2 * len(populations), 1, figsize=(8, 8.5), sharex=True,
        gridspec_kw={"height_ratios": [2, 1] * len(populations), "hspace": 0.22},
    )  # fmt: skip
    step = float(parameters.dt / ms)
    for number, name in enumerate(populations):
        raster, rates = axes[2 * number], axes[2 * number + 1]
        spikes = np.concatenate(recall.spikes_over_time[name])
        z = np.concatenate(recall.z_over_time[name])
        m = recall.minicolumns[name]
        shown = _legible(spikes, m)
        times, neurons = np.nonzero(spikes[:, shown])
        neurons += shown.start
        raster.scatter(
            times * step, neurons, s=1.5, lw=0, color=POPULATION_COLOURS[name], rasterized=True
        )
        raster.set_ylim(shown.start - 0.5, shown.stop - 0.5)
        raster.set_ylabel(f"{name}\nminicolumn")
        share = z.reshape(len(z), -1, m)
        hypercolumn = share.max(axis=2).mean(axis=0).argmax()
        rates.plot(np.arange(len(z)) * step, share[:, hypercolumn] * parameters.variant.f_max, lw=1)
        rates.set_ylabel("rate (Hz)")
        rates.set_title(
            f"smoothed rates of the {m} minicolumns of hypercolumn {hypercolumn}",
            fontsize=7, loc="right", pad=1,
        )  # fmt: skip
    for ax in axes:
        _shade(ax, protocol, parameters, len(recall.spikes_over_time[populations[0]]))
    axes[-1].set_xlabel("time (ms)")
    axes[-1].set_xlim(0, len(z) * step)
    handles = [Patch(fc=c, ec="0.6", lw=0.5, label=n) for n, c in PHASE_COLOURS.items()]
    figure.legend(
        handles=handles, ncol=len(handles), loc="upper center", bbox_to_anchor=(0.5, 0.93)
    )
    figure.align_ylabels()
    return figure


def _legible(spikes: np.ndarray, minicolumns: int) -> slice:
    """Hypercolumns in the middle of a population, few enough to tell their spikes apart."""
    n = spikes.shape[1] // minicolumns
    share = min(1.0, SPIKES_PER_STEP / max(spikes.sum(axis=1).mean(), 1e-9))
    shown = max(1, round(n * share))
    first = (n - shown) // 2
    return slice(first * minicolumns, (first + shown) * minicolumns)


def phase_name(phase: Phase) -> str:
    """Name of a phase, from what is clamped and whether recurrence is on."""
    recurrent = bool(phase.gains.get("recurrent"))
    if phase.clamped:
        return "overlap" if recurrent else "feedforward"
    return "recurrent" if recurrent else "gap"


def _shade(ax, protocol: Sequence[Phase], parameters: Parameters, n_cues: int) -> None:
    start = 0.0
    for _ in range(n_cues):
        for phase in protocol:
            end = start + float(phase.duration / ms)
            ax.axvspan(start, end, color=PHASE_COLOURS[phase_name(phase)], lw=0, zorder=-1)
            start = end
        ax.axvline(start, color="0.4", lw=0.6)
