"""A sweep: heat maps over two parameters, curves over one, points over names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled
from .time_constants import draw_time_constants

_MOMENTS = {"ff": ("feedforward", FEEDFORWARD, "o"), "attractor": ("attractor", ATTRACTOR, "s")}
_SYMBOLS = {"tau_m": "$\\tau_m$", "tau_z": "$\\tau_z$", "tau_p": "$\\tau_p$", "f_max": "$f_{max}$"}
_UNITS = {"ms": "ms", "hz": "Hz"}
_NAMES = {"s_ortho": "$s_{ortho}$", "hid_spikes": "HID spikes per recall",
          "all_spikes": "spikes per recall, all populations"}  # fmt: skip


@styled
def draw_sweep(
    table: pd.DataFrame,
    swept: Sequence[str],
    measures: Sequence[str] | None = None,
    title: str = "",
    framed: tuple[float, float] | None = None,
) -> Figure | None:
    """What was measured, over the parameters that were swept; means over everything else.

    Parameters
    ----------
    table : DataFrame
        One row per run, as ``runs.parquet`` has it. Rows without a result are left out.
    swept : sequence of str
        Columns of the parameters that runs differ in: the last two, if both are numbers, make
        heat maps (rows and columns), one alone makes curves or, if it holds names, points.
    measures : sequence of str, optional
        Columns to show, or what they begin with ('completion@0.8'); default is all accuracies.
    title : str
    framed : (float, float), optional
        tau_z (ms) and f_max (Hz) to frame where these two were swept.

    Returns
    -------
    Figure or None
        None if there is nothing to draw.
    """
    table = table[table["status"] == "done"]
    swept = [name for name in swept if name in table and table[name].nunique() > 1][-2:]
    groups = _groups(table, measures)
    if not len(table) or not swept or not groups:
        return None
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in swept]
    if len(swept) == 2 and all(numeric):
        columns = [column for group in groups.values() for column in group.values()]
        if set(swept) == {"tau_z_ms", "f_max_hz"} and columns == ["ff", "attractor"]:
            means = table.groupby(swept)[columns].mean().reset_index()
            return draw_time_constants(means, framed=framed, note=_note(table, swept))
        return _draw_maps(table, swept, columns, title)
    return _draw_curves(table, swept, groups, title)


def _groups(table: pd.DataFrame, measures: Sequence[str] | None) -> dict[str, dict[str, str]]:
    """Columns by what they measure and when: ``{'completion@0.8': {'ff': …, 'attractor': …}}``."""
    after = list(table.columns).index("seed") + 1
    columns = list(table.columns[after : list(table.columns).index("status")])
    if measures is not None:
        columns = [c for c in columns if any(c == m or c.startswith(f"{m}_") for m in measures)]
    groups: dict[str, dict[str, str]] = {}
    for column in columns:
        name, _, moment = column.rpartition("_")
        if moment in _MOMENTS:
            groups.setdefault(name or "accuracy", {})[moment] = column
        else:
            groups[column] = {"": column}
    if measures is None:
        groups = {n: g for n, g in groups.items() if "ff" in g and n != "s_ortho"} or groups
    return groups


def _draw_maps(
    table: pd.DataFrame, swept: Sequence[str], columns: Sequence[str], title: str
) -> Figure:
    rows, across = swept
    n = table[across].nunique()
    size = (1.2 + len(columns) * (0.55 * n + 1.2), 1.4 + 0.4 * max(table[rows].nunique(), 4))
    figure = new_figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, len(columns), sharey=True, squeeze=False)
    for ax, column in zip(axes[0], columns):
        wide = table.pivot_table(index=rows, columns=across, values=column)
        scale = 100 if _is_accuracy(column) else 1
        values = scale * wide.to_numpy()
        norm = Normalize(0, 100) if scale == 100 else Normalize(np.nanmin(values), np.nanmax(values))
        image = ax.imshow(values, origin="lower", aspect="auto", cmap="viridis", norm=norm)
        for (y, x), value in np.ndenumerate(values):
            if np.isfinite(value):
                ax.text(x, y, _number(value), ha="center", va="center", fontsize=7,
                        color="white" if norm(value) < 0.6 else "black")  # fmt: skip
        ax.set_xticks(range(len(wide.columns)), [f"{v:g}" for v in wide.columns])
        ax.set_yticks(range(len(wide.index)), [f"{v:g}" for v in wide.index])
        ax.set_xlabel(_label(across))
        ax.set_title(_title_of(column))
        figure.colorbar(image, ax=ax, shrink=0.8)
    axes[0, 0].set_ylabel(_label(rows))
    figure.suptitle(title, fontsize=10)
    figure.supxlabel(_note(table, swept), fontsize=7.5)
    return figure


def _draw_curves(
    table: pd.DataFrame, swept: Sequence[str], groups: dict[str, dict[str, str]], title: str
) -> Figure:
    """One panel a measure; the mean, and bars of one standard deviation over runs."""
    across = swept[-1]
    is_number = pd.api.types.is_numeric_dtype(table[across])
    names = list(dict.fromkeys(table[across]))
    width = max(2.6, 0.45 * len(names) + 1.2)
    figure = new_figure(figsize=(width * len(groups) + 0.4, 3.2), layout="constrained")
    axes = figure.subplots(1, len(groups), squeeze=False)
    for ax, (name, columns) in zip(axes[0], groups.items()):
        for number, (moment, column) in enumerate(columns.items()):
            label, colour, marker = _MOMENTS.get(moment, ("", NEUTRAL, "o"))
            scale = 100 if _is_accuracy(column) else 1
            means = scale * table.groupby(across, sort=False)[column].agg(["mean", "std"])
            means = means.sort_index() if is_number else means.loc[names]
            x = means.index if is_number else np.arange(len(names)) + 0.16 * (number - 0.5)
            ax.errorbar(x, means["mean"], means["std"].fillna(0), color=colour, marker=marker, ms=4,
                        lw=1 if is_number else 0, elinewidth=1, capsize=2, label=label)  # fmt: skip
        _set_across(ax, table, across, names, is_number)
        ax.set_title(_title_of(name))
        if any(_is_accuracy(column) for column in columns.values()):
            ax.set_ylim(0, 100)
            ax.set_ylabel("test accuracy (%)" if ax is axes[0, 0] else "")
    if any(len(columns) > 1 for columns in groups.values()):
        handles = axes[0, 0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside right upper", fontsize=8)
    figure.suptitle(title, fontsize=10)
    figure.supxlabel(_note(table, [across]), fontsize=7.5)
    return figure


def _set_across(
    ax: Axes, table: pd.DataFrame, across: str, names: Sequence, is_number: bool
) -> None:
    if not is_number:
        ax.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
        ax.set_xlim(-0.5, len(names) - 0.5)
        return
    values = np.unique(table[across])
    if values[0] > 0 and values[-1] >= 10 * values[0]:
        ax.set_xscale("log")
        ax.set_xticks(values, [f"{value:g}" for value in values])
        ax.minorticks_off()
    ax.set_xlabel(_label(across))


def _note(table: pd.DataFrame, shown: Sequence[str]) -> str:
    """How many runs are behind a point."""
    sizes = table.groupby(list(shown)).size()
    low, high = int(sizes.min()), int(sizes.max())
    number = f"{low}" if low == high else f"{low} to {high}"
    if high == 1:
        return "one run each"
    spread = ", bars one standard deviation" if len(shown) == 1 else ""
    return f"mean of {number} runs{spread}"


def _number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _is_accuracy(column: str) -> bool:
    return column.rpartition("_")[2] in _MOMENTS and not column.startswith("s_ortho")


def _title_of(column: str) -> str:
    name, _, moment = column.rpartition("_")
    if moment in _MOMENTS:
        return ", ".join(filter(None, [_NAMES.get(name, name), _MOMENTS[moment][0]]))
    return _NAMES.get(column, column)


def _label(column: str) -> str:
    name, _, unit = column.rpartition("_")
    if unit in _UNITS:
        return f"{_SYMBOLS.get(name, name)} ({_UNITS[unit]})"
    return column.replace("_", " ")
