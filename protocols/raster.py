"""Spikes and smoothed rates of all populations while test images are recalled one after the other.

python -m protocols.raster --images 0,1,2 --task completion --difficulty 0.6
"""

from __future__ import annotations

from cortical_bcpnn.analysis.timecourse import firing_rates, rates_by_population, read_every_phase
from cortical_bcpnn.drawing.raster import draw_raster
from cortical_bcpnn.experiments import (
    Difficulty,
    ImageNumbers,
    Results,
    ResumableTables,
    Setup,
    Task,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.arguments import NO_TASK
from cortical_bcpnn.experiments.cues import DIFFICULTY, check_numbers, check_task, cues_for
from cortical_bcpnn.experiments.recalls import over_time, parameters_of, phases_of, recall_of
from cortical_bcpnn.model.plain import protocol_to_plain


@experiment
def raster(
    setup: Setup,
    results: Results,
    *,
    images: ImageNumbers | None = None,
    task: Task = NO_TASK,
    difficulty: Difficulty | None = None,
    rate_images: Whole = 100,
) -> dict:
    """Spikes and smoothed rates of all populations while test images are recalled.

    Rates are those of all networks, spikes those of the first.

    Parameters
    ----------
    images
        Numbers of the test images to show (default: 0,1,2).
    task
        Cues: none (the images themselves), completion, rivalry or distortion.
    difficulty
        Of the task, from 0 to 1 (default: 0.6).
    rate_images
        Test images over which firing rates are measured.
    """
    if task == NO_TASK and difficulty is not None:
        raise ValueError("--difficulty is given without a task: add --task completion, say.")
    difficulty = DIFFICULTY if difficulty is None else difficulty
    images = list(images or range(min(3, len(setup.data.test_images))))
    check_numbers("images", images, setup.data)
    check_task(task, setup.data)
    results.begin()

    rates = ResumableTables(results, [(seed,) for seed in setup.all_seeds], "rates")
    for memory in setup.each():
        seed = memory.parameters.seed
        cues = cues_for(task, setup.data, difficulty, seed)
        if seed == setup.seed:
            phases = memory.recall_protocol()
            shown = memory.recall(flat(cues[images]), over_time=True, jobs=setup.jobs)
            results.save_arrays("recall", **over_time(shown))
            originals = setup.data.test_images[images]
            results.save_arrays("images", image=originals,
                                **({} if task == NO_TASK else {"cue": cues[images]}))  # fmt: skip
        if (seed,) in rates.missing:
            every = read_every_phase(memory.recall_protocol())
            recall = memory.recall(flat(cues[:rate_images]), protocol=every, jobs=setup.jobs)
            rates.append((seed,), firing_rates(recall).assign(seed=seed))
    return {
        "phases": protocol_to_plain(phases),
        "task": task,
        "difficulty": None if task == NO_TASK else difficulty,
        "shown_images": images,
        "rate_images": min(rate_images, len(setup.data.test_images)),
        "rate_hz": rates_by_population(rates.table()),
    }


@raster.figures
def figures(results: Results) -> dict:
    recall, images = recall_of(results.arrays("recall")), results.arrays("images")
    summary = results.summary()
    return {"raster": draw_raster(recall, phases_of(summary), parameters_of(summary), images)}


@raster.closing_table
def closing_table(results: Results) -> str:
    summary, columns = results.summary(), ["mean_hz", "max_hz", "largest_hz"]
    table = results.table("rates").groupby(["population", "phase"], sort=False)[columns].mean()
    return (
        f"{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, task "
        f"{summary['task']}, {summary['rate_images']} images: firing rates in Hz\n"
        f"{table.reset_index().to_string(index=False, float_format='{:.2f}'.format)}\n\n"
        "mean: over minicolumns; max: of the most active one, mean over images; largest: of all"
    )


if __name__ == "__main__":
    raster.main()
