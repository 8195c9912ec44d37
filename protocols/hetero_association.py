"""Images and labels recall each other: a label beside the image in the associative memory.

python -m protocols.hetero_association --variant spk-calibrated --seeds 3
"""

from __future__ import annotations

import numpy as np

from cortical_bcpnn.analysis.prototypes import class_means
from cortical_bcpnn.analysis.representations import correlations
from cortical_bcpnn.drawing.association import draw_association
from cortical_bcpnn.experiments import (
    Difficulties,
    Results,
    ResumableTables,
    Setup,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.cues import TASK_IMAGES, at_most, check_task, conditions, cues_for
from cortical_bcpnn.experiments.readouts import decided
from cortical_bcpnn.experiments.shipped import network_of
from cortical_bcpnn.progress import progress_bar

DIFFICULTIES = (0.2, 0.4, 0.6, 0.8, 1.0)
TIMES = 20  # that each label is recalled from


@experiment
def hetero_association(
    setup: Setup, results: Results, *,
    difficulties: Difficulties = DIFFICULTIES, task_images: Whole = TASK_IMAGES,
) -> dict:  # fmt: skip
    """Images and labels recall each other: a label beside the image in the associative memory.

    In learning the label is clamped beside the image, while hidden minicolumns follow the image
    alone. Then a cue of an image recalls the label, and a label an image.

    Parameters
    ----------
    difficulties
        Difficulties above 0, separated by commas.
    task_images
        Test images per task and difficulty, at most.
    """
    data, shown = setup.data, at_most(task_images, setup.data)
    classes = np.unique(data.train_labels)
    architecture = network_of("hetero-associative", setup)
    setup.network(architecture=architecture).close()
    check_task("rivalry", data)
    results.begin()

    images, averages = flat(data.train_images), class_means(data.train_images, data.train_labels)
    taught = {"INP": images, "INPRC": images, "OUT": data.train_labels}
    kept = ResumableTables(results, [(seed,) for seed in setup.all_seeds], "labels", "images")
    for (seed,) in kept.missing:
        with setup.network(seed=seed, architecture=architecture) as memory:
            setup.learn(memory, patterns=taught)
            rows = []
            several = conditions(difficulties)
            for task, difficulty in progress_bar(several, desc="cues", unit="condition"):
                cues = {"INP": flat(cues_for(task, shown, difficulty, seed))}
                recall = memory.recall(cues, populations=["OUT"], jobs=setup.jobs)
                for moment in recall.moments:
                    found = decided(recall, moment)
                    rows.append({"seed": seed, "task": task, "difficulty": difficulty, "moment": moment,
                                 "accuracy": float((found == shown.test_labels).mean()),
                                 "images": len(found)})  # fmt: skip
            recall = memory.recall({"OUT": np.repeat(classes, TIMES)}, populations=["INPRC"])
        recalled = recall.reconstruction.reshape(len(classes), TIMES, *data.train_images.shape[1:])
        mean = recalled.mean(axis=1)
        likeness = correlations(mean, np.stack(list(averages.values())))
        own = np.diag(likeness)
        others = np.where(np.eye(len(classes), dtype=bool), -np.inf, likeness).max(axis=1)
        if seed == setup.seed:
            results.save_arrays("images", classes=classes, recalled=mean,
                                averages=np.stack(list(averages.values())))  # fmt: skip
        kept.append((seed,), rows, [{"seed": seed, "label": int(label), "own": a, "closest_other": b}
                                    for label, a, b in zip(classes, own, others)])  # fmt: skip
    table = kept.table("images")
    return {
        "parameters": setup.parameters(setup.network(architecture=architecture)),
        "chance": 1 / len(classes),
        "image_from_label": {
            "own": float(table["own"].mean()),
            "closest_other": float(table["closest_other"].mean()),
            "most_like_own": float((table["own"] > table["closest_other"]).mean()),
        },
    }  # fmt: skip


@hetero_association.figures
def figures(results: Results) -> dict:
    arrays = results.arrays("images")
    classes = arrays["classes"].tolist()
    recalled, averages = (dict(zip(classes, arrays[name])) for name in ("recalled", "averages"))
    figure = draw_association(results.table("labels"), results.summary()["chance"], recalled, averages)
    return {"hetero_association": figure}


@hetero_association.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    table = 100 * results.table("labels").pivot_table(
        index=["task", "moment"], columns="difficulty", values="accuracy", sort=False
    )
    found = summary["image_from_label"]
    return (
        f"{summary['variant']} on {summary['dataset']}, {mean_of(summary)}: right labels in per cent\n"
        f"{table.to_string(float_format='{:.1f}'.format, na_rep='')}\n\nimages from labels: correlation "
        f"{found['own']:.2f} with the mean of their class, {found['closest_other']:.2f} with that of "
        f"the nearest other; {found['most_like_own']:.0%} most like their own"
    )


if __name__ == "__main__":
    hetero_association.main()
