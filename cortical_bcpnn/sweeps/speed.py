"""How fast runs are computed by workers of this machine."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pandas as pd

from ..data.datasets import Dataset
from .cluster import Cluster
from .local import CPU_COUNT
from .parameters import Plain, resolve
from .run import DONE, Run, compute


def powers_of_two() -> list[int]:
    """Numbers of workers: powers of two, and all cores."""
    return sorted({*(2**n for n in range(int(np.log2(CPU_COUNT)) + 1)), CPU_COUNT})


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


def seconds_of(
    cluster: Cluster, dataset: Dataset, given: Mapping[str, Plain], n_runs: int, first_seed: int
) -> float:
    """Seconds that so many runs with seeds of their own take.

    Raises
    ------
    ValueError
        If one fails.
    """
    settings = resolve(given, dataset)
    runs = [Run.make(dataset, settings, first_seed + n, ("accuracy",)) for n in range(n_runs)]
    began = time.perf_counter()
    for _, outcome in cluster.compute(compute, {run.id: (run,) for run in runs}):
        if isinstance(outcome, Exception) or outcome["status"] != DONE:
            raise ValueError(f"a run of the measurement has failed: {outcome}.")
    return time.perf_counter() - began


@contextmanager
def empty_store() -> Iterator[None]:
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


def efficiency(table: pd.DataFrame) -> pd.DataFrame:
    """Median runs per hour of each number of workers, and efficiency: against as many times one.

    Parameters
    ----------
    table : DataFrame
        One row per measurement: workers, runs_per_hour, load_before.
    """
    groups = table.groupby("workers")
    medians = groups["runs_per_hour"].agg(["median", "min", "max"]).reset_index()
    ideal = medians["median"][0] / medians["workers"][0] * medians["workers"]
    load = groups["load_before"].median().to_numpy()
    return medians.assign(efficiency=(medians["median"] / ideal).round(3), load_before=load)
