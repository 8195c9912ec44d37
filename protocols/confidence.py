"""Recurrence by how sure each hypercolumn is, or over a longer time, against the calibrated gain.

python -m protocols.confidence --kinds spspk --seeds 3
"""

from __future__ import annotations

from dataclasses import asdict

from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.analysis.recurrence import CONFIDENCE, differences, extremes
from cortical_bcpnn.drawing.calibrated import draw_calibrated
from cortical_bcpnn.experiments import (
    Difficulties,
    Kinds,
    Networks,
    Results,
    ResumableTables,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.cues import DIFFICULTIES, TASK_IMAGES, at_most, conditions, cues_for
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, losses_and_gains
from cortical_bcpnn.experiments.ways_of_listening import WAYS_TO_LISTEN, Ways
from cortical_bcpnn.model.paper import KINDS
from cortical_bcpnn.progress import progress_bar


@experiment
def confidence(
    setup: Networks,
    results: Results,
    *,
    kinds: Kinds = KINDS,
    ways: Ways = tuple(WAYS_TO_LISTEN),
    difficulties: Difficulties = DIFFICULTIES,
    task_images: Whole = TASK_IMAGES,
    readout_images: Whole = READOUT_IMAGES,
) -> dict:
    """Recurrence by how sure each hypercolumn is, or over a longer time, against the calibrated gain.

    Each network recalls the same cues, which stay on, in several ways: without recurrence, at the
    calibrated gain and at half of it, at a gain of each hypercolumn's own, and with a longer time
    constant of the recurrent input alone.

    Parameters
    ----------
    kinds
        Kinds of minicolumns, separated by commas.
    ways
        Those to compare, separated by commas.
    difficulties
        Difficulties above 0, separated by commas.
    task_images
        Test images per task and difficulty, at most.
    readout_images
        Training images for the readout and for what confidence is usual, at most.
    """
    in_common = [setup.in_common(f"{kind}-calibrated") for kind in kinds]
    shown = at_most(task_images, setup.data)
    results.begin()

    pieces = [(kind, seed, way, *condition) for seed in setup.all_seeds for kind in kinds
              for condition in conditions(difficulties) for way in ways]  # fmt: skip
    table = ResumableTables(results, pieces, "recalls")
    for (kind, seed), missing in table.missing_by(2):
        with setup.learned(f"{kind}-calibrated", seed=seed) as memory:
            learned = memory.recall(flat(setup.data.train_images[:readout_images]),
                                    until="feedforward", populations=["INP", "HID"],
                                    jobs=setup.jobs).z["feedforward"]  # fmt: skip
            readout = train_readout(learned["HID"], setup.data.train_labels[: len(learned["HID"])])
            networks = {way: WAYS_TO_LISTEN[way].network(memory, learned["INP"]) for way in ways}
            bar = progress_bar(missing, desc=f"{kind}, seed {seed}", unit="condition")
            for name, task, difficulty in bar:
                cues = cues_for(task, shown, difficulty, seed)
                key = {"kind": kind, "seed": seed, "way": name, "task": task, "difficulty": difficulty}
                rows = losses_and_gains(
                    networks[name], cues, WAYS_TO_LISTEN[name].protocol(memory), shown.test_labels,
                    readout, setup.jobs,
                )  # fmt: skip
                table.append(tuple(key.values()), [{**key, **row} for row in rows])
            for network in networks.values():
                network.close()
    found = differences(table.table())
    results.save_table(found, "differences")
    return {
        "parameters": in_common[0],
        "kinds": list(kinds),
        "ways": {way: asdict(WAYS_TO_LISTEN[way]) for way in ways},
        "difficulties": list(difficulties),
        "confidence": CONFIDENCE,
        "worst_and_best": extremes(found),
    }


@confidence.figures
def figures(results: Results) -> dict:
    found = results.table("differences")
    return {"confidence": draw_calibrated(found), "last": draw_calibrated(found, "attractor")}


@confidence.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    text = f"attractor minus feedforward response on {summary['dataset']}, {mean_of(summary)}\n"
    for row in summary["worst_and_best"]:
        hard = row["least_in_hard_completion"]
        text += f"\n{row['kind']:6} {row['way']:18} {row['reading']:16}"
        text += f" worst {row['worst_points']:+5.1f} ({row['where']})"
        text += "" if hard is None else f", hard completion {hard:+5.1f}"
    return text


if __name__ == "__main__":
    confidence.main()
