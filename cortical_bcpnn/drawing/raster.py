"""Spikes and smoothed rates of the populations over a few recalls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from brian2 import Hz, ms
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..model.parameters import Parameters
from ..model.phases import Phase
from ..recall import Recall
from .phases import phase_legend, shade_phases
from .style import MINICOLUMN_COLOURS, NEUTRAL, POPULATION_COLOURS, bare, new_figure, styled

SPIKES = 3600  # in a raster; of more it becomes a block of colour
LIVELY = 0.3  # minicolumns whose z never reaches this share of the largest are drawn in grey
FAINT = 0.05  # z traces below this are not drawn
SPIKE_MARK = 5.0  # area of a spike's dot in points², where there is room for it


@styled
def draw_raster(
    recall: Recall,
    protocol: Sequence[Phase],
    parameters: Parameters,
    images: Mapping[str, np.ndarray] | None = None,
) -> Figure:
    """Raster of minicolumns, and rates within the hypercolumn that tells the cues apart best.

    Of a large population the raster shows the hypercolumns in the middle. Of one without spikes
    (rate-based variants) it shows z traces.

    Parameters
    ----------
    recall : Recall
        With spikes and z over time of a few cues, shown one after the other.
    protocol : sequence of Phase
        That of the recall.
    parameters : Parameters
        For the time step, and f_max: the smoothed rate is z f_max.
    images : mapping of str to ndarray of shape (cues, side, side), optional
        Images to show above each recall, by name.
    """
    populations = list(recall.z_over_time)
    n_cues, n_steps, _ = recall.z_over_time[populations[0]].shape
    step = float(parameters.dt / ms)
    head = 0.75 if images else 0.1
    figure = new_figure(figsize=(8, 2.7 * len(populations) + head + 0.5))
    outer = figure.add_gridspec(
        1 + len(populations), 1, hspace=0.12, height_ratios=[head, *[2.6] * len(populations)]
    )
    top = figure.add_subplot(outer[0])
    bare(top)
    axes: list[Axes] = []
    for number, name in enumerate(populations):
        # Spikes and rates of a population close together, populations apart
        inner = outer[1 + number].subgridspec(2, 1, height_ratios=[2, 1], hspace=0.2)
        for row in inner:
            axes.append(figure.add_subplot(row, sharex=axes[0] if axes else None))
        z = recall.z_over_time[name]
        m = recall.minicolumns[name]
        activity = recall.spikes_over_time.get(name, z)
        _draw_activity(axes[-2], np.concatenate(activity), name, m, step)
        axes[-2].set_ylabel(f"{name}\nminicolumn")
        _draw_rates(axes[-1], z, m, step, float(parameters.variant.f_max / Hz))
    for ax in axes:
        shade_phases(ax, protocol, parameters, n_cues)
        ax.tick_params(labelbottom=ax is axes[-1])
    axes[-1].set_xlabel("time (ms)")
    axes[0].set_xlim(0, n_cues * n_steps * step)
    if images:
        _draw_images(top, images, n_cues)
    phase_legend(figure, protocol, loc="lower center", bbox_to_anchor=(0.5, 1.1),
                 bbox_transform=top.transAxes)  # fmt: skip
    figure.align_ylabels(axes)
    return figure


def _draw_activity(ax: Axes, activity: np.ndarray, population: str, m: int, step: float) -> None:
    """A dot for every spike; of z traces, dashes in the width of z."""
    shown = _legible(activity, m)
    times, neurons = np.nonzero(activity[:, shown] > FAINT)
    first, last, n = shown.start // m, shown.stop // m, activity.shape[1] // m
    which = f"all {n} hypercolumns"
    if last - first < n:
        which = f"hypercolumns {first} to {last - 1} of {n}"
    size = SPIKE_MARK * min(1.0, max(40 / (shown.stop - shown.start), 0.25))
    look = {"marker": "o", "s": size, "lw": 0}
    kind = "spikes"
    if activity.dtype != bool:
        kind = "z traces"
        # A dash is as long as a time step and, where z = 1, as wide as a minicolumn, in points.
        length = 0.95 * _points(ax, ax.bbox.width) / len(activity)
        width = max(0.95 * _points(ax, ax.bbox.height) / (shown.stop - shown.start), 1.0)
        look = {"marker": "_", "s": length**2, "lw": width * activity[:, shown][times, neurons]}
    ax.set_title(f"{kind} of {which}", fontsize=8, loc="right", pad=2)
    colour = POPULATION_COLOURS.get(population, NEUTRAL)
    ax.scatter((times + 0.5) * step, neurons + shown.start, color=colour, rasterized=True, **look)
    ax.set_ylim(shown.start - 0.5, shown.stop - 0.5)


def _points(ax: Axes, pixels: float) -> float:
    return 72 * pixels / ax.figure.dpi


def _draw_rates(ax: Axes, z: np.ndarray, m: int, step: float, f_max: float) -> None:
    """Rates of the minicolumns of one hypercolumn; those that never fire much in grey."""
    hypercolumn = telling_hypercolumn(z, m)
    rates = np.concatenate(z)[:, hypercolumn * m : (hypercolumn + 1) * m] * f_max
    times = np.arange(1, len(rates) + 1) * step  # z is that at the end of a time step
    lively = (rates.max(axis=0) >= LIVELY * rates.max()) | (m == 2)
    ax.plot(times, rates[:, ~lively], lw=0.6, color="0.6")
    for number, minicolumn in enumerate(np.flatnonzero(lively)):
        colour = MINICOLUMN_COLOURS[number % len(MINICOLUMN_COLOURS)]
        label = f"{('ON', 'OFF')[minicolumn]}" if m == 2 else None
        ax.plot(times, rates[:, minicolumn], lw=1, color=colour, label=label)
    ax.set_ylim(0, None)
    ax.set_ylabel("rate (Hz)")
    ax.set_title(
        f"smoothed rates of the {m} minicolumns of hypercolumn {hypercolumn}",
        fontsize=8, loc="right", pad=2,
    )  # fmt: skip
    if m == 2:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 0.88), ncol=2, fontsize=8, borderaxespad=0,
                  handlelength=1.2, columnspacing=1)  # fmt: skip


def _draw_images(ax: Axes, images: Mapping[str, np.ndarray], n_cues: int) -> None:
    """Images side by side above the middle of each recall."""
    width = min(0.12, 0.9 / (n_cues * len(images)))
    for cue in range(n_cues):
        for number, (name, shown) in enumerate(images.items()):
            left = (cue + 0.5) / n_cues + (number - len(images) / 2) * width
            place = ax.inset_axes((left, 0, width, 0.85))
            place.imshow(shown[cue], cmap="Greys", vmin=0, vmax=1)
            place.set_title(name, fontsize=8, pad=2)
            place.set_xticks([])
            place.set_yticks([])
            for spine in place.spines.values():
                spine.set(visible=True, linewidth=0.4)


def telling_hypercolumn(z: np.ndarray, m: int) -> int:
    """The hypercolumn whose mean z differs most between cues; of one cue, the most decided one.

    Parameters
    ----------
    z : ndarray, shape (cues, time steps, H m)
    m : int
        Minicolumns in each hypercolumn.
    """
    mean = z.mean(axis=1, dtype=float).reshape(len(z), -1, m)
    return int((mean.var(axis=0) if len(z) > 1 else mean[0] ** 2).sum(axis=1).argmax())


def _legible(activity: np.ndarray, minicolumns: int) -> slice:
    """Hypercolumns in the middle of a population, few enough to tell their spikes apart."""
    n = activity.shape[1] // minicolumns
    share = min(1.0, SPIKES / max(activity.sum(dtype=float), 1))
    shown = max(1, round(n * share))
    first = (n - shown) // 2
    return slice(first * minicolumns, (first + shown) * minicolumns)
