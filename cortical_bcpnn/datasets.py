"""Images to learn and to test on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


@dataclass(frozen=True)
class Dataset:
    """Grey images with labels, in training and test sets.

    Attributes
    ----------
    name : str
    train_images, test_images : ndarray of float, shape (n, side, side)
        Grey levels in [0, 1].
    train_labels, test_labels : ndarray of int, shape (n,)
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    @property
    def side(self) -> int:
        """Height and width of an image, in pixels."""
        return self.train_images.shape[1]

    def limited(self, n_train: int | None = None, n_test: int | None = None) -> Dataset:
        """The first images only.

        Raises
        ------
        ValueError
            If a number is not from 1 to the number of images there are.
        """
        limits = {"train": n_train, "test": n_test}
        for kind, n in limits.items():
            available = len(getattr(self, f"{kind}_images"))
            if n is not None and not 1 <= n <= available:
                raise ValueError(
                    f"limit of {kind}ing images is {n}: {self.name} has {available}, so give a "
                    f"whole number from 1 to {available}."
                )
        return Dataset(
            self.name,
            self.train_images[:n_train],
            self.train_labels[:n_train],
            self.test_images[:n_test],
            self.test_labels[:n_test],
        )


def digits() -> Dataset:
    """Scikit-learn's 8 × 8 digits: 1437 training and 360 test images, always the same split."""
    data = load_digits()
    train_images, test_images, train_labels, test_labels = train_test_split(
        data.images / 16, data.target, test_size=360, stratify=data.target, random_state=0
    )
    return Dataset("digits", train_images, train_labels, test_images, test_labels)


#: Data sets by the name under which protocols know them.
DATASETS: dict[str, Callable[[], Dataset]] = {"digits": digits}


def load(name: str) -> Dataset:
    """The data set of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset {name!r} is unknown: choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]()
