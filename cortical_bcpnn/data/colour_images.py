"""Colour images: SVHN and CIFAR-10."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from .dataset import Dataset, register
from .fetch import data_folder
from .finding import find_file

CIFAR_10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_CIFAR_SHAPE = (3, 32, 32)  # red, green and blue in turn


@register("svhn")
def svhn(directory: str | PathLike | None = None) -> Dataset:
    """Street View House Numbers, cropped digits: 73257 training and 26032 test images, 32 × 32 RGB.

    Parameters
    ----------
    directory : path, optional
        Folder of train_32x32.mat and test_32x32.mat. The label of '0' is 10 there, 0 here.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing or not one of these.
    """
    where = data_folder("svhn", directory)
    return Dataset(
        "svhn", *_read_svhn(where, "train"), *_read_svhn(where, "test"), encoder="colour-kmeans"
    )


def _read_svhn(directory: Path, kind: str) -> tuple[np.ndarray, np.ndarray]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    path = find_file(directory, [f"{kind}_32x32.mat"],
                     "give the folder with train_32x32.mat and test_32x32.mat of SVHN")  # fmt: skip
    try:
        content = loadmat(path)
        images, labels = content["X"], content["y"].ravel()
    except (ValueError, TypeError, KeyError, OSError, NotImplementedError, MatReadError) as error:
        raise ValueError(
            f"{path} is not a MATLAB file with X and y, as SVHN's are ({error}): download it again."
        ) from None
    if images.ndim != 4 or images.shape[2] != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"{path} has images of shape {images.shape} and type {images.dtype}: those of SVHN are "
            "(height, width, 3, n), uint8."
        )
    return images.transpose(3, 0, 1, 2) / np.float32(255), labels.astype(int) % 10


@register("cifar-10")
def cifar_10(directory: str | PathLike | None = None) -> Dataset:
    """CIFAR-10: 50000 training and 10000 test images of ten kinds of things, 32 × 32 RGB.

    Parameters
    ----------
    directory : path, optional
        Folder of the binary version, data_batch_1.bin to data_batch_5.bin and test_batch.bin. The
        Python version is not read: it is pickled, and such files can run any code.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing, cut, or not one of these.
    """
    where = data_folder("cifar-10", directory)
    batches = [_read_cifar(where, f"data_batch_{number}.bin") for number in range(1, 6)]
    images, labels = (np.concatenate(arrays) for arrays in zip(*batches))
    return Dataset(
        "cifar-10", images, labels, *_read_cifar(where, "test_batch.bin"),
        encoder="colour-kmeans", classes=CIFAR_10,
    )  # fmt: skip


def _read_cifar(directory: Path, file: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of a file of records: a byte of label, then the bytes of an image."""
    path = find_file(directory, [file], "give the folder of the binary version of CIFAR-10, "
                     "cifar-10-binary.tar.gz (the Python version is pickled, and such files can run "
                     "any code)")  # fmt: skip
    content = np.fromfile(path, np.uint8)
    size = 1 + int(np.prod(_CIFAR_SHAPE))
    if len(content) == 0 or len(content) % size:
        raise ValueError(
            f"{path} has {len(content)} bytes, no multiple of the {size} of an image of CIFAR-10: "
            "download it again."
        )
    records = content.reshape(-1, size)
    if records[:, 0].max() >= len(CIFAR_10):
        raise ValueError(f"{path} has the label {records[:, 0].max()}: it is no file of CIFAR-10.")
    images = records[:, 1:].reshape(-1, *_CIFAR_SHAPE).transpose(0, 2, 3, 1)
    return images / np.float32(255), records[:, 0].astype(int)
