"""Images to learn and to test on: all data sets, by name."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import Any

import numpy as np

from . import clothes, colour_images, ember, emnist, medical, mnist_5k, molecules, tables  # noqa: F401 - register
from .dataset import DATASETS, PAPER, SMALL, Dataset, NetworkSize, load, register, split
from .fetch import data_folder
from .idx import read_folder

__all__ = [
    "DATASETS", "PAPER", "SMALL", "Dataset", "NetworkSize", "digits", "from_folder", "load",
    "register",
]  # fmt: skip


@register("digits")
def digits(directory: str | PathLike | None = None) -> Dataset:
    """Scikit-learn's 8 × 8 digits: 1437 training and 360 test images, always the same split."""
    from sklearn.datasets import load_digits  # 70 MB that other data sets do without

    data = load_digits()
    return split("digits", data.images / 16, data.target, 360, network=SMALL)


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
    arrays: dict[str, Any] = read_folder(data_folder(name, directory))
    for kind in ("train", "test"):
        arrays[f"{kind}_images"] = arrays[f"{kind}_images"] / np.float32(255)
        arrays[f"{kind}_labels"] = arrays[f"{kind}_labels"].astype(int)
    return Dataset(name, **arrays)


# 'idx' is any folder of files in MNIST's format.
for _name in ("mnist", "fashion-mnist", "kmnist", "idx"):
    register(_name)(partial(from_folder, _name))
