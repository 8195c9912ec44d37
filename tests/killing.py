"""Learning in processes that are killed at random moments, and resumed until it ends.

Processes are forked from a server that has imported everything, so that each costs little.
Moments are counted in checkpoints, not in seconds, with a short random time on top: slow
machines kill as often as fast ones.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from multiprocessing import forkserver
from pathlib import Path

import numpy as np
from tasks import Task
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory

# Starting a process looks after all others, and only one thread can read how one has ended.
_LOCK = threading.Lock()

KILLED = (signal.SIGKILL,)
STOPPED = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@lru_cache
def context():
    """How processes are started: forked from a server with all modules imported."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    try:
        started = multiprocessing.get_context("forkserver")
        started.set_forkserver_preload([__name__])
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return started


def start(work: Callable, *arguments, log: Path | None = None) -> multiprocessing.Process:
    """Start a function in a process of its own; what it prints goes to a file or is lost."""
    process = context().Process(target=_quietly, args=(work, log, *arguments), daemon=True)
    with _LOCK:
        process.start()
    return process


def ended(process: multiprocessing.Process, seconds: float = np.inf) -> bool:
    """Wait for the end of a process, for so long; whether it has come."""
    until = time.monotonic() + seconds
    while True:
        with _LOCK:
            if not process.is_alive():
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(0.001)


def _quietly(work: Callable, log: Path | None, *arguments) -> None:
    output = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # Else progress bars make locks between processes, which outlive those that are killed.
    tqdm.set_lock(threading.RLock())
    work(*arguments)


def _learn(task: Task, folder: Path) -> None:
    task.learn(folder / "checkpoints").save(folder / "result.h5", overwrite=True)


def learn_killed(
    task: Task, folder: Path, rng: np.random.Generator, signals: Sequence[int] = KILLED,
    most: int | None = None,
) -> tuple[AssociativeMemory, list[int]]:  # fmt: skip
    """Learn in processes that are killed again and again, until one of them comes to the end.

    Parameters
    ----------
    task : Task
    folder : Path
        For checkpoints and the result.
    rng : numpy.random.Generator
        Draws the moments: after 0 to 3 more checkpoints, and up to 30 ms or, if there was none,
        up to a second (building and starting the simulation) later.
    signals : sequence of int
        To choose from.
    most : int, optional
        Number of kills after which learning is left alone.

    Returns
    -------
    memory : AssociativeMemory
        What was learned.
    kills : list of int
        Signals that ended a process.
    """
    kills: list[int] = []
    checkpoints = folder / "checkpoints"
    while True:
        process, chosen = start(_learn, task, folder, log=folder / "log"), None
        if most is None or len(kills) < most:
            further = int(rng.integers(4))
            delay = rng.uniform(0, 0.03 if further else 1.0)
            _wait(process, checkpoints, further)
            if not ended(process, delay):
                chosen = int(rng.choice(signals))
                os.kill(process.pid, chosen)
        ended(process)
        if process.exitcode == 0:
            return AssociativeMemory.load(folder / "result.h5"), kills
        # SIGINT ends Python by an exception.
        expected = {None: 0, signal.SIGINT: 1}.get(chosen, -(chosen or 0))
        assert process.exitcode == expected, (folder / "log").read_text()[-2000:]
        kills.append(chosen)


def _wait(process: multiprocessing.Process, checkpoints: Path, further: int) -> None:
    """Wait until a process has written that many checkpoints, or has ended."""
    newest, seen = _newest(checkpoints), 0
    while seen < further and not ended(process, 0.001):
        if _newest(checkpoints) != newest:
            newest, seen = _newest(checkpoints), seen + 1


def _newest(checkpoints: Path) -> str:
    try:
        return max((n for n in os.listdir(checkpoints) if n.startswith("checkpoint_")), default="")
    except FileNotFoundError:
        return ""
