"""Images to learn and to test on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..values.numbers import is_whole
from .fetch import folder
from .idx import read_folder


@dataclass(frozen=True)
class NetworkSize:
    """The network that a data set is learned by, unless another is asked for.

    Attributes
    ----------
    hidden : (int, int)
        Hypercolumns and minicolumns in each.
    fan_in : float
        Share of the pixels that a hidden hypercolumn listens to.
    epochs : int
        How often every image is shown.
    """

    hidden: tuple[int, int]
    fan_in: float
    epochs: int


#: The size of the paper, and one for a few small images.
PAPER = NetworkSize((30, 100), 78 / 784, 1)
SMALL = NetworkSize((30, 30), 24 / 64, 10)


@dataclass(frozen=True)
class Dataset:
    """Grey images with labels, in training and test sets.

    Attributes
    ----------
    name : str
    train_images, test_images : ndarray of float, shape (n, side, side)
        Grey levels in [0, 1].
    train_labels, test_labels : ndarray of int, shape (n,)
    network : NetworkSize
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    network: NetworkSize = PAPER

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
            if n is not None and not (is_whole(n, 1) and n <= available):
                raise ValueError(
                    f"limit of {kind}ing images is {n!r}: {self.name} has {available}, so give a "
                    f"whole number from 1 to {available}."
                )
        return Dataset(
            self.name,
            self.train_images[:n_train],
            self.train_labels[:n_train],
            self.test_images[:n_test],
            self.test_labels[:n_test],
            self.network,
        )


Loader = Callable[[str | PathLike | None], Dataset]

#: What loads each data set, by name.
DATASETS: dict[str, Loader] = {}


def register(name: str) -> Callable[[Loader], Loader]:
    """Decorator that makes a data set known by a name, to `load` and to ``--dataset``.

    What it decorates takes the folder that ``--data-dir`` gives, or None.

    Raises
    ------
    ValueError
        If there is a data set of that name.
    """
    if name in DATASETS:
        raise ValueError(f"dataset {name!r} is there already: give another name.")

    def add(loader: Loader) -> Loader:
        DATASETS[name] = loader
        return loader

    return add


@register("digits")
def digits(directory: str | PathLike | None = None) -> Dataset:
    """Scikit-learn's 8 × 8 digits: 1437 training and 360 test images, always the same split."""
    from sklearn.datasets import load_digits  # 70 MB that other data sets do without
    from sklearn.model_selection import train_test_split

    data = load_digits()
    train_images, test_images, train_labels, test_labels = train_test_split(
        data.images / 16, data.target, test_size=360, stratify=data.target, random_state=0
    )
    return Dataset("digits", train_images, train_labels, test_images, test_labels, SMALL)


def from_folder(name: str, directory: str | PathLike | None) -> Dataset:
    """A data set in MNIST's format.

    Parameters
    ----------
    name : str
    directory : path, optional
        Folder of the four IDX files, gzipped or not; default is the environment variable
        ``CORTICAL_BCPNN_DATA``, else what ``python -m cortical_bcpnn fetch`` has downloaded.

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder or a file is missing, damaged, or does not match the others.
    """
    directory = directory or os.environ.get("CORTICAL_BCPNN_DATA")
    if directory is None and any(folder(name).glob("*.gz")):
        directory = folder(name)
    if directory is None:
        raise ValueError(
            f"dataset {name!r} needs its files: give their folder by --data-dir or by the "
            "environment variable CORTICAL_BCPNN_DATA, or download MNIST or Fashion-MNIST by "
            "'python -m cortical_bcpnn fetch NAME'."
        )
    arrays: dict[str, Any] = read_folder(Path(directory))
    for kind in ("train", "test"):
        arrays[f"{kind}_images"] = arrays[f"{kind}_images"] / np.float32(255)
        arrays[f"{kind}_labels"] = arrays[f"{kind}_labels"].astype(int)
    return Dataset(name, **arrays)


for _name in ("mnist", "fashion-mnist", "idx"):  # 'idx' is any folder of files in MNIST's format
    register(_name)(partial(from_folder, _name))


def load(name: str, directory: str | PathLike | None = None) -> Dataset:
    """The data set of that name.

    Parameters
    ----------
    name : str
        One of `DATASETS`.
    directory : path, optional
        See `from_folder`; data sets that come with the package need none.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset {name!r} is unknown: choose one of {', '.join(DATASETS)}.")
    return DATASETS[name](directory)
