"""Networks that learn population by population, the classes last."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..model.architecture import Architecture
from ..network import AssociativeMemory

OUT = "OUT"  # the population of classes, where a network has one


def has_classes(architecture: Architecture) -> bool:
    """Whether there is a population of classes."""
    return any(population.name == OUT for population in architecture.populations)


def hidden_populations(architecture: Architecture) -> list[str]:
    """Populations that are given nothing, from below: neither samples nor classes."""
    given = teachable(architecture)
    return [p.name for p in architecture.populations if p.name not in given]


def teachable(architecture: Architecture) -> list[str]:
    """Populations that can be given something to learn: samples, or labels."""
    samples = [architecture.populations[0].name, *architecture.reconstructing]
    return [*samples, OUT] if has_classes(architecture) else samples


def taught(
    architecture: Architecture, patterns: np.ndarray, labels: np.ndarray
) -> dict[str, np.ndarray]:
    """What a network is given to learn, by population.

    Where the architecture owns how it learns, only what it clamps.
    """
    clamped = {name for phase in architecture.learning for name in phase.clamped}
    return {name: labels if name == OUT else patterns for name in teachable(architecture)
            if not clamped or name in clamped}  # fmt: skip


def learn_in_turn(
    learn: Callable[..., AssociativeMemory], memory: AssociativeMemory, patterns: np.ndarray,
    labels: np.ndarray,
) -> AssociativeMemory:  # fmt: skip
    """Each hidden population learns without labels, then OUT what the labels are.

    Parameters
    ----------
    learn : callable
        Takes a memory, ``patterns`` by population, ``projections`` that learn and, where it is not as
        often as usual, ``epochs``.
    memory : AssociativeMemory
    patterns : ndarray
        Of the first population, and of those that reconstruct it.
    labels : ndarray of int
    """
    given = taught(memory.architecture, patterns, labels)
    samples = {name: array for name, array in given.items() if name != OUT}
    projections = memory.architecture.projections
    readout = [p.name for p in projections if OUT in (p.pre, p.post)]
    for projection in projections:
        if projection.name not in readout:
            learn(memory, patterns=samples, projections=[projection.name])
    return learn(memory, patterns=given, projections=readout, epochs=1)
