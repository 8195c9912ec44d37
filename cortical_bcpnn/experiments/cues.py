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


def choose_images(dataset: Dataset, number: int | None, most: int | None = None) -> Dataset:
    """A data set with the first test images, as many as asked for; else all, but `most` at most.

    Raises
    ------
    ValueError
        If there are fewer, or too few to compare them within and between classes.
    """
    available = len(dataset.test_images)
    if number is not None and number > available:
        raise ValueError(
            f"images is {number}: {dataset.name} has {available} test images here, give at most as many."
        )
    dataset = dataset.limited(n_test=number or min(most or available, available))
    n, n_classes = len(dataset.test_images), len(np.unique(dataset.test_labels))
    if not 1 < n_classes < n:
        raise ValueError(
            f"{n} test images of {n_classes} classes are too few to compare within and between "
            "classes: give more by --images or --limit-test."
        )
    return dataset


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
