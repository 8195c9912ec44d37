"""How many patterns a memory holds, by rule of plasticity: recall against load, age and examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis.capacity import (
    CAPACITY_AT,
    ONE_STEP,
    bits_per_synapse,
    capacities,
    memory_spans,
    willshaw_bound,
    willshaw_window,
)
from .style import MINICOLUMN_COLOURS, NEUTRAL, new_figure, styled

_MARKERS = "osD^vPX"
_TITLES = {"missing": "cues with missing hypercolumns", "wrong": "cues with wrong hypercolumns"}


@styled
def draw_capacity(
    recall: pd.DataFrame, held: pd.DataFrame, size: Sequence[int], cued: int
) -> Figure:
    """Recall against load, bits a synapse, and capacities by patterns, cue and kind of minicolumn.

    Parameters
    ----------
    recall : DataFrame
        Shares 'recalled' and 'right' by 'kind', 'patterns', 'cue', 'rule', 'seed' and 'stored', and
        'recalled_theory' of Willshaw's rule.
    held : DataFrame
        See `capacities`.
    size : (int, int)
        Hypercolumns and minicolumns.
    cued : int
        Hypercolumns of a cue with missing ones.
    """
    figure = new_figure(figsize=(11, 7.2), layout="constrained")
    axes = figure.subplots(2, 3)
    kind = recall["kind"].iloc[0]
    first = recall[(recall["kind"] == kind) & (recall["patterns"] == "random")]
    rules = [name for name in dict.fromkeys(recall["rule"])]
    for ax, cue in zip(axes[0], ("missing", "wrong")):
        of_cue = first[first["cue"] == cue]
        _curves(ax, of_cue, rules, "stored", "recalled")
        ax.axhline(100 * CAPACITY_AT, color=NEUTRAL, lw=0.8, ls=":")
        _mark_capacity(ax, of_cue, rules)
        ax.set(xscale="log", ylim=(-3, 103), xlabel="patterns stored", ylabel="patterns recalled (%)")
        ax.set_title(f"{kind}, {_TITLES[cue]}")
    _draw_theory(axes[0, 0], first)
    bits = first[first["cue"] == "missing"]
    bits = bits.assign(bits=bits_per_synapse(bits["stored"], bits["right"], *size) / 100)
    _curves(axes[0, 2], bits, rules, "stored", "bits")
    bound = willshaw_bound(cued / size[0])
    axes[0, 2].set(xscale="log", ylim=(0, None), xlabel="patterns stored", ylabel="bits a synapse")
    axes[0, 2].set_title(f"information; Willshaw's bound: {bound:.2f}")
    random = held[held["patterns"] == "random"]
    kinds = list(dict.fromkeys(held["kind"]))
    _bars(axes[1, 0], random[random["cue"] == "missing"], rules, "kind", kinds)
    axes[1, 0].set_title("by kind of minicolumn")
    own = held[(held["kind"] == kind) & (held["cue"] == "missing")]
    _bars(axes[1, 1], own, rules, "patterns", list(dict.fromkeys(held["patterns"])))
    axes[1, 1].set_title(f"{kind}, by kind of patterns")
    own = random[(random["kind"] == kind) & (random["cue"] != ONE_STEP)]
    _bars(axes[1, 2], own, rules, "cue", ["missing", "wrong"])
    axes[1, 2].set_title(f"{kind}, by kind of cue")
    loads = sorted(recall["stored"].unique())
    for ax in axes[0]:
        ax.set_xlim(loads[0] / 1.15, loads[-1] * 1.15)
        ax.set_xticks(loads[::2], loads[::2])
        ax.minorticks_off()
    for ax in axes[1]:
        ax.set_xlabel("capacity (patterns)")
    for ax in axes[1, 1:]:
        ax.set_yticklabels([])
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=5, fontsize=8)
    return figure


@styled
def draw_forgetting_and_prototypes(forgetting: pd.DataFrame, prototypes: pd.DataFrame) -> Figure:
    """Recall against age, patterns in memory against τ_p, and prototypes against examples.

    Parameters
    ----------
    forgetting : DataFrame
        'recalled' by 'tau_p' (patterns), 'rule', 'seed' and 'age'.
    prototypes : DataFrame
        Shares 'recalled' by 'distortion', 'rule', 'seed' and 'examples'.
    """
    rules = list(dict.fromkeys(forgetting["rule"]))
    taus = sorted(forgetting["tau_p"].unique())
    distortions = sorted(prototypes["distortion"].unique())[:3]
    spans_compared, growing = len(taus) > 1, prototypes["examples"].nunique() > 1
    n_panels = 1 + 2 * spans_compared + len(distortions) * growing
    columns = min(n_panels, 3)
    rows = -(-n_panels // columns)
    figure = new_figure(figsize=(max(11 * columns / 3, 5), 3.6 * rows), layout="constrained")
    panels = iter(figure.subplots(rows, columns, squeeze=False).flat)
    first = next(panels)
    _draw_ages(first, forgetting, rules, taus)
    if spans_compared:
        _draw_ages_by_tau(next(panels), forgetting, rules[0], taus)
        _draw_spans(next(panels), forgetting, rules, taus)
    for distortion in distortions if growing else ():
        ax, own = next(panels), prototypes[prototypes["distortion"] == distortion]
        _curves(ax, own, rules, "examples", "recalled")
        ax.set(xscale="log", ylim=(-3, 103), xlabel="examples of each", ylabel="prototypes recalled (%)")
        numbers = sorted(own["examples"].unique())
        ax.set_xticks(numbers, numbers)
        ax.minorticks_off()
        ax.set_title(f"prototypes, {100 * distortion:.0f} % distorted")
    for ax in panels:
        ax.set_axis_off()
    drawn = figure.axes[3] if n_panels > 3 else first
    figure.legend(*drawn.get_legend_handles_labels(), loc="outside upper center", ncols=8, fontsize=8)
    return figure


def _draw_ages(ax: Axes, forgetting: pd.DataFrame, rules: Sequence[str], taus: Sequence) -> None:
    middle = taus[len(taus) // 2]
    of = forgetting[forgetting["tau_p"] == middle]
    for rule in rules:
        _age(ax, of[of["rule"] == rule], color=_look(rules, rule)["color"], label=rule)
    if "Willshaw" in rules:
        ax.axvline(willshaw_window(middle), color=NEUTRAL, lw=0.8, ls="--")
    _label_ages(ax, f"forgetting, τ_p = {middle} patterns", middle)


def _draw_ages_by_tau(ax: Axes, forgetting: pd.DataFrame, rule: str, taus: Sequence) -> None:
    of = forgetting[forgetting["rule"] == rule]
    for tau, style in zip(taus, ("-", "--", ":", "-.") * len(taus)):
        _age(ax, of[of["tau_p"] == tau], color=MINICOLUMN_COLOURS[0], ls=style,
             label=f"τ_p = {tau}")  # fmt: skip
    ax.legend(fontsize=8)
    _label_ages(ax, f"forgetting, {rule}", taus[len(taus) // 2])


def _label_ages(ax: Axes, title: str, tau: float) -> None:
    ax.set(xlabel="age (patterns stored since)", ylabel="recalled (%)")
    ax.set(xlim=(0, 3 * tau), ylim=(-3, 103))
    ax.set_title(title)


def _draw_spans(ax: Axes, forgetting: pd.DataFrame, rules: Sequence[str], taus: Sequence) -> None:
    spans = memory_spans(forgetting)
    _curves(ax, spans.assign(span=spans["span"] / 100), rules, "tau_p", "span")
    ax.set(xscale="log", xlabel="τ_p (patterns)", ylabel="patterns in memory", ylim=(0, None))
    ax.set_xticks(taus, taus)
    ax.minorticks_off()
    ax.set_title("memory span")


def _look(rules: Sequence[str], rule: str) -> dict:
    number = rules.index(rule)
    return {"color": MINICOLUMN_COLOURS[number % len(MINICOLUMN_COLOURS)],
            "marker": _MARKERS[number % len(_MARKERS)], "ms": 3.5}  # fmt: skip


def _curves(ax: Axes, table: pd.DataFrame, rules: Sequence[str], x: str, y: str) -> None:
    """Mean of networks in per cent, and a band of one standard deviation."""
    for rule in rules:
        of = table[table["rule"] == rule].groupby(x)[y].agg(["mean", "std"]).fillna(0) * 100
        look = _look(rules, rule)
        ax.plot(of.index, of["mean"], lw=1.2, label=rule, **look)
        ax.fill_between(of.index, of["mean"] - of["std"], of["mean"] + of["std"],
                        color=look["color"], alpha=0.15, lw=0)  # fmt: skip


def _mark_capacity(ax: Axes, table: pd.DataFrame, rules: Sequence[str]) -> None:
    held = capacities(table).groupby("rule")["capacity"].mean()
    for rule in rules:
        ax.plot(held[rule], 100 * CAPACITY_AT, "|", color=_look(rules, rule)["color"], ms=14, mew=2)


def _draw_theory(ax: Axes, table: pd.DataFrame) -> None:
    """Willshaw's rule in a single step: measured, and exact for independent hypercolumns."""
    of = table[table["cue"] == ONE_STEP]
    if of.empty:
        return
    means = of.groupby("stored")[["recalled", "recalled_theory"]].mean() * 100
    ax.plot(means.index, means["recalled"], "x", color="black", ms=4, label="Willshaw, one step")
    ax.plot(means.index, means["recalled_theory"], "--", color="black", lw=0.9, label="… in theory")


