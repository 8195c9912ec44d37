"""Labels read out from hidden minicolumns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from brian2 import Hz
from sklearn.linear_model import LogisticRegression

from ..analysis.readout import train_readout
from ..analysis.recurrence import END, FF, MEAN, won_and_lost
from ..data.datasets import Dataset
from ..model.phases import Phase
from ..network import AssociativeMemory
from ..recall import Recall
from .layers import OUT
from .setup import flat

READOUT_IMAGES = 10_000


def fit_readout(
    memory: AssociativeMemory,
    dataset: Dataset,
    jobs: int = 1,
    n_images: int = READOUT_IMAGES,
    progress: bool = True,
    *,
    patterns: np.ndarray | None = None,
    population: str = "HID",
) -> LogisticRegression:
    """Readout of the label from HID, trained on training images in the feedforward phase.

    Where the images of a data set are given as other `patterns`, on these.
    """
    images = flat(dataset.train_images[:n_images]) if patterns is None else patterns[:n_images]
    recall = memory.recall(
        images, until="feedforward", populations=[population], jobs=jobs, progress=progress
    )
    return train_readout(recall.z["feedforward"][population], dataset.train_labels[: len(images)])


def accuracy(
    readout: LogisticRegression, recall: Recall, labels: np.ndarray, population: str = "HID"
) -> dict[str, float]:
    """Share of right labels at the end of the feedforward phase, and at the end of recall."""
    return {
        name: float(readout.score(recall.z[moment][population], labels))
        for name, moment in _moments(recall).items()
    }


def decided(recall: Recall, moment: str) -> np.ndarray:
    """The class whose minicolumn of OUT is most active, for each cue."""
    return recall.shares(OUT, moment)[:, 0].argmax(axis=1)


def accuracy_of_classes(recall: Recall, labels: np.ndarray) -> dict[str, float]:
    """The same as `accuracy`, of what OUT says."""
    return {
        name: float((decided(recall, moment) == labels).mean())
        for name, moment in _moments(recall).items()
    }


def likelihood_of_classes(recall: Recall, labels: np.ndarray) -> dict[str, float]:
    """Geometric mean over cues of the share that OUT gives to the right class, in place of accuracy.

    It rises where accuracy stands still; one over the number of classes is chance. A share counts
    for at least a millionth.
    """
    rows = np.arange(len(labels))
    return {
        name: float(np.exp(np.log(recall.shares(OUT, moment)[rows, 0, labels].clip(1e-6)).mean()))
        for name, moment in _moments(recall).items()
    }


def _moments(recall: Recall) -> dict[str, str]:
    return {"ff": recall.moments[0], "attractor": recall.moments[-1]}


def losses_and_gains(
    memory: AssociativeMemory, cues: np.ndarray, protocol: Sequence[Phase], labels: np.ndarray,
    readout: LogisticRegression, jobs: int,
) -> list[dict]:  # fmt: skip
    """Rows of what each reading of the attractor wins and loses against ff, with the recurrent gain."""
    recall = memory.recall(flat(cues), protocol=protocol, populations=["HID"], jobs=jobs)
    right = {reading: readout.predict(activity) == labels
             for reading, activity in readings(recall, memory).items()}  # fmt: skip
    gain = protocol[-1].gains["recurrent"]
    return [{"recurrent_gain": gain, **row} for row in won_and_lost(right, FF)]


def readings(recall: Recall, memory: AssociativeMemory) -> dict[str, np.ndarray]:
    """Activity of HID in units of z: at the end of both phases, and its mean over the last one."""
    first, last = recall.moments[0], recall.moments[-1]
    f_max = float(memory.parameters.variant.f_max / Hz)
    return {
        FF: recall.z[first]["HID"],
        END: recall.z[last]["HID"],
        MEAN: recall.rates("HID", last) / f_max,
    }
