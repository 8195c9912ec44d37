"""Learn images without labels, then complete, disambiguate and restore unseen ones.

python -m protocols.associative_memory --help
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory, Recall
from cortical_bcpnn.circuits.resources import check_disk
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.data.stimuli import TASKS, make_cues
from cortical_bcpnn.drawing.accuracy import draw_accuracy
from cortical_bcpnn.drawing.raster import draw_raster
from cortical_bcpnn.drawing.receptive_fields import draw_receptive_fields
from cortical_bcpnn.drawing.reconstructions import draw_reconstructions
from cortical_bcpnn.drawing.rewiring import draw_rewiring
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import (
    READOUT_IMAGES,
    accuracy,
    fit_readout,
    flat,
    learn,
    load_dataset,
    make_memory,
    settings,
)
from cortical_bcpnn.experiments.options import add_options, open_results, parse, run_protocol, whole
from cortical_bcpnn.experiments.results import Results

DIFFICULTIES = (0.2, 0.4, 0.6, 0.8, 1.0)
EXAMPLE_DIFFICULTY = 0.6
N_EXAMPLES = 10
FIRING_IMAGES = 100  # test images over which firing rates are measured


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.associative_memory", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    parser.add_argument("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES,
                        metavar="N", help="training images for the readout (default: all, at most "
                        "10000)")  # fmt: skip
    parser.add_argument(
        "--task-images",
        type=whole("task-images"),
        default=1000,
        metavar="N",
        help="test images per task and difficulty (default: all, at most 1000)",
    )
    options = parse(parser, "associative_memory", arguments)
    dataset = load_dataset(options)
    with make_memory(options, dataset) as memory:
        with open_results("associative_memory", options) as results:
            if not results.finished:
                check_disk(results.path, memory.architecture, memory.parameters.precision)
                run(memory, dataset, options, results)
            _report(results, len(dataset.test_images))


def run(
    memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace, results: Results
) -> None:
    """The whole experiment."""
    jobs = options.jobs
    test = flat(dataset.test_images)

    before = memory.connections("feedforward")
    learn(memory, dataset, options)
    results.register("network.h5")
    memory.save(results.path / "network.h5", overwrite=True)
    results.save_table(memory.rewiring, "rewiring")

    readout = fit_readout(memory, dataset, jobs, options.readout_images)
    clean = memory.recall(test, populations=["HID"], jobs=jobs, progress=True)
    clean_accuracy = accuracy(readout, clean, dataset.test_labels)
    firing = memory.recall(test[:FIRING_IMAGES], jobs=jobs)
    tasks = recall_tasks(memory, readout, dataset, options, results)

    shown = min(options.task_images, len(test))
    n_read = min(options.readout_images, len(dataset.train_images))
    summary = {
        **settings(memory, dataset, options),
        "accuracy": clean_accuracy,
        "rate_hz": {name: _rate(firing, name) for name in firing.minicolumns},
        "flips": memory.rewiring["flips"].tolist(),
        "seconds": {name: round(value, 3) for name, value in memory.seconds.items()},
        "patterns": {"learned": memory.n_learned,
                     "recalled": n_read + len(test) + shown * len(tasks)},
    }  # fmt: skip

    protocol = memory.recall_protocol()
    few = memory.recall(test[:3], over_time=True)
    results.save_figure(draw_raster(few, protocol, memory.parameters), "raster")
    results.save_figure(draw_reconstructions(_examples(memory, dataset)), "reconstructions")
    results.save_figure(draw_accuracy(tasks, clean_accuracy), "accuracy")
    if len(memory.rewiring):
        results.save_figure(draw_rewiring(memory.rewiring), "rewiring")
    fields = memory.receptive_fields()
    bias = memory.biases("feedforward").reshape(fields.shape[:2])
    after = memory.connections("feedforward")
    results.save_figure(draw_receptive_fields(before, after, fields, bias), "receptive_fields")
    results.finish(summary)


def recall_tasks(memory, readout, dataset: Dataset, options, results: Results) -> pd.DataFrame:
    """Accuracy on the three tasks; what a run has found before it was stopped is kept."""
    shown = dataset.limited(n_test=min(options.task_images, len(dataset.test_images)))
    conditions = [(task, difficulty) for task in TASKS for difficulty in DIFFICULTIES]
    kept = ResumableTables(results, conditions, "tasks")
    for task, difficulty in tqdm(kept.missing, desc="tasks", unit="task"):
        cues = make_cues(task, shown.test_images, difficulty, memory.parameters.seed)
        recall = memory.recall(flat(cues), populations=["HID"], jobs=options.jobs)
        scores = accuracy(readout, recall, shown.test_labels)
        row = {"task": task, "difficulty": difficulty, **scores, "images": len(cues)}
        kept.append((task, difficulty), [row])
    return kept.table()


def _rate(recall: Recall, population: str) -> dict[str, float]:
    """Mean rate over cues and minicolumns, and largest of a minicolumn in a phase, in Hz."""
    rates = np.concatenate([recall.rates(population, moment) for moment in recall.moments])
    return {"mean": float(rates.mean()), "max": float(rates.max())}


def _examples(memory: AssociativeMemory, dataset: Dataset) -> dict[str, dict[str, np.ndarray]]:
    """First test images, their cues and what INPRC makes of them, for each task."""
    originals = dataset.test_images[:N_EXAMPLES]
    examples = {}
    for task in TASKS:
        cues = make_cues(task, dataset.test_images, EXAMPLE_DIFFICULTY, memory.parameters.seed)
        cues = cues[:N_EXAMPLES]
        recall = memory.recall(flat(cues), populations=["INPRC"])
        images = {"original": originals, "cue": cues}
        for moment in recall.moments:
            images[f"INPRC, {moment}"] = recall.pattern("INPRC", moment).reshape(originals.shape)
        examples[f"{task}, difficulty {EXAMPLE_DIFFICULTY}"] = images
    return examples


def _report(results: Results, n_test: int) -> None:
    summary, tasks = results.summary(), results.load_table("tasks")
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
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
