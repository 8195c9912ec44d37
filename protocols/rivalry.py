"""Who wins in perceptual rivalry: the image, its rival, or neither.

python -m protocols.rivalry --seeds 3
"""

from __future__ import annotations

import numpy as np

from cortical_bcpnn.analysis.rivalry import WINNERS, winners
from cortical_bcpnn.data.stimuli import rivals_of
from cortical_bcpnn.drawing.rivalry import draw_rivalry
from cortical_bcpnn.experiments import (
    Difficulties,
    Networks,
    PublishedVariants,
    Results,
    ResumableTables,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.cues import (
    DIFFICULTIES,
    TASK_IMAGES,
    at_most,
    check_task,
    cues_for,
)
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, fit_readout
from cortical_bcpnn.experiments.results import plain
from cortical_bcpnn.progress import progress_bar


@experiment
def rivalry(
    setup: Networks, results: Results, *,
    variants: PublishedVariants = ("rate-full", "spk-full", "spspk-full"),
    difficulties: Difficulties = DIFFICULTIES, task_images: Whole = TASK_IMAGES,
    readout_images: Whole = READOUT_IMAGES,
) -> dict:  # fmt: skip
    """Who wins in perceptual rivalry: the image, its rival, or neither.

    Accuracy counts a cue as wrong when the rival wins, even where half of it is the rival's. Here
    the three are told apart, among pairs of different classes.

    Parameters
    ----------
    variants
        Variants to compare, separated by commas.
    difficulties
        Difficulties above 0, separated by commas.
    task_images
        Test images per difficulty, at most.
    readout_images
        Training images for the readout, at most.
    """
    shown = at_most(task_images, setup.data)
    for variant in variants:
        setup.network(variant).close()
    check_task("rivalry", shown)
    results.begin()

    labels = shown.test_labels
    keys = [(v, seed, d) for seed in setup.all_seeds for v in variants for d in difficulties]
    table = ResumableTables(results, keys, "rivalry")
    for (variant, seed), missing in table.missing_by(2):
        with setup.learned(variant, seed=seed) as memory:
            readout = fit_readout(memory, setup.data, setup.jobs, readout_images)
            for (difficulty,) in progress_bar(missing, desc=f"{variant}, seed {seed}", unit="condition"):
                cues = cues_for("rivalry", shown, difficulty, seed)
                rivals = labels[rivals_of(len(cues), difficulty, seed)]
                recall = memory.recall(flat(cues), populations=["HID"], jobs=setup.jobs)
                rows = [{"variant": variant, "seed": seed, "difficulty": difficulty, "moment": moment,
                         **winners(readout.predict(recall.z[moment]["HID"]), labels, rivals)}
                        for moment in recall.moments]  # fmt: skip
                table.append((variant, seed, difficulty), rows)
    first = [cues_for("rivalry", shown, d, setup.seed)[0] for d in difficulties]
    results.save_arrays("cues", cues=np.stack(first))
    groups = table.table().groupby(["variant", "difficulty", "moment"], sort=False)[list(WINNERS)]
    means = groups.mean().join(groups.std().add_suffix("_sd")).reset_index()
    results.save_table(means, "means")
    return {
        "parameters": setup.in_common(variants[0]),
        "variants": list(variants),
        "difficulties": list(difficulties),
        "means": plain(means).to_dict("records"),
    }


@rivalry.figures
def figures(results: Results) -> dict:
    difficulties = np.array(results.summary()["difficulties"])
    figure = draw_rivalry(results.table("rivalry"), results.arrays("cues")["cues"], difficulties)
    return {"rivalry": figure}


@rivalry.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    shares = results.table("means").melt(["variant", "moment", "difficulty"], list(WINNERS), "as")
    table = 100 * shares.pivot_table(
        index=["variant", "moment", "as"], columns="difficulty", values="value", sort=False
    )
    return (
        f"{summary['dataset']}, {mean_of(summary)}: cues recognised as their image, its rival or "
        f"neither, in per cent\n{table.to_string(float_format='{:.1f}'.format)}"
    )


if __name__ == "__main__":
    rivalry.main()
