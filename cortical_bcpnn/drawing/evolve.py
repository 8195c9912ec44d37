"""A search: what its candidates achieved, and the best of them on images it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, log_x, new_figure, styled

_COLOURS = colormaps["viridis_r"]
_LABELS = {
    "ff": "accuracy, feedforward (%)",
    "attractor": "accuracy, attractor (%)",
    "hid_spikes": "HID spikes per recall",
    "all_spikes": "spikes per recall",
}
_MOMENTS = {"ff": ("feedforward", FEEDFORWARD, "o"), "attractor": ("attractor", ATTRACTOR, "s")}


@styled
def draw_evolve(
    candidates: pd.DataFrame, held_out: pd.DataFrame, aims: Sequence[str], front: np.ndarray
) -> Figure:
    """Candidates over generations (one aim) or in the plane of two aims, and the best on unseen images.

    Parameters
    ----------
    candidates : DataFrame
        Columns candidate ('published' or a number), generation and the aims.
    held_out : DataFrame
        One row per candidate and network: columns candidate, seed, ff, attractor and the aims.
    aims : sequence of str
        One or two columns.
    front : ndarray of bool
        Which candidates, the published settings left out, are on the Pareto front.
    """
    figure = new_figure(figsize=(8.4, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    own = candidates[candidates["candidate"] != "published"]
    published = candidates[candidates["candidate"] == "published"]
    if len(aims) == 1:
        _draw_generations(left, own, published, aims[0])
    else:
        points = _draw_plane(left, own, published, aims, front)
        bar = figure.colorbar(points, ax=left, shrink=0.8)
        bar.set_label("generation")
        bar.locator = MaxNLocator(integer=True)
    left.set_title("search (validation images)")
    _draw_held_out(right, held_out)
    return figure


def _draw_generations(
    ax: Axes, own: pd.DataFrame, published: pd.DataFrame, aim: str
) -> None:
    scale = _scale(aim)
    best = own.groupby("generation")[aim]
    best = best.min().cummin() if aim.endswith("spikes") else best.max().cummax()
    ax.plot(own["generation"] + 1, scale * own[aim], "o", color=NEUTRAL, ms=3, alpha=0.6,
            label="candidates")  # fmt: skip
    ax.plot(best.index + 1, scale * best, color=ATTRACTOR, label="best so far")
    ax.axhline(scale * published[aim].iloc[0], color="black", ls="--", lw=1, label="published")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("generation")
    ax.set_ylabel(_label(aim))
    ax.legend(fontsize=8)


def _draw_plane(
    ax: Axes, own: pd.DataFrame, published: pd.DataFrame, aims: Sequence[str], front: np.ndarray
):
    # Spikes lie along the x axis, whichever aim they are.
    y, x = sorted(aims, key=lambda aim: aim.endswith("spikes"))
    points = ax.scatter(_scale(x) * own[x], _scale(y) * own[y], c=own["generation"] + 1,
                        cmap=_COLOURS, s=14, zorder=2)  # fmt: skip
    best = own[front].sort_values(x)
    ax.plot(_scale(x) * best[x], _scale(y) * best[y], color=ATTRACTOR, lw=1, marker="o", ms=6,
            mfc="none", zorder=3, label="Pareto front")  # fmt: skip
    ax.plot(_scale(x) * published[x], _scale(y) * published[y], "*", color="black", ms=11, lw=0,
            zorder=4, label="published")  # fmt: skip
    shown = own[x].dropna()
    if x.endswith("spikes") and shown.max() > 5 * shown.min():
        log_x(ax)
    ax.set_xlabel(_label(x))
    ax.set_ylabel(_label(y))
    ax.legend(fontsize=8, loc="lower right")
    return points


def _draw_held_out(ax: Axes, held_out: pd.DataFrame) -> None:
    names = list(dict.fromkeys(held_out["candidate"]))
    networks = held_out.groupby("candidate").size().max()
    spikes = held_out.groupby("candidate", sort=False)["hid_spikes"].mean()
    for number, (column, (label, colour, marker)) in enumerate(_MOMENTS.items()):
        found = 100 * held_out.groupby("candidate", sort=False)[column].agg(["mean", "std"])
        x = np.arange(len(names)) + 0.12 * (2 * number - 1)
        ax.errorbar(x, found.loc[names, "mean"], found.loc[names, "std"].fillna(0), color=colour,
                    marker=marker, lw=0, elinewidth=1.2, capsize=3, ms=5, label=label)  # fmt: skip
    labels = [f"{name}\n{spikes[name]:.0f}" for name in names]
    ax.set_xticks(range(len(names)), labels)
    ax.set_xlabel("candidate, HID spikes per recall")
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(None, 100)
    ax.set_ylabel("test accuracy (%)")
    ax.set_title(f"unseen images ({networks} networks, ± 1 SD)")
    ax.legend(fontsize=8, loc="lower right")


def _scale(aim: str) -> float:
    return 1 if aim.endswith("spikes") or aim.startswith("s_ortho") else 100


def _label(aim: str) -> str:
    name, _, moment = aim.rpartition("_")
    if aim not in _LABELS and _scale(aim) == 100:
        return f"{name}, {_MOMENTS[moment][0]} (%)"
    return _LABELS.get(aim, aim)