def _bars(ax: Axes, held: pd.DataFrame, rules: Sequence[str], by: str, names: Sequence[str]) -> None:
    """Mean capacities, and a dot a network; a triangle of one that would hold more than was tried."""
    width = 0.8 / len(names)
    for number, name in enumerate(names):
        own = held[held[by] == name]
        y = np.arange(len(rules)) + (number - (len(names) - 1) / 2) * width
        of_rules = [own[own["rule"] == rule] for rule in rules]
        means = [of["capacity"].mean() if len(of) else 0 for of in of_rules]
        ax.barh(y, means, width, color=MINICOLUMN_COLOURS[number], alpha=0.75, label=name)
        for at, of in zip(y, of_rules):
            for reached, marker, size in ((True, "o", 2), (False, ">", 4)):
                each = of.loc[of["reached"] == reached, "capacity"]
                ax.plot(each, np.full(len(each), at), marker, color="black", ms=size, mew=0)
    ax.set_yticks(range(len(rules)), rules)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.6 * held["capacity"].max())
    ax.legend(fontsize=8, loc="lower right", handlelength=1)


def _age(ax: Axes, table: pd.DataFrame, **look) -> None:
    """Mean of networks against age, over as many neighbouring ages as make it legible."""
    means = table.groupby("age")["recalled"].mean() * 100
    smooth = means.rolling(5, center=True, min_periods=1).mean()
    ax.plot(smooth.index, smooth, lw=1.2, **look)
