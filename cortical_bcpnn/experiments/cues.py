"""Test images that are shown, and the cues made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..data.datasets import Dataset
from ..data.stimuli import CLEAN, DISTORTIONS, GREY, TASKS, make_cues
from .arguments import NO_TASK

DIFFICULTY = 0.6  # at which a task is shown
DIFFICULTIES = tuple(tenth / 10 for tenth in range(1, 11))
TASK_IMAGES = 1000


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


def conditions(difficulties: Sequence[float], tasks: Sequence[str] = (CLEAN, *TASKS)) -> list[tuple]:
    """Tasks with their difficulties, (task, difficulty); clean images have difficulty 0."""
    return [(task, d) for task in tasks for d in ([0.0] if task == CLEAN else difficulties)]


def at_most(number: int, dataset: Dataset) -> Dataset:
    """A data set with its first test images, so many at most."""
    return dataset.limited(n_test=min(number, len(dataset.test_images)))


def cues_for(
    task: str, dataset: Dataset, difficulty: float, seed: int, *, unknown: float = GREY
) -> np.ndarray:
    """Cues of all test images, shape (n, side, side); the images themselves where there is no task.

    What becomes of an image depends on its number (which strip it loses, how it is distorted).
    """
    if task in (NO_TASK, CLEAN):
        return dataset.test_images
    return make_cues(task, dataset.test_images, difficulty, seed, unknown=unknown)


def example_cues(dataset: Dataset, difficulties: Sequence[float], seed: int) -> dict[str, np.ndarray]:
    """Cues of the first test image for each task, by difficulty: shape (difficulties, side, side).

    Distortions follow one another, from the second difficulty on.
    """
    images = dataset.test_images
    found = {task: [make_cues(task, images, d, seed)[0] for d in difficulties]
             for task in TASKS if task != "distortion"}  # fmt: skip
    # Its number decides how an image is distorted.
    same = np.repeat(images[:1], len(DISTORTIONS), axis=0)
    found["distortion"] = [
        make_cues("distortion", same, d, seed)[(number - 1) % len(DISTORTIONS)]
        for number, d in enumerate(difficulties)
    ]
    return {task: np.stack(cues) for task, cues in found.items()}
