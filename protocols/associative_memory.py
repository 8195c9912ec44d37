"""Learn images without labels, then complete, disambiguate and restore unseen ones.

python -m protocols.associative_memory --dataset digits --seed 1
"""

from __future__ import annotations

import pandas as pd

from cortical_bcpnn.analysis.connectivity import busiest_fields
from cortical_bcpnn.analysis.timecourse import overall_rates
from cortical_bcpnn.circuits.resources import check_disk
from cortical_bcpnn.data.stimuli import TASKS
from cortical_bcpnn.drawing.accuracy import draw_accuracy
from cortical_bcpnn.drawing.raster import draw_raster
from cortical_bcpnn.drawing.receptive_fields import draw_receptive_fields
from cortical_bcpnn.drawing.reconstructions import draw_reconstructions
from cortical_bcpnn.drawing.rewiring import draw_rewiring
from cortical_bcpnn.experiments import Results, ResumableTables, Setup, Whole, experiment, flat
from cortical_bcpnn.experiments.cues import DIFFICULTY, cues_for
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.experiments.recalls import (
    over_time,
    parameters_of,
    phases_of,
    recall_of,
    reconstructions,
)
from cortical_bcpnn.model.plain import protocol_to_plain
from cortical_bcpnn.progress import progress_bar

DIFFICULTIES = (0.2, 0.4, 0.6, 0.8, 1.0)
FIRING_IMAGES = 100  # test images over which firing rates are measured
SHOWN, EXAMPLES, FIELDS = 3, 10, 10  # images of rasters and reconstructions, hypercolumns


@experiment(single=True)
def associative_memory(
    setup: Setup, results: Results, *,
    readout_images: Whole = READOUT_IMAGES, task_images: Whole = 1000,
) -> dict:  # fmt: skip
    """Learn images without labels, then complete, disambiguate and restore unseen ones.

    One network learns, that of --seed; network.h5 holds it.

    Parameters
    ----------
    readout_images
        Training images for the readout (at most all).
    task_images
        Test images per task and difficulty (at most all).
    """
    data, jobs = setup.data, setup.jobs
    test = flat(data.test_images)
    shown = data.limited(n_test=min(task_images, len(test)))
    with setup.network() as memory:
        results.begin()
        check_disk(results.path, memory.architecture, memory.parameters.precision)

        before = memory.connections("feedforward")
        setup.learn(memory)
        after, preferred = memory.connections("feedforward"), busiest_fields(memory, FIELDS, 3)
        results.register("network.h5")
        memory.save(results.path / "network.h5", overwrite=True)
        results.save_table(memory.rewiring, "rewiring")
        results.save_arrays("receptive_fields", before=before[:, :FIELDS], after=after[:, :FIELDS],
                            preferred=preferred)  # fmt: skip

        readout = fit_readout(memory, data, jobs, readout_images)
        clean = memory.recall(test, populations=["HID"], jobs=jobs, progress=True)
        firing = memory.recall(test[:FIRING_IMAGES], jobs=jobs)
        conditions = [(task, difficulty) for task in TASKS for difficulty in DIFFICULTIES]
        tasks = ResumableTables(results, conditions, "tasks")
        for task, difficulty in progress_bar(tasks.missing, desc="tasks", unit="task"):
            cues = cues_for(task, shown, difficulty, setup.seed)
            recall = memory.recall(flat(cues), populations=["HID"], jobs=jobs)
            row = {"task": task, "difficulty": difficulty,
                   **accuracy(readout, recall, shown.test_labels), "images": len(cues)}  # fmt: skip
            tasks.append((task, difficulty), [row])

        few = memory.recall(test[:SHOWN], over_time=True)
        results.save_arrays("raster", **over_time(few))
        for task in TASKS:
            cues = cues_for(task, data, DIFFICULTY, setup.seed)[:EXAMPLES]
            images = reconstructions(memory, data.test_images[:EXAMPLES], cues)
            results.save_arrays(f"reconstructions_{task}", **images)
    n_read = min(readout_images, len(data.train_images))
    n_cues = len(conditions) * len(shown.test_images)
    return {
        "seeds": [setup.seed],
        "phases": protocol_to_plain(memory.recall_protocol()),
        "accuracy": accuracy(readout, clean, data.test_labels),
        "example_difficulty": DIFFICULTY,
        "rate_hz": overall_rates(firing),
        "flips": memory.rewiring["flips"].tolist(),
        "seconds": {name: round(value, 3) for name, value in memory.seconds.items()},
        "patterns": {"learned": memory.n_learned, "recalled": n_read + len(test) + n_cues},
    }


@associative_memory.figures
def figures(results: Results) -> dict:
    summary, rewiring = results.summary(), results.table("rewiring")
    examples = {
        f"{task}, difficulty {summary['example_difficulty']}": results.arrays(f"reconstructions_{task}")
        for task in TASKS
    }
    recall = recall_of(results.arrays("raster"))
    drawn = {
        "raster": draw_raster(recall, phases_of(summary), parameters_of(summary)),
        "reconstructions": draw_reconstructions(examples),
        "accuracy": draw_accuracy(results.table("tasks"), summary["accuracy"]),
        "receptive_fields": draw_receptive_fields(**results.arrays("receptive_fields")),
    }
    return drawn | ({"rewiring": draw_rewiring(rewiring)} if len(rewiring) else {})


@associative_memory.closing_table
def closing_table(results: Results) -> str:
    summary, tasks = results.summary(), results.table("tasks")
    n = summary["images"]["test"]
    clean = {"task": "clean", "difficulty": 0.0, **summary["accuracy"], "images": n}
    table = pd.concat([pd.DataFrame([clean]), tasks])
    percent = dict.fromkeys(("ff", "attractor"), "{:.1%}".format)
    rates = pd.DataFrame(summary["rate_hz"]).to_string(float_format="{:.2f}".format)
    seconds = ", ".join(f"{name} {value:.0f} s" for name, value in summary["seconds"].items())
    return (
        f"{summary['variant']} on {summary['dataset']}, seed {summary['seed']}: accuracy\n"
        f"{table.to_string(index=False, formatters=percent)}\n\nfiring rates in Hz\n{rates}\n\n"
        f"time: {seconds}"
    )


if __name__ == "__main__":
    associative_memory.main()
