"""What networks that have learned layer by layer represent, and how well classes are told by it."""

from __future__ import annotations

import numpy as np

from ..analysis.baselines import readout_scores, score
from ..analysis.preferences import preferred_activity
from ..data.encoded import Encoded
from ..network import AssociativeMemory
from .layers import hidden_populations
from .setup import Networks


def measure(
    memory: AssociativeMemory, data: Encoded, setup: Networks, readout_images: int
) -> list[dict[str, object]]:
    """Scores of OUT, and of logistic regression on z of every hidden population."""
    hidden = hidden_populations(memory.architecture)
    labels, wanted = setup.data.train_labels[:readout_images], setup.data.test_labels
    shown = [memory.recall({"INP": activity}, until="feedforward", populations=[*hidden, "OUT"],
                           jobs=setup.jobs or 1, progress=True)
             for activity in (data.train[:readout_images], data.test)]  # fmt: skip
    learned, tested = (recall.z["feedforward"] for recall in shown)
    posterior = shown[1].shares("OUT", "feedforward")[:, 0]
    classes = np.arange(posterior.shape[1])
    rows = [{"method": "OUT", "layer": len(hidden), **score(posterior, classes, wanted)}]
    for layer, name in enumerate(hidden, 1):
        found = readout_scores(learned[name], labels, tested[name], wanted)
        rows.append({"method": "readout", "layer": layer, **found})
    return rows


def preferred_samples(
    memory: AssociativeMemory, data: Encoded, hypercolumns: int, minicolumns: int
) -> np.ndarray:
    """Mean samples at which minicolumns of the first hidden population are active.

    Returns
    -------
    ndarray, shape (hypercolumns, minicolumns, ...)
        Of the first hypercolumns, their busiest minicolumns first; NaN where they do not listen.
    """
    first = memory.architecture.projections[0].name
    activity = preferred_activity(memory, first, minicolumns)[:hypercolumns]
    samples = data.encoder.inverse_transform(activity.reshape(-1, *activity.shape[2:]))
    return samples.reshape(*activity.shape[:2], *samples.shape[1:])
