"""Prototypes: attractor states that resemble each other, and what the memory makes of them.

python -m protocols.prototypes --s-min 0.6
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cortical_bcpnn.analysis.prototypes import (
    class_means,
    count_prototypes,
    describe_prototypes,
    group,
    lowest_threshold,
    prototype_images,
    summarise_prototypes,
)
from cortical_bcpnn.analysis.representations import similarity, similarity_histogram
from cortical_bcpnn.drawing.prototypes import draw_prototypes
from cortical_bcpnn.experiments import Results, ResumableTables, Setup, Whole, experiment, flat
from cortical_bcpnn.experiments.arguments import Similarity
from cortical_bcpnn.experiments.cues import choose_images

THRESHOLDS = np.round(np.arange(0.01, 1.0, 0.01), 2)  # s_min at which prototypes are counted
N_PROTOTYPES = 25  # how many are shown, about, unless s_min is given
EDGES = np.linspace(0, 1, 51)  # bins of the histogram of similarities
TABLES = ("histogram", "prototypes", "counts")


@experiment
def prototypes(
    setup: Setup, results: Results, *, images: Whole | None = None, s_min: Similarity | None = None
) -> dict:
    """Prototypes: attractor states that resemble each other, and what the memory makes of them.

    Tables are of all networks, the picture is of the first.

    Parameters
    ----------
    images
        Test images to recall (default: all).
    s_min
        Similarity beyond which states form one prototype, for the pictures (default: that at which
        the first network has about 25).
    """
    data = choose_images(setup.data, images)
    test, labels = data.test_images, data.test_labels
    results.begin()

    def threshold(counts: pd.DataFrame) -> float:
        return lowest_threshold(counts, N_PROTOTYPES) if s_min is None else s_min

    kept = ResumableTables(results, [(seed,) for seed in setup.all_seeds], *TABLES)
    for (seed,) in kept.missing:
        with setup.learned(seed=seed) as memory:
            recall = memory.recall(flat(test), populations=["HID", "INPRC"], jobs=setup.jobs,
                                   progress=True)  # fmt: skip
        states = similarity(recall.z[recall.moments[-1]]["HID"])
        counts = count_prototypes(states, THRESHOLDS)
        of_first = counts if seed == setup.seed else _of(kept.table("counts"), setup.seed)
        member = group(states, threshold(of_first))
        remembered = recall.reconstruction.reshape(test.shape)
        if seed == setup.seed:
            averages = class_means(test, labels)
            results.save_arrays("images", prototypes=prototype_images(remembered, member),
                                classes=list(averages), averages=list(averages.values()))  # fmt: skip
        found = (similarity_histogram(states, labels, EDGES),
                 describe_prototypes(remembered, test, labels, member), counts)  # fmt: skip
        kept.append((seed,), *(table.assign(seed=seed)[["seed", *table]] for table in found))
    counts, table = kept.table("counts"), kept.table("prototypes")
    mean_counts = counts.groupby("s_min")["prototypes"].mean()
    return {
        "recalled_images": len(test),
        "s_min": threshold(_of(counts, setup.seed)),
        "counts": {"s_min": mean_counts.index.tolist(), "prototypes": mean_counts.tolist()},
        "prototypes": summarise_prototypes([rows for _, rows in table.groupby("seed", sort=False)]),
    }


@prototypes.figures
def figures(results: Results) -> dict:
    seed, arrays = results.summary()["seed"], results.arrays("images")
    histogram, table, counts = (results.table(name) for name in TABLES)
    figure = draw_prototypes(
        _of(histogram, seed), counts, results.summary()["s_min"], _of(table, seed), arrays["prototypes"],
        dict(zip(arrays["classes"].tolist(), arrays["averages"])),
    )  # fmt: skip
    return {"prototypes": figure}


@prototypes.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    counts = results.table("counts").groupby("s_min")["prototypes"].mean()
    shown = counts[np.isclose(counts.index * 10 % 1, 0) | np.isclose(counts.index * 10 % 1, 1)]
    first = _of(results.table("prototypes"), summary["seed"]).drop(columns="seed")
    means = summary["prototypes"]["by_prototype"].items()
    return (
        f"{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, "
        f"{summary['recalled_images']} test images: number of prototypes\n"
        f"{shown.to_frame().T.to_string(float_format='{:.1f}'.format)}\n\n"
        f"prototypes of seed {summary['seed']} at s_min = {summary['s_min']:g}: members, purity, and "
        "correlation of their images with class averages\n"
        + first.sort_values("members", ascending=False).to_string(index=False, float_format="%.2f")
        + "\n\nmean over prototypes: "
        + ", ".join(f"{name} {mean['mean']:.2f}" for name, mean in means)
        + "\nown, others, closest_other: correlation with the average test image of the majority class,"
        " of\nother classes (mean), of that nearest; members_own: of the mean of the members' images"
    )


def _of(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table[table["seed"] == seed].reset_index(drop=True)


if __name__ == "__main__":
    prototypes.main()
