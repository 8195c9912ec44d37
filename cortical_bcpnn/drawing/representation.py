"""Scores of representations, and what minicolumns of the first hidden population prefer."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, bare, new_figure, styled


@styled
def draw_representation(table: pd.DataFrame, samples: np.ndarray) -> Figure:
    """Accuracies of all methods, and preferred samples.

    Parameters
    ----------
    table : DataFrame
        Columns name, accuracy (from 0 to 1) and seed; networks are named 'VARIANT, …'.
    samples : ndarray, shape (hypercolumns, minicolumns, ...)
        Mean samples at which minicolumns are active: images (height, width) or (height, width, 3),
        NaN where they do not listen; else features.
    """
    names = list(dict.fromkeys(table["name"]))
    height = max(1.0 + 0.32 * len(names), 3.0)
    figure = new_figure(figsize=(9.5, height), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.15, 1))
    _draw_scores(left.subplots(), table, names)
    if samples.ndim >= 4:
        _draw_images(right, samples)
    else:
        _draw_features(right, samples)
    return figure


def _draw_scores(ax: Axes, table: pd.DataFrame, names: list[str]) -> None:
    """A mark for the mean over seeds, a dot for each, the error rate on a logarithmic axis."""
    for y, name in enumerate(names):
        values = 100 * table.loc[table["name"] == name, "accuracy"].to_numpy()
        colour = (FEEDFORWARD if "rate" in name else ATTRACTOR) if ", " in name else NEUTRAL
        ax.plot(values, np.full(len(values), y), ls="", marker=".", ms=5, color=colour, alpha=0.5)
        ax.plot(values.mean(), y, ls="", marker="D", ms=6, color=colour)
        ax.annotate(f"{values.mean():.1f}", (values.mean(), y), (0, 6), ha="center", fontsize=7.5,
                    textcoords="offset points")  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.7)
    low = 100 * table["accuracy"].min()
    ax.set_xlim(max(0, low - 0.15 * (100 - low) - 1), 100.5)
    ax.grid(axis="x", lw=0.4, color="0.85")
    ax.set_xlabel("test accuracy (%); dots: networks")


def _draw_images(figure: SubFigure, samples: np.ndarray) -> None:
    """Preferred images: a column for each hypercolumn."""
    axes = figure.subplots(*samples.shape[1::-1], squeeze=False)
    for column, of_hypercolumn in zip(axes.T, samples):
        for ax, image in zip(column, of_hypercolumn):
            bare(ax)
            shown = np.ma.masked_invalid(image)
            ax.imshow(np.clip(shown, 0, 1), cmap="gray", vmin=0, vmax=1)
            ax.set_facecolor("#C9DAE8")
    figure.suptitle("mean samples at which hidden minicolumns are active\n(a column: a hypercolumn; "
                    "blue: not connected)", fontsize=8.5)  # fmt: skip


def _draw_features(figure: SubFigure, samples: np.ndarray) -> None:
    """Preferred features, each in units of its spread among minicolumns."""
    rows = samples.reshape(-1, samples.shape[-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of features that nobody listens to
        spread = np.nanstd(rows, axis=0)
        shown = (rows - np.nanmean(rows, axis=0)) / np.where(spread > 0, spread, 1)
    ax = figure.subplots()
    image = ax.imshow(np.ma.masked_invalid(shown), cmap="RdBu_r", vmin=-2.5, vmax=2.5, aspect="auto")
    ax.set_facecolor("0.85")
    ax.set(xlabel="feature", ylabel="hidden minicolumn")
    figure.colorbar(image, label="preferred value (SD among minicolumns)", fraction=0.05)
