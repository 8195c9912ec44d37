"""Accuracy of several variants on the tasks, with examples of the cues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..data.stimuli import DISTORTIONS
from .bands import ATTRACTOR_LINE, FEEDFORWARD_LINE, of_networks
from .style import NEUTRAL, VARIANT_COLOURS, bare, new_figure, styled

_LOOK = {"ff": FEEDFORWARD_LINE, "full": ATTRACTOR_LINE}
_CUE_WIDTH = 0.16  # in units of difficulty


class Example(NamedTuple):
    """A cue to show above a panel: an image, its difficulty, and what is written over it."""

    difficulty: float
    image: np.ndarray
    label: str = ""


def examples_of(
    cues: Mapping[str, np.ndarray], difficulties: Sequence[float]
) -> dict[str, list[Example]]:
    """Cues of each task, shape (difficulties, side, side), to show; distortions have their names."""
    return {
        task: [
            Example(d, image, _distortion(number) if task == "distortion" and d else "")
            for number, (d, image) in enumerate(zip(difficulties, images))
        ]
        for task, images in cues.items()
    }


def _distortion(number: int) -> str:
    return DISTORTIONS[(number - 1) % len(DISTORTIONS)]


@styled
def draw_tasks(
    accuracy: pd.DataFrame, examples: dict[str, list[Example]], chance: float = 0.1
) -> Figure:
    """Accuracy of variants against difficulty, a panel for each task.

    Parameters
    ----------
    accuracy : DataFrame
        Columns variant, task, difficulty, mean, sd and seeds (accuracies from 0 to 1, over
        networks; sd is NaN for a single one). Rows of the task 'clean' are drawn at
        difficulty 0 of every panel.
    examples : dict of list of Example
        Cues of each task, shown above its panel where their difficulty is.
    chance : float
        Chance level.
    """
    tasks = list(examples)
    figure = new_figure(figsize=(3.5 * len(tasks), 3.9))
    axes = figure.subplots(1, len(tasks), sharey=True, squeeze=False, gridspec_kw={"wspace": 0.12})
    variants = list(accuracy["variant"].unique())
    for ax, task in zip(axes[0], tasks):
        _draw_panel(ax, accuracy[accuracy["task"].isin(("clean", task))], variants, chance)
        _show_cues(ax, examples[task])
        ax.set_title(task, pad=48)
    axes[0, 0].set_ylabel("test accuracy (%)")
    axes[0, 0].text(-0.03, 100 * chance + 1.5, "chance", color=NEUTRAL, fontsize=7)
    n = int(accuracy["seeds"].max())
    handles = [Line2D([], [], label=variant, ms=4, **_look(variant)) for variant in variants]
    figure.legend(
        handles=handles, ncol=len(handles), loc="upper center", bbox_to_anchor=(0.5, 0.02),
        handlelength=3, columnspacing=1.5, title=of_networks(n), title_fontsize=8,
    )  # fmt: skip
    return figure


def _draw_panel(ax: Axes, rows: pd.DataFrame, variants: list[str], chance: float) -> None:
    ax.axhline(100 * chance, color=NEUTRAL, ls=":", lw=1, zorder=0)
    for variant in variants:
        line = rows[rows["variant"] == variant].sort_values("difficulty")
        mean, sd = 100 * line["mean"], 100 * line["sd"]
        look = _look(variant)
        ax.plot(line["difficulty"], mean, ms=4, lw=1.3, label=variant, **look)
        if sd.notna().any():
            ax.fill_between(line["difficulty"], mean - sd, mean + sd, color=look["color"],
                            alpha=0.15, lw=0)  # fmt: skip
    ax.set_ylim(0, 102)
    ax.set_xlim(-0.05, 1.05)
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["clean", "0.2", "0.4", "0.6", "0.8", "1.0"])
    ax.set_xlabel("difficulty")


def _show_cues(ax: Axes, cues: list[Example]) -> None:
    """Cues above a panel, each over its difficulty."""
    low, high = ax.get_xlim()
    width = _CUE_WIDTH / (high - low)
    for cue in cues:
        centre = (cue.difficulty - low) / (high - low)
        inset = ax.inset_axes([centre - width / 2, 1.02, width, width], zorder=2)
        inset.imshow(cue.image, cmap="Greys", vmin=0, vmax=1)
        bare(inset)
        for spine in inset.spines.values():
            spine.set_visible(True)
            spine.set_linewidth(0.4)
        inset.set_title(cue.label, fontsize=6, pad=1.5)


def _look(variant: str) -> dict:
    network, _, kind = variant.rpartition("-")
    return {"color": VARIANT_COLOURS.get(network, NEUTRAL), **_LOOK.get(kind, {})}
