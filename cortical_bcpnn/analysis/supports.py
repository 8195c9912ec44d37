"""What projections bring to the support of hidden minicolumns, and a network without some of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from brian2 import ms
from scipy.special import softmax

from ..data.patterns import minicolumn_activity
from ..learned.supports import supports_by
from ..model.phases import Phase
from ..network import AssociativeMemory
from ..other_dynamics import recalled_as
from .timecourse import phase_steps


def spread_of_supports(
    memory: AssociativeMemory, cues: np.ndarray, protocol: Sequence[Phase], every: int = 5
) -> list[dict]:
    """How much minicolumns of a hypercolumn differ in what each projection brings them, over time.

    Parameters
    ----------
    memory : AssociativeMemory
    cues : ndarray, shape (n, n_inputs)
    protocol : sequence of Phase
        Of recall.
    every : int
        Time steps from one row to the next.

    Returns
    -------
    list of dict
        projection, time_ms and spread, the standard deviation among minicolumns, mean over
        hypercolumns and cues. Its unit is that of the support, nats; the current of a projection is
        Σ w_ij z_i, which its synapses filter from the same spikes.
    """
    recall = memory.recall(cues, protocol=protocol, populations=["INP", "HID"], over_time=True)
    rows = []
    for name, population in (("feedforward", "INP"), ("recurrent", "HID")):
        support = supports_by(memory, name, recall.z_over_time[population][:, every - 1 :: every])
        gains = np.repeat([phase.gains.get(name, 0.0) for phase in protocol],
                          np.diff(phase_steps(protocol, memory.parameters)))  # fmt: skip
        spread = support.std(axis=-1).mean(axis=(0, 2)) * gains[every - 1 :: every]
        steps = every * np.arange(1, len(spread) + 1)
        rows += [
            {"projection": name, "time_ms": float(step * memory.parameters.dt / ms), "spread": float(s)}
            for step, s in zip(steps, spread)
        ]
    return rows


def posteriors(
    memory: AssociativeMemory, cues: np.ndarray, projection: str = "feedforward"
) -> np.ndarray:
    """What a projection alone makes of cues whose z is the cue itself: softmax of b + Σ w_ij z_i.

    Parameters
    ----------
    memory : AssociativeMemory
    cues : ndarray, shape (n, H pre) or (n, H pre, M pre)
        Of the population that the projection comes from.
    projection : str

    Returns
    -------
    ndarray, shape (n, H post, M post)
    """
    return softmax(supports_by(memory, projection, minicolumn_activity(cues)), axis=-1)


def without_own(memory: AssociativeMemory) -> AssociativeMemory:
    """The same network, in which no hypercolumn says anything to itself."""
    recurrent = memory.traces["recurrent"]
    q, m = recurrent.q.copy(), recurrent.minicolumns[0]
    for h in range(len(q) // m):
        own = slice(h * m, (h + 1) * m)
        q[own, own] = recurrent.p_pre[own] / recurrent.p  # as if independent: w = 0
    changed = recalled_as(memory, {})
    changed.traces = {**memory.traces, "recurrent": replace(recurrent, q=q)}
    return changed
