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
    # A handler that Python does not know could not be put back.
    signals = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not None]
    previous = [signal.signal(s, lambda number, _: noted.append(number)) for s in signals]
    try:
        yield noted
    finally:
        for number, handler in zip(signals, previous):
            signal.signal(number, handler)
