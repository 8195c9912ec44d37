"""Published against calibrated recall: what the attractor adds to the feedforward response.

Each network recalls the same cues in several ways: as published; with the cue kept for as long and
no recurrence, recurrence at gain 1, or at the gain that the traces give; and so that unknown pixels
say nothing. python -m protocols.calibrated --help
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from brian2 import Hz
from scipy.stats import norm, t
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from cortical_bcpnn import CALIBRATED_VARIANTS, VARIANTS, AssociativeMemory, Phase, Recall
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.data.stimuli import GREY, TASKS, make_cues
from cortical_bcpnn.drawing.calibrated import draw_calibrated, draw_unknown
from cortical_bcpnn.experiments.cues import CLEAN, DIFFICULTIES, TASK_IMAGES
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    open_results,
    parse,
    parse_difficulty,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, fit_readout
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.setup import flat

KINDS = tuple(name.rpartition("-")[0] for name in CALIBRATED_VARIANTS)
CONFIDENCE = 0.95
FF, END, MEAN = "ff", "attractor", "attractor, mean"  # what is read


@dataclass(frozen=True)
class Way:
    """A way to recall a cue.

    Attributes
    ----------
    published : bool
        Whether the cue is withdrawn and recurrence has gain 1.
    gain : float or None
        Of recurrence where the cue is kept; None is the calibrated one.
    unknown : float
        What stands for missing pixels; where it is NaN, only completion differs.
    """

    published: bool = False
    gain: float | None = None
    unknown: float = GREY

    def protocol(self, memory: AssociativeMemory) -> list[Phase]:
        """Phases of recall of a network of a calibrated variant."""
        if self.published:
            kind = memory.parameters.variant.name.rpartition("-")[0]
            return VARIANTS[f"{kind}-full"].recall_protocol()
        if self.gain is None:
            return memory.recall_protocol()
        return memory.parameters.variant.recall_protocol(self.gain)

    def tasks(self) -> tuple[str, ...]:
        """Tasks in which it differs from other ways."""
        return ("completion",) if np.isnan(self.unknown) else (CLEAN, *TASKS)


WAYS = {
    "published": Way(published=True),
    "cue kept": Way(gain=0.0),
    "cue kept, gain 1": Way(gain=1.0),
    "calibrated": Way(),
    "cue kept, unknown silent": Way(gain=0.0, unknown=np.nan),
    "calibrated, unknown silent": Way(unknown=np.nan),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.calibrated", description=__doc__.split("\n")[0]
    )
    add_options(parser, variant=False)
    add = parser.add_argument
    add("--kinds", type=several(_kind), default=list(KINDS), metavar="NAMES",
        help=f"kinds of minicolumns, separated by commas (default: {','.join(KINDS)})")
    add("--difficulties", type=several(parse_difficulty), default=list(DIFFICULTIES),
        metavar="D,D,…", help="difficulties above 0 (default: 0.1 to 1.0 in tenths)")
    add("--task-images", type=whole("task-images"), default=TASK_IMAGES, metavar="N",
        help=f"test images per task and difficulty (default: all, at most {TASK_IMAGES})")
    add("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES, metavar="N",
        help=f"training images for the readout (default: all, at most {READOUT_IMAGES})")  # fmt: skip
    options = parse(parser, "calibrated", arguments)
    dataset = load_dataset(options)
    memories = [make_memory(options, dataset, variant=f"{k}-calibrated") for k in options.kinds]
    with open_results("calibrated", options) as results:
        if not results.finished:
            table = measure(dataset, options, results)
            finish(table, memories, dataset, options, results)
        _report(results)


def measure(dataset: Dataset, options: argparse.Namespace, results: Results) -> pd.DataFrame:
    """One row for every network, way, condition and reading; what a stopped run has found is kept."""
    pieces = [
        (kind, seed, *c) for seed in seeds(options) for kind in options.kinds
        for c in conditions(options)
    ]  # fmt: skip
    kept = ResumableTables(results, pieces, "recalls")
    for seed in seeds(options):
        for kind in options.kinds:
            missing = [c for of_kind, of_seed, *c in kept.missing if (of_kind, of_seed) == (kind, seed)]
            if not missing:
                continue
            with learned(options, dataset, seed=seed, variant=f"{kind}-calibrated") as memory:
                readout = fit_readout(memory, dataset, options.jobs, options.readout_images)
                bar = tqdm(missing, desc=f"{kind}, seed {seed}", unit="condition")
                for way, task, difficulty in bar:
                    found = score(memory, readout, dataset, way, task, difficulty, options)
                    key = {"kind": kind, "seed": seed, "way": way, "task": task,
                           "difficulty": difficulty}  # fmt: skip
                    kept.append(tuple(key.values()), [{**key, **row} for row in found])
    return kept.table()


def conditions(options: argparse.Namespace) -> list[tuple[str, str, float]]:
    """Way, task and difficulty of everything that is recalled."""
    return [
        (name, task, difficulty)
        for name, way in WAYS.items() for task in way.tasks()
        for difficulty in ([0.0] if task == CLEAN else options.difficulties)
    ]  # fmt: skip


def score(
    memory: AssociativeMemory, readout: LogisticRegression, dataset: Dataset, way: str, task: str,
    difficulty: float, options: argparse.Namespace,
) -> list[dict]:  # fmt: skip
    """What is read at the end of the feedforward phase and of recall, and its mean over the phase.

    Returns
    -------
    list of dict
        For each reading: its accuracy, and how many images it gets right that the feedforward
        response gets wrong (`won`), and wrong that it gets right (`lost`).
    """
    shown = dataset.limited(n_test=min(options.task_images, len(dataset.test_images)))
    images = shown.test_images
    if task != CLEAN:
        unknown = WAYS[way].unknown
        images = make_cues(task, images, difficulty, memory.parameters.seed, unknown=unknown)
    protocol = WAYS[way].protocol(memory)
    recall = memory.recall(flat(images), protocol=protocol, populations=["HID"], jobs=options.jobs)
    right = {
        name: readout.predict(activity) == shown.test_labels
        for name, activity in readings(recall, memory).items()
    }
    gain = protocol[-1].gains["recurrent"]
    return [
        {
            "reading": name, "recurrent_gain": gain, "accuracy": float(correct.mean()),
            "won": int((correct & ~right[FF]).sum()), "lost": int((~correct & right[FF]).sum()),
            "images": len(correct),
        }
        for name, correct in right.items()
    ]  # fmt: skip


def readings(recall: Recall, memory: AssociativeMemory) -> dict[str, np.ndarray]:
    """Activity of HID in three readings, in units of z."""
    first, last = recall.moments[0], recall.moments[-1]
    f_max = float(memory.parameters.variant.f_max / Hz)
    return {
        FF: recall.z[first]["HID"],
        END: recall.z[last]["HID"],
        MEAN: recall.rates("HID", last) / f_max,
    }


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Each reading of the attractor less the feedforward response, with a confidence interval.

    Over networks by Student's t; for a single network over images, paired (won and lost).
    """
    rows = []
    keys = ["kind", "way", "reading", "task", "difficulty"]
    for key, group in table[table["reading"] != FF].groupby(keys, sort=False):
        difference = (group["won"] - group["lost"]) / group["images"]
        n = len(difference)
        if n > 1:
            error = difference.std() / np.sqrt(n) * t.ppf((1 + CONFIDENCE) / 2, n - 1)
        else:
            images = group["images"].item()
            variance = (group["won"] + group["lost"]).item() / images - difference.item() ** 2
            error = np.sqrt(variance / images) * norm.ppf((1 + CONFIDENCE) / 2)
        accuracy = group["accuracy"]
        rows.append(
            {
                **dict(zip(keys, key)),
                "recurrent_gain": group["recurrent_gain"].mean(),
                "accuracy": accuracy.mean(), "accuracy_sd": accuracy.std(),
                "ff": (accuracy - difference).mean(), "ff_sd": (accuracy - difference).std(),
                "difference": difference.mean(), "half_width": error, "seeds": n,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def finish(
    table: pd.DataFrame, memories: list[AssociativeMemory], dataset: Dataset,
    options: argparse.Namespace, results: Results,
) -> None:  # fmt: skip
    """The table of differences, the figure, and the summary."""
    found = differences(table)
    results.save_table(found, "differences")
    results.save_figure(draw_calibrated(found), "calibrated")
    results.save_figure(draw_unknown(found), "unknown")
    made_with = {**settings(memories[0], dataset, options), "seeds": seeds(options)}
    del made_with["variant"], made_with["seed"]
    del made_with["parameters"]["variant"], made_with["parameters"]["seed"]
    calibrated = found[(found["way"] == "calibrated") & (found["task"] == CLEAN)]
    results.finish({
        **made_with,
        "kinds": options.kinds,
        "difficulties": options.difficulties,
        "recurrent_gain": dict(zip(calibrated["kind"], calibrated["recurrent_gain"])),
        "confidence": CONFIDENCE,
        "worst_and_best": extremes(found),
    })  # fmt: skip


def extremes(found: pd.DataFrame) -> list[dict]:
    """For every kind, way and reading: the largest loss, and the least gain where most is missing."""
    rows = []
    for (kind, way, reading), group in found.groupby(["kind", "way", "reading"], sort=False):
        worst = group.loc[group["difference"].idxmin()]
        hard = group[(group["task"] == "completion") & (group["difficulty"] >= 0.8)]
        rows.append(
            {
                "kind": kind, "way": way, "reading": reading,
                "worst_points": 100 * worst["difference"],
                "where": f"{worst['task']} {worst['difficulty']:g}",
                "least_in_hard_completion": 100 * hard["difference"].min() if len(hard) else None,
            }
        )  # fmt: skip
    return rows


def _kind(text: str) -> str:
    if text not in KINDS:
        raise argparse.ArgumentTypeError(f"kind {text!r} is unknown: choose from {', '.join(KINDS)}")
    return text


def _report(results: Results) -> None:
    summary, found = results.summary(), results.load_table("differences")
    n = len(summary["seeds"])
    print(f"\nattractor minus feedforward response on {summary['dataset']}, in points, mean of {n} "
          f"network{'s' * (n > 1)}")  # fmt: skip
    for kind, rows in found.groupby("kind", sort=False):
        gain = summary["recurrent_gain"][kind]
        print(f"\n{kind}: calibrated gain {gain:.3f}")
        wide = (100 * rows.assign(difficulty=rows["difficulty"].map("{:g}".format)).pivot_table(
            index=["way", "reading"], columns=["task", "difficulty"], values="difference", sort=False
        ))  # fmt: skip
        for task in (CLEAN, *TASKS):
            part = wide[[c for c in wide.columns if c[0] in (CLEAN, task)]].dropna(how="all")
            if task != CLEAN:
                part.columns = [CLEAN if c[0] == CLEAN else c[1] for c in part.columns]
                print(f"\n{task}\n{part.to_string(float_format='{:+.1f}'.format)}")
    print(f"\ntables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
