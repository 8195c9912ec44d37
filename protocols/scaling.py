"""Runs per hour against the number of workers of this machine.

python -m protocols.scaling

Every measurement learns networks that no store knows. Workers are pinned to a core each.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from cortical_bcpnn.data.datasets import Dataset, digits
from cortical_bcpnn.drawing.scaling import draw_scaling_of_sweeps
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.options import (
    add_output_options,
    open_results,
    parse,
    run_protocol,
    several,
    whole,
)
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.provenance import processor
from cortical_bcpnn.sweeps.cluster import CPU_COUNT, Cluster, open_cluster
from cortical_bcpnn.sweeps.parameters import resolve
from cortical_bcpnn.sweeps.run import Run, compute

# A small share of the digits' learning and testing, for runs of seconds.
SETTINGS = {"train_images": 400, "test_images": 100, "readout_images": 200, "epochs": 5}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.scaling", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("--workers", type=several(whole("workers")), metavar="N,N",
        help="numbers of local workers (default: 1, 2, 4, … up to all cores)")
    add("--runs", type=whole("runs"), default=4, metavar="N",
        help="runs per worker in each measurement (default: %(default)s)")
    add("--repeats", type=whole("repeats"), default=3, metavar="N",
        help="measurements of each number of workers, of which the median counts "
        "(default: %(default)s)")  # fmt: skip
    add_output_options(parser, checkpoints=False)
    options = parse(parser, "scaling", arguments)
    options.dataset, options.seed = "digits", 0
    dataset = digits()
    with open_results("scaling", options) as results:
        if not results.finished:
            table = measure(dataset, options, results)
            finish(table, options, results)
        _report(results)


def measure(dataset: Dataset, options: argparse.Namespace, results: Results) -> pd.DataFrame:
    """A row for each measurement; what a stopped run has found is kept."""
    numbers = numbers_of_workers(options)
    pieces = [(workers, repeat) for workers in numbers for repeat in range(options.repeats)]
    kept = ResumableTables(results, pieces, "scaling")
    for workers in numbers:
        missing = [repeat for number, repeat in kept.missing if number == workers]
        if not missing:
            continue
        with _empty_store(), open_cluster(None, workers, 0.0) as cluster:
            pinned = pin(cluster)
            _timed(cluster, dataset, workers, 1, 0)  # imports, and finds or compiles the program
            for repeat in missing:
                load = os.getloadavg()[0]
                first_seed = 1000 * (repeat + 1)
                seconds = _timed(cluster, dataset, workers, options.runs, first_seed)
                row = {
                    "workers": workers, "repeat": repeat, "pinned": pinned,
                    "runs": workers * options.runs, "seconds": round(seconds, 3),
                    "runs_per_hour": round(3600 * workers * options.runs / seconds, 1),
                    "load_before": round(load, 2),
                }  # fmt: skip
                kept.append((workers, repeat), [row])
                print(f"{workers} workers {row['runs_per_hour']:8.0f} runs per hour "
                      f"(load before {load:.1f})")  # fmt: skip
    return kept.table()


def numbers_of_workers(options: argparse.Namespace) -> list[int]:
    """Those that are asked for, or powers of two and all cores."""
    powers = [2**n for n in range(int(np.log2(CPU_COUNT)) + 1)]
    return options.workers or sorted({*powers, CPU_COUNT})


def pin(cluster: Cluster) -> bool:
    """Give each worker, and the programs that it starts, a core of its own; False where it cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    cores = sorted(os.sched_getaffinity(0))
    workers = sorted(cluster.client.scheduler_info(n_workers=-1)["workers"])
    for number, worker in enumerate(workers):
        core = cores[number % len(cores)]
        cluster.client.submit(_pin, core, workers=[worker], pure=False).result()
    return True


def _pin(core: int) -> None:
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), {core})


def _timed(cluster: Cluster, dataset: Dataset, workers: int, each: int, first_seed: int) -> float:
    """Seconds that so many new runs take."""
    settings = resolve(SETTINGS, dataset)
    runs = [Run.make(dataset, settings, first_seed + n, ("accuracy",)) for n in range(workers * each)]
    began = time.perf_counter()
    for _, outcome in cluster.compute(compute, {run.id: (run,) for run in runs}):
        if isinstance(outcome, Exception) or outcome["status"] != "done":
            raise ValueError(f"a run of the measurement has failed: {outcome}.")
    return time.perf_counter() - began


@contextmanager
def _empty_store() -> Iterator[None]:
    """Learned networks go to a store that is new, and is deleted."""
    before = os.environ.get("CORTICAL_BCPNN_STORE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CORTICAL_BCPNN_STORE"] = folder
        try:
            yield
        finally:
            del os.environ["CORTICAL_BCPNN_STORE"]
            if before is not None:
                os.environ["CORTICAL_BCPNN_STORE"] = before


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Median runs per hour of each number of workers, and efficiency: against as many times one."""
    groups = table.groupby("workers")
    medians = groups["runs_per_hour"].agg(["median", "min", "max"]).reset_index()
    ideal = medians["median"][0] / medians["workers"][0] * medians["workers"]
    load = groups["load_before"].median().to_numpy()
    return medians.assign(efficiency=(medians["median"] / ideal).round(3), load_before=load)


def finish(table: pd.DataFrame, options: argparse.Namespace, results: Results) -> None:
    """Figure and summary."""
    medians = summarise(table)
    results.save_figure(draw_scaling_of_sweeps(table, medians), "scaling")
    results.finish(
        {
            "settings": SETTINGS,
            "runs_per_worker": options.runs,
            "repeats": options.repeats,
            "processor": processor(),
            "cores": CPU_COUNT,
            "runs_per_hour": medians.to_dict("records"),
            "seconds": round(float(table["seconds"].sum()), 1),
        }
    )


def _report(results: Results) -> None:
    print()
    print(pd.DataFrame(results.summary()["runs_per_hour"]).to_string(index=False))
    print(f"\ntable and picture: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
