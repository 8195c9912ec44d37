"""Files that keep processes out of each other's way."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(
    path: Path, *, wait: bool = True, on_wait: Callable[[], None] | None = None
) -> Iterator[bool]:
    """Hold a lock while the block runs; it ends with the process, however that ends.

    Parameters
    ----------
    path : Path
        Of the lock; whoever holds it may delete it, and its folder.
    wait : bool
        Whether to wait for a lock that another process holds.
    on_wait : callable, optional
        Called before waiting.

    Yields
    ------
    bool
        Whether the lock is held: always, unless `wait` is False.

    Raises
    ------
    OSError
        If the lock cannot be made.
    """
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not wait:
                    yield False
                    return
                if on_wait is not None:
                    on_wait()
                fcntl.flock(lock, fcntl.LOCK_EX)
            # Whoever had it may have deleted it.
            if _is_same_file(lock.fileno(), path):
                yield True
                return


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
