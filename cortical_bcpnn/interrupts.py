"""Ctrl-C and SIGTERM put off until a segment of learning has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupt_deferred() -> Iterator[list[int]]:
    """Note Ctrl-C and SIGTERM instead of obeying at once, so that a segment is finished first."""
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(s, lambda number, _: noted.append(number)) for s in signals]
    try:
        yield noted
    finally:
        for number, handler in zip(signals, previous):
            signal.signal(number, handler)
