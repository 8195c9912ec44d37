"""Networks that learn representations layer by layer, and a population of classes on top."""

from __future__ import annotations

import numpy as np

from ..analysis.baselines import readout_scores, score
from ..analysis.preferences import preferred_activity
from ..data.encoded import Encoded
from ..model.architecture import Architecture
from ..network import AssociativeMemory
from .setup import Networks


def hidden_populations(architecture: Architecture) -> list[str]:
    """Populations between INP and OUT, from below."""
    return [p.name for p in architecture.populations[1:-1]]


def learn_in_turn(setup: Networks, memory: AssociativeMemory, data: Encoded) -> AssociativeMemory:
    """Each hidden population learns without labels, then OUT what the labels are."""
    rising = [p.name for p in memory.architecture.projections if p.name != "readout"]
    for name in rising:
        setup.learn(memory, patterns={"INP": data.train}, projections=[name])
    labelled = {"INP": data.train, "OUT": setup.data.train_labels}
    return setup.learn(memory, patterns=labelled, epochs=1, projections=["readout"])


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
