"""A classifier that decides by first spikes or by rates: accuracy, latency, robustness and cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .style import MINICOLUMN_COLOURS, NEUTRAL, new_figure, styled

_COLOURS = dict(zip(("stochastic", "deterministic", "escape", "deterministic escape"),
                    MINICOLUMN_COLOURS))  # fmt: skip
_FIRST, _RATE = ("first spike", 1.0), "rate"
_LINES = {"first spike": "-", _RATE: "--"}
#: Panels of what is varied: its name in tables, its usual value or key of the summary, and the label.
_VARIED: tuple[tuple[str, float | str, str], ...] = (
    ("gain", 1.0, "output gain β"),
    ("distortion", 0.0, "difficulty of the distortion"),
    ("f_max", "f_max_hz", "f$_{max}$ in recall (Hz)"),
    ("weight noise", 0.0, "weight noise"),
)


@styled
def draw_first_to_spike(decisions: pd.DataFrame, costs: pd.DataFrame, summary: dict) -> Figure:
    """Accuracy against latency and against what is varied; costs; ties and undecided cues.

    Parameters
    ----------
    decisions : DataFrame
        One row per seed, out, varied, value, readout and amount: accuracy, undecided, tied (shares)
        and latency_ms.
    costs : DataFrame
        Seed, out, readout, amount, what ('spikes' or 'operations'), of (population or projection) and
        number.
    summary : dict
        With opened_ms, theta, f_max_hz and noise.
    """
    figure = new_figure(figsize=(14, 7.2), layout="constrained")
    axes = figure.subplots(2, 4)
    outs = list(dict.fromkeys(decisions["out"]))
    longest = decisions.loc[decisions["readout"] == _RATE, "amount"].max()
    usual = decisions[decisions["varied"] == "base"]
    _draw_latency(axes[0, 0], usual, outs, summary)
    _draw_openings(axes[0, 1], decisions, outs, summary)
    for ax, (varied, value, label) in zip([axes[0, 2], axes[0, 3], *axes[1, :2]], _VARIED):
        at = float(summary[value] if isinstance(value, str) else value)
        _draw_varied(ax, decisions, outs, varied, at, longest)
        ax.set_xlabel(f"{summary['noise']} {label}" if varied == "weight noise" else label)
        if varied in ("gain", "f_max"):
            ax.set_xscale("log")
    for ax in (*axes[0], *axes[1, :2]):
        ax.set_ylabel("test accuracy (%)")
    _draw_shares(axes[1, 2], decisions, outs, summary)
    _draw_costs(axes[1, 3], costs, outs)
    handles = [Line2D([], [], color=_COLOURS[out], label=f"{out} OUT") for out in outs]
    handles += [Line2D([], [], color="black", ls=_LINES["first spike"], label="first spike"),
                Line2D([], [], color="black", ls=_LINES[_RATE], label=f"rate, {longest:g} ms"),
                Line2D([], [], color=NEUTRAL, ls=":", label="largest support, at the end"),
                Line2D([], [], color=NEUTRAL, ls="-.", label="logistic regression on z of HID"),
                Line2D([], [], color=NEUTRAL, marker="x", ls="", label="samples of the posterior")]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=9)
    return figure


def _of(rows: pd.DataFrame, readout: str, amount: float = 0.0) -> pd.DataFrame:
    return rows[(rows["readout"] == readout) & (rows["amount"] == amount)]


def _curve(ax: Axes, x: pd.Series, accuracy: pd.Series, **look) -> None:
    """Means over networks, and their standard deviation."""
    groups = pd.DataFrame({"x": x, "y": 100 * accuracy})
    by = groups.groupby(groups.index)
    mean, sd = by.mean(), by["y"].std().fillna(0)
    ax.errorbar(mean["x"], mean["y"], sd, lw=1.4, ms=4, elinewidth=0.8, **look)


def _controls(ax: Axes, rows: pd.DataFrame) -> None:
    for readout, style in (("support at the end", ":"), ("logistic regression", "-.")):
        ax.axhline(100 * _of(rows, readout)["accuracy"].mean(), color=NEUTRAL, ls=style, lw=1.2)


def _draw_latency(ax: Axes, usual: pd.DataFrame, outs: list[str], summary: dict) -> None:
    for out in outs:
        rows = usual[usual["out"] == out]
        for readout, marker in (("first spike", "o"), (_RATE, "s")):
            shown = rows[rows["readout"] == readout].set_index("amount")
            if readout == _RATE and "escape" in out:
                continue  # its windows begin with the cue
            _curve(ax, shown["latency_ms"], shown["accuracy"], color=_COLOURS[out], marker=marker,
                   ls=_LINES[readout])  # fmt: skip
    _controls(ax, usual)
    ax.axvline(summary["opened_ms"], color=NEUTRAL, lw=0.6)
    ax.set_xlim(left=min(ax.get_xlim()[0], summary["opened_ms"] - 12))
    ax.annotate("OUT opens", (summary["opened_ms"], 0.03), (-3, 0), rotation=90, fontsize=7.5,
                ha="right", xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip
    ax.set(xlabel="latency from the onset of the cue (ms)", title="first to 1, 2, 3, 5 spikes; windows")


def _draw_openings(ax: Axes, decisions: pd.DataFrame, outs: list[str], summary: dict) -> None:
    rows = decisions[decisions["varied"].isin(["base", "opened", "theta"])].copy()
    base, thresholds = rows["varied"] == "base", rows["out"].str.contains("escape")
    rows.loc[base, "value"] = np.where(thresholds[base], summary["theta"], summary["opened_ms"])
    rows = rows.sort_values("value", kind="stable")
    base = rows["varied"] == "base"
    for out in outs:
        shown = _of(rows[rows["out"] == out], *_FIRST).set_index("value")
        _curve(ax, shown["latency_ms"], shown["accuracy"], color=_COLOURS[out], marker="o", ls="-")
        if "escape" in out:
            for theta, at in shown.groupby(level=0)[["latency_ms", "accuracy"]].mean().iterrows():
                ax.annotate(f"θ = {theta:g}", (at["latency_ms"], 100 * at["accuracy"]), (7, -10),
                            textcoords="offset points", fontsize=7.5,
                            color=_COLOURS[out])  # fmt: skip
    first = rows[rows["out"] == outs[0]]
    expected = _of(first, "posterior").groupby("value")["accuracy"].mean()
    latency = _of(first, *_FIRST).groupby("value")["latency_ms"].mean()
    if "escape" not in outs[0]:
        ax.plot(latency, 100 * expected, "x", color=NEUTRAL, zorder=3)
    _controls(ax, rows[base])
    ax.set(xlabel="latency from the onset of the cue (ms)", title="first spike, other openings and θ")


def _draw_varied(
    ax: Axes, decisions: pd.DataFrame, outs: list[str], varied: str, usual: float, window: float
) -> None:
    rows = decisions[decisions["varied"].isin(["base", varied])].copy()
    rows.loc[rows["varied"] == "base", "value"] = usual
    rows = rows.sort_values("value", kind="stable")
    for out in outs:
        for readout in (_FIRST, (_RATE, window)):
            shown = _of(rows[rows["out"] == out], *readout).set_index("value", drop=False)
            _curve(ax, shown["value"], shown["accuracy"], color=_COLOURS[out], ls=_LINES[readout[0]],
                   marker="o" if readout == _FIRST else "s")  # fmt: skip
    first = rows[rows["out"] == outs[0]]
    for readout, style in (("support at the end", ":"), ("logistic regression", "-.")):
        mean = 100 * _of(first, readout).groupby("value")["accuracy"].mean()
        ax.plot(mean.index, mean, color=NEUTRAL, ls=style, lw=1.2)
    expected = 100 * _of(first, "posterior").groupby("value")["accuracy"].mean()
    if varied == "gain" and "escape" not in outs[0]:
        ax.plot(expected.index, expected, "x", color=NEUTRAL, zorder=3)


def _draw_shares(ax: Axes, decisions: pd.DataFrame, outs: list[str], summary: dict) -> None:
    """Of first spikes: ties against f_max, and what is undecided."""
    rows = decisions[decisions["varied"].isin(["base", "f_max"])].copy()
    rows.loc[rows["varied"] == "base", "value"] = summary["f_max_hz"]
    for out in outs:
        shown = _of(rows[rows["out"] == out], *_FIRST).groupby("value")[["tied", "undecided"]].mean()
        ax.plot(shown.index, 100 * shown["tied"], color=_COLOURS[out], marker="o", ms=4)
        ax.plot(shown.index, 100 * shown["undecided"], color=_COLOURS[out], marker="v", ms=4, ls="--")
    ax.set_xscale("log")
    ax.set(xlabel="f$_{max}$ in recall (Hz)", ylabel="images (%)", title="first spike")
    ax.legend(handles=[Line2D([], [], color="black", marker="o", ms=4, label="tied"),
                       Line2D([], [], color="black", marker="v", ms=4, ls="--", label="undecided")],
              fontsize=8)  # fmt: skip


def _draw_costs(ax: Axes, costs: pd.DataFrame, outs: list[str]) -> None:
    """Bars of what a decision costs: spikes by population, synaptic operations by projection."""
    longest = costs.loc[costs["readout"] == _RATE, "amount"].max()
    parts = list(dict.fromkeys(zip(costs["what"], costs["of"])))
    ways = [(out, way) for out in outs for way in (_FIRST, (_RATE, longest))]
    width = 0.8 / len(ways)
    for number, (out, way) in enumerate(ways):
        rows = _of(costs[costs["out"] == out], *way)
        mean = rows.groupby(["what", "of"])["number"].mean()
        at = np.arange(len(parts)) + (number - (len(ways) - 1) / 2) * width
        ax.bar(at, [max(mean.get(part, 0), 0.1) for part in parts], width, color=_COLOURS[out],
               alpha=0.9 if way == _FIRST else 0.4)  # fmt: skip
    ax.set_yscale("log")
    names = [of if what == "spikes" else f"by {of}" for what, of in parts]
    ax.set_xticks(range(len(parts)), names, fontsize=8, rotation=20, ha="right")
    ax.set(ylabel="spikes, or synaptic operations by …", title="costs until the decision (pale: rate)")
