"""How recurrence weighs against the cue: supports over time, accuracy and movement by gain, the rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..model.parameters import Parameters
from ..model.phases import Phase
from .phases import phase_edges, shade_phases
from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled

_SHOWN = {
    ("clean", 0.0): ("#000000", "o"), ("completion", 0.8): ("#009E73", "s"),
    ("completion", 1.0): ("#CC79A7", "^"), ("rivalry", 0.8): ("#E69F00", "D"),
}  # fmt: skip


@styled
def draw_recurrence(
    gains: pd.DataFrame, supports: pd.DataFrame, best: pd.DataFrame,
    protocol: Sequence[Phase], parameters: Parameters,
) -> Figure:  # fmt: skip
    """Supports, accuracy (cue kept, withdrawn), movement, best gain against size and tau_z.

    Parameters
    ----------
    gains : DataFrame
        Columns series, seed, cue_kept, gain, task, difficulty, ff, attractor, moved,
        other_class and calibrated_gain.
    supports : DataFrame
        Columns seed, projection, time_ms and spread.
    best : DataFrame
        Columns series, hypercolumns, tau_z_ms, best_gain, from, to and calibrated_gain.
    protocol : sequence of Phase
    parameters : Parameters
        With which `supports` were measured.
    """
    published = gains[gains["series"] == "published"]
    figure = new_figure(figsize=(11.5, 6.4))
    axes = figure.subplots(2, 3, gridspec_kw={"wspace": 0.3, "hspace": 0.42})
    _draw_supports(axes[0, 0], supports, protocol, parameters)
    _draw_accuracy(axes[0, 1], published[published["cue_kept"]], "cue kept")
    _draw_accuracy(axes[0, 2], published[~published["cue_kept"]], "cue withdrawn")
    axes[0, 2].legend(
        fontsize=7, title="dotted: feedforward", title_fontsize=7, loc="center left",
        bbox_to_anchor=(0.0, 0.3),
    )  # fmt: skip
    _draw_movement(axes[1, 0], published[published["cue_kept"]])
    _draw_best(axes[1, 1], best[best["series"].isin(("published", "hypercolumns"))], "hypercolumns",
               "hypercolumns of HID, H")  # fmt: skip
    _draw_best(axes[1, 2], best[best["series"].isin(("published", "tau_z"))], "tau_z_ms",
               "$\\tau_z$ (ms)")  # fmt: skip
    for letter, ax in zip("ABCDEF", figure.axes):
        ax.set_title(f"{letter}  {ax.get_title()}", loc="left")
        ax.set_title("")
    return figure


def _draw_supports(
    ax: Axes, supports: pd.DataFrame, protocol: Sequence[Phase], parameters: Parameters
) -> None:
    shade_phases(ax, protocol, parameters)
    means = supports.groupby(["projection", "time_ms"])["spread"].mean()
    for name, colour in (("feedforward", FEEDFORWARD), ("recurrent", ATTRACTOR)):
        ax.plot(means[name].index, means[name], color=colour, label=name)
    ax.set_xlim(0, phase_edges(protocol, parameters)[-1])
    ax.set_ylim(0, None)
    ax.set_xlabel("time (ms)")
    ax.set_ylabel("spread of support\nin a hypercolumn (nats)")
    ax.legend(loc="upper left", fontsize=8)
    ax.set_title("gain 1: support by projection")


def _draw_accuracy(ax: Axes, rows: pd.DataFrame, title: str) -> None:
    for (task, difficulty), (colour, marker) in _SHOWN.items():
        part = rows[(rows["task"] == task) & (rows["difficulty"] == difficulty)]
        means = part.groupby("gain")[["attractor", "ff"]].mean()
        label = task if task == "clean" else f"{task} {difficulty:g}"
        ax.plot(_positions(means.index), 100 * means["attractor"], color=colour, marker=marker, ms=4,
                label=label)  # fmt: skip
        ax.axhline(100 * means["ff"].iloc[0], color=colour, ls=":", lw=1)
    _gain_axis(ax, rows)
    ax.set_ylim(0, 102)
    ax.set_ylabel("accuracy of the attractor (%)")
    ax.set_title(title)


def _draw_movement(ax: Axes, rows: pd.DataFrame) -> None:
    looks = {"moved": ("winners", "-"), "other_class": ("class of the image", "--")}
    for (task, difficulty), (colour, marker) in list(_SHOWN.items())[:3:2]:
        part = rows[(rows["task"] == task) & (rows["difficulty"] == difficulty)]
        for name, (label, style) in looks.items():
            means = part.groupby("gain")[name].mean()
            condition = task if task == "clean" else f"{task} {difficulty:g}"
            ax.plot(_positions(means.index), 100 * means, color=colour, marker=marker, ls=style, ms=4,
                    label=f"{label}, {condition}")  # fmt: skip
    _gain_axis(ax, rows)
    ax.set_ylim(0, 100)
    ax.set_ylabel("other than in ff (%)")
    ax.legend(fontsize=7, loc="upper left", handlelength=3.5)
    ax.set_title("how far the state moves, cue kept")


def _draw_best(ax: Axes, rows: pd.DataFrame, column: str, label: str) -> None:
    if len(rows) < 2:  # one network is no series
        ax.remove()
        return
    rows = rows.sort_values(column)
    x = rows[column].to_numpy(float)
    floor = 0.005  # where gain 0 is drawn
    low, best, high = (rows[c].clip(lower=floor) for c in ("from", "best_gain", "to"))
    ax.errorbar(x, best, yerr=[best - low, high - best], fmt="o", color=ATTRACTOR, ms=5, capsize=3,
                label="best on test images (bars: within a point)")  # fmt: skip
    ax.plot(x, rows["calibrated_gain"], color="#000000", marker="^", ms=5,
            label="rule, from traces alone")  # fmt: skip
    if column == "hypercolumns":
        middle = len(x) // 2
        ax.plot(x, rows["calibrated_gain"].iloc[middle] * x[middle] / x, color=NEUTRAL, ls=":",
                label="∝ 1/H")  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(x, [f"{value:g}" for value in x])
    ax.minorticks_off()
    ticks = [0.01, 0.03, 0.1, 0.3, 1]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_ylim(floor, 3)
    ax.set_xlabel(label)
    ax.set_ylabel("recurrent gain")
    ax.legend(fontsize=7, loc="upper right")
    ax.set_title(f"best gain against {'size' if column == 'hypercolumns' else 'time constant'}")


def _positions(gains: pd.Index) -> np.ndarray:
    """Gains are drawn at even distances: they are about evenly spaced on a log scale, but for 0."""
    return np.arange(len(gains))


def _gain_axis(ax: Axes, rows: pd.DataFrame) -> None:
    gains = np.sort(rows["gain"].unique())
    ax.set_xticks(_positions(gains), [f"{gain:g}" for gain in gains], fontsize=8)
    rule = rows["calibrated_gain"].mean()
    ax.axvline(np.interp(rule, gains, _positions(gains)), color=NEUTRAL, lw=1, zorder=0)
    ax.set_xlabel("recurrent gain (line: rule)")
