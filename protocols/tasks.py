"""Accuracy of the published variants on the three tasks against difficulty.

python -m protocols.tasks --variants spk-ff,spk-full --seeds 5
"""

from __future__ import annotations

import numpy as np

from cortical_bcpnn import VARIANTS
from cortical_bcpnn.analysis.accuracy import by_condition, over_seeds, recurrence_gain
from cortical_bcpnn.drawing.tasks import draw_tasks, examples_of
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
    CLEAN,
    DIFFICULTIES,
    TASK_IMAGES,
    at_most,
    check_task,
    conditions,
    cues_for,
    example_cues,
)
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.experiments.variants import moment_of, share_networks
from cortical_bcpnn.progress import progress_bar

EXAMPLE_DIFFICULTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@experiment
def tasks(
    setup: Networks,
    results: Results,
    *,
    variants: PublishedVariants = tuple(VARIANTS),
    difficulties: Difficulties = DIFFICULTIES,
    task_images: Whole = TASK_IMAGES,
    readout_images: Whole = READOUT_IMAGES,
) -> dict:
    """Accuracy of the published variants on the three tasks against difficulty.

    Parameters
    ----------
    variants
        Variants to compare, separated by commas.
    difficulties
        Difficulties above 0, separated by commas.
    task_images
        Test images per task and difficulty, at most.
    readout_images
        Training images for the readout, at most.
    """
    networks = share_networks(variants)
    untrained = {kind: setup.network(names[-1]) for kind, names in networks.items()}
    check_task("rivalry", setup.data)
    results.begin()

    pieces = [(seed, kind, *condition) for seed in setup.all_seeds for kind in networks
              for condition in conditions(difficulties)]  # fmt: skip
    table = ResumableTables(results, pieces, "tasks")
    shown = at_most(task_images, setup.data)
    for (seed, kind), missing in table.missing_by(2):
        with setup.learned(networks[kind][-1], seed=seed) as memory:
            readout = fit_readout(memory, setup.data, setup.jobs, readout_images)
            for task, difficulty in progress_bar(missing, desc=f"{kind}, seed {seed}", unit="condition"):
                cues = cues_for(task, shown, difficulty, seed)
                recall = memory.recall(flat(cues), populations=["HID"], jobs=setup.jobs)
                scores = accuracy(readout, recall, shown.test_labels)
                rows = [{"variant": name, "seed": seed, "task": task, "difficulty": difficulty,
                         "accuracy": scores[moment_of(name)], "images": len(cues)}
                        for name in networks[kind]]  # fmt: skip
                table.append((seed, kind, task, difficulty), rows)
    means = over_seeds(table.table())
    results.save_table(means, "accuracy")
    results.save_arrays("cues", **example_cues(setup.data, EXAMPLE_DIFFICULTIES, setup.seed))
    return {
        "parameters": setup.in_common(variants[0]),
        "variants": list(variants),
        "networks": {kind: setup.parameters(memory)["variant"]
                     for kind, memory in untrained.items()},
        "difficulties": list(difficulties),
        "chance": 1 / len(np.unique(setup.data.train_labels)),
        "accuracy": by_condition(means),
        "attractor_minus_ff": by_condition(over_seeds(recurrence_gain(table.table()))),
    }  # fmt: skip


@tasks.figures
def figures(results: Results) -> dict:
    examples = examples_of(results.arrays("cues"), EXAMPLE_DIFFICULTIES)
    return {"tasks": draw_tasks(results.table("accuracy"), examples, results.summary()["chance"])}


@tasks.closing_table
def closing_table(results: Results) -> str:
    summary, table = results.summary(), results.table("accuracy")
    text = f"accuracy in per cent on {summary['dataset']}, {mean_of(summary)}\n"
    clean = table[table["task"] == CLEAN].set_index("variant")["mean"]
    for task, rows in table[table["task"] != CLEAN].groupby("task", sort=False):
        wide = rows.pivot(index="variant", columns="difficulty", values="mean")
        wide.insert(0, CLEAN, clean)
        wide = 100 * wide.reindex(summary["variants"])
        text += f"\n{task}\n{wide.to_string(float_format='{:.1f}'.format, index_names=False)}\n"
    return text


if __name__ == "__main__":
    tasks.main()
