"""Test images that are shown, and the cues made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..data.datasets import Dataset
from ..data.stimuli import make_cues
from .arguments import NO_TASK

DIFFICULTY = 0.6  # at which a task is shown


def check_numbers(option: str, given: Sequence[int], dataset: Dataset) -> None:
    """Raise a ValueError unless there are test images of these numbers."""
    available = len(dataset.test_images)
    for number in given:
        if not 0 <= number < available:
            raise ValueError(
                f"--{option} names test image {number}: {dataset.name} has {available} here, so give "
                f"whole numbers from 0 to {available - 1}."
            )


def check_task(task: str, dataset: Dataset) -> None:
    """Raise a ValueError unless cues of a task can be made of the test images."""
    if task == "rivalry" and len(dataset.test_images) < 2:
        raise ValueError("rivalry needs another image: give --limit-test 2 or more.")


def cues_for(task: str, dataset: Dataset, difficulty: float, seed: int) -> np.ndarray:
    """Cues of all test images, shape (n, side, side); the images themselves where task is 'none'.

    What becomes of an image depends on its number (which strip it loses, how it is distorted).
    """
    if task == NO_TASK:
        return dataset.test_images
    return make_cues(task, dataset.test_images, difficulty, seed)
