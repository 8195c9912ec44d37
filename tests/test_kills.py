"""Learning that is killed at random moments and resumed gives what it would have given."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from comparing import assert_same, assert_same_recall
from killing import KILLED, STOPPED, learn_killed, start
from tasks import NOT_REWIRED, OTHER, REWIRED, SHORT, Task, names

from cortical_bcpnn import AssociativeMemory


@pytest.mark.parametrize(
    "task, signals",
    [
        (REWIRED, KILLED),
        (NOT_REWIRED, KILLED),
        (OTHER, STOPPED),
    ],
    ids=["rewired and shuffled", "not rewired", "any signal"],
)
def test_killing_changes_nothing(task, signals, tmp_path):
    """Weights, connections, tables and recall, bit by bit, after about eight kills each."""
    memory, kills = learn_killed(task, tmp_path, np.random.default_rng(20), signals)
    assert kills
    with memory, task.learn() as never_stopped:
        assert_same(memory, never_stopped)
        assert_same_recall(memory, never_stopped, task.patterns())
    left = names(tmp_path / "checkpoints")
    assert len(left) == 2 and not [name for name in left if name.startswith(".")]


def _terminate(task: Task, folder: Path) -> None:
    def look(memory: AssociativeMemory) -> None:
        if memory.n_learned == 8:
            signal.raise_signal(signal.SIGTERM)

    task.learn(folder, on_segment=look)
    raise AssertionError("SIGTERM had no effect")


def test_sigterm_ends_the_process_after_the_segment(finished, tmp_path):
    """By SIGTERM, as whoever sent it expects, with a checkpoint from which to go on."""
    process = start(_terminate, SHORT, tmp_path)
    process.join()
    assert process.exitcode == -signal.SIGTERM
    assert names(tmp_path) == ["checkpoint_000000004.h5", "checkpoint_000000008.h5"]
    assert_same(SHORT.learn(tmp_path), finished)


def test_a_handler_of_ones_own_hears_of_sigterm_after_the_segment(finished, tmp_path):
    """Of a program that ends in its own way."""

    class Ended(Exception):
        pass

    def end(*_):
        raise Ended

    def look(memory: AssociativeMemory) -> None:
        if memory.n_learned == 8:
            signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        with pytest.raises(Ended):
            SHORT.learn(tmp_path, on_segment=look)
        assert signal.getsignal(signal.SIGTERM) is end
    finally:
        signal.signal(signal.SIGTERM, before)
    assert_same(SHORT.learn(tmp_path), finished)


def test_a_process_that_is_left_alone_ends_at_the_first_attempt(tmp_path):
    """So that it is the kills that the tests above are about."""
    task = replace(SHORT, epochs=1)
    memory, kills = learn_killed(task, tmp_path, np.random.default_rng(1), most=0)
    assert kills == [] and memory.n_learned == 12
