"""What a minicolumn, a spike and a pair of minicolumns cost in recall, fitted to measured networks."""

from __future__ import annotations

import resource
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from ..circuits.resources import pairs
from ..model.architecture import Architecture, Projection
from ..network import AssociativeMemory
from .timing import recall_steps, shortest_recall


def measure_costs(memory: AssociativeMemory, cues: np.ndarray, repeats: int) -> dict[str, float]:
    """Time of recall per step, what happens in a step, and memory.

    Parameters
    ----------
    memory : AssociativeMemory
        That has learned.
    cues : ndarray, shape (n, H)
    repeats : int
        Measurements, of which the fastest counts: others on the machine only make it slower.

    Returns
    -------
    dict of float
        minicolumns, synapses (connected pairs), pairs (silent ones included), events_per_step
        (synapses that spikes reach), us_per_step, recall_mb and python_mb (largest memory so far).
    """
    architecture, n_steps = memory.architecture, len(cues) * recall_steps(memory)
    memory.recall(cues[:1])  # starts the process
    seconds = shortest_recall(memory, cues, repeats)
    peak = memory._recalling(1)[0].peak_memory()
    recall = memory.recall(cues)
    counts = {name: float(c.sum()) for name, c in recall.spike_counts[recall.moments[-1]].items()}
    return {
        "minicolumns": sum(p.size for p in architecture.populations),
        "synapses": sum(synapses(architecture, p) for p in architecture.projections),
        "pairs": sum(pairs(architecture, p) for p in architecture.projections),
        "events_per_step": events(architecture, counts) / n_steps,
        "us_per_step": 1e6 * seconds / n_steps,
        "recall_mb": peak / 1e6,
        "python_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def synapses(architecture: Architecture, projection: Projection) -> int:
    """Connected pairs of minicolumns of a projection."""
    pre, _ = architecture.ends(projection)
    return pairs(architecture, projection) * projection.fan_in // pre.hypercolumns


def events(architecture: Architecture, spikes: Mapping[str, float]) -> float:
    """Synapses that spikes of each population reach."""
    return sum(
        spikes[p.pre] * synapses(architecture, p) / architecture.population(p.pre).size
        for p in architecture.projections
    )


def fit_costs(table: pd.DataFrame) -> dict[str, float]:
    """Costs that explain measurements best, none of them negative, and how well they do.

    Parameters
    ----------
    table : DataFrame
        One row a network, in the columns of `measure_costs`.

    Returns
    -------
    dict of float
        us_per_step, ns_per_minicolumn_step, ns_per_event, bytes_per_synapse (of the process
        that recalls), and largest_error, relative.
    """
    seconds = table["us_per_step"].to_numpy()
    causes = np.column_stack([np.ones(len(table)), table["minicolumns"], table["events_per_step"]])
    costs, _ = nnls(causes / seconds[:, None], np.ones(len(table)))  # relative errors
    slope = np.polyfit(table["synapses"], table["recall_mb"] * 1e6, 1)[0]
    return {
        "us_per_step": float(costs[0]),
        "ns_per_minicolumn_step": float(1e3 * costs[1]),
        "ns_per_event": float(1e3 * costs[2]),
        "bytes_per_synapse": float(slope),
        "largest_error": float(np.abs(causes @ costs / seconds - 1).max()),
    }
