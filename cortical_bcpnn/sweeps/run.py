"""One run of a sweep: a network learns and is measured. Any worker can compute it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from ..data.datasets import Dataset, load
from ..data.encoded import Encoded
from ..experiments.layers import has_classes, learn_in_turn, taught
from ..experiments.setup import flat
from ..experiments.shipped import is_shipped
from ..files.checksums import checksum
from ..files.sources import Sources
from ..model.architecture import Architecture
from ..model.plain import architecture_to_plain
from ..network import AssociativeMemory
from ..provenance import now, processor
from ..store import learn_or_load
from .connections import connect
from .measures import Tested, measure
from .networks import WHAT_LEARNS, architecture_of, inputs_of
from .parameters import Plain, parameters_of

#: What the runs of a search are judged by: test images, or training images kept back.
SPLITS = ("test", "validation")
#: How a run ends: measured, with an error, with its workers dead, for want of disk.
DONE, FAILED, LOST, NO_DISK = "done", "failed", "lost", "no disk"
_KILLED = re.compile(r"simulation process ended with status -\d")
_KEPT_BACK = 5  # one training image in so many is kept back for validation
_SOURCES = Sources(Path(__file__).parents[1])
_ALONE = threading.Lock()  # Brian2 has one active device per process


@dataclass(frozen=True)
class Run:
    """One run; equal runs have equal results.

    Attributes
    ----------
    dataset : str
    data : str
        Checksum of all its images.
    split : {'test', 'validation'}
    settings : dict of str to plain value
        All parameters, see `parameters.resolve`.
    seed : int
    measures : tuple of str
    code : str
        Checksum of the code that it runs through.
    architecture : str
        Checksum of the network where it is no shipped one: the code that makes it is elsewhere.
    """

    dataset: str
    data: str
    split: str
    settings: dict[str, Plain]
    seed: int
    measures: tuple[str, ...]
    code: str
    architecture: str = ""

    @classmethod
    def make(
        cls, dataset: Dataset, settings: Mapping[str, Plain], seed: int, measures: tuple[str, ...],
        split: str = "test",
    ) -> Run:  # fmt: skip
        """A run on a data set with the code as it is now."""
        run = cls(
            dataset.name, checksum_of(dataset), split, dict(settings), seed, measures, code_version()
        )
        if is_shipped(settings["network"]):
            return run
        made = architecture_of(settings, part(dataset, run))
        return replace(run, architecture=_checksum_of_network(made))

    @property
    def id(self) -> str:
        """Checksum of all that decides the result."""
        plain = {name: value for name, value in asdict(self).items() if name != "architecture" or value}
        plain["settings"] = {name: value for name, value in self.settings.items()
                             if name not in WHAT_LEARNS or value != WHAT_LEARNS[name]}  # fmt: skip
        text = json.dumps(plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class UnfitWorkerError(Exception):
    """A worker has other code, images or networks than the sweep."""


def compute(run: Run, data_dir: Path | None = None) -> dict:
    """Learn and measure; nothing is raised, whatever goes wrong.

    Returns
    -------
    dict
        ``status``: `DONE`, `FAILED`, `LOST` (by no fault of its own) or `NO_DISK`;
        ``error``: None, or what went wrong; ``measures``: numbers by column; ``where``: seconds,
        when it ended, host, process, processor.
    """
    began = time.perf_counter()
    numbers: dict[str, float] = {}
    status, error = DONE, None
    with _ALONE, threadpool_limits(1):
        try:
            numbers = _compute(run, data_dir)
        except UnfitWorkerError as failure:
            status, error = LOST, str(failure)
        except Exception as failure:  # noqa: BLE001
            status = NO_DISK if is_disk_full(failure) else FAILED
            if _KILLED.search(str(failure)):  # as by Linux, when there is no memory left
                status = LOST
            error = f"{type(failure).__name__}: {failure}"
    where = {
        "seconds": round(time.perf_counter() - began, 3), "ended": now(),
        "host": platform.node(), "process": os.getpid(), "processor": processor(),
    }  # fmt: skip
    return {"status": status, "error": error, "measures": numbers, "where": where}


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that there is no disk left."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


@lru_cache
def code_version() -> str:
    """Checksum of the code that runs go through, this package and its protocols."""
    return _SOURCES.checksum([__name__])


def checksum_of(dataset: Dataset) -> str:
    """Checksum of all images and labels."""
    digest = hashlib.sha256()
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        digest.update(checksum(getattr(dataset, name)).encode())
    return digest.hexdigest()[:16]


def part(dataset: Dataset, run: Run) -> Dataset:
    """The images that a run learns, and those that it is judged by.

    In validation every fifth training image is kept back from learning and stands for the test
    images, which are not looked at.
    """
    shown = dataset.limited(run.settings["train_images"], run.settings["test_images"])
    if run.split == "test":
        return shown
    kept_back = np.arange(len(shown.train_images)) % _KEPT_BACK == _KEPT_BACK - 1
    images, labels = shown.train_images, shown.train_labels
    return replace(
        shown, train_images=images[~kept_back], train_labels=labels[~kept_back],
        test_images=images[kept_back], test_labels=labels[kept_back],
    )  # fmt: skip


def _compute(run: Run, data_dir: Path | None) -> dict[str, float]:
    if run.code != code_version():
        raise UnfitWorkerError(
            f"the code on {platform.node()} is not that of the sweep: give all workers the same."
        )
    dataset = part(_load(run.dataset, data_dir, run.data), run)
    data = inputs_of(run.settings, dataset)
    architecture = architecture_of(run.settings, dataset, data)
    if run.architecture and run.architecture != _checksum_of_network(architecture):
        raise UnfitWorkerError(
            f"{run.settings['network']} on {platform.node()} makes another network than that of the "
            "sweep: give all workers the same."
        )
    parameters = parameters_of(run.settings, run.seed)
    numbers: dict[str, float] = {}
    with AssociativeMemory(architecture=architecture, **vars(parameters)) as memory:
        if run.settings["connections"]:
            connect(memory, run.settings["connections"])
        _learn(memory, dataset, data, run.settings["epochs"])
        tested = Tested(memory, dataset, run.settings, data)
        for name in run.measures:
            numbers |= measure(tested, name)
    return numbers


def _learn(
    memory: AssociativeMemory, dataset: Dataset, data: Encoded | None, epochs: int
) -> None:
    """Learn samples, and labels where there is a population for them.

    Classes are learned last, unless the network owns how it learns.
    """
    patterns = flat(dataset.train_images) if data is None else data.train
    architecture, labels = memory.architecture, dataset.train_labels
    if not has_classes(architecture):
        learn_or_load(memory, patterns, epochs)
    elif architecture.learning:
        learn_or_load(memory, taught(architecture, patterns, labels), epochs)
    else:

        def learn(
            memory: AssociativeMemory, patterns: Mapping[str, np.ndarray], projections: Sequence[str],
            epochs: int = epochs,
        ) -> AssociativeMemory:  # fmt: skip
            return learn_or_load(memory, patterns, epochs, projections=projections)

        learn_in_turn(learn, memory, patterns, labels)


def _checksum_of_network(architecture: Architecture) -> str:
    text = json.dumps(architecture_to_plain(architecture), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _load(name: str, data_dir: Path | None, expected: str) -> Dataset:
    dataset = load(name, data_dir)
    if checksum_of(dataset) != expected:
        raise UnfitWorkerError(
            f"the images of {name} on {platform.node()} are not those of the sweep: give all "
            "workers the same files."
        )
    return dataset
