"""Ctrl-C and SIGTERM put off until a segment of learning has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts(list):
    """Numbers of the signals that have come while they were put off."""

    _obeying = False

    def note(self, number: int, _: FrameType | None) -> None:
        """Handle a signal."""
        self.append(number)
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
    # A handler that Python does not know could not be put back.
    signals = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not None]
    previous = [signal.signal(s, interrupts.note) for s in signals]
    try:
        yield interrupts
    finally:
        for number, handler in zip(signals, previous):
            signal.signal(number, handler)


@contextmanager
def termination_deferred() -> Iterator[None]:
    """Let SIGTERM, where it would end Python without a word, end what is within, and then Python."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    terminated = Interrupts()
    terminated._obeying = True
    signal.signal(signal.SIGTERM, terminated.note)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if terminated:
            signal.raise_signal(signal.SIGTERM)
