"""Published against calibrated recall: what the attractor adds to the feedforward response.

python -m protocols.calibrated --kinds spspk --seeds 3
"""

from __future__ import annotations

from cortical_bcpnn.analysis.recurrence import CONFIDENCE, differences, extremes
from cortical_bcpnn.data.stimuli import CLEAN, TASKS
from cortical_bcpnn.drawing.calibrated import draw_calibrated, draw_unknown
from cortical_bcpnn.experiments import (
    Difficulties,
    Kinds,
    Networks,
    Results,
    ResumableTables,
    Whole,
    experiment,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.cues import DIFFICULTIES, TASK_IMAGES, at_most, conditions, cues_for
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, fit_readout, losses_and_gains
from cortical_bcpnn.experiments.ways_of_recall import WAYS
from cortical_bcpnn.model.paper import KINDS
from cortical_bcpnn.progress import progress_bar


@experiment
def calibrated(
    setup: Networks,
    results: Results,
    *,
    kinds: Kinds = KINDS,
    difficulties: Difficulties = DIFFICULTIES,
    task_images: Whole = TASK_IMAGES,
    readout_images: Whole = READOUT_IMAGES,
) -> dict:
    """Published against calibrated recall: what the attractor adds to the feedforward response.

    Each network recalls the same cues in several ways: as published; with the cue kept for as long
    and no recurrence, recurrence at gain 1, or at the gain that the traces give; and so that unknown
    pixels say nothing.

    Parameters
    ----------
    kinds
        Kinds of minicolumns, separated by commas.
    difficulties
        Difficulties above 0, separated by commas.
    task_images
        Test images per task and difficulty, at most.
    readout_images
        Training images for the readout, at most.
    """
    in_common = [setup.in_common(f"{kind}-calibrated") for kind in kinds]
    shown = at_most(task_images, setup.data)
    results.begin()

    pieces = [(kind, seed, name, *condition) for seed in setup.all_seeds for kind in kinds
              for name, way in WAYS.items() for condition in conditions(difficulties, way.tasks)]
    table = ResumableTables(results, pieces, "recalls")
    for (kind, seed), missing in table.missing_by(2):
        with setup.learned(f"{kind}-calibrated", seed=seed) as memory:
            readout = fit_readout(memory, setup.data, setup.jobs, readout_images)
            what = f"{kind}, seed {seed}"
            for name, task, difficulty in progress_bar(missing, desc=what, unit="condition"):
                cues = cues_for(task, shown, difficulty, seed, unknown=WAYS[name].unknown)
                key = {"kind": kind, "seed": seed, "way": name, "task": task, "difficulty": difficulty}
                rows = losses_and_gains(memory, cues, WAYS[name].protocol(memory), shown.test_labels,
                                        readout, setup.jobs)  # fmt: skip
                table.append(tuple(key.values()), [{**key, **row} for row in rows])
    found = differences(table.table())
    results.save_table(found, "differences")
    clean = found[(found["way"] == "calibrated") & (found["task"] == CLEAN)]
    return {
        "parameters": in_common[0],
        "kinds": list(kinds),
        "difficulties": list(difficulties),
        "recurrent_gain": dict(zip(clean["kind"], clean["recurrent_gain"])),
        "confidence": CONFIDENCE,
        "worst_and_best": extremes(found),
    }


@calibrated.figures
def figures(results: Results) -> dict:
    found = results.table("differences")
    return {"calibrated": draw_calibrated(found), "unknown": draw_unknown(found)}


@calibrated.closing_table
def closing_table(results: Results) -> str:
    summary, found = results.summary(), results.table("differences")
    text = (f"attractor minus feedforward response on {summary['dataset']}, in points, "
            f"{mean_of(summary)}\n")  # fmt: skip
    for kind, rows in found.groupby("kind", sort=False):
        text += f"\n{kind}: calibrated gain {summary['recurrent_gain'][kind]:.3f}\n"
        for task in TASKS:
            wide = 100 * rows[rows["task"].isin((CLEAN, task))].pivot_table(
                index=["way", "reading"], columns="difficulty", values="difference", sort=False
            ).rename(columns={0.0: CLEAN})  # fmt: skip
            text += f"\n{task}\n{wide.to_string(float_format='{:+.1f}'.format)}\n"
    return text.rstrip()


if __name__ == "__main__":
    calibrated.main()
