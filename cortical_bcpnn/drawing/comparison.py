"""The abstract network and its biophysical twin, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .bands import draw_means, of_networks
from .style import ATTRACTOR, FEEDFORWARD, NEUTRAL, new_figure, styled

COLOURS = {"abstract": FEEDFORWARD, "biophysical": ATTRACTOR}
MARKERS = {"abstract": "o", "biophysical": "s"}
_RULES = {
    "abstract": ("abstract", FEEDFORWARD, "-"),
    "fast": ("biophysical, AMPA", ATTRACTOR, "-"),
    "slow": ("biophysical, NMDA", "#000000", "--"),
}
_TRACES = (("fast", "AMPA"), ("slow", "NMDA"))
_CUE = "#E6E0C8"


@styled
def draw_learned(weights: pd.DataFrame, biases: pd.DataFrame) -> Figure:
    """Weights and biases of one model against those of the other.

    Parameters
    ----------
    weights : DataFrame
        One row a pair of minicolumns of different hypercolumns: 'seed', 'abstract', 'fast', 'slow',
        'together' (number of patterns in which both are active), 'used' (both are in some pattern).
    biases : DataFrame
        One row a minicolumn: 'seed', 'abstract', 'fast', 'slow', 'patterns'.
    """
    figure = new_figure(figsize=(13, 3.3))
    axes = figure.subplots(1, 4)
    used = weights[weights["used"]]
    groups = (
        ("in no pattern together", used["together"] == 0, NEUTRAL, "."),
        ("in one pattern", used["together"] == 1, FEEDFORWARD, "o"),
        ("in several", used["together"] > 1, ATTRACTOR, "s"),
    )
    for ax, (trace, receptor) in zip(axes, _TRACES):
        for text, chosen, colour, marker in groups:
            ax.plot(used["abstract"][chosen], used[trace][chosen], marker, color=colour,
                    ms=5 if marker == "." else 3, alpha=0.35, mew=0, label=text,
                    rasterized=True)  # fmt: skip
        _describe(ax, used, trace, f"{receptor} weight, biophysical (nats)")
        ax.set_xlabel("weight, abstract (nats)")
    used = biases[biases["patterns"] > 0]
    unused = biases[biases["patterns"] == 0]
    for ax, (trace, receptor) in zip(axes[2:], _TRACES):
        ax.plot(used["abstract"], used[trace], "o", color=FEEDFORWARD, ms=3.5, alpha=0.5, mew=0)
        _describe(ax, used, trace, f"bias of {receptor} trace, biophysical (nats)")
        ax.set_xlabel("bias, abstract (nats)")
        if len(unused):
            low = unused[["abstract", trace]].mean()
            ax.text(0.97, 0.05, "minicolumns of no pattern:\n"
                    f"abstract {low['abstract']:.1f}, {receptor} {low[trace]:.1f}",
                    transform=ax.transAxes, ha="right", va="bottom", fontsize=7.5)  # fmt: skip
    figure.tight_layout()
    legend = figure.legend(*axes[0].get_legend_handles_labels(), title="pairs of minicolumns", ncol=3,
                           loc="upper center", bbox_to_anchor=(0.27, 0.02))  # fmt: skip
    for handle in legend.legend_handles:
        handle.set_alpha(1)
    return figure


@styled
def draw_recall(recall: pd.DataFrame) -> Figure:
    """Patterns recalled and time to complete against the number of cued hypercolumns.

    Parameters
    ----------
    recall : DataFrame
        One row a seed, model and condition: 'stored', the number of patterns, of which each has a
        row of panels, 'seed', 'model', 'cued', 'wrong', 'recalled', 'complete_ms'.
    """
    numbers = sorted(recall["stored"].unique())
    figure = new_figure(figsize=(10.5, 2.9 * len(numbers) + 0.2))
    grid = figure.subplots(len(numbers), 3, squeeze=False, sharey="col")
    latest = 1.1 * recall.groupby(["stored", "model", "cued", "wrong"])["complete_ms"].mean().max()
    for axes, number in zip(grid, numbers):
        _draw_recall_of(axes, recall[recall["stored"] == number], latest)
        axes[0].set_ylabel(f"{number} patterns stored:\nrecalled (%)")
    for ax, text in zip(grid[0], ("all cues right", "a third of the cues wrong", "all cues right")):
        ax.set_title(text)
    for ax in grid[-1]:
        ax.set_xlabel("hypercolumns cued")
    networks = recall["seed"].nunique()
    title = of_networks(networks) if networks > 1 else None
    grid[0, 0].legend(title=title, title_fontsize=8)
    figure.tight_layout()
    return figure


def _draw_recall_of(axes: Sequence[Axes], recall: pd.DataFrame, latest: float) -> None:
    plain, distorted = recall[recall["wrong"] == 0], recall[recall["wrong"] > 0]
    panels = ((plain, "recalled", "", 100), (distorted, "recalled", "recalled (%)", 100),
              (plain, "complete_ms", "time to complete,\nfrom cue onset (ms)", 1))  # fmt: skip
    for ax, (rows, column, label, factor) in zip(axes, panels):
        for shift, model in ((-0.05, "abstract"), (0.05, "biophysical")):
            values = rows[rows["model"] == model].groupby("cued")[column]
            mean, sd = factor * values.mean(), factor * values.std().fillna(0)
            if column == "recalled":
                sd = [np.minimum(sd, mean), np.minimum(sd, 100 - mean)]  # shares end at 0 and 100 %
            ax.errorbar(mean.index + shift, mean, sd, color=COLOURS[model], marker=MARKERS[model],
                        ms=4, lw=1.2, capsize=2, label=model)  # fmt: skip
        ax.set_ylabel(label)
        ax.set_xticks(sorted(rows["cued"].unique()))
        ax.set_ylim(*((-3, 104) if column == "recalled" else (0, latest)))
    ticks = distorted.drop_duplicates("cued").sort_values("cued")
    axes[1].set_xticks(
        ticks["cued"], [f"{c}\n({w} wrong)" for c, w in zip(ticks["cued"], ticks["wrong"])]
    )


@styled
def draw_dynamics(course: pd.DataFrame, trials: pd.DataFrame) -> Figure:
    """The attractor over time, and firing statistics, with half the hypercolumns cued.

    Parameters
    ----------
    course : DataFrame
        'seed', 'model', 'ms' since the start of the cue, 'correct', the share of hypercolumns.
    trials : DataFrame
        One row a trial, see `cortical_bcpnn.analysis.comparison.measure`.
    """
    figure = new_figure(figsize=(14, 3.1))
    axes = figure.subplots(1, 5, width_ratios=(2.2, 1, 1, 1, 1))
    over_time = axes[0]
    over_time.axvspan(0, 50, color=_CUE, lw=0)
    over_time.text(25, 1.03, "cue", ha="center", fontsize=8)
    for model, rows in course.groupby("model"):
        draw_means(over_time, rows.groupby("ms")["correct"], COLOURS[model], 0.2, lw=1.5, label=model)
    over_time.set(xlim=(-100, course["ms"].max()), ylim=(0, 1.1), xlabel="time since cue onset (ms)",
                  ylabel="hypercolumns with the right winner\n(share, in the last 50 ms)")  # fmt: skip
    over_time.legend(loc="center right", bbox_to_anchor=(1.02, 0.6), handlelength=1, fontsize=8)
    panels = (("winners_hz", "rate of winning\nminicolumns (Hz)"), ("peak_hz", "peak rate (Hz)"),
              ("cv_isi", "CV of inter-spike intervals"),
              ("synchrony", "synchrony\n(correlation in bins of 5 ms)"))  # fmt: skip
    for ax, (name, label) in zip(axes[1:], panels):
        rng = np.random.default_rng(0)
        for place, model in enumerate(COLOURS):
            values = trials.loc[trials["model"] == model, name].dropna()
            ax.plot(place + rng.uniform(-0.2, 0.2, len(values)), values, MARKERS[model],
                    color=COLOURS[model], ms=3, alpha=0.5, mew=0)  # fmt: skip
            ax.plot([place - 0.32, place + 0.32], [values.mean()] * 2, color="black", lw=1.5)
        ax.set_xticks([0, 1], ["abstract", "bio-\nphysical"])
        ax.set_xlim(-0.6, 1.6)
        ax.set_ylabel(label)
        low, high = ax.get_ylim()
        ax.set_ylim(min(low, 0), high)
    figure.tight_layout()
    return figure


@styled
def draw_rasters(spikes: pd.DataFrame, minicolumns: int) -> Figure:
    """Spikes of one trial of each model, by minicolumn.

    Parameters
    ----------
    spikes : DataFrame
        'seed', 'model', 'ms' since the start of the cue, 'minicolumn' (height in the picture) and
        'right', whether the minicolumn belongs to the pattern. That of the first seed is drawn.
    minicolumns : int
        Per hypercolumn.
    """
    spikes = spikes[spikes["seed"] == spikes["seed"].min()]
    figure = new_figure(figsize=(11, 4.2))
    axes = figure.subplots(1, 2, sharey=True, sharex=True)
    number = int(spikes["minicolumn"].max() // minicolumns) + 1 if len(spikes) else 1
    for ax, model in zip(axes, COLOURS):
        ax.axvspan(0, 50, color=_CUE, lw=0, label="cue")
        of_model = spikes[spikes["model"] == model]
        size = 12 if model == "abstract" else 3
        for right, colour, text in ((False, NEUTRAL, "other minicolumns"),
                                    (True, ATTRACTOR, "minicolumns of the pattern")):  # fmt: skip
            rows = of_model[of_model["right"] == right]
            ax.scatter(rows["ms"], rows["minicolumn"] + (0.5 if model == "abstract" else 0), size,
                       color=colour, marker="|" if model == "abstract" else ".", lw=1,
                       edgecolors=None if model == "abstract" else "none", label=text)  # fmt: skip
        for line in range(0, number * minicolumns + 1, minicolumns):
            ax.axhline(line, color="black", lw=0.3)
        ax.set(title=f"{model}: {'minicolumns' if model == 'abstract' else 'pyramidal cells'}",
               xlabel="time since cue onset (ms)", ylim=(0, number * minicolumns))  # fmt: skip
    axes[0].set_yticks(minicolumns * (np.arange(number) + 0.5), np.arange(1, number + 1))
    axes[0].tick_params(axis="y", length=0)
    axes[0].set_ylabel("hypercolumn")
    handles, texts = axes[0].get_legend_handles_labels()
    axes[1].tick_params(axis="y", length=0)
    figure.tight_layout()
    figure.legend(handles, texts, loc="upper center", ncol=3, markerscale=2, bbox_to_anchor=(0.5, 0.01))
    return figure


@styled
def draw_single_synapses(rates: pd.DataFrame, timing: pd.DataFrame) -> Figure:
    """Weights of single synapses against firing rates and against spike times.

    Parameters
    ----------
    rates : DataFrame
        'rule', 'pre_hz', 'post_hz', 'weight'.
    timing : DataFrame
        'rule', 'post_minus_pre_ms', 'weight_change'.
    """
    figure = new_figure(figsize=(14, 3.2))
    axes = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.1))
    limit = rates["weight"].abs().max()
    for ax, (rule, (text, _, _)) in zip(axes, _RULES.items()):
        grid = rates[rates["rule"] == rule].pivot(index="post_hz", columns="pre_hz", values="weight")
        image = ax.pcolormesh(grid.columns, grid.index, grid, cmap="PuOr_r", vmin=-limit, vmax=limit,
                              rasterized=True)  # fmt: skip
        ax.set(title=text, xlabel="presynaptic rate (Hz)", ylabel="postsynaptic rate (Hz)")
        figure.colorbar(image, ax=ax, label="weight after 1 s (nats)")
    ax = axes[3]
    ax.axhline(0, color=NEUTRAL, lw=0.6)
    ax.axvline(0, color=NEUTRAL, lw=0.6)
    for rule, (text, colour, line) in _RULES.items():
        rows = timing[timing["rule"] == rule]
        ax.plot(rows["post_minus_pre_ms"], rows["weight_change"], line, color=colour, lw=1.4, label=text)
    ax.set(xlabel="post- minus presynaptic spike (ms)", ylabel="weight change (nats)")
    ax.legend(fontsize=7.5, loc="upper right", handlelength=1.2, borderaxespad=0)
    ax.set_xlim(right=1.6 * ax.get_xlim()[1])
    ax.set_xticks([-200, -100, 0, 100, 200])
    figure.tight_layout()
    return figure


def _describe(ax: Axes, table: pd.DataFrame, trace: str, label: str) -> None:
    """Axis label, and the correlation, mean over networks."""
    ax.set_ylabel(label)
    by_network = [rows["abstract"].corr(rows[trace]) for _, rows in table.groupby("seed")]
    several = f" (mean of {len(by_network)} networks)" if len(by_network) > 1 else ""
    ax.set_title(f"r = {np.mean(by_network):.2f}{several}")
