"""From command-line options to data, learned networks and readouts."""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from brian2 import Quantity, ms, second
from sklearn.linear_model import LogisticRegression

from ..analysis.readout import train_readout
from ..data.datasets import Dataset, load
from ..files.checksums import checksum
from ..model.paper import find_variant
from ..model.plain import parameters_to_plain
from ..network import AssociativeMemory
from ..recall import Recall
from ..store import learn_or_load

LONGEST_TAU_P = 5 * second  # that of the paper
READOUT_IMAGES = 10_000


def load_dataset(options: argparse.Namespace) -> Dataset:
    """The images that the options ask for."""
    dataset = load(options.dataset, options.data_dir)
    n_test = options.limit_test
    if n_test is None and options.limit is not None:
        n_test = min(options.limit, len(dataset.test_images))
    return dataset.limited(options.limit_train or options.limit, n_test)


def epochs(options: argparse.Namespace, dataset: Dataset) -> int:
    """Number of epochs that the options ask for."""
    return options.epochs or dataset.network.epochs


def make_memory(
    options: argparse.Namespace,
    dataset: Dataset,
    *,
    seed: int | None = None,
    variant: str | None = None,
    **parameters,
) -> AssociativeMemory:
    """The network that the options ask for, before learning.

    Parameters
    ----------
    options : argparse.Namespace
    dataset : Dataset
    seed : int, optional
        In place of that of the options.
    variant : str, optional
        In place of that of the options.
    **parameters
        Fields of `Parameters` that there are no options for: minicolumn, plasticity.
    """
    n_inputs = dataset.side**2
    tau_p = default_tau_p(dataset) if options.tau_p is None else options.tau_p
    changes = {name: getattr(options, name) for name in ("tau_m", "tau_z", "f_max")}
    changes = {name: value for name, value in changes.items() if value is not None}
    return AssociativeMemory(
        n_inputs,
        hidden=options.hidden or dataset.network.hidden,
        fan_in=options.fan_in or default_fan_in(dataset),
        variant=replace(find_variant(variant or options.variant), **changes),
        tau_p=tau_p,
        z_min=options.z_min,
        emission_min=options.emission_min,
        seed=options.seed if seed is None else seed,
        device=options.device,
        **parameters,
    )


def learn(
    memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace, progress: bool = True
) -> AssociativeMemory:
    """Let a network learn the training images, or find it in the store."""
    return learn_or_load(
        memory,
        flat(dataset.train_images),
        epochs(options, dataset),
        progress=progress,
        checkpoint_every=options.checkpoint_every,
    )


def learned(
    options: argparse.Namespace,
    dataset: Dataset,
    *,
    seed: int | None = None,
    variant: str | None = None,
    progress: bool = True,
    **parameters,
) -> AssociativeMemory:
    """The network that the options ask for, having learned; see `make_memory`."""
    memory = make_memory(options, dataset, seed=seed, variant=variant, **parameters)
    return learn(memory, dataset, options, progress)


def fit_readout(
    memory: AssociativeMemory,
    dataset: Dataset,
    jobs: int = 1,
    n_images: int = READOUT_IMAGES,
    progress: bool = True,
) -> LogisticRegression:
    """Readout of the label from HID, trained on training images in the feedforward phase."""
    images = flat(dataset.train_images[:n_images])
    recall = memory.recall(
        images, until="feedforward", populations=["HID"], jobs=jobs, progress=progress
    )
    return train_readout(recall.z["feedforward"]["HID"], dataset.train_labels[: len(images)])


def accuracy(readout: LogisticRegression, recall: Recall, labels: np.ndarray) -> dict[str, float]:
    """Share of right labels at the end of the feedforward phase, and at the end of recall."""
    moments = {"ff": recall.moments[0], "attractor": recall.moments[-1]}
    return {
        name: float(readout.score(recall.z[moment]["HID"], labels))
        for name, moment in moments.items()
    }


def settings(
    memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace
) -> dict:
    """What a network was made with, as plain values for a summary."""
    return {
        "variant": memory.parameters.variant.name,
        "dataset": dataset.name,
        "data": checksum(dataset.train_images),
        "images": {"train": len(dataset.train_images), "test": len(dataset.test_images)},
        "seed": memory.parameters.seed,
        "parameters": {
            **parameters_to_plain(memory.parameters),
            "populations": {p.name: [p.hypercolumns, p.minicolumns]
                            for p in memory.architecture.populations},
            "fan_in": {p.name: p.fan_in for p in memory.architecture.projections},
            "epochs": epochs(options, dataset),
            "device": memory.device,
        },
    }  # fmt: skip


def flat(images: np.ndarray) -> np.ndarray:
    """Images as rows of pixels, shape (n, side * side)."""
    return images.reshape(len(images), -1)


def default_fan_in(dataset: Dataset) -> int:
    """Pixels that a hidden hypercolumn listens to."""
    return max(1, round(dataset.network.fan_in * dataset.side**2))


def default_tau_p(dataset: Dataset) -> Quantity:
    """A time step per training image, at most that of the paper."""
    return min(len(dataset.train_images) * ms, LONGEST_TAU_P)
