"""Similarity of representations within and between classes, in all populations.

python -m protocols.similarity --seeds 3
"""

from __future__ import annotations

import numpy as np

from cortical_bcpnn.analysis.representations import (
    averaged_down,
    mean_and_spread,
    mean_similarities,
)
from cortical_bcpnn.analysis.representations import (
    similarity as cosine_similarity,
)
from cortical_bcpnn.drawing.similarity import draw_similarity
from cortical_bcpnn.experiments import Results, ResumableTables, Setup, Whole, experiment, flat
from cortical_bcpnn.experiments.cues import choose_images

MOST_IMAGES = 1000  # unless another number is asked for
MEASURES = ["within", "between", "all", "s_ortho"]
POINTS = 250  # rows and columns of a matrix that are drawn, at most


@experiment
def similarity(setup: Setup, results: Results, *, images: Whole | None = None) -> dict:
    """Similarity of representations within and between classes, in all populations.

    The table is of all networks, the picture is of the first.

    Parameters
    ----------
    images
        Test images to compare (default: all, at most 1000).
    """
    data = choose_images(setup.data, images, MOST_IMAGES)
    labels = np.sort(data.test_labels)
    results.begin()

    kept = ResumableTables(results, [(seed,) for seed in setup.all_seeds], "s_ortho")
    for (seed,) in kept.missing:
        with setup.learned(seed=seed) as memory:
            recall = memory.recall(flat(data.test_images), jobs=setup.jobs, progress=True)
        rows, drawn = [], []
        for moment, populations in recall.z.items():
            for name, z in populations.items():
                matrix = cosine_similarity(z, data.test_labels)
                mean = mean_similarities(matrix, labels)
                rows.append({"seed": seed, "population": name, "moment": moment, **mean,
                             "s_ortho": mean["within"] / mean["all"]})  # fmt: skip
                drawn.append(np.round(255 * averaged_down(matrix, POINTS)).astype(np.uint8))
        if seed == setup.seed:
            results.save_arrays("similarity", matrices=drawn, labels=labels)
        kept.append((seed,), rows)
    protocol = setup.network().parameters.variant.recall_protocol(1.0)  # at any gain
    return {
        "compared_images": len(labels),
        "without_cue": [phase.read for phase in protocol
                        if phase.read and "INP" not in phase.clamped],
        "similarity": {
            population: {
                moment: {name: mean_and_spread(found[name]) for name in MEASURES}
                for moment, found in table.groupby("moment", sort=False)
            }
            for population, table in kept.table().groupby("population", sort=False)
        },
    }  # fmt: skip


@similarity.figures
def figures(results: Results) -> dict:
    arrays, table, summary = results.arrays("similarity"), results.table("s_ortho"), results.summary()
    matrices: dict = {}
    s_ortho: dict = {}
    for row, matrix in zip(table[table["seed"] == summary["seed"]].itertuples(), arrays["matrices"]):
        matrices.setdefault(row.moment, {})[row.population] = matrix / 255
        s_ortho.setdefault(row.moment, {})[row.population] = row.s_ortho
    figure = draw_similarity(matrices, arrays["labels"], s_ortho, tuple(summary["without_cue"]))
    return {"similarity": figure}


@similarity.closing_table
def closing_table(results: Results) -> str:
    summary, table = results.summary(), results.table("s_ortho")
    groups = table.groupby(["population", "moment"], sort=False)
    shown = groups[MEASURES].mean()
    if len(summary["seeds"]) > 1:
        shown["sd of s_ortho"] = groups["s_ortho"].std()
    withdrawn = "".join(
        f"\n{moment}: the cue has been withdrawn, so INP has no input and its s_ortho is about 1"
        for moment in summary["without_cue"]
    )
    return (
        f"{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, "
        f"{summary['compared_images']} test images: cosine similarity of z\n"
        f"{shown.reset_index().to_string(index=False, float_format='{:.3f}'.format)}\n\n"
        "within, between: mean over pairs of a class, of different classes; s_ortho: within / all"
        f"{withdrawn}"
    )


if __name__ == "__main__":
    similarity.main()
