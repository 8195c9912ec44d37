"""EMBER: features of Windows programs, malicious or not."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from .dataset import Dataset, register
from .fetch import data_folder
from .finding import find_file

FEATURES = 2381  # of feature version 2, EMBER 2018
_UNLABELLED = -1


@register("ember")
def ember(directory: str | PathLike | None = None) -> Dataset:
    """EMBER 2018 as its own package writes it; programs without label are left out.

    The whole takes 6 GB of memory.

    Parameters
    ----------
    directory : path, optional
        Folder of X_train.dat, y_train.dat, X_test.dat and y_test.dat, of float32.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing, or does not fit the others.
    """
    where = data_folder("ember", directory)
    return Dataset(
        "ember", *_read(where, "train"), *_read(where, "test"),
        encoder="intervals", classes=("benign", "malicious"),
    )  # fmt: skip


def _read(directory: Path, kind: str) -> tuple[np.ndarray, np.ndarray]:
    advice = "give the folder in which create_vectorized_features of the package ember wrote its files"
    x_path, y_path = (find_file(directory, [f"{letter}_{kind}.dat"], advice) for letter in "Xy")
    labels = np.fromfile(y_path, np.float32)
    if len(labels) == 0 or x_path.stat().st_size != 4 * FEATURES * len(labels):
        raise ValueError(
            f"{x_path} has {x_path.stat().st_size} bytes where {len(labels)} labels in {y_path.name} "
            f"and {FEATURES} features of 4 bytes make {4 * FEATURES * len(labels)}: give files of "
            "feature version 2 that belong together."
        )
    values = np.memmap(x_path, np.float32, "r", shape=(len(labels), FEATURES))
    labelled = labels != _UNLABELLED
    if not np.isin(labels[labelled], (0, 1)).all():
        raise ValueError(f"{y_path} has labels other than 0, 1 and {_UNLABELLED}: give EMBER's.")
    return (values if labelled.all() else values[labelled]), labels[labelled].astype(int)
