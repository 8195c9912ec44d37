"""Accuracy of the published variants on the three tasks against difficulty.

python -m protocols.tasks --help
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from cortical_bcpnn import VARIANTS, AssociativeMemory
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.data.stimuli import DISTORTIONS, TASKS, make_cues
from cortical_bcpnn.drawing.tasks import Example, draw_tasks
from cortical_bcpnn.experiments import cues
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import (
    READOUT_IMAGES,
    accuracy,
    fit_readout,
    flat,
    learned,
    load_dataset,
    make_memory,
    settings,
)
from cortical_bcpnn.experiments.options import (
    add_options,
    open_results,
    parse,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.results import Results

DIFFICULTIES = tuple(tenth / 10 for tenth in range(1, 11))
EXAMPLE_DIFFICULTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
TASK_IMAGES = 1000
CLEAN = "clean"
# Where a variant is read: NAME-ff is what NAME-full has come to when recurrence sets in.
READ = {"ff": "ff", "full": "attractor"}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.tasks", description=__doc__.split("\n")[0]
    )
    add_options(parser, variant=False)
    add = parser.add_argument
    add("--variants", "--variant", type=several(_variant), default=list(VARIANTS), metavar="NAMES",
        help=f"variants to compare, separated by commas (default: {','.join(VARIANTS)})")
    add("--difficulties", type=several(parse_difficulty), default=list(DIFFICULTIES), metavar="D,D,…",
        help="difficulties above 0 (default: 0.1 to 1.0 in tenths)")
    add("--task-images", type=whole("task-images"), default=TASK_IMAGES, metavar="N",
        help=f"test images per task and difficulty (default: all, at most {TASK_IMAGES})")
    add("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES, metavar="N",
        help=f"training images for the readout (default: all, at most {READOUT_IMAGES})")  # fmt: skip
    options = parse(parser, "tasks", arguments)
    dataset = load_dataset(options)
    networks = share_networks(options.variants)
    # Made here, so that whatever is wrong with the options is said first.
    memories = [make_memory(options, dataset, variant=names[-1]) for names in networks.values()]
    with open_results("tasks", options) as results:
        if not results.finished:
            table = measure(dataset, options, results)
            finish(table, memories, dataset, options, results)
        _report(results)


def share_networks(variants: list[str]) -> dict[str, list[str]]:
    """Variants by the network that they share, the one with the longest recall last.

    NAME-ff and NAME-full learn alike, and recall alike until the feedforward phase ends.
    """
    networks: dict[str, list[str]] = {}
    for name in sorted(variants, key=lambda name: name.endswith("-full")):
        networks.setdefault(name.rpartition("-")[0], []).append(name)
    return {name: networks[name] for name in dict.fromkeys(v.rpartition("-")[0] for v in variants)}


def measure(dataset: Dataset, options: argparse.Namespace, results: Results) -> pd.DataFrame:
    """Accuracy of every variant, network and condition: one row each.

    What a run has found before it was stopped is kept.
    """
    conditions = [(CLEAN, 0.0)] + [(t, d) for t in TASKS for d in options.difficulties]
    networks = share_networks(options.variants)
    pieces = [(seed, name, *c) for seed in seeds(options) for name in networks for c in conditions]
    kept = ResumableTables(results, pieces, "tasks")
    for seed in seeds(options):
        for network, names in networks.items():
            missing = [c for of_seed, name, *c in kept.missing if (of_seed, name) == (seed, network)]
            if not missing:
                continue
            with learned(options, dataset, seed=seed, variant=names[-1]) as memory:
                readout = fit_readout(memory, dataset, options.jobs, options.readout_images)
                bar = tqdm(missing, desc=f"{network}, seed {seed}", unit="condition")
                for task, difficulty in bar:
                    scores = score(memory, readout, dataset, task, difficulty, options)
                    rows = [
                        {"variant": name, "seed": seed, "task": task, "difficulty": difficulty,
                         "accuracy": scores[_read(name)], "images": scores["images"]}
                        for name in names
                    ]  # fmt: skip
                    kept.append((seed, network, task, difficulty), rows)
    return kept.table()


def score(
    memory: AssociativeMemory, readout: LogisticRegression, dataset: Dataset, task: str,
    difficulty: float, options: argparse.Namespace,
) -> dict[str, float]:  # fmt: skip
    """Accuracy at the end of the feedforward phase and of recall, and the number of images."""
    shown = dataset.limited(n_test=min(options.task_images, len(dataset.test_images)))
    images = shown.test_images
    if task != CLEAN:
        images = make_cues(task, images, difficulty, memory.parameters.seed)
    recall = memory.recall(flat(images), populations=["HID"], jobs=options.jobs)
    return {**accuracy(readout, recall, shown.test_labels), "images": len(images)}


def finish(
    table: pd.DataFrame, memories: list[AssociativeMemory], dataset: Dataset,
    options: argparse.Namespace, results: Results,
) -> None:  # fmt: skip
    """Means over networks, the figure, and the summary."""
    means, gain = over_seeds(table), over_seeds(recurrence_gain(table))
    chance = 1 / len(np.unique(dataset.train_labels))
    examples = make_examples(dataset, options.seed)
    results.save_table(means, "accuracy")
    results.save_figure(draw_tasks(means, examples, chance), "tasks")
    made_with = {**settings(memories[0], dataset, options), "seeds": seeds(options)}
    del made_with["variant"], made_with["seed"]
    del made_with["parameters"]["variant"], made_with["parameters"]["seed"]
    variants = [settings(memory, dataset, options)["parameters"]["variant"] for memory in memories]
    results.finish(
        {
            **made_with,
            "variants": options.variants,
            "networks": {network: variant for network, variant in zip(
                share_networks(options.variants), variants)},
            "difficulties": options.difficulties,
            "chance": chance,
            "accuracy": _nested(means),
            "attractor_minus_ff": _nested(gain),
        }
    )  # fmt: skip


def recurrence_gain(table: pd.DataFrame) -> pd.DataFrame:
    """What recurrence adds: accuracy of NAME-full minus that of NAME-ff, as `accuracy` of NAME."""
    network, _, kind = (table["variant"].str.rpartition("-")[part] for part in range(3))
    wide = table.assign(variant=network, kind=kind).pivot_table(
        index=["variant", "seed", "task", "difficulty"], columns="kind", values="accuracy", sort=False
    )
    if not {"full", "ff"} <= set(wide.columns):
        wide = wide.reindex(columns=["full", "ff"])
    gain = (wide["full"] - wide["ff"]).dropna()
    return gain.rename("accuracy").reset_index()


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Mean of `accuracy` over seeds, its standard deviation (NaN for one seed) and their number."""
    groups = table.groupby(["variant", "task", "difficulty"], sort=False)["accuracy"]
    return groups.agg(mean="mean", sd="std", seeds="count").reset_index()


