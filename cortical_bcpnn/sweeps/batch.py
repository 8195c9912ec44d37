"""Runs that a table lacks are computed on a cluster and become its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ..circuits.resources import required_memory
from ..data.datasets import Dataset
from ..progress import progress_bar
from ..provenance import now
from .cluster import Cluster, WorkersLost
from .computers import Computers
from .local import DEATHS
from .networks import WHAT_LEARNS, activity_size, architecture_of
from .parameters import parameters_of
from .run import FAILED, LOST, NO_DISK, Run, compute
from .run_table import RunTable


class Batches:
    """Batches of runs become rows; a cluster is opened when the first row is missing.

    Parameters
    ----------
    table : RunTable
        Whose rows are not computed again.
    computers : Computers
    memory : float
        Bytes that a run needs.

    Attributes
    ----------
    table : RunTable
    runs : list of Run
        All that have been asked for, each once.
    computed : int
        How many of them had to be computed.
    """

    def __init__(self, table: RunTable, computers: Computers, memory: float) -> None:
        self.table, self._computers, self._memory = table, computers, memory
        self._stack = ExitStack()
        self._cluster: Cluster | None = None
        self.runs: list[Run] = []
        self.computed = 0

    def __enter__(self) -> Batches:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def compute(self, runs: Sequence[Run], again: Sequence[str] = (LOST,), desc: str = "runs") -> None:
        """See to it that the table has a row for each run.

        Parameters
        ----------
        runs : sequence of Run
        again : sequence of str
            Runs that have ended so are computed again.
        desc : str
            What the progress bar says.
        """
        self.runs = list({run.id: run for run in [*self.runs, *runs]}.values())
        missing = self.table.missing(runs, again)
        if missing:
            if self._cluster is None:
                self._cluster = self._stack.enter_context(self._computers.cluster(self._memory))
            self.computed += len(missing)
            compute_missing(
                self.table, self.runs, missing, self._cluster, self._computers.data_dir, desc
            )


def memory_of(runs: Sequence[Run], dataset: Dataset) -> float:
    """Bytes that the largest of some runs needs."""
    largest = activities = 0.0
    for settings in {_size(run): run.settings for run in runs}.values():
        architecture = architecture_of(settings, dataset)
        precision = parameters_of(settings, 0).precision
        for plastic in (True, False):
            largest = max(largest, required_memory(architecture, precision, plastic))
        activities = max(activities, activity_size(settings, dataset))
    images = (dataset.train_images, dataset.test_images)
    return largest + activities + sum(array.nbytes for array in images)


def compute_missing(
    table: RunTable, runs: Sequence[Run], missing: Sequence[Run], cluster: Cluster,
    data_dir: Path | None, desc: str = "runs",
) -> None:  # fmt: skip
    """Compute runs and append their rows, as they end.

    Parameters
    ----------
    table : RunTable
    runs : sequence of Run
        All that the tables on disk are to show.
    missing : sequence of Run
        Those to compute.
    cluster : Cluster
    data_dir : Path or None
        Where workers find the images.
    desc : str
        What the progress bar says.

    Raises
    ------
    OSError
        If there is no disk left, here or on a worker; rows that were there before are kept.
    """
    waiting = {run.id: run for run in missing}
    attempts = Counter[str]()
    try:
        with progress_bar(total=len(waiting), desc=desc, unit="run") as bar:
            while waiting:
                calls: dict[Hashable, tuple] = {key: (run, data_dir) for key, run in waiting.items()}
                for key, result in cluster.compute(compute, calls):
                    outcome = _outcome(result)
                    if outcome["status"] == NO_DISK:
                        raise OSError(
                            f"no disk left on {outcome['where']['host']} ({outcome['error']}): make "
                            "room and start again by the same command, which resumes."
                        )
                    attempts[key] += 1
                    # The program that the worker drives has died; those of workers are counted by Dask.
                    if outcome is result and outcome["status"] == LOST and attempts[key] <= DEATHS:
                        continue
                    table.append(waiting.pop(key), outcome)
                    table.write(runs, now=False)
                    bar.set_postfix_str(f"{table.n_failed(runs)} failed")
                    bar.update()
    finally:
        table.write(runs)


def _outcome(result: dict | Exception) -> dict:
    """What a row says of a result, or of what came in its place."""
    if isinstance(result, dict):
        return result
    status = LOST if isinstance(result, WorkersLost) else FAILED
    nowhere = {"seconds": None, "ended": now(), "host": "", "process": None, "processor": ""}
    text = str(result) if status == LOST else f"{type(result).__name__}: {result}"
    return {"status": status, "error": text, "measures": {}, "where": nowhere}


def _size(run: Run) -> tuple:
    names = (*WHAT_LEARNS, "hypercolumns", "minicolumns", "fan_in", "feedback_fan_in")
    return tuple(run.settings[name] for name in names)
