"""Ctrl-C and SIGTERM put off until a segment of learning has ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import brian2  # noqa: F401 - its handler of Ctrl-C is there from now on


def _keep_ignoring() -> None:
    """Ignore Ctrl-C where this was asked for, as shells do for jobs that scripts start with &.

    Brian2 takes it on, and would call the handler before, which nobody can call.
    """
    before = getattr(signal.getsignal(signal.SIGINT), "previous_handler", None)
    if before is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


_keep_ignoring()


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
    # A handler that Python does not know (None) could not be put back.
    let_alone = (None, signal.SIG_IGN)
    signals = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) not in let_alone]
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
