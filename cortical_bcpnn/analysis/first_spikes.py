"""Decisions by the first spikes of a population of classes, and what they cost.

First-to-spike decoding is that of Bagheri, Simeone & Rajendran (2018), arXiv:1710.10704, and of Jiang,
Lu & Sengupta (2024), arXiv:2404.17719. Where minicolumn j spikes with probability p_j = f_max dt π_j in
a time step, and π does not change, the first to spike is j with probability π_j (a unique one of a
time step with p_j/(1 - p_j), normalised): a first spike samples the posterior, and a count over a
window is the plurality of such samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..model.phases import Phase
from ..network import AssociativeMemory
from ..recall import Recall
from .timecourse import phase_steps

UNDECIDED = -1
#: Of an accumulation and of a multiply-accumulate, as is usual in the field (PMC10242054, table 3).
PICOJOULES_PER_ADDITION = 0.9
PICOJOULES_PER_MULTIPLICATION = 4.6


@dataclass(frozen=True)
class Decisions:
    """What was decided of each cue, and when.

    Attributes
    ----------
    choice : ndarray of int, shape (n,)
        The class, `UNDECIDED` where there was no spike to decide by.
    steps : ndarray of int, shape (n,)
        Time steps that passed until then, the deciding one included; all where nothing was decided.
    tied : ndarray of bool, shape (n,)
        Where several classes came first together, one of which was drawn.
    """

    choice: np.ndarray
    steps: np.ndarray
    tied: np.ndarray

    @property
    def undecided(self) -> np.ndarray:
        """Where nothing was decided, shape (n,)."""
        return self.choice == UNDECIDED

    def otherwise(self, fallback: np.ndarray) -> np.ndarray:
        """The choices, and those of a fallback where nothing was decided, shape (n,)."""
        return np.where(self.undecided, fallback, self.choice)


def first_to(spikes: np.ndarray, number: int, rng: np.random.Generator) -> Decisions:
    """Decide for the first minicolumn that has spiked so often; 1 is first-to-spike.

    Parameters
    ----------
    spikes : ndarray of bool, shape (n, time steps, minicolumns)
        Of one hypercolumn, from its opening on.
    number : int
        Spikes that are needed.
    rng : numpy.random.Generator
        Draws among minicolumns that are first in the same time step.
    """
    counts = spikes.cumsum(axis=1, dtype=np.int32)
    reached = np.any(counts >= number, axis=2)
    steps = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, spikes.shape[1])
    return _drawn(counts[np.arange(len(counts)), steps - 1] >= number, steps, rng)


def most_spikes(spikes: np.ndarray, window: int, rng: np.random.Generator) -> Decisions:
    """Decide for the minicolumn that has spiked most often within a window: a rate readout.

    Parameters
    ----------
    spikes, rng
        See `first_to`.
    window : int
        Time steps from the opening.
    """
    counts = spikes[:, :window].sum(axis=1)
    most = counts.max(axis=1, keepdims=True)
    return _drawn((counts == most) & (most > 0), np.full(len(counts), window), rng)


def fan_out(memory: AssociativeMemory, projection: str) -> np.ndarray:
    """Synapses of each presynaptic minicolumn, shape (N pre,)."""
    before, after = memory.architecture.ends(memory.architecture.projection(projection))
    return np.repeat(memory.connections(projection).sum(axis=1), before.minicolumns) * after.minicolumns


def costs(
    memory: AssociativeMemory, recall: Recall, protocol: Sequence[Phase], steps: np.ndarray
) -> dict[str, Mapping[str, float]]:
    """Spikes and synaptic operations of a decision, means over cues.

    Parameters
    ----------
    memory : AssociativeMemory
    recall : Recall
        With spikes over time of its populations.
    protocol : sequence of Phase
        The phases that were followed.
    steps : ndarray of int, shape (n,)
        How many time steps to count of each cue.

    Returns
    -------
    dict of dict of float
        'spikes' by population, 'operations' by projection: a spike counts once for every synapse of
        its minicolumn, while the gain of the projection is not 0.
    """
    spikes = recall.spikes_over_time
    lengths = np.diff(phase_steps(protocol, memory.parameters))
    time = np.arange(lengths.sum())
    counted = time < np.asarray(steps)[:, None]
    operations = {}
    for projection in memory.architecture.projections:
        on = np.repeat([phase.gains.get(projection.name, 0) != 0 for phase in protocol], lengths)
        reached = spikes[projection.pre] @ fan_out(memory, projection.name).astype(float)
        operations[projection.name] = float((reached * (counted & on)).sum(axis=1).mean())
    return {
        "spikes": {name: float((of.sum(axis=2) * counted).sum(axis=1).mean())
                   for name, of in spikes.items()},
        "operations": operations,
    }  # fmt: skip


def _drawn(first: np.ndarray, steps: np.ndarray, rng: np.random.Generator) -> Decisions:
    """One of those that are first, each as likely as the others."""
    lots = np.where(first, rng.random(first.shape), -1)
    choice = np.where(first.any(axis=1), lots.argmax(axis=1), UNDECIDED)
    return Decisions(choice, steps, first.sum(axis=1) > 1)
