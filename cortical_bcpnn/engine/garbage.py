"""Brian2 collects garbage whenever a network runs, among all that a process has ever imported."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def only_new_garbage() -> Iterator[None]:
    """Let garbage be sought among what is made from here on; else it takes 0.1 to 0.3 s a run."""
    if gc.get_freeze_count():  # somebody else has done so, and will undo it
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
