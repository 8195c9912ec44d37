"""Files that keep processes out of each other's way."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout


def take(path: Path, wait: bool = False) -> FileLock | None:
    """Take a lock, to be given back by ``release()``; it ends with the process, however that ends.

    Parameters
    ----------
    path : Path
        Of the lock; whoever holds it may delete it, and its folder, which are made anew.
    wait : bool
        Whether to wait for a lock that is held elsewhere.

    Returns
    -------
    FileLock or None
        None if it is held elsewhere, in this process or another.

    Raises
    ------
    OSError
        If the lock cannot be made, as on file systems without locks.
    """
    # Each a lock of its own; in a pool of threads it may be given back by another than took it.
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=wait)
        except Timeout:
            return None
        except FileNotFoundError:  # the folder has been deleted meanwhile
            continue
        if isinstance(lock, SoftFileLock):  # before version 4 all the same; it outlives its process
            lock.release()
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        return lock


@contextmanager
def locked(
    path: Path, *, wait: bool = True, on_wait: Callable[[], None] | None = None
) -> Iterator[bool]:
    """Hold a lock while the block runs, see `take`.

    Parameters
    ----------
    path : Path
    wait : bool
        Whether to wait for a lock that is held elsewhere.
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
    lock = take(path)
    if lock is None and wait:
        if on_wait is not None:
            on_wait()
        lock = take(path, wait=True)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
