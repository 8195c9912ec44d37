"""How far the network is that the page waits for, and what the page has to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data.dataset import Dataset
from ..network import AssociativeMemory
from .asked import LARGEST_GAIN
from .recalling import Recaller

_EXAMPLES = 2  # test images of each class


@dataclass
class Progress:
    """What is being done: written by the thread that does it, read by that of the server.

    Attributes
    ----------
    dataset : Dataset
    memory : AssociativeMemory
        That learns.
    total : int
        Patterns that it is shown.
    stage : str
        'learning', 'readout' or 'ready'.
    recaller : Recaller or None
        Once it is ready.
    """

    dataset: Dataset
    memory: AssociativeMemory
    total: int
    stage: str = "learning"
    recaller: Recaller | None = None

    def ready(self, recaller: Recaller) -> None:
        """Let the page recall."""
        self.recaller = recaller
        self.stage = "ready"

    def described(self) -> dict[str, Any]:
        """As plain values, with what the page shows of the network once it is ready."""
        found = {"stage": self.stage, "done": self.memory.n_learned, "total": self.total,
                 "dataset": self.dataset.name, "side": self.dataset.side}  # fmt: skip
        if self.recaller is None:
            return found
        return {
            **found,
            "images": len(self.dataset.test_images),
            "populations": {p.name: list(p.shape) for p in self.memory.architecture.populations},
            "gains": self.recaller.gains,
            "largest_gain": LARGEST_GAIN,
            "seed": self.recaller.seed,
            "examples": examples(self.dataset),
        }


def examples(dataset: Dataset) -> list[dict[str, Any]]:
    """The first test images of each class, with grey levels from 0 to 255."""
    labels = dataset.test_labels
    numbers = np.concatenate([np.flatnonzero(labels == c)[:_EXAMPLES] for c in np.unique(labels)])
    return [
        {"number": int(n), "label": int(labels[n]),
         "pixels": np.round(255 * dataset.test_images[n]).astype(int).ravel().tolist()}
        for n in numbers
    ]  # fmt: skip
