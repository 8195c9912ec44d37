"""Independent pieces of work, shared out over processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm import tqdm


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
    return tqdm(results, total=len(arguments), desc=desc, unit=unit, disable=not arguments)


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
