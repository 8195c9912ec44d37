"""What a data set is, and how it is found by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from ..values.numbers import is_whole


@dataclass(frozen=True)
class NetworkSize:
    """The network that a data set is learned by, unless another is asked for.

    Attributes
    ----------
    hidden : (int, int)
        Hypercolumns and minicolumns in each.
    fan_in : float
        Share of the input hypercolumns (pixels, features) that a hidden hypercolumn listens to.
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
    """Images or other samples with labels, in training and test sets.

    Attributes
    ----------
    name : str
    train_images, test_images : ndarray, shape (n, ...)
        Grey levels in [0, 1], shape (n, side, side); colours in [0, 1], (n, height, width, 3); or
        features of any kind, (n, features), NaN where one is missing.
    train_labels, test_labels : ndarray of int, shape (n,)
    network : NetworkSize
    encoder : str
        Name of the encoder that makes hypercolumns of samples, see `encoders.ENCODERS`. Grey levels
        need none: networks take them as they are.
    classes : sequence of str, optional
        Names of the labels 0, 1, ...

    Raises
    ------
    ValueError
        If images and labels, or training and test images, do not match.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    network: NetworkSize = PAPER
    encoder: str = "on-off"
    classes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for kind in ("train", "test"):
            images, labels = getattr(self, f"{kind}_images"), getattr(self, f"{kind}_labels")
            if len(images) != len(labels):
                raise ValueError(
                    f"{self.name} has {len(images)} {kind}ing images but {len(labels)} labels: give "
                    "data that belong together."
                )
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise ValueError(
                f"{self.name} has training images of shape {self.train_images.shape[1:]} and test "
                f"images of {self.test_images.shape[1:]}: give data that belong together."
            )

    @property
    def side(self) -> int:
        """Height and width of a grey image, in pixels.

        Raises
        ------
        ValueError
            If the samples are no square grey images.
        """
        shape = self.train_images.shape[1:]
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(
                f"{self.name} has samples of shape {shape} where square grey images are needed: give "
                "a data set of these, digits or mnist say."
            )
        return shape[0]

    @property
    def n_classes(self) -> int:
        """Number of classes: those that have a name, or else up to the highest label.

        Raises
        ------
        ValueError
            If the labels are not the numbers of classes.
        """
        labels = np.concatenate([self.train_labels, self.test_labels])
        number = len(self.classes) if self.classes is not None else int(labels.max()) + 1
        strange = labels[~np.isin(labels, np.arange(number))]
        if len(strange):
            raise ValueError(
                f"{self.name} has the label {strange[0]:g}, which is no class: give whole numbers "
                f"from 0 to {number - 1}."
            )
        return number

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
        return replace(
            self,
            train_images=self.train_images[:n_train],
            train_labels=self.train_labels[:n_train],
            test_images=self.test_images[:n_test],
            test_labels=self.test_labels[:n_test],
        )


def split(
    name: str, images: np.ndarray, labels: np.ndarray, test_size: float | int = 0.2, **fields: Any
) -> Dataset:
    """A data set of samples that come without test set: always the same split.

    Parameters
    ----------
    name : str
    images, labels : ndarray
    test_size : float or int
        Share or number of test images; classes have their share of them.
    **fields
        Others of the data set.

    Raises
    ------
    ValueError
        If a class has one sample only.
    """
    from sklearn.model_selection import train_test_split  # 70 MB that other data sets do without

    found, counts = np.unique(labels, return_counts=True)
    if len(found) == 0 or counts.min() < 2:
        raise ValueError(
            f"{name} has {len(labels)} samples, and a class of fewer than two cannot be split into "
            "training and test set: give more data."
        )
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=test_size, stratify=labels, random_state=0
    )
    return Dataset(name, train_images, train_labels, test_images, test_labels, **fields)


Loader = Callable[..., Dataset]

#: What loads each data set, by name, and the targets to choose one from, where it has several.
DATASETS: dict[str, Loader] = {}
TARGETS: dict[str, Sequence[str]] = {}


def register(name: str, targets: Sequence[str] = ()) -> Callable[[Loader], Loader]:
    """Decorator that makes a data set known by a name, to `load` and to ``--dataset``.

    What it decorates takes the folder that ``--data-dir`` gives, or None; and the target where there
    are several, of which ``NAME:TARGET`` chooses one.

    Raises
    ------
    ValueError
        If there is a data set of that name.
    """
    if name in DATASETS:
        raise ValueError(f"dataset {name!r} is there already: give another name.")

    def add(loader: Loader) -> Loader:
        DATASETS[name] = loader
        TARGETS[name] = targets
        return loader

    return add


def load(name: str, directory: str | PathLike | None = None) -> Dataset:
    """The data set of that name.

    Parameters
    ----------
    name : str
        One of `DATASETS`; with several targets ``NAME:TARGET``, tox21:NR-AR say.
    directory : path, optional
        Folder of its files; data sets that come with the package need none. Default is the
        environment variable ``CORTICAL_BCPNN_DATA``, else what ``python -m cortical_bcpnn fetch``
        has downloaded.

    Raises
    ------
    ValueError
        If there is none.
    FileNotFoundError
        If the folder or a file is missing.
    """
    set_name, colon, target = name.partition(":")
    if set_name not in DATASETS:
        raise ValueError(f"dataset {name!r} is unknown: choose one of {', '.join(sorted(DATASETS))}.")
    targets = TARGETS.get(set_name, ())
    if targets and target not in targets:
        raise ValueError(
            f"dataset {name!r} needs one of its targets: give {set_name}:TARGET, where TARGET is one "
            f"of {', '.join(targets)}."
        )
    if colon and not targets:
        raise ValueError(
            f"dataset {name!r} is unknown: {set_name} has no targets, so leave out ':{target}'."
        )
    return DATASETS[set_name](directory, target) if targets else DATASETS[set_name](directory)
