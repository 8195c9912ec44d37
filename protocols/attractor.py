"""Images of INP and INPRC through one recall of each task, and how alike the original INPRC grows.

python -m protocols.attractor --image 0 --difficulty 0.6
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from brian2 import ms
from sklearn.metrics.pairwise import cosine_similarity

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.timecourse import (
    difference_over_time,
    phase_names,
    phase_steps,
    similarity_over_time,
    time_bins,
)
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.data.stimuli import TASKS
from cortical_bcpnn.drawing.attractor import Strips, draw_attractor
from cortical_bcpnn.experiments.cues import DIFFICULTY, check_numbers, check_task, cues_for
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import flat, learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    difficulty,
    open_results,
    parse,
    run_protocol,
    seeds,
    whole,
)
from cortical_bcpnn.experiments.results import Results

MEAN_IMAGES = 20  # test images over which similarity is averaged
COLUMNS = 16  # images in a row, about


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.attractor", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--image", type=int, default=0, metavar="N",
        help="number of the test image to show (default: 0)")  # fmt: skip
    add("--difficulty", type=difficulty, default=DIFFICULTY, metavar="D",
        help=f"of the tasks, from 0 to 1 (default: {DIFFICULTY})")  # fmt: skip
    add("--mean-images", type=whole("mean-images"), default=MEAN_IMAGES, metavar="N",
        help=f"test images over which similarity is averaged (default: {MEAN_IMAGES})")  # fmt: skip
    add("--columns", type=whole("columns"), default=COLUMNS, metavar="N",
        help=f"about how many images in a row (default: {COLUMNS})")  # fmt: skip
    options = parse(parser, "attractor", arguments)
    dataset = load_dataset(options)
    check_numbers("image", [options.image], dataset)
    for task in TASKS:
        check_task(task, dataset)
    make_memory(options, dataset)  # refuses what does not fit
    with open_results("attractor", options) as results:
        if not results.finished:
            run(dataset, options, results)
        _report(results)


def run(dataset: Dataset, options: argparse.Namespace, results: Results) -> None:
    """Similarity in all networks; images of the first."""
    pieces = [(seed, task) for seed in seeds(options) for task in TASKS]
    kept = ResumableTables(results, pieces, "similarity_over_time")
    for seed in seeds(options):
        with learned(options, dataset, seed=seed) as memory:
            courses = recall_courses(memory, dataset, options, kept)
            if seed == options.seed:
                first = settings(memory, dataset, options)
                _draw(memory, dataset, courses, options, results)
    phases = memory.recall_protocol()
    ends = phase_steps(phases, memory.parameters)[1:] * float(memory.parameters.dt / ms)
    table = at_ends(courses, dict(zip(phase_names(phases), ends)))
    results.save_table(table, "similarity")
    mean = table.groupby(["task", "phase"], sort=False)[["similarity", "others", "inp"]].mean()
    results.finish({
        **first,
        "seeds": seeds(options),
        "difficulty": options.difficulty,
        "shown_image": options.image,
        "mean_images": min(options.mean_images, len(dataset.test_images)),
        "cue_similarity": table.groupby("task", sort=False)["cue"].mean().to_dict(),
        "similarity": {task: mean["similarity"][task].to_dict() for task in TASKS},
        "similarity_to_others": {task: mean["others"][task].to_dict() for task in TASKS},
        "inp_similarity": {task: mean["inp"][task].to_dict() for task in TASKS},
    })  # fmt: skip


def recall_courses(memory, dataset: Dataset, options, kept: ResumableTables) -> pd.DataFrame:
    """Similarity over time, task by task, added to what is known of other networks."""
    parameters = memory.parameters
    for seed, task in kept.missing:
        if seed != parameters.seed:
            continue
        cues = cues_for(task, dataset, options.difficulty, parameters.seed)[: options.mean_images]
        originals = dataset.test_images[: len(cues)]
        recall = memory.recall(
            flat(cues), populations=["INP", "INPRC"], over_time=True, jobs=options.jobs
        )
        table = similarity_over_time(recall.z_over_time["INPRC"], originals)
        table["inp"] = similarity_over_time(recall.z_over_time["INP"], originals)["similarity"]
        table["cue"] = cosine_similarity(flat(cues), flat(originals)).diagonal().mean()
        table["images"] = len(cues)
        table.insert(0, "seed", parameters.seed)
        table.insert(1, "task", task)
        table.insert(2, "time_ms", np.arange(1, len(table) + 1) * float(parameters.dt / ms))
        kept.append((seed, task), table)
    return kept.table()


def at_ends(courses: pd.DataFrame, ends_ms: dict[str, float]) -> pd.DataFrame:
    """The rows of courses at the ends of phases, with the phase named."""
    parts = []
    for phase, end in ends_ms.items():
        rows = courses[np.isclose(courses["time_ms"], end)].copy()
        rows.insert(2, "phase", phase)
        parts.append(rows)
    return pd.concat(parts).sort_index()


def _draw(memory: AssociativeMemory, dataset: Dataset, courses, options, results: Results) -> None:
    """Images through one recall, for each task."""
    protocol = memory.recall_protocol()
    bins = time_bins(protocol, memory.parameters, options.columns)
    f_max_dt = float(memory.parameters.variant.f_max * memory.parameters.dt)
    side = dataset.side
    tasks = {}
    for task in TASKS:
        cue = cues_for(task, dataset, options.difficulty, memory.parameters.seed)[options.image]
        recall = memory.recall(cue.reshape(1, -1), populations=["INP", "INPRC"], over_time=True)
        images = {}
        for population in recall.minicolumns:
            difference = difference_over_time(recall, population, bins)
            for kind, scale in (("spikes", f_max_dt), ("z", 1.0)):
                if kind in difference:
                    values = difference[kind][0].reshape(-1, side, side) / scale
                    images[f"{population} {kind}"] = values
        rows = courses[(courses["seed"] == memory.parameters.seed) & (courses["task"] == task)]
        title = f"{task}, difficulty {options.difficulty:g}"
        tasks[title] = Strips(
            dataset.test_images[options.image], cue, images, rows, rows["cue"].iloc[0]
        )
    results.save_figure(draw_attractor(tasks, bins, protocol, memory.parameters), "attractor")


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("similarity")
    print(f"\n{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, difficulty "
          f"{summary['difficulty']:g}: cosine similarity of INPRC at the end of phases, means over "
          f"{summary['mean_images']} images")  # fmt: skip
    columns = ["similarity", "others", "inp", "cue"]
    table = table.groupby(["task", "phase"], sort=False)[columns].mean().reset_index()
    print(table.to_string(index=False, float_format="{:.3f}".format))
    print("\nsimilarity: to the original; others: to other images; inp: of INP to "
          "the original; cue: of the cue itself")
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
