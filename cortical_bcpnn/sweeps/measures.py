"""What a run of a sweep measures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..analysis.representations import orthogonality
from ..data.datasets import Dataset
from ..data.encoded import Encoded
from ..data.stimuli import TASKS, make_cues
from ..experiments.cues import check_task
from ..experiments.layers import OUT, has_classes, hidden_populations
from ..experiments.readouts import (
    accuracy,
    accuracy_of_classes,
    fit_readout,
    likelihood_of_classes,
)
from ..experiments.setup import flat
from ..network import AssociativeMemory
from ..recall import Recall
from .parameters import Plain, recall_protocol

DEFAULT = ("accuracy", "spikes")
_MOMENTS = ("ff", "attractor")
_TASK = re.compile(rf"({'|'.join(TASKS)})@(0?\.\d+|1(?:\.0*)?)")


class Tested:
    """A network that has learned, and its recalls of the test images; each is made once.

    Parameters
    ----------
    memory : AssociativeMemory
    dataset : Dataset
        Training images for the readout, and test images.
    settings : mapping of str
        All parameters, see `parameters.resolve`.
    data : Encoded, optional
        The images as hypercolumns; default is a pair of minicolumns for each grey pixel.

    Attributes
    ----------
    hidden : list of str
        Hidden populations, from below; labels are read out from the last.
    """

    def __init__(
        self, memory: AssociativeMemory, dataset: Dataset, settings: Mapping[str, Plain],
        data: Encoded | None = None,
    ) -> None:  # fmt: skip
        self._memory = memory
        self._dataset = dataset
        self._settings = settings
        self._data = data
        self._protocol = recall_protocol(settings, memory.architecture)
        self._classes = [OUT] if has_classes(memory.architecture) else []
        self.hidden = hidden_populations(memory.architecture) or self._classes
        self.clean = cache(self._clean)
        self._readout = cache(self._fit)

    @property
    def labels(self) -> np.ndarray:
        return self._dataset.test_labels

    def scores(self, recall: Recall) -> dict[str, float]:
        """Accuracy at the end of the feedforward phase, and at the end of recall; also that of OUT."""
        found = accuracy(self._readout(), recall, self.labels, self.hidden[-1])
        if self._classes:
            said = accuracy_of_classes(recall, self.labels)
            found |= {f"out_{moment}": value for moment, value in said.items()}
        return found

    def likelihoods(self, recall: Recall) -> dict[str, float]:
        """What OUT gives to the right class, at the end of both phases; nothing where there is none."""
        return likelihood_of_classes(recall, self.labels) if self._classes else {}

    def cued(self, task: str, difficulty: float) -> Recall:
        """Recall of cues of a task."""
        seed = self._memory.parameters.seed
        images = make_cues(task, self._dataset.test_images, difficulty, seed)
        cues = flat(images) if self._data is None else self._data.encoder.transform(images)
        return self._recall(cues, [self.hidden[-1], *self._classes])

    def _clean(self) -> Recall:
        test = flat(self._dataset.test_images) if self._data is None else self._data.test
        return self._recall(test, None)

    def _recall(self, cues: np.ndarray, populations: list[str] | None) -> Recall:
        return self._memory.recall(cues, protocol=self._protocol, populations=populations)

    def _fit(self) -> LogisticRegression:
        return fit_readout(
            self._memory, self._dataset, n_images=self._settings["readout_images"], progress=False,
            patterns=None if self._data is None else self._data.train, population=self.hidden[-1],
        )  # fmt: skip


def measure(tested: Tested, name: str) -> dict[str, float]:
    """Numbers that a measure of that name gives, by the names of their columns."""
    match = _TASK.fullmatch(name)
    if match is None:
        return MEASURES[name][0](tested)
    scores = tested.scores(tested.cued(match[1], float(match[2])))
    return {f"{name}_{moment}": value for moment, value in scores.items()}


def check_measure(name: str, dataset: Dataset) -> str:
    """A measure as it is named in tables: ``completion@0.80`` is ``completion@0.8``.

    Raises
    ------
    ValueError
        If there is none of that name, or it cannot be taken on these images.
    """
    match = _TASK.fullmatch(str(name))
    if match and float(match[2]) > 0:
        dataset.side  # noqa: B018 (cues are made of grey images)
        check_task(match[1], dataset)
        return f"{match[1]}@{float(match[2]):g}"
    if name not in MEASURES:
        tasks = ", ".join(f"{task}@DIFFICULTY" for task in TASKS)
        raise ValueError(
            f"measure {name!r} is unknown: choose from {', '.join(MEASURES)}, {tasks} "
            "(completion@0.8, say; difficulties are above 0 and at most 1)."
        )
    return name


def is_task(name: str) -> bool:
    """Whether a measure is a task at a difficulty."""
    match = _TASK.fullmatch(name)
    return match is not None and float(match[2]) > 0


def columns(name: str) -> list[str]:
    """Columns of a table that a measure fills, whatever the network."""
    if name in MEASURES:
        return list(MEASURES[name][1])
    return [f"{name}_{moment}" for moment in _MOMENTS]


def columns_of_classes(name: str) -> list[str]:
    """Columns that it fills besides where a network has a population of classes, OUT."""
    if name == "accuracy":
        return [f"out_{moment}" for moment in _MOMENTS]
    if name == "likelihood":
        return [f"out_likelihood_{moment}" for moment in _MOMENTS]
    return [f"{name}_out_{moment}" for moment in _MOMENTS] if is_task(name) else []


def _accuracy(tested: Tested) -> dict[str, float]:
    return tested.scores(tested.clean())


def _likelihood(tested: Tested) -> dict[str, float]:
    found = tested.likelihoods(tested.clean())
    return {f"out_likelihood_{moment}": value for moment, value in found.items()}


def _spikes(tested: Tested) -> dict[str, float]:
    """Spikes over a whole recall, mean over images: of hidden populations, and of all."""
    recall = tested.clean()
    counts = recall.spike_counts[recall.moments[-1]]
    each = {name: float(count.sum(axis=1, dtype=float).mean()) for name, count in counts.items()}
    return {"hid_spikes": sum(each[name] for name in tested.hidden), "all_spikes": sum(each.values())}


def _similarity(tested: Tested) -> dict[str, float]:
    recall = tested.clean()
    moments = {"ff": recall.moments[0], "attractor": recall.moments[-1]}
    return {
        f"s_ortho_{name}": orthogonality(recall.z[moment][tested.hidden[-1]], tested.labels)
        for name, moment in moments.items()
    }


#: Measures by name, and the columns that each fills; beside them, ``TASK@DIFFICULTY``.
MEASURES: dict[str, tuple[Callable[[Tested], dict[str, float]], tuple[str, ...]]] = {
    "accuracy": (_accuracy, ("ff", "attractor")),
    "likelihood": (_likelihood, ()),
    "spikes": (_spikes, ("hid_spikes", "all_spikes")),
    "similarity": (_similarity, ("s_ortho_ff", "s_ortho_attractor")),
}
