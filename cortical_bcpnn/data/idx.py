"""Images and labels in the IDX format of MNIST and its relatives."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np

from .finding import find_file

#: File names in a folder, with or without ``.gz``; a dot before ``idx`` is accepted as well.
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
_UNSIGNED_BYTE = 8


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read an IDX file of unsigned bytes, gzipped or not.

    Parameters
    ----------
    path : Path
    dimensions : int
        3 for images, 1 for labels.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    ValueError
        If the file is not IDX, has other dimensions, or is truncated or too long.
    """
    content = Path(path).read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"{path} is a damaged gzip file ({error}): download it again."
            ) from None
    header = 4 + 4 * dimensions
    magic = bytes([0, 0, _UNSIGNED_BYTE, dimensions])
    if content[:4] != magic or len(content) < header:
        kind = "images" if dimensions == 3 else "labels"
        raise ValueError(
            f"{path} is not an IDX file of {kind}: it starts with {content[:4].hex()} instead of "
            f"{magic.hex()}; give the original file."
        )
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", dimensions, 4))
    if len(content) - header != prod(shape):
        raise ValueError(
            f"{path} holds {len(content) - header} bytes of data where its header announces "
            f"{prod(shape)}: download it again."
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def read_folder(directory: Path, files: Mapping[str, str] = FILES) -> dict[str, np.ndarray]:
    """Images (bytes) and labels of the four files of a folder.

    Parameters
    ----------
    directory : Path
    files : mapping
        Names of the files in the place of those of MNIST.

    Raises
    ------
    FileNotFoundError
        If the folder or a file is missing.
    ValueError
        If a file is damaged, or files do not match each other.
    """
    directory = Path(directory)
    advice = f"give the folder with the four IDX files ({', '.join(files.values())}, gzipped or not)"
    arrays = {}
    for name, file in files.items():
        names = [file, file.replace("-idx", ".idx")]
        path = find_file(directory, [*names, *(f"{name}.gz" for name in names)], advice)
        arrays[name] = read_idx(path, 3 if name.endswith("images") else 1)
    for kind in ("train", "test"):
        images, labels = arrays[f"{kind}_images"], arrays[f"{kind}_labels"]
        if len(images) != len(labels) or len(images) == 0:
            raise ValueError(
                f"{directory} has {len(images)} {kind} images but {len(labels)} labels: give files "
                "that belong together."
            )
    if arrays["train_images"].shape[1:] != arrays["test_images"].shape[1:]:
        raise ValueError(
            f"{directory} has training images of {arrays['train_images'].shape[1:]} pixels and "
            f"test images of {arrays['test_images'].shape[1:]}: give files that belong together."
        )
    return arrays
