"""How fast a network learns and recalls, in wall time."""

from __future__ import annotations

import time

import numpy as np

from ..network import AssociativeMemory
from .timecourse import phase_steps

TIMED_STEPS = 20_000  # of recall in one process, to time them; start-up then hardly counts


def recall_steps(memory: AssociativeMemory) -> int:
    """Time steps in the recall of one cue."""
    return int(phase_steps(memory.recall_protocol(), memory.parameters)[-1])


def learning_time(memory: AssociativeMemory) -> float:
    """Wall time per pattern learned, without rewiring, in ms, as the network remembers it."""
    seconds = memory.history[-1]["seconds"]
    return 1000 * (seconds["learn"] - seconds["rewire"]) / memory.n_learned


def recall_time(memory: AssociativeMemory, images: np.ndarray, repeats: int = 3) -> float:
    """Wall time per time step of recall in one process, in µs: the shortest of several runs.

    Parameters
    ----------
    memory : AssociativeMemory
    images : ndarray, shape (n, H)
        Cues, recalled again and again until there are `TIMED_STEPS`.
    repeats : int
        Runs; others on the machine only make them slower.
    """
    steps = recall_steps(memory)
    cues = np.resize(images, (-(-TIMED_STEPS // steps), images.shape[1]))
    return 1e6 * shortest_recall(memory, cues, repeats, populations=["HID"]) / (len(cues) * steps)


def shortest_recall(memory: AssociativeMemory, cues: np.ndarray, repeats: int, **options) -> float:
    """Wall time of the recall of cues, in s: the shortest of several runs."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        memory.recall(cues, **options)
        seconds.append(time.perf_counter() - started)
    return min(seconds)
