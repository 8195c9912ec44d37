"""Prototypes: attractor states that resemble each other, and what the memory makes of them.

python -m protocols.prototypes --s-min 0.6
"""

from __future__ import annotations

import argparse
import io

import numpy as np
import pandas as pd

from cortical_bcpnn import Recall
from cortical_bcpnn.analysis.representations import (
    class_means,
    count_prototypes,
    describe_prototypes,
    group,
    mean_and_spread,
    prototype_images,
    similarity,
    similarity_histogram,
)
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.prototypes import draw_prototypes
from cortical_bcpnn.experiments.cues import choose_images
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    open_results,
    parse,
    run_protocol,
    seeds,
    whole,
)
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.setup import flat

THRESHOLDS = np.round(np.arange(0.01, 1.0, 0.01), 2)  # s_min at which prototypes are counted
N_PROTOTYPES = 25  # how many are shown, about, unless s_min is given
EDGES = np.linspace(0, 1, 51)  # bins of the histogram of similarities
MEASURES = ["purity", "own", "others", "closest_other", "members_own", "most_like_own"]
TABLES = ("histogram", "prototypes", "counts")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.prototypes", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--images", type=whole("images"), metavar="N",
        help="test images to recall (default: all)")  # fmt: skip
    add("--s-min", type=_similarity, metavar="S",
        help="similarity beyond which states form one prototype, for the pictures (default: that "
        f"at which the first network has about {N_PROTOTYPES})")  # fmt: skip
    options = parse(parser, "prototypes", arguments)
    dataset = choose_images(load_dataset(options), options.images)
    made_with = settings(make_memory(options, dataset), dataset, options)
    with open_results("prototypes", options) as results:
        if not results.finished:
            results.finish({**made_with, **run(dataset, options, results)})
        _report(results)


def run(dataset: Dataset, options: argparse.Namespace, results: Results) -> dict:
    """Prototypes of all networks; the figure is of the first. Returns what the summary says."""
    kept = ResumableTables(results, [(seed,) for seed in seeds(options)], *TABLES)
    for (seed,) in kept.missing:
        with learned(options, dataset, seed=seed) as memory:
            recall = memory.recall(flat(dataset.test_images), populations=["HID", "INPRC"],
                                   jobs=options.jobs, progress=True)  # fmt: skip
        matrix = similarity(recall.z[recall.moments[-1]]["HID"])
        found = {"counts": count_prototypes(matrix, THRESHOLDS)}
        is_first = seed == options.seed
        counts = found["counts"] if is_first else _of_seed(kept.table("counts"), options.seed)
        member = group(matrix, choose_s_min(counts, options))
        reconstructions = reconstructed(recall, dataset)
        found["histogram"] = similarity_histogram(matrix, dataset.test_labels, EDGES)
        found["prototypes"] = describe_prototypes(
            reconstructions, dataset.test_images, dataset.test_labels, member
        )
        if is_first:
            content = io.BytesIO()
            np.save(content, prototype_images(reconstructions, member))
            results.write("prototype_images.npy", content.getvalue())
        kept.append((seed,), *(_with_seed(found[name], seed) for name in TABLES))
    first = {name: _of_seed(kept.table(name), options.seed) for name in TABLES}
    counts, prototypes = kept.table("counts"), kept.table("prototypes")
    s_min = choose_s_min(first["counts"], options)
    figure = draw_prototypes(
        first["histogram"], counts, s_min, first["prototypes"],
        np.load(results.path / "prototype_images.npy"),
        class_means(dataset.test_images, dataset.test_labels),
    )  # fmt: skip
    results.save_figure(figure, "prototypes")
    mean_counts = counts.groupby("s_min")["prototypes"].mean()
    return {
        "seeds": seeds(options),
        "recalled_images": len(dataset.test_images),
        "s_min": s_min,
        "counts": {"s_min": mean_counts.index.tolist(), "prototypes": mean_counts.tolist()},
        "prototypes": summarise([_of_seed(prototypes, seed) for seed in seeds(options)]),
    }


def choose_s_min(counts: pd.DataFrame, options: argparse.Namespace) -> float:
    """The threshold asked for, else the lowest with a number of prototypes nearest to 25."""
    if options.s_min is not None:
        return options.s_min
    return float(counts["s_min"].iloc[(counts["prototypes"] - N_PROTOTYPES).abs().argmin()])


def reconstructed(recall: Recall, dataset: Dataset) -> np.ndarray:
    """What INPRC makes of the test images at the end of recall."""
    return recall.reconstruction.reshape(dataset.test_images.shape)


def summarise(tables: list[pd.DataFrame]) -> dict:
    """Number of prototypes, and what they look like, over networks.

    'by_prototype' are means in which every prototype counts the same, 'by_member' means in
    which every image does; 'most_like_own' is the share of prototypes whose image is most like
    the average of their majority class.
    """
    found: dict[str, list] = {"by_prototype": [], "by_member": []}
    for table in tables:
        values = table.assign(most_like_own=table["own"] > table["closest_other"])[MEASURES]
        found["by_prototype"].append(values.mean())
        found["by_member"].append(values.mul(table["members"], axis=0).sum() / table["members"].sum())
    return {
        "number": mean_and_spread(len(table) for table in tables),
        "singletons": mean_and_spread((table["members"] == 1).sum() for table in tables),
        **{
            weighting: {name: mean_and_spread(mean[name] for mean in means) for name in MEASURES}
            for weighting, means in found.items()
        },
    }


def _with_seed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table.assign(seed=seed)[["seed", *table.columns]]


def _of_seed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table[table["seed"] == seed].drop(columns="seed").reset_index(drop=True)


def _similarity(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(
            f"s-min is {text!r}: give a similarity of 0 or more, and less than 1"
        )
    return value


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("prototypes")
    counts = results.load_table("counts").groupby("s_min")["prototypes"].mean()
    print(f"\n{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, "
          f"{summary['recalled_images']} test images: number of prototypes")  # fmt: skip
    shown = counts[np.isclose(counts.index * 10 % 1, 0) | np.isclose(counts.index * 10 % 1, 1)]
    print(shown.to_frame().T.to_string(float_format="{:.1f}".format))
    print(f"\nprototypes of seed {summary['seeds'][0]} at s_min = {summary['s_min']:g}: members, "
          "purity, and correlation of their images with class averages")  # fmt: skip
    first = table[table["seed"] == summary["seeds"][0]].drop(columns="seed")
    first = first.sort_values("members", ascending=False)
    print(first.to_string(index=False, float_format="{:.2f}".format))
    print("\nmean over prototypes:", ", ".join(
        f"{name} {mean['mean']:.2f}" for name, mean in summary["prototypes"]["by_prototype"].items()
    ))  # fmt: skip
    print(
        "own, others, closest_other: correlation with the average test image of the majority class, "
        "of\nother classes (mean), of that nearest; members_own: of the mean of the members' images"
    )
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
