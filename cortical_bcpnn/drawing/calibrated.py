"""What the attractor adds to the feedforward response, under several ways of recall."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .style import NEUTRAL, VARIANT_COLOURS, new_figure, styled

_LOOKS = {
    "published": {"color": "#D55E00", "marker": "s", "label": "published: cue withdrawn, gain 1"},
    "cue kept": {"color": "#56B4E9", "marker": "o", "label": "cue kept, no recurrence"},
    "cue kept, gain 1": {"color": "#CC79A7", "marker": "D", "label": "cue kept, gain 1"},
    "calibrated": {"color": "#000000", "marker": "^", "label": "cue kept, calibrated recurrence"},
    "half the gain": {"color": "#999999", "marker": "v", "label": "half the calibrated gain"},
    "by confidence": {"color": "#009E73", "marker": "P", "label": "gain by confidence"},
    "recurrence slower": {"color": "#E69F00", "marker": "X", "label": "recurrence over 4 τ_z"},
}
_FF = {"color": "#0072B2", "marker": "D", "label": "feedforward"}
_SILENT = ", unknown silent"


@styled
def draw_calibrated(found: pd.DataFrame, reading: str = "attractor, mean") -> Figure:
    """Attractor less ff against difficulty: a row for each kind, a column for each task.

    Parameters
    ----------
    found : DataFrame
        Columns kind, way, reading, task, difficulty, difference, half_width (both from -1 to 1)
        and seeds. Rows of the task 'clean' are drawn at difficulty 0 of every panel.
    reading : str
        Which reading to draw.
    """
    found = found[(found["reading"] == reading) & found["way"].isin(list(_LOOKS))]
    kinds = [kind for kind in VARIANT_COLOURS if kind in set(found["kind"])]
    tasks = [task for task in found["task"].unique() if task != "clean"]
    figure = new_figure(figsize=(3.5 * len(tasks), 2.5 * len(kinds) + 0.4))
    axes = figure.subplots(
        len(kinds), len(tasks), sharex=True, sharey="row", squeeze=False,
        gridspec_kw={"wspace": 0.08, "hspace": 0.16},
    )  # fmt: skip
    for row, kind in zip(axes, kinds):
        of_kind = found[found["kind"] == kind]
        for ax, task in zip(row, tasks):
            _draw_panel(ax, of_kind[of_kind["task"].isin(("clean", task))])
        row[0].set_ylabel(f"{kind}\nattractor − ff (points)")
    for ax, task in zip(axes[0], tasks):
        ax.set_title(task)
    for ax in axes[-1]:
        ax.set_xlabel("difficulty")
        ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["clean", "0.2", "0.4", "0.6", "0.8", "1.0"])
    ways = set(found["way"])
    handles = [Line2D([], [], ms=4, **look) for way, look in _LOOKS.items() if way in ways]
    _add_legend(figure, handles, found)
    return figure


@styled
def draw_unknown(found: pd.DataFrame, reading: str = "attractor, mean") -> Figure:
    """Accuracy in completion where unknown pixels are grey, as published, and where they are silent.

    Parameters
    ----------
    found : DataFrame
        As for `draw_calibrated`, with columns ff and accuracy (from 0 to 1) as well.
    reading : str
        Which reading of the attractor to draw.
    """
    found = found[(found["reading"] == reading) & (found["task"] == "completion")]
    found = found[found["way"] != "cue kept, gain 1"]
    kinds = [kind for kind in VARIANT_COLOURS if kind in set(found["kind"])]
    figure = new_figure(figsize=(3.5 * len(kinds), 3.2))
    axes = figure.subplots(1, len(kinds), sharey=True, squeeze=False, gridspec_kw={"wspace": 0.08})
    for ax, kind in zip(axes[0], kinds):
        for way, line in found[found["kind"] == kind].groupby("way", sort=False):
            base, silent = way.removesuffix(_SILENT), way.endswith(_SILENT)
            line = line.sort_values("difficulty")
            style = {"ls": "--", "mfc": "white"} if silent else {}
            if base == "cue kept":  # in both: the feedforward response
                ax.plot(line["difficulty"], 100 * line["ff"], ms=4, lw=1.3, **_FF, **style)
            else:
                ax.plot(line["difficulty"], 100 * line["accuracy"], ms=4, lw=1.3,
                        **_LOOKS[base], **style)  # fmt: skip
        ax.set_title(kind)
        ax.set_xlabel("difficulty of completion")
    axes[0, 0].set_ylabel("test accuracy (%)")
    looks = (_FF, _LOOKS["published"], _LOOKS["calibrated"])
    handles = [Line2D([], [], ms=4, **look) for look in looks]
    handles += [
        Line2D([], [], color=NEUTRAL, label="unknown pixels grey (0.5)"),
        Line2D([], [], color=NEUTRAL, ls="--", label="unknown pixels silent"),
    ]
    _add_legend(figure, handles, found, bands=False)
    return figure


def _add_legend(figure: Figure, handles: list[Line2D], found: pd.DataFrame, bands=True) -> None:
    n = int(found["seeds"].max())
    title = f"mean of {n} networks" if n > 1 else "one network"
    below = (0.5, 0.11 - 0.5 / figure.get_figheight())
    figure.legend(
        handles=handles, ncol=4 if bands else 3, loc="upper center", bbox_to_anchor=below,
        handlelength=3, title=f"{title}; bands: 95 % confidence" if bands else title,
        title_fontsize=8,
    )  # fmt: skip


def _draw_panel(ax: Axes, rows: pd.DataFrame) -> None:
    ax.axhline(0, color=NEUTRAL, ls=":", lw=1, zorder=0)
    for way, line in rows.groupby("way", sort=False):
        line = line.sort_values("difficulty")
        mean, half = 100 * line["difference"], 100 * line["half_width"]
        look = _LOOKS[way]
        ax.plot(line["difficulty"], mean, ms=4, lw=1.3, **look)
        ax.fill_between(
            line["difficulty"], mean - half, mean + half, color=look["color"], alpha=0.13, lw=0
        )
    ax.set_xlim(-0.05, 1.05)
