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
    figure = new_figure(figsize=(11, 7.2), layout="constrained")
    axes = figure.subplots(2, 3)
    rules = list(dict.fromkeys(forgetting["rule"]))
    taus = sorted(forgetting["tau_p"].unique())
    middle = taus[len(taus) // 2]
    _ages(axes[0, 0], forgetting[forgetting["tau_p"] == middle], rules)
    axes[0, 0].set_title(f"forgetting, τ_p = {middle} patterns")
    if "Willshaw" in rules:
        axes[0, 0].axvline(willshaw_window(middle), color=NEUTRAL, lw=0.8, ls="--")
    best = forgetting[forgetting["rule"] == rules[0]]
    for tau, style in zip(taus, ("-", "--", ":", "-.") * len(taus)):
        _age(axes[0, 1], best[best["tau_p"] == tau], color=MINICOLUMN_COLOURS[0], ls=style,
             label=f"τ_p = {tau}")  # fmt: skip
    axes[0, 1].set_title(f"forgetting, {rules[0]}")
    axes[0, 1].legend(fontsize=8)
    for ax in axes[0, :2]:
        ax.set(xlabel="age (patterns stored since)", ylabel="recalled (%)", ylim=(-3, 103))
        ax.set_xlim(0, 3 * middle)
    spans = memory_spans(forgetting)
    _curves(axes[0, 2], spans.assign(span=spans["span"] / 100), rules, "tau_p", "span")
    axes[0, 2].set(xscale="log", xlabel="τ_p (patterns)", ylabel="patterns in memory", ylim=(0, None))
    axes[0, 2].set_xticks(taus, taus)
    axes[0, 2].minorticks_off()
    axes[0, 2].set_title("memory span")
    distortions = sorted(prototypes["distortion"].unique())[:3]
    for ax, distortion in zip(axes[1], distortions):
        own = prototypes[prototypes["distortion"] == distortion]
        _curves(ax, own, rules, "examples", "recalled")
        ax.set(xscale="log", ylim=(-3, 103), xlabel="examples of each", ylabel="prototypes recalled (%)")
        numbers = sorted(own["examples"].unique())
        ax.set_xticks(numbers, numbers)
        ax.minorticks_off()
        ax.set_title(f"prototypes, {100 * distortion:.0f} % distorted")
    for ax in axes[1, len(distortions) :]:
        ax.set_axis_off()
    handles = axes[1, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=8, fontsize=8)
    return figure


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
    """Mean capacities, and a dot a network."""
    width = 0.8 / len(names)
    for number, name in enumerate(names):
        own = held[held[by] == name]
        y = np.arange(len(rules)) + (number - (len(names) - 1) / 2) * width
        values = [own.loc[own["rule"] == rule, "capacity"].to_numpy() for rule in rules]
        means = [v.mean() if len(v) else 0 for v in values]
        ax.barh(y, means, width, color=MINICOLUMN_COLOURS[number], alpha=0.75, label=name)
        for at, each in zip(y, values):
            ax.plot(each, np.full(len(each), at), "o", color="black", ms=2, mew=0)
    ax.set_yticks(range(len(rules)), rules)
    ax.invert_yaxis()
    ax.legend(fontsize=8, loc="lower right")


def _ages(ax: Axes, table: pd.DataFrame, rules: Sequence[str]) -> None:
    for rule in rules:
        _age(ax, table[table["rule"] == rule], color=_look(rules, rule)["color"])


def _age(ax: Axes, table: pd.DataFrame, **look) -> None:
    """Mean of networks against age, over as many neighbouring ages as make it legible."""
    means = table.groupby("age")["recalled"].mean() * 100
    smooth = means.rolling(5, center=True, min_periods=1).mean()
    ax.plot(smooth.index, smooth, lw=1.2, **look)
