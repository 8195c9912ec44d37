"""Learn images without labels, then complete, disambiguate and restore unseen ones.

python -m protocols.associative_memory --help
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory, Recall
from cortical_bcpnn.datasets import Dataset
from cortical_bcpnn.readout import train_readout
from cortical_bcpnn.resources import check_disk
from cortical_bcpnn.stimuli import TASKS, make_cues
from cortical_bcpnn.storage import to_plain
from figures.accuracy import draw_accuracy
from figures.raster import draw_raster
from figures.receptive_fields import draw_receptive_fields
from figures.reconstructions import draw_reconstructions
from figures.rewiring import draw_rewiring
from figures.style import save

from .options import (
    add_options,
    epochs,
    load_dataset,
    make_memory,
    output_directory,
    run_protocol,
    whole,
)
from .provenance import provenance, versions

DIFFICULTIES = (0.2, 0.4, 0.6, 0.8, 1.0)
EXAMPLE_DIFFICULTY = 0.6
N_EXAMPLES = 10
FIRING_IMAGES = 100  # test images over which firing rates are measured


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.associative_memory", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    parser.add_argument("--readout-images", type=whole("readout-images"), default=10_000,
                        metavar="N", help="training images for the readout (default: all, at most "
                        "10000)")  # fmt: skip
    parser.add_argument(
        "--task-images",
        type=whole("task-images"),
        default=1000,
        metavar="N",
        help="test images per task and difficulty (default: all, at most 1000)",
    )
    options = parser.parse_args(arguments)
    options.arguments = arguments
    dataset = load_dataset(options)
    with make_memory(options, dataset) as memory:
        out = output_directory(options, "associative_memory")
        check_disk(out, memory.architecture, memory.parameters.precision)
        run(memory, dataset, options, out)


def run(
    memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace, out: Path
) -> None:
    """The whole experiment; tables and pictures go to `out`."""
    jobs, n_epochs = options.jobs, epochs(options, dataset)
    train = dataset.train_images.reshape(len(dataset.train_images), -1)
    test = dataset.test_images.reshape(len(dataset.test_images), -1)

    before = memory.connections("feedforward")
    try:
        memory.learn(train, n_epochs, progress=True)
    finally:  # what an interrupted run has learned is kept as well
        memory.save(out / "network.h5")
        memory.rewiring.to_csv(out / "rewiring.csv", index=False)

    seen = slice(0, options.readout_images)
    hidden = memory.recall(train[seen], until="feedforward", populations=["HID"], jobs=jobs,
                           progress=True)  # fmt: skip
    readout = train_readout(hidden.z["feedforward"]["HID"], dataset.train_labels[seen])
    clean = memory.recall(test, populations=["HID"], jobs=jobs, progress=True)
    accuracy = _accuracy(readout, clean, dataset.test_labels)
    firing = memory.recall(test[:FIRING_IMAGES], jobs=jobs)

    shown = dataset.limited(n_test=min(options.task_images, len(test)))
    rows, examples = [], {}
    conditions = [(task, difficulty) for task in TASKS for difficulty in DIFFICULTIES]
    for task, difficulty in tqdm(conditions, desc="tasks", unit="task"):
        cues = make_cues(task, shown.test_images, difficulty, memory.parameters.seed)
        recall = memory.recall(cues.reshape(len(cues), -1), populations=["HID", "INPRC"], jobs=jobs)
        scores = _accuracy(readout, recall, shown.test_labels)
        rows.append({"task": task, "difficulty": difficulty, **scores, "images": len(cues)})
        if difficulty == EXAMPLE_DIFFICULTY:
            examples[f"{task}, difficulty {difficulty}"] = _examples(dataset, cues, recall)
    tasks = pd.DataFrame(rows)
    tasks.to_csv(out / "tasks.csv", index=False)

    rates = {name: _rate(firing, name) for name in firing.minicolumns}
    n_recalled = len(train[seen]) + len(test) + len(shown.test_images) * len(conditions)
    summary = {
        "variant": memory.parameters.variant.name,
        "dataset": dataset.name,
        "seed": memory.parameters.seed,
        "parameters": {
            **to_plain(memory.parameters),
            "populations": {p.name: [p.hypercolumns, p.minicolumns]
                            for p in memory.architecture.populations},
            "fan_in": {p.name: p.fan_in for p in memory.architecture.projections},
            "epochs": n_epochs,
            "device": memory.device,
        },
        "accuracy": accuracy,
        "rate_hz": rates,
        "flips": memory.rewiring["flips"].tolist(),
        "seconds": {name: round(value, 3) for name, value in memory.seconds.items()},
        "patterns": {"learned": memory.n_learned, "recalled": n_recalled},
        "versions": versions(),
        "provenance": provenance("associative_memory", options.arguments),
    }  # fmt: skip

    protocol = memory.parameters.variant.recall_protocol()
    few = memory.recall(test[:3], over_time=True)
    save(draw_raster(few, protocol, memory.parameters), out / "raster")
    save(draw_reconstructions(examples), out / "reconstructions")
    save(draw_accuracy(tasks, accuracy), out / "accuracy")
    if len(memory.rewiring):
        save(draw_rewiring(memory.rewiring), out / "rewiring")
    fields = memory.receptive_fields()
    bias = memory.biases("feedforward").reshape(fields.shape[:2])
    after = memory.connections("feedforward")
    save(draw_receptive_fields(before, after, fields, bias), out / "receptive_fields")

    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    _report(tasks, summary, len(test), out)


def _accuracy(readout: LogisticRegression, recall: Recall, labels: np.ndarray) -> dict[str, float]:
    """Share of right labels at the end of the feedforward phase, and at the end of recall."""
    moments = {"ff": recall.moments[0], "attractor": recall.moments[-1]}
    return {
        name: float(readout.score(recall.z[moment]["HID"], labels))
        for name, moment in moments.items()
    }


def _rate(recall: Recall, population: str) -> dict[str, float]:
    """Mean rate over cues and minicolumns, and largest of a minicolumn in a phase, in Hz."""
    rates = np.concatenate([recall.rates(population, moment) for moment in recall.moments])
    return {"mean": float(rates.mean()), "max": float(rates.max())}


def _examples(dataset: Dataset, cues: np.ndarray, recall: Recall) -> dict[str, np.ndarray]:
    shape = (-1, dataset.side, dataset.side)
    images = {"original": dataset.test_images[:N_EXAMPLES], "cue": cues[:N_EXAMPLES]}
    for moment in recall.moments:
        images[f"INPRC, {moment}"] = recall.pattern("INPRC", moment)[:N_EXAMPLES].reshape(shape)
    return images


def _report(tasks: pd.DataFrame, summary: dict, n_test: int, out: Path) -> None:
    clean = {"task": "clean", "difficulty": 0.0, **summary["accuracy"], "images": n_test}
    table = pd.concat([pd.DataFrame([clean]), tasks], ignore_index=True)
    print()
    print(f"{summary['variant']} on {summary['dataset']}, seed {summary['seed']}: accuracy")
    print(table.to_string(index=False, formatters={
        "ff": "{:.1%}".format, "attractor": "{:.1%}".format}))  # fmt: skip
    rates = ", ".join(
        f"{name} {rate['mean']:.2f} (at most {rate['max']:.0f})"
        for name, rate in summary["rate_hz"].items()
    )
    seconds = ", ".join(f"{name} {value:.0f} s" for name, value in summary["seconds"].items())
    print(f"\nmean firing rates in Hz: {rates}")
    print(f"time: {seconds}")
    print(f"tables and pictures: {out}")


if __name__ == "__main__":
    run_protocol(main)
