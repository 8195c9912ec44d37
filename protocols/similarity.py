"""Similarity of representations within and between classes, in all populations.

python -m protocols.similarity --seeds 3
"""

from __future__ import annotations

import argparse

import numpy as np

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.representations import (
    mean_and_spread,
    mean_similarities,
    similarity,
)
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.similarity import draw_similarity
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import flat, learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    open_results,
    parse,
    run_protocol,
    seeds,
    whole,
)
from cortical_bcpnn.experiments.results import Results

N_IMAGES = 1000  # at most, unless another number is asked for
MEASURES = ["within", "between", "all", "s_ortho"]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.similarity", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    parser.add_argument("--images", type=whole("images"), metavar="N",
                        help="test images to compare (default: all, at most "
                        f"{N_IMAGES})")  # fmt: skip
    options = parse(parser, "similarity", arguments)
    dataset = choose_images(load_dataset(options), options.images, N_IMAGES)
    memory = make_memory(options, dataset)
    made_with = {**settings(memory, dataset, options), "without_cue": without_cue(memory)}
    with open_results("similarity", options) as results:
        if not results.finished:
            results.finish({**made_with, **run(dataset, options, results)})
        _report(results)


def choose_images(dataset: Dataset, number: int | None, most: int | None = None) -> Dataset:
    """The first test images, as many as asked for; else all, but `most` at most.

    Raises
    ------
    ValueError
        If there are fewer, or too few to compare them within and between classes.
    """
    available = len(dataset.test_images)
    if number is not None and number > available:
        raise ValueError(
            f"images is {number}: {dataset.name} has {available} test images here, give at most as many."
        )
    dataset = dataset.limited(n_test=number or min(most or available, available))
    n, n_classes = len(dataset.test_images), len(np.unique(dataset.test_labels))
    if not 1 < n_classes < n:
        raise ValueError(
            f"{n} test images of {n_classes} classes are too few to compare within and between "
            "classes: give more by --images or --limit-test."
        )
    return dataset


def run(dataset: Dataset, options: argparse.Namespace, results: Results) -> dict:
    """s_ortho of all networks; the figure is of the first. Returns what the summary says."""
    kept = ResumableTables(results, [(seed,) for seed in seeds(options)], "s_ortho")
    for (seed,) in kept.missing:
        with learned(options, dataset, seed=seed) as memory:
            recall = memory.recall(flat(dataset.test_images), jobs=options.jobs, progress=True)
            new, matrices = compare(recall.z, dataset.test_labels)
            if seed == options.seed:
                s_ortho = {
                    moment: {row["population"]: row["s_ortho"] for row in new if row["moment"] == moment}
                    for moment in matrices
                }
                figure = draw_similarity(
                    matrices, np.sort(dataset.test_labels), s_ortho, without_cue(memory)
                )
                results.save_figure(figure, "similarity")
        kept.append((seed,), [{"seed": seed, **row} for row in new])
    return {
        "seeds": seeds(options),
        "compared_images": len(dataset.test_images),
        "similarity": {
            population: {
                moment: {name: mean_and_spread(found[name]) for name in MEASURES}
                for moment, found in table.groupby("moment", sort=False)
            }
            for population, table in kept.table().groupby("population", sort=False)
        },
    }


def compare(z: dict, labels: np.ndarray) -> tuple[list[dict], dict]:
    """Mean similarities of all populations and moments, and their matrices sorted by class."""
    rows, matrices = [], {}
    for moment, populations in z.items():
        matrices[moment] = {}
        for name, values in populations.items():
            matrix = matrices[moment][name] = similarity(values, labels)
            mean = mean_similarities(matrix, np.sort(labels))
            rows.append({"population": name, "moment": moment, **mean,
                         "s_ortho": mean["within"] / mean["all"]})  # fmt: skip
    return rows, matrices


def without_cue(memory: AssociativeMemory) -> tuple[str, ...]:
    """Moments of recall at which INP is not clamped to the cue, and has no input."""
    protocol = memory.recall_protocol()
    return tuple(phase.read for phase in protocol if phase.read and "INP" not in phase.clamped)


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("s_ortho")
    print(f"\n{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, "
          f"{summary['compared_images']} test images: cosine similarity of z")  # fmt: skip
    groups = table.groupby(["population", "moment"], sort=False)
    shown = groups[MEASURES].mean()
    if len(summary["seeds"]) > 1:
        shown["sd of s_ortho"] = groups["s_ortho"].std()
    print(shown.reset_index().to_string(index=False, float_format="{:.3f}".format))
    print("\nwithin, between: mean over pairs of a class, of different classes; s_ortho: within / all")
    for moment in summary["without_cue"]:
        print(f"{moment}: the cue has been withdrawn, so INP has no input and its s_ortho is about 1")
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
