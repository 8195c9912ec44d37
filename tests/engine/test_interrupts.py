"""Ctrl-C and SIGTERM are noted during a segment, and whoever handled them does so again after it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from cortical_bcpnn.engine import interrupts
from cortical_bcpnn.engine.interrupts import interrupt_deferred


def test_signals_are_noted_and_handlers_come_back():
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    with interrupt_deferred() as noted:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert noted == [signal.SIGTERM, signal.SIGINT]
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


def test_handlers_that_are_not_pythons_are_let_alone(monkeypatch):
    """As those of a program that Python is embedded in: Python could not put them back."""
    changed, getsignal = [], signal.getsignal
    monkeypatch.setattr(
        interrupts.signal, "getsignal", lambda s: None if s == signal.SIGTERM else getsignal(s)
    )
    monkeypatch.setattr(
        interrupts.signal, "signal", lambda s, handler: changed.append((s, handler)) or signal.SIG_DFL
    )
    with interrupt_deferred():
        pass
    assert [number for number, _ in changed] == [signal.SIGINT] * 2
    with pytest.raises(ZeroDivisionError), interrupt_deferred():
        raise ZeroDivisionError
    assert [number for number, _ in changed] == [signal.SIGINT] * 4


IGNORING = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from cortical_bcpnn.engine.interrupts import interrupt_deferred
signal.raise_signal(signal.SIGINT)
with interrupt_deferred() as noted:
    signal.raise_signal(signal.SIGINT)
print(noted)
"""


def test_ctrl_c_stays_ignored_in_jobs_of_scripts():
    ended = subprocess.run([sys.executable, "-c", IGNORING], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
