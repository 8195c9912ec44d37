"""Similarity of representations within and between classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import new_figure, styled

_MOST_LABELS = 12  # on an axis, beyond which they would overlap
_WITHOUT_CUE = "Cue withdrawn: INP has no input, and its activity says nothing about the image."


@styled
def draw_similarity(
    similarities: Mapping[str, Mapping[str, np.ndarray]],
    labels: np.ndarray,
    s_ortho: Mapping[str, Mapping[str, float]],
    without_cue: tuple[str, ...] = (),
) -> Figure:
    """Similarity matrices of the populations, a row for each moment of recall.

    Parameters
    ----------
    similarities : dict of dict of ndarray
        ``similarities[moment][population]``, sorted by class: shape (images, images), or fewer rows
        and columns, see `representations.averaged_down`.
    labels : ndarray of int, shape (images,)
        In the same order.
    s_ortho : dict of dict of float
        In the same form as the similarities.
    without_cue : tuple of str
        Moments at which the cue has been withdrawn, which the title of INP says.
    """
    populations = list(next(iter(similarities.values())))
    size = (2.75 * len(populations) + 0.9, 3.1 * len(similarities) + 0.3)
    figure = new_figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(similarities), len(populations), squeeze=False)
    for row, (moment, matrices) in zip(axes, similarities.items()):
        for ax, name in zip(row, populations):
            # Averaged down where there are more images than points on the page.
            image = ax.imshow(
                matrices[name], cmap="viridis", vmin=0, vmax=1, interpolation="antialiased",
                extent=(-0.5, len(labels) - 0.5, len(labels) - 0.5, -0.5),
            )  # fmt: skip
            when = f"{moment}, cue withdrawn" if name == "INP" and moment in without_cue else moment
            ax.set_title(f"{name}, {when}\n$s_{{ortho}}$ = {s_ortho[moment][name]:.2f}")
            _mark_classes(ax, labels)
        row[0].set_ylabel("class of test image")
    for ax in axes[-1]:
        ax.set_xlabel("class of test image")
    figure.get_layout_engine().set(h_pad=0.08)
    if without_cue:
        figure.supxlabel(_WITHOUT_CUE, fontsize=8)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=30)
    bar.set_label("cosine similarity of z")
    return figure


def _mark_classes(ax: Axes, labels: np.ndarray) -> None:
    """Lines between classes, and their names in the middle of each."""
    classes, first = np.unique(labels, return_index=True)
    edges = np.append(first, len(labels))
    for edge in edges[1:-1]:
        ax.axhline(edge - 0.5, color="white", lw=0.4)
        ax.axvline(edge - 0.5, color="white", lw=0.4)
    step = -(-len(classes) // _MOST_LABELS)
    middle = (edges[:-1] + edges[1:] - 1) / 2
    ax.set_xticks(middle[::step], classes[::step], fontsize=8)
    ax.set_yticks(middle[::step], classes[::step], fontsize=8)
    ax.tick_params(length=0, pad=2)
    for spine in ax.spines.values():
        spine.set_visible(False)
