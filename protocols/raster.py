"""Spikes and smoothed rates of all populations while test images are recalled one after the other.

python -m protocols.raster --images 0,1,2 --task completion --difficulty 0.6
"""

from __future__ import annotations

import argparse

import pandas as pd

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.datasets import Dataset
from cortical_bcpnn.timecourse import firing_rates, read_every_phase
from figures.raster import draw_raster

from .cues import DIFFICULTY, NO_TASK, check_numbers, check_task, cues_for, difficulty, numbers, task
from .journal import ResumableTables
from .networks import flat, learned, load_dataset, make_memory, settings
from .options import add_options, open_results, parse, run_protocol, seeds, whole
from .results import Results

N_IMAGES = 3
RATE_IMAGES = 100  # test images over which firing rates are measured


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.raster", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--images", type=numbers, metavar="N,N,…",
        help="numbers of the test images to show (default: 0,1,2)")  # fmt: skip
    add("--task", type=task, default=NO_TASK, metavar="NAME",
        help="cues: none (the images themselves), completion, rivalry or distortion "
        "(default: none)")  # fmt: skip
    add("--difficulty", type=difficulty, metavar="D",
        help=f"of the task, from 0 to 1 (default: {DIFFICULTY})")  # fmt: skip
    add("--rate-images", type=whole("rate-images"), default=RATE_IMAGES, metavar="N",
        help="test images over which firing rates are measured (default: 100)")  # fmt: skip
    options = parse(parser, "raster", arguments)
    if options.task == NO_TASK and options.difficulty is not None:
        raise ValueError("--difficulty is given without a task: add --task completion, say.")
    options.difficulty = DIFFICULTY if options.difficulty is None else options.difficulty
    dataset = load_dataset(options)
    options.images = options.images or list(range(min(N_IMAGES, len(dataset.test_images))))
    check_numbers("images", options.images, dataset)
    check_task(options.task, dataset)
    make_memory(options, dataset)  # refuses what does not fit
    with open_results("raster", options) as results:
        if not results.finished:
            run(dataset, options, results)
        _report(results)


def run(dataset: Dataset, options: argparse.Namespace, results: Results) -> None:
    """Rates of all networks; spikes of the first."""
    kept = ResumableTables(results, [(seed,) for seed in seeds(options)], "rates")
    for seed in seeds(options):
        if (seed,) not in kept.missing and seed != options.seed:
            continue
        with learned(options, dataset, seed=seed) as memory:
            if seed == options.seed:
                first = settings(memory, dataset, options)
                _draw(memory, dataset, options, results)
            if (seed,) in kept.missing:
                kept.append((seed,), _rates(memory, dataset, options))
    rates = kept.table()
    results.finish({
        **first,
        "seeds": seeds(options),
        "task": options.task,
        "difficulty": None if options.task == NO_TASK else options.difficulty,
        "shown_images": options.images,
        "rate_images": min(options.rate_images, len(dataset.test_images)),
        "rate_hz": _by_population(rates),
    })  # fmt: skip


def _draw(memory: AssociativeMemory, dataset: Dataset, options, results: Results) -> None:
    cues = cues_for(options.task, dataset, options.difficulty, memory.parameters.seed)
    cues, originals = cues[options.images], dataset.test_images[options.images]
    images = {"image": originals}
    if options.task != NO_TASK:
        images["cue"] = cues
    recall = memory.recall(flat(cues), over_time=True, jobs=options.jobs)
    protocol = memory.recall_protocol()
    results.save_figure(draw_raster(recall, protocol, memory.parameters, images), "raster")


def _rates(memory: AssociativeMemory, dataset: Dataset, options) -> pd.DataFrame:
    """Firing rates of a network in every phase, see `firing_rates`."""
    cues = cues_for(options.task, dataset, options.difficulty, memory.parameters.seed)
    protocol = read_every_phase(memory.recall_protocol())
    recall = memory.recall(flat(cues[: options.rate_images]), protocol=protocol, jobs=options.jobs)
    rates = firing_rates(recall)
    rates.insert(0, "seed", memory.parameters.seed)
    return rates


def _by_population(rates: pd.DataFrame) -> dict[str, dict]:
    """Of each population: mean rate, largest rates in a phase, and both by phase; means over seeds."""
    mean = rates.groupby(["population", "phase"], sort=False)[["mean_hz", "max_hz"]].mean()
    mean["largest_hz"] = rates.groupby(["population", "phase"], sort=False)["largest_hz"].max()
    result = {}
    for population, table in mean.groupby(level="population", sort=False):
        phases = table.droplevel("population").drop(index="all")
        result[population] = {
            "mean": float(table.loc[(population, "all"), "mean_hz"]),
            "max": float(phases["max_hz"].max()),
            "largest": float(phases["largest_hz"].max()),
            "phases": {phase: {name.removesuffix("_hz"): float(value) for name, value in row.items()}
                       for phase, row in phases.iterrows()},
        }  # fmt: skip
    return result


def _report(results: Results) -> None:
    summary, rates = results.summary(), results.load_table("rates")
    print(f"\n{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, task "
          f"{summary['task']}, {summary['rate_images']} images: firing rates in Hz")  # fmt: skip
    columns = ["mean_hz", "max_hz", "largest_hz"]
    table = rates.groupby(["population", "phase"], sort=False)[columns].mean()
    print(table.reset_index().to_string(index=False, float_format="{:.2f}".format))
    print("\nmean: over minicolumns; max: of the most active one, mean over images; largest: of all")
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
