"""What learning and recall cost at other sizes of a network, of which one at a time is varied."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..network import AssociativeMemory
from .timing import measure_learning, measure_recall

KINDS = ("hidden minicolumns", "fan-in", "input")
SCALES = (0.25, 0.5, 1.0, 2.0)
COSTS = ("learn_ms_per_pattern", "recall_us_per_step")


def cases(memory: AssociativeMemory) -> list[tuple[str, float]]:
    """What can be varied by which factor: there are no larger images, nor more inputs than pixels."""
    found = []
    for kind in KINDS:
        for scale in SCALES:
            size = _sizes(memory, kind, scale)
            if size["fan-in"] <= size["input"] and (kind != "input" or scale <= 1):
                found.append((kind, scale))
    return found


def measure_scaled(
    memory: AssociativeMemory, kind: str, scale: float, images: np.ndarray, n_cues: int
) -> dict:
    """Learning and recall of a network like another, but for one size.

    Parameters
    ----------
    memory : AssociativeMemory
        The other.
    kind, scale : str, float
        See `cases`.
    images : ndarray, shape (n, H)
        To learn; their first pixels where the input is smaller.
    n_cues : int
        Of them, to recall.

    Returns
    -------
    dict
        varied, size, learn_ms_per_pattern (without starting) and recall_us_per_step.
    """
    size, parameters = _sizes(memory, kind, scale), memory.parameters
    images = images[:, : size["input"]]
    with AssociativeMemory(
        size["input"],
        (memory.architecture.population("HID").hypercolumns, size["hidden minicolumns"]),
        size["fan-in"],
        variant=parameters.variant,
        tau_p=parameters.tau_p,
        seed=parameters.seed,
    ) as scaled:
        learning = measure_learning(scaled, images)
        recall = measure_recall(scaled, images[:n_cues], 1)
    return {
        "varied": kind,
        "size": size[kind],
        "learn_ms_per_pattern": learning["learn_ms_per_pattern"] - learning["learn_split_ms"]["startup"],
        "recall_us_per_step": recall["recall_us_per_step"],
    }


def exponents(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Slopes of log cost against log size, by what is varied and by cost.

    Parameters
    ----------
    table : DataFrame
        Of rows by `measure_scaled`.
    """
    return {
        kind: {cost: round(float(np.polyfit(np.log(rows["size"]), np.log(rows[cost]), 1)[0]), 3)
               for cost in COSTS}
        for kind, rows in table.groupby("varied", sort=False)
    }  # fmt: skip


def _sizes(memory: AssociativeMemory, kind: str, scale: float) -> dict[str, int]:
    architecture = memory.architecture
    size = {
        "hidden minicolumns": architecture.population("HID").minicolumns,
        "fan-in": architecture.projection("feedforward").fan_in,
        "input": architecture.populations[0].hypercolumns,
    }
    return {**size, kind: round(size[kind] * scale)}
