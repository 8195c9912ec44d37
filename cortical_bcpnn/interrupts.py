"""Ctrl-C and SIGTERM put off until a segment of learning has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Signals that have come while they were put off.

    Attributes
    ----------
    noted : list of int
    """

    def __init__(self) -> None:
        self.noted: list[int] = []
        self._obeying = False

    def __call__(self, number: int, _: FrameType | None) -> None:
        self.noted.append(number)
        if self._obeying:
            raise KeyboardInterrupt

    @contextmanager
    def obeyed(self) -> Iterator[None]:
        """Let further ones raise a KeyboardInterrupt at once, where nothing must be finished."""
        self._obeying = True
        try:
            yield
        finally:
            self._obeying = False


@contextmanager
def interrupt_deferred() -> Iterator[Interrupts]:
    """Note Ctrl-C and SIGTERM instead of obeying at once, so that a segment is finished first."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(s, interrupts) for s in signals]
    try:
        yield interrupts
    finally:
        for number, handler in zip(signals, previous):
            signal.signal(number, handler)
