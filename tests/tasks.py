"""Small runs of learning with checkpoints, for tests that stop them, and how they stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from brian2 import second
from tiny import LEARNING, tiny_memory

from cortical_bcpnn import AssociativeMemory


@dataclass(frozen=True)
class Task:
    """What is to be learned.

    Attributes
    ----------
    parameters : dict
        Of the tiny memory.
    epochs : int
    shuffle : bool
    n_patterns : int
    seed : int
        Of the patterns.
    """

    parameters: dict = field(default_factory=dict)
    epochs: int = 1
    shuffle: bool = False
    n_patterns: int = 12
    seed: int = 7

    def patterns(self) -> np.ndarray:
        """Grey patterns, black and white included."""
        values = np.random.default_rng(self.seed).random((self.n_patterns, 9))
        return np.clip(np.round(2 * values - 0.5, 2), 0, 1)

    def learn(self, checkpoints: Path | None = None, **options) -> AssociativeMemory:
        """A memory that has learned it, with a checkpoint after every segment."""
        memory = tiny_memory(**self.parameters)
        return memory.learn(
            self.patterns(), self.epochs, shuffle=self.shuffle, protocol=LEARNING,
            checkpoints=checkpoints, checkpoint_every=0 * second, resume=checkpoints is not None,
            **options,
        )  # fmt: skip


#: Six segments, each of which ends in a rewiring.
SHORT = Task({"rewire_every": 4, "rewire_margin": 1.0}, epochs=2)
#: 30 rewirings, in one segment each, every pattern in a random order.
REWIRED = Task({"rewire_every": 4, "rewire_margin": 1.0}, epochs=10, shuffle=True)
#: No rewiring: 16 segments of 200 patterns, the last of them shorter.
NOT_REWIRED = Task({"rewire_every": 0, "precision": "float64"}, epochs=260)
#: Rewiring out of step with epochs, and a variant of other time constants.
OTHER = Task({"rewire_every": 5, "variant": "spk-full", "tau_p": 0.2 * second, "seed": 11}, epochs=8)


def names(folder: Path) -> list[str]:
    """What is in a folder of checkpoints."""
    return sorted(name for name in os.listdir(folder) if name != ".lock")


def stop_after(patterns: int) -> Callable[[AssociativeMemory], None]:
    """Presses Ctrl-C when that many patterns have been learned."""

    def look(memory: AssociativeMemory) -> None:
        if memory.n_learned == patterns:
            signal.raise_signal(signal.SIGINT)

    return look


def interrupted(task: Task, folder: Path, patterns: int = 12) -> AssociativeMemory:
    """A memory whose learning Ctrl-C has ended."""
    memory = tiny_memory(**task.parameters)
    with pytest.raises(KeyboardInterrupt):
        memory.learn(
            task.patterns(), task.epochs, shuffle=task.shuffle, protocol=LEARNING,
            checkpoints=folder, checkpoint_every=0 * second, on_segment=stop_after(patterns),
        )  # fmt: skip
    return memory
