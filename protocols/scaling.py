"""Runs per hour against the number of workers of this machine.

python -m protocols.scaling
"""

from __future__ import annotations

import os

import pandas as pd

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.drawing.scaling import draw_scaling_of_sweeps
from cortical_bcpnn.experiments import Results, ResumableTables, Whole, Wholes, experiment
from cortical_bcpnn.provenance import processor
from cortical_bcpnn.sweeps.cluster import open_cluster
from cortical_bcpnn.sweeps.local import CPU_COUNT
from cortical_bcpnn.sweeps.speed import efficiency, empty_store, pin, powers_of_two, seconds_of

# A small share of the digits' learning and testing, for runs of seconds.
SETTINGS = {"train_images": 400, "test_images": 100, "readout_images": 200, "epochs": 5}


@experiment
def scaling(
    results: Results, *, workers: Wholes | None = None, runs: Whole = 4, repeats: Whole = 3
) -> dict:
    """Runs per hour against the number of workers of this machine.

    Every measurement learns networks that no store knows. Workers are pinned to a core each.

    Parameters
    ----------
    workers
        Numbers of local workers, separated by commas (default: 1, 2, 4, … up to all cores).
    runs
        Runs per worker in each measurement.
    repeats
        Measurements of each number of workers, of which the median counts.
    """
    numbers, dataset = workers or powers_of_two(), digits()
    results.begin()

    pieces = [(number, repeat) for number in numbers for repeat in range(repeats)]
    kept = ResumableTables(results, pieces, "scaling")
    for (number,), missing in kept.missing_by(1):
        with empty_store(), open_cluster(None, number, 0.0) as cluster:
            pinned = pin(cluster)
            # The first runs import all, and find or compile the program.
            seconds_of(cluster, dataset, SETTINGS, number, first_seed=0)
            for (repeat,) in missing:
                load, n = os.getloadavg()[0], number * runs
                seconds = seconds_of(cluster, dataset, SETTINGS, n, first_seed=1000 * (repeat + 1))
                row = {
                    "workers": number, "repeat": repeat, "pinned": pinned,
                    "runs": n, "seconds": round(seconds, 3),
                    "runs_per_hour": round(3600 * n / seconds, 1), "load_before": round(load, 2),
                }  # fmt: skip
                kept.append((number, repeat), [row])
                print(f"{number} workers {row['runs_per_hour']:8.0f} runs per hour "
                      f"(load before {load:.1f})")  # fmt: skip
    return {
        "settings": SETTINGS,
        "runs_per_worker": runs,
        "repeats": repeats,
        "processor": processor(),
        "cores": CPU_COUNT,
        "runs_per_hour": efficiency(kept.table()).to_dict("records"),
        "seconds": round(float(kept.table()["seconds"].sum()), 1),
    }


@scaling.figures
def figures(results: Results) -> dict:
    medians = pd.DataFrame(results.summary()["runs_per_hour"])
    return {"scaling": draw_scaling_of_sweeps(results.table("scaling"), medians)}


@scaling.closing_table
def closing_table(results: Results) -> str:
    return pd.DataFrame(results.summary()["runs_per_hour"]).to_string(index=False)


if __name__ == "__main__":
    scaling.main()
