"""Options that choose test images, and the cues made of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from cortical_bcpnn.datasets import Dataset
from cortical_bcpnn.stimuli import TASKS, make_cues

DIFFICULTY = 0.6  # at which a task is shown
NO_TASK = "none"


def task(text: str) -> str:
    """A task, or 'none', for argparse."""
    if text not in (NO_TASK, *TASKS):
        raise argparse.ArgumentTypeError(
            f"task is {text!r}: choose one of {', '.join((NO_TASK, *TASKS))}"
        )
    return text


def difficulty(text: str) -> float:
    """A difficulty, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"difficulty is {text!r}: give a number from 0 to 1")
    return value


def numbers(text: str) -> list[int]:
    """Numbers of images, counted from 0 and separated by commas, for argparse."""
    parts = text.split(",")
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(
            f"images are {text!r}: give whole numbers of 0 or more, 0,1,2 say"
        )
    return [int(part) for part in parts]


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
