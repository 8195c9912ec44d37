"""Images of INP and INPRC through one recall of each task, and how alike the original INPRC grows.

python -m protocols.attractor --image 0 --difficulty 0.6
"""

from __future__ import annotations

from brian2 import ms

from cortical_bcpnn.analysis.timecourse import (
    images_over_time,
    phase_names,
    phase_steps,
    reconstruction_course,
    time_bins,
)
from cortical_bcpnn.data.stimuli import TASKS
from cortical_bcpnn.drawing.attractor import Strips, draw_attractor
from cortical_bcpnn.experiments import (
    Difficulty,
    Results,
    ResumableTables,
    Setup,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.cues import DIFFICULTY, check_numbers, check_task, cues_for
from cortical_bcpnn.experiments.recalls import parameters_of, phases_of
from cortical_bcpnn.model.plain import protocol_to_plain

SEEN = ["INP", "INPRC"]  # populations of pixels


@experiment
def attractor(
    setup: Setup, results: Results, *,
    image: int = 0, difficulty: Difficulty = DIFFICULTY, mean_images: Whole = 20, columns: Whole = 16,
) -> dict:  # fmt: skip
    """Images of INP and INPRC through one recall of each task, and how alike the original INPRC grows.

    Similarity is that of all networks, images are of the first.

    Parameters
    ----------
    image
        Number of the test image to show.
    difficulty
        Of the tasks, from 0 to 1.
    mean_images
        Test images over which similarity is averaged.
    columns
        About how many images in a row.
    """
    data = setup.data
    check_numbers("image", [image], data)
    for task in TASKS:
        check_task(task, data)
    results.begin()

    pieces = [(seed, task) for seed in setup.all_seeds for task in TASKS]
    kept = ResumableTables(results, pieces, "similarity_over_time")
    for memory in setup.each():
        seed, parameters = memory.parameters.seed, memory.parameters
        cues = {task: cues_for(task, data, difficulty, seed) for task in TASKS}
        for task in TASKS:
            if (seed, task) in kept.missing:
                some = cues[task][:mean_images]
                recall = memory.recall(flat(some), populations=SEEN, over_time=True, jobs=setup.jobs)
                originals = data.test_images[: len(some)]
                table = reconstruction_course(recall, some, originals, parameters)
                table.insert(0, "seed", seed)
                table.insert(1, "task", task)
                kept.append((seed, task), table)
        if seed == setup.seed:
            phases = memory.recall_protocol()
            bins = time_bins(phases, parameters, columns)
            for task in TASKS:
                cue = cues[task][[image]]
                recall = memory.recall(flat(cue), populations=SEEN, over_time=True)
                images = images_over_time(recall, bins, parameters)
                results.save_arrays(task, original=data.test_images[image], cue=cue[0], **images)

    # Of every course, the rows at the ends of phases
    ends = phase_steps(phases, parameters)[1:] * float(parameters.dt / ms)
    courses = kept.table()
    table = courses[courses["time_ms"].isin(ends)].copy()
    table.insert(2, "phase", table["time_ms"].map(dict(zip(ends, phase_names(phases)))))
    results.save_table(table, "similarity")
    mean = table.groupby(["task", "phase"], sort=False)[["similarity", "others", "inp"]].mean()
    return {
        "phases": protocol_to_plain(phases),
        "difficulty": difficulty,
        "shown_image": image,
        "mean_images": min(mean_images, len(data.test_images)),
        "columns": columns,
        "cue_similarity": table.groupby("task", sort=False)["cue"].mean().to_dict(),
        "similarity": {task: mean["similarity"][task].to_dict() for task in TASKS},
        "similarity_to_others": {task: mean["others"][task].to_dict() for task in TASKS},
        "inp_similarity": {task: mean["inp"][task].to_dict() for task in TASKS},
    }


@attractor.figures
def figures(results: Results) -> dict:
    summary, courses = results.summary(), results.table("similarity_over_time")
    phases, parameters = phases_of(summary), parameters_of(summary)
    tasks = {}
    for task in TASKS:
        images = results.arrays(task)
        original, cue = images.pop("original"), images.pop("cue")
        rows = courses[(courses["seed"] == summary["seed"]) & (courses["task"] == task)]
        title = f"{task}, difficulty {summary['difficulty']:g}"
        tasks[title] = Strips(original, cue, images, rows, rows["cue"].iloc[0])
    bins = time_bins(phases, parameters, summary["columns"])
    return {"attractor": draw_attractor(tasks, bins, phases, parameters)}


@attractor.closing_table
def closing_table(results: Results) -> str:
    summary, table = results.summary(), results.table("similarity")
    columns = ["similarity", "others", "inp", "cue"]
    table = table.groupby(["task", "phase"], sort=False)[columns].mean().reset_index()
    return (
        f"{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}, difficulty "
        f"{summary['difficulty']:g}: cosine similarity of INPRC at the end of phases, means over "
        f"{summary['mean_images']} images\n"
        f"{table.to_string(index=False, float_format='{:.3f}'.format)}\n\n"
        "similarity: to the original; others: to other images; inp: of INP to the original; cue: of "
        "the cue itself"
    )


if __name__ == "__main__":
    attractor.main()