def make_examples(dataset: Dataset, seed: int) -> dict[str, list[Example]]:
    """A cue of the first test image for each task and some difficulties."""
    n_kinds = {"distortion": len(DISTORTIONS)}
    examples: dict[str, list[Example]] = {}
    for task in TASKS:
        examples[task] = []
        for number, difficulty in enumerate(EXAMPLE_DIFFICULTIES):
            # The number of an image decides how it is distorted: each kind is shown once.
            kind = (number - 1) % n_kinds.get(task, 1)
            images = dataset.test_images.copy()
            images[kind] = images[0]
            cue = make_cues(task, images, difficulty, seed)[kind]
            label = DISTORTIONS[kind] if task == "distortion" and difficulty else ""
            examples[task].append(Example(difficulty, cue, label))
    return examples


def _nested(table: pd.DataFrame) -> dict:
    """Mean and standard deviation by variant, task and difficulty, for JSON."""
    nested: dict = {}
    for row in table.itertuples():
        of_task = nested.setdefault(row.variant, {}).setdefault(row.task, {})
        sd = None if np.isnan(row.sd) else row.sd
        of_task[str(row.difficulty)] = {"mean": row.mean, "sd": sd}
    return nested


def _read(variant: str) -> str:
    return READ[variant.rpartition("-")[2]]


def _variant(text: str) -> str:
    if text not in VARIANTS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no published variant: choose from {', '.join(VARIANTS)}; calibrated ones "
            "are compared by python -m protocols.calibrated"
        )
    return text


def parse_difficulty(text: str) -> float:
    value = cues.difficulty(text)
    if value == 0:
        raise argparse.ArgumentTypeError("difficulty 0 is there anyway: give numbers above 0")
    return value


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("accuracy")
    n = len(summary["seeds"])
    print(f"\naccuracy in per cent on {summary['dataset']}, mean of {n} network{'s' * (n > 1)}")
    clean = table[table["task"] == CLEAN].set_index("variant")["mean"]
    for task, rows in table[table["task"] != CLEAN].groupby("task", sort=False):
        wide = rows.pivot(index="variant", columns="difficulty", values="mean")
        wide.insert(0, CLEAN, clean)
        wide = 100 * wide.reindex(summary["variants"])
        print(f"\n{task}\n{wide.to_string(float_format='{:.1f}'.format, index_names=False)}")
    print(f"\ntables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
