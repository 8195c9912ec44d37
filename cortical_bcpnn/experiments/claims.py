"""Claims of the paper, each held against what is measured in a gallery: a folder of results each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from brian2 import Hz
from scipy.stats import spearmanr

from ..analysis.accuracy import recurrence_gain
from ..analysis.representations import mean_and_spread
from ..data.stimuli import TASKS
from ..model.paper import KINDS
from ..values.quantities import parse_quantity
from .folders import read_summary, read_table

HIGH = 0.8  # difficulty from which it counts as high
RATE_TOLERANCE = 0.1  # of the mean rate, relative
LARGEST_RATE = 1.2  # of the busiest minicolumn over the phases of a recall, in units of f_max
GAPS = {"ff": 5.0, "full": 10.0}  # points within which spiking follows rates on clean images
A_FEW = 10  # prototypes
RISE = 0.01  # in the number of prototypes, of patterns: it depends on their order a little

Row = dict[str, object]


def firing(gallery: Path) -> Iterable[Row]:
    """HID fires at f_max/M on average, 1 Hz at paper scale, and its minicolumns at f_max at most."""
    summary, rates = read_summary(gallery / "raster"), read_table(gallery / "raster", "rates")
    f_max = float(parse_quantity(summary["parameters"]["variant"]["f_max"]) / Hz)
    expected = f_max / summary["parameters"]["populations"]["HID"][1]
    hidden = rates[(rates["population"] == "HID") & (rates["phase"] == "all")]
    mean, largest = hidden["mean_hz"], hidden["max_hz"]
    yield _row(
        f"HID fires at f_max/M = {expected:.2g} Hz on average (1 Hz at paper scale)",
        f"{_spread(mean, '{:.2f}')} Hz",
        (abs(mean / expected - 1) <= RATE_TOLERANCE).all(),
        f"within {RATE_TOLERANCE:.0%}",
        summary,
    )
    yield _row(
        f"Hidden minicolumns fire at about {f_max:.0f} Hz at most",
        f"{_spread(largest, '{:.0f}')} Hz, the busiest over a recall, mean over cues",
        (largest <= LARGEST_RATE * f_max).all(),
        f"at most {LARGEST_RATE * f_max:.0f} Hz",
        summary,
    )


def orthogonality(gallery: Path) -> Iterable[Row]:
    """s_ortho rises from INP to HID and again to the attractor."""
    summary, table = read_summary(gallery / "similarity"), read_table(gallery / "similarity", "s_ortho")
    found = table.pivot(index="seed", columns=["population", "moment"], values="s_ortho")
    inp, hid = found[("INP", "feedforward")], found[("HID", "feedforward")]
    attractor = found[("HID", "attractor")]
    yield _row(
        "s_ortho rises from INP to HID",
        f"{_spread(inp, '{:.2f}')} → {_spread(hid, '{:.2f}')}",
        (hid > inp).all(), "in every network", summary,
    )  # fmt: skip
    yield _row(
        "s_ortho rises again from HID's feedforward response to its attractor",
        f"{_spread(hid, '{:.2f}')} → {_spread(attractor, '{:.2f}')}",
        (attractor > hid).all(), "in every network", summary,
    )  # fmt: skip


def rewiring(gallery: Path) -> Iterable[Row]:
    """Flips decay and scores grow with training."""
    summary, table = read_summary(gallery / "rewiring"), read_table(gallery / "rewiring", "summary")
    for name, rows in table.groupby("projection", sort=False):
        yield _row(
            f"Flips of the {name} projection decay with training",
            f"{_spread(rows['flips_first'], '{:.1f}')} → {_spread(rows['flips_last'], '{:.1f}')} per "
            "rewiring, first to last tenth",
            (rows["flips_last"] < rows["flips_first"]).all(), "in every network", summary,
        )  # fmt: skip
        yield _row(
            f"Scores of the {name} projection grow with training",
            f"{_spread(rows['score_first'], '{:.3f}')} → {_spread(rows['score_last'], '{:.3f}')} nats, "
            "first to last rewiring",
            (rows["score_last"] > rows["score_first"]).all(), "in every network", summary,
        )  # fmt: skip


def recurrence(gallery: Path) -> Iterable[Row]:
    """With recurrence accuracy at high difficulty is higher than without."""
    summary, gain = read_summary(gallery / "tasks"), recurrence_gain(
        read_table(gallery / "tasks", "tasks")
    )
    high = gain[gain["difficulty"] >= HIGH - 1e-9]
    for task in TASKS:
        for family in KINDS:
            rows = high[(high["variant"] == family) & (high["task"] == task)]
            if rows.empty:
                continue
            mean = 100 * rows.groupby("seed")["accuracy"].mean()
            yield _row(
                f"{family}: recurrence raises accuracy in {task} at high difficulty",
                f"{_spread(mean, '{:+.1f}')} points, mean over difficulty {HIGH} to 1.0",
                mean.mean() > 0, "above 0 in the mean", summary,
            )  # fmt: skip


def spikes_follow_rates(gallery: Path) -> Iterable[Row]:
    """Spiking variants follow the rate-based ones."""
    summary, table = read_summary(gallery / "tasks"), read_table(gallery / "tasks", "tasks")
    clean = 100 * table[table["task"] == "clean"].pivot_table(
        index="seed", columns="variant", values="accuracy"
    )
    for kind, limit in GAPS.items():
        for family in KINDS[1:]:
            names = f"rate-{kind}", f"{family}-{kind}"
            if not set(names) <= set(clean.columns):
                continue
            gap = clean[names[0]] - clean[names[1]]
            yield _row(
                f"{names[1]} follows {names[0]} on clean images",
                f"{_spread(gap, '{:.1f}')} points behind "
                f"({clean[names[0]].mean():.1f} and {clean[names[1]].mean():.1f} %)",
                gap.mean() <= limit, f"at most {limit:.0f} points behind", summary,
            )  # fmt: skip


def enough_spikes(gallery: Path) -> Iterable[Row]:
    """Accuracy suffers where tau_z f_max leaves too few spikes."""
    summary = read_summary(gallery / "time_constants")
    cells = pd.DataFrame(summary["cells"])
    # Where the pattern before is still in z, accuracy suffers for another reason.
    cells = cells[cells["carried_over"] <= summary["carried_over_max"]]
    few = cells["spikes"] < summary["few_spikes"]
    for moment, name in (("ff", "feedforward"), ("attractor", "attractor")):
        means = 100 * cells[few][moment].mean(), 100 * cells[~few][moment].mean()
        correlation = spearmanr(cells["spikes"], cells[moment])[0]
        yield _row(
            f"Accuracy ({name}) suffers where tau_z f_max leaves too few spikes",
            f"{means[0]:.1f} % below {summary['few_spikes']:g} spikes, {means[1]:.1f} % above; rank "
            f"correlation {correlation:.2f} (cells in which z has forgotten the pattern before)",
            means[0] < means[1] and correlation > 0, "lower below, correlation above 0", summary,
        )  # fmt: skip


def prototypes(gallery: Path) -> Iterable[Row]:
    """From every pattern to a few prototypes as s_min falls, which look like class averages."""
    summary = read_summary(gallery / "prototypes")
    s_min, counts = (np.array(summary["counts"][name]) for name in ("s_min", "prototypes"))
    order = np.argsort(s_min)
    rise = max(0.0, -np.diff(counts[order]).min()) / summary["recalled_images"]
    yield _row(
        "The number of prototypes falls steadily from every pattern to a few as s_min falls",
        f"{counts.max():.0f} of {summary['recalled_images']} patterns at s_min {s_min[order][-1]:g}, "
        f"{counts.min():.0f} at {s_min[order][0]:g}; largest rise {rise:.1%} of patterns",
        rise <= RISE and counts.min() <= A_FEW and counts.max() > 0.9 * summary["recalled_images"],
        f"rises nowhere by more than {RISE:.0%} of patterns; from more than 90 % of patterns to at "
        f"most {A_FEW}",
        summary,
    )
    looks = summary["prototypes"]["by_member"]
    own, others, share = (looks[name] for name in ("own", "others", "most_like_own"))
    yield _row(
        "Prototypes look like class averages",
        f"correlation {_said(own, '{:.2f}')} with the average of the majority class, "
        f"{_said(others, '{:.2f}')} with others; {_said(share, '{:.0%}')} of patterns in prototypes "
        "most like their own",
        own["mean"] > others["mean"] and share["mean"] > 0.5,
        "own above others, most like their own",
        summary,
    )


CLAIMS: tuple[Callable[[Path], Iterable[Row]], ...] = (
    firing, orthogonality, rewiring, recurrence, spikes_follow_rates, enough_spikes, prototypes,
)  # fmt: skip


def hold(gallery: Path) -> pd.DataFrame:
    """All claims: claim, what is measured, whether it holds, by which criterion, data, networks."""
    return pd.DataFrame([row for claim in CLAIMS for row in claim(gallery)])


def markdown(table: pd.DataFrame) -> str:
    """The claims as a Markdown table."""
    lines = ["| " + " | ".join(table.columns) + " |", "| " + " | ".join("---" for _ in table) + " |"]
    for row in table.itertuples(index=False):
        lines.append("| " + " | ".join(str(value).replace("|", "\\|") for value in row) + " |")
    return "\n".join(lines) + "\n"


def _row(claim: str, measured: str, holds: bool, criterion: str, summary: dict) -> Row:
    return {
        "claim": claim,
        "measured": measured,
        "holds": "yes" if holds else "no",
        "criterion": criterion,
        "data": summary["dataset"],
        "networks": len(summary["seeds"]),
    }


def _spread(values: pd.Series, form: str) -> str:
    """Mean over networks, with the standard deviation where there are several."""
    return _said(mean_and_spread(values), form)


def _said(found: Mapping, form: str) -> str:
    """The same, of what `mean_and_spread` gives."""
    text = form.format(found["mean"])
    return text if found.get("sd") is None else f"{text} ± {form.format(found['sd']).lstrip('+')}"
