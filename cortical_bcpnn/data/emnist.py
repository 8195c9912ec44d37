"""EMNIST: handwritten digits and letters, in files like those of MNIST."""

from __future__ import annotations

import string
from functools import partial
from os import PathLike
from typing import Any

import numpy as np

from .dataset import Dataset, register
from .fetch import data_folder
from .idx import read_folder

_LETTERS = string.ascii_uppercase + string.ascii_lowercase
# Lower-case letters that look like upper-case ones are merged with these.
_MERGED = string.digits + "".join(sorted(set(_LETTERS) - set("cijklmopsuvwxyz")))
#: Classes of each split, in the order of their labels.
SPLITS = {
    "balanced": _MERGED,
    "bymerge": _MERGED,
    "byclass": string.digits + _LETTERS,
    "letters": string.ascii_uppercase,
    "digits": string.digits,
    "mnist": string.digits,
}


def emnist(split: str, directory: str | PathLike | None = None) -> Dataset:
    """A split of EMNIST, its images turned upright: its files have rows and columns swapped.

    Parameters
    ----------
    split : str
        One of `SPLITS`; labels of letters, which start with 1 in the files, start with 0.
    directory : path, optional
        Folder of emnist-SPLIT-train-images-idx3-ubyte and its relatives, gzipped or not.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing, damaged, or does not match the others.
    """
    name = f"emnist-{split}"
    files = {
        f"{kind}_{what}": f"{name}-{kind}-{what}-{'idx3' if what == 'images' else 'idx1'}-ubyte"
        for kind in ("train", "test")
        for what in ("images", "labels")
    }
    arrays: dict[str, Any] = read_folder(data_folder(name, directory, "emnist"), files)
    for kind in ("train", "test"):
        images = arrays[f"{kind}_images"].transpose(0, 2, 1)
        arrays[f"{kind}_images"] = np.ascontiguousarray(images) / np.float32(255)
        arrays[f"{kind}_labels"] = arrays[f"{kind}_labels"].astype(int) - (split == "letters")
    return Dataset(name, **arrays, classes=SPLITS[split])


for _split in SPLITS:
    register(f"emnist-{_split}")(partial(emnist, _split))
