"""Recall of what the page asks for, by the one network that has been learned."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..data.dataset import Dataset
from ..data.stimuli import DISTORTIONS, distort, strip
from ..experiments.ways_of_recall import Way
from ..model.phases import Phase
from ..network import AssociativeMemory
from ..recall import Recall
from .asked import SIDES, UNKNOWN, WAYS, Asked
from .strokes import image_of


@dataclass(frozen=True)
class Recalled:
    """A recall of one cue.

    Attributes
    ----------
    asked : Asked
    image, cue : ndarray, shape (side, side)
        What was drawn or chosen, and what INP is given: NaN where it is silent.
    hidden : ndarray of bool, shape (side, side)
        Pixels of the cue that are unknown.
    recall : Recall
        With every time step.
    phases : list of Phase
    probabilities : ndarray, shape (time steps, classes)
        Of the readout from z of HID.
    restarted : bool
        Whether the simulation had died, and was started again.
    seconds : float
        Wall time of the recall.
    """

    asked: Asked
    image: np.ndarray
    cue: np.ndarray
    hidden: np.ndarray
    recall: Recall
    phases: list[Phase]
    probabilities: np.ndarray
    restarted: bool
    seconds: float


class Recaller:
    """Recalls cues one after the other, whoever asks.

    Parameters
    ----------
    memory : AssociativeMemory
        Of a calibrated variant, having learned.
    dataset : Dataset
        Whose test images cues are made of.
    readout : LogisticRegression
        Of classes, from z of HID.
    """

    def __init__(self, memory: AssociativeMemory, dataset: Dataset, readout: LogisticRegression) -> None:
        self.memory, self.dataset, self.readout = memory, dataset, readout
        self.seed = memory.parameters.seed
        self.gains = {way: recurrent_gain(self.protocol(Asked(image=0, way=way))) for way in WAYS}
        self._lock = threading.Lock()
        self._started: float | None = None  # seconds spent on starting simulations

    def protocol(self, asked: Asked) -> list[Phase]:
        """Phases of recall, with the recurrent gain that is asked for."""
        phases = Way(published=asked.way == "published").protocol(self.memory)
        if asked.gain is None:
            return phases
        return [replace(phase, gains={**phase.gains, "recurrent": asked.gain})
                if "recurrent" in phase.gains else phase for phase in phases]  # fmt: skip

    def recall(self, asked: Asked) -> Recalled:
        """Recall what is asked for.

        A simulation that has died is replaced by another, once.

        Raises
        ------
        RuntimeError
            If that dies as well.
        """
        image, cue, hidden = make_cue(asked, self.dataset, self._seed(asked))
        phases = self.protocol(asked)
        with self._lock:
            started = time.perf_counter()
            try:
                recall, died = self._recall(asked, cue, phases), False
            except RuntimeError:
                recall, died = self._recall(asked, cue, phases), True
            seconds = time.perf_counter() - started
            spent, before = self.memory.seconds["start"], self._started
            self._started = spent
        restarted = died or before is not None and spent > before
        probabilities = self.readout.predict_proba(recall.z_over_time["HID"][0])
        return Recalled(asked, image, cue, hidden, recall, phases, probabilities, restarted, seconds)

    def _recall(self, asked: Asked, cue: np.ndarray, phases: list[Phase]) -> Recall:
        memory = self.memory
        memory.parameters = replace(memory.parameters, seed=self._seed(asked))
        try:
            return memory.recall(cue.reshape(1, -1), protocol=phases, over_time=True)
        finally:
            memory.parameters = replace(memory.parameters, seed=self.seed)

    def _seed(self, asked: Asked) -> int:
        return self.seed if asked.seed is None else asked.seed


def recurrent_gain(phases: list[Phase]) -> float:
    """Gain of recurrence in a protocol, while it is on."""
    return max(phase.gains.get("recurrent", 0.0) for phase in phases)


def make_cue(asked: Asked, dataset: Dataset, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The image, the cue that is made of it, and which of its pixels are unknown.

    Returns
    -------
    ndarray, ndarray, ndarray of bool, shape (side, side) each
    """
    side = dataset.side
    if asked.image is not None:
        image = np.asarray(dataset.test_images[asked.image], float)
    else:
        assert asked.strokes is not None
        image = image_of(asked.strokes, side)
    cue, hidden = image.copy(), np.zeros((side, side), bool)
    where = strip(SIDES.index(asked.where), side, asked.difficulty)
    if asked.task == "completion":
        hidden[where] = True
    elif asked.task == "rivalry":
        cue[where] = dataset.test_images[asked.rival][where]
    elif asked.task == "distortion":
        kind = DISTORTIONS.index(asked.distortion)  # decided by the number of the image
        same = np.repeat(image[None], len(DISTORTIONS), axis=0)
        cue = distort(same, asked.difficulty, np.random.default_rng([seed, kind]))[kind]
    hidden.ravel()[list(asked.hidden)] = True
    cue[hidden] = UNKNOWN[asked.unknown]
    return image, cue, hidden
