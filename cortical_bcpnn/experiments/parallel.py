"""Independent pieces of work, shared out over processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from ..progress import progress_bar
from .journal import ResumableTables


def in_parallel(
    work: Callable, arguments: Sequence[tuple], jobs: int, *, desc: str, unit: str
) -> Iterator:
    """Results of work, as they come.

    Parameters
    ----------
    work : callable
    arguments : sequence of tuple
        Of each call.
    jobs : int
        Processes; 1 is this one. Each call has one thread for linear algebra, so that its
        result does not depend on their number.
    desc, unit : str
        What the progress bar says.
    """
    calls = (delayed(_call)(os.getpid(), work, call) for call in arguments)
    results = Parallel(n_jobs=jobs, return_as="generator_unordered")(calls)
    return progress_bar(results, total=len(arguments), desc=desc, unit=unit, disable=not arguments)


def side_by_side(
    measure: Callable, networks: Mapping[tuple, tuple], kept: ResumableTables, jobs: int
) -> None:
    """Measure the networks that tables miss, each in a process of its own, and keep what they find.

    Parameters
    ----------
    measure : callable
        Returns the rows that a network adds to each table.
    networks : mapping of tuple
        Arguments of `measure` for each network, by the key of its rows.
    kept : ResumableTables
    jobs : int
        Processes; 1 is this one.
    """
    work = [(measure, key, networks[key]) for key in kept.missing]
    for key, tables in in_parallel(_measured, work, jobs, desc="networks", unit="network"):
        kept.append(key, *tables)


def _measured(measure: Callable, key: tuple, arguments: tuple) -> tuple[tuple, tuple]:
    return key, measure(*arguments)


def _call(parent: int, work: Callable, arguments: tuple):
    if os.getpid() != parent:
        _end_with(parent)
    with threadpool_limits(1):
        return work(*arguments)


@lru_cache
def _end_with(parent: int) -> None:
    """Let this process end when its parent has been killed; learning writes a checkpoint first."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
