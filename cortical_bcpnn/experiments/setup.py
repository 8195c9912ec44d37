"""Which images, and which networks learn them: the arguments that experiments share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from brian2 import Quantity, ms, second
from cyclopts import Parameter
from numpy.typing import ArrayLike

from ..data.datasets import Dataset, load
from ..files.checksums import checksum
from ..model.architecture import Architecture
from ..model.dynamics import Given
from ..model.minicolumns import MinicolumnModel
from ..model.paper import associative_memory, find_variant
from ..model.parameters import Parameters
from ..model.plain import dynamics_to_plain, parameters_to_plain
from ..model.plasticity import PlasticityRule
from ..network import AssociativeMemory
from .arguments import Duration, Hidden, Rate, Threshold, Whole
from .stages import STAGED, learn_by_stages, stages_upto

LONGEST_TAU_P = 5 * second  # that of the paper


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@Parameter(name="*")
@dataclass(kw_only=True)
class Data:
    """Images to learn and to test on.

    Attributes
    ----------
    dataset
        Images to learn: digits, mnist, fashion-mnist, or idx, any folder of files in MNIST's format.
    data_dir
        Folder with the four IDX files of the data set, gzipped or not (default:
        $CORTICAL_BCPNN_DATA; digits needs none).
    limit
        Use the first N training images and at most N test images (default: all).
    limit_train
        Use the first N training images (default: all).
    limit_test
        Use the first N test images (default: all).
    """

    dataset: str = "digits"
    data_dir: Path | None = None
    limit: Whole | None = None
    limit_train: Whole | None = None
    limit_test: Whole | None = None

    @cached_property
    def data(self) -> Dataset:
        """The images that are asked for.

        Raises
        ------
        ValueError, FileNotFoundError
            If there are none.
        """
        dataset = load(self.dataset, self.data_dir)
        n_test = self.limit_test
        if n_test is None and self.limit is not None:
            n_test = min(self.limit, len(dataset.test_images))
        return dataset.limited(self.limit_train or self.limit, n_test)


@Parameter(name="*")
@dataclass(kw_only=True)
class Networks(Data):
    """Networks of every seed that learn the images, of variants that the experiment names.

    Attributes
    ----------
    epochs
        Times that each training image is shown (default: 10 for digits, else 1).
    stages
        Learn in stages that are kept, after 1, 2, 5, 10, 20, ... epochs: longer networks continue
        shorter ones. It is so anyway where more than 100,000 images are shown.
    shuffle
        Show the images of every epoch in a random order of its own (default: as they come).
    seed
        Seed of everything random.
    seeds
        Number of networks, with seeds from SEED upwards.
    hidden
        Hidden hypercolumns x minicolumns in each, HxM (default: 30x30 for digits, else 30x100).
    fan_in
        Input hypercolumns per hidden hypercolumn (default: 24 for digits, else a tenth).
    tau_p
        Time constant of the p traces, in s or with a unit: 1.5s, 1500ms (default: time step x
        number of training images, at most 5 s).
    tau_m
        Time constant of the support, 5ms say (default: that of the variant).
    tau_z
        Time constant of the z trace, 20ms say (default: that of the variant).
    f_max
        Largest firing rate in Hz, 100 or 100Hz (default: that of the variant).
    z_min
        Minicolumns whose z trace is above this learn the pattern, the others the average; 0 is the
        exact dense rule.
    emission_min
        In rate variants, minicolumns that expect no more spikes than this in a time step emit
        nothing; 0 is exact.
    minicolumn
        Model of the minicolumns, by name (default: the published one). From Python also a model of
        your own, or a mapping of populations to models.
    plasticity
        Rule that is learned by, by name (default: BCPNN). From Python also a rule of your own, or a
        mapping of projections to rules.
    jobs
        Processes to share recall between (default: number of cores).
    device
        Brian2 device: cpp_standalone or runtime.
    checkpoint_every
        Time between checkpoints of a network that learns (default: 60s).
    """

    epochs: Whole | None = None
    stages: bool = False
    shuffle: bool = False
    seed: int = 0
    seeds: Whole = 1
    hidden: Hidden | None = None
    fan_in: Whole | None = None
    tau_p: Duration | None = None
    tau_m: Duration | None = None
    tau_z: Duration | None = None
    f_max: Rate | None = None
    z_min: Threshold = Parameters().z_min
    emission_min: Threshold = Parameters().emission_min
    minicolumn: str | None = None
    plasticity: str | None = None
    jobs: Whole | None = None
    device: str = "cpp_standalone"
    checkpoint_every: Duration | None = None

    def __post_init__(self) -> None:
        self.jobs: int = self.jobs or cores()

    @property
    def all_seeds(self) -> list[int]:
        """Seeds of the networks."""
        return [self.seed + number for number in range(self.seeds)]

    @property
    def shown(self) -> int:
        """Times that each training image is shown."""
        return self.epochs or self.data.network.epochs

    def network(
        self, variant: str, *, seed: int | None = None,
        minicolumn: Given[MinicolumnModel] = None, plasticity: Given[PlasticityRule] = None,
        architecture: Architecture | None = None,
    ) -> AssociativeMemory:  # fmt: skip
        """A network before learning.

        Parameters
        ----------
        variant : str
        seed : int, optional
            Default is the first.
        minicolumn, plasticity : MinicolumnModel, PlasticityRule or mapping of str to them, optional
            In place of those that were asked for.
        architecture : Architecture, optional
            In place of the associative memory of the size that was asked for.
        """
        given = {name: getattr(self, name) for name in ("tau_m", "tau_z", "f_max")}
        changes = {name: value for name, value in given.items() if value is not None}
        rule = plasticity or self.plasticity
        chosen: dict[str, Any] = {} if rule is None else {"plasticity": rule}
        if architecture is None:
            hidden = self.hidden or self.data.network.hidden
            fan_in = self.fan_in or default_fan_in(self.data)
            architecture = associative_memory(self.data.side**2, hidden, fan_in)
        return AssociativeMemory(
            architecture=architecture,
            variant=replace(find_variant(variant), **changes),
            tau_p=default_tau_p(self.data) if self.tau_p is None else self.tau_p,
            z_min=self.z_min,
            emission_min=self.emission_min,
            seed=self.seed if seed is None else seed,
            device=self.device,
            minicolumn=minicolumn or self.minicolumn,
            **chosen,
        )

    def changed(self, **values) -> Networks:
        """The same but for some arguments of the networks; images are not loaded again."""
        other = replace(self, **values)
        other.__dict__["data"] = self.data
        return other

    def learn(
        self, memory: AssociativeMemory, progress: bool = True, *,
        patterns: ArrayLike | Mapping[str, ArrayLike] | None = None, epochs: int | None = None,
        projections: Sequence[str] | None = None,
    ) -> AssociativeMemory:  # fmt: skip
        """Let a network learn the training images, or find it in the store.

        Parameters
        ----------
        memory : AssociativeMemory
        progress : bool
        patterns, epochs, projections
            In place of the training images, as often as was asked for, by all projections.
        """
        every = {} if self.checkpoint_every is None else {"checkpoint_every": self.checkpoint_every}
        patterns = flat(self.data.train_images) if patterns is None else patterns
        shown = epochs or self.shown
        # A network whose layers have learned in turn does not continue one that learned for less.
        return learn_by_stages(
            memory, patterns, self.stages_of(shown) if projections is None else [shown],
            shuffle=self.shuffle, projections=projections, progress=progress, **every,
        )  # fmt: skip

    def stages_of(self, epochs: int) -> list[int]:
        """Epochs after which learning is kept on its way to so many."""
        staged = self.stages or epochs * len(self.data.train_images) > STAGED
        return stages_upto(epochs) if staged else [epochs]

    def learned(
        self, variant: str, *, progress: bool = True, epochs: int | None = None, **which
    ) -> AssociativeMemory:
        """A network that has learned, for as many epochs as was asked for; see `network`."""
        return self.learn(self.network(variant, **which), progress, epochs=epochs)

    def build(self, variant: str) -> None:
        """Compile the programs of a variant, which networks side by side then find."""
        few = flat(self.data.train_images[:1])
        with self.network(variant) as memory:
            memory.learn(few)
            memory.recall(few)

    def check(self) -> None:
        """Raise what is wrong with what was asked for, before anything is built or written."""
        self.data  # noqa: B018 (loaded)

    def described(self, memory: AssociativeMemory | None = None) -> dict:
        """What was asked for and what a network is made with, as plain values for a summary."""
        dataset = self.data
        found = {
            "dataset": dataset.name,
            "data": checksum(dataset.train_images),
            "images": {"train": len(dataset.train_images), "test": len(dataset.test_images)},
            "seeds": self.all_seeds,
        }
        if memory is None:
            return found
        return {
            "variant": memory.parameters.variant.name,
            **found,
            "seed": memory.parameters.seed,
            "parameters": self.parameters(memory),
        }

    def parameters(self, memory: AssociativeMemory) -> dict:
        """What a network is made with, as plain values for a summary."""
        published = dynamics_to_plain(Parameters(variant=memory.parameters.variant))
        chosen = dynamics_to_plain(memory.parameters)
        return {
            **parameters_to_plain(memory.parameters),
            **{name: models for name, models in chosen.items() if models != published.get(name)},
            "populations": {p.name: list(p.shape) for p in memory.architecture.populations},
            "fan_in": {p.name: p.fan_in for p in memory.architecture.projections},
            "epochs": self.shown,
            **({"stages": self.stages_of(self.shown)} if self.stages_of(self.shown)[1:] else {}),
            **({"shuffle": True} if self.shuffle else {}),
            "device": memory.device,
        }  # fmt: skip

    def in_common(self, variant: str) -> dict:
        """Parameters that the networks of all variants and seeds share, for a summary."""
        parameters = self.parameters(self.network(variant))
        return {n: value for n, value in parameters.items() if n not in ("variant", "seed")}


@Parameter(name="*")
@dataclass(kw_only=True)
class Setup(Networks):
    """Networks of one variant.

    Attributes
    ----------
    variant
        Time constants and phases: rate-ff, rate-full, spk-ff, spk-full, spspk-ff, spspk-full,
        rate-calibrated, spk-calibrated or spspk-calibrated.
    """

    variant: str = "spspk-full"

    def network(self, variant: str | None = None, **which) -> AssociativeMemory:
        return super().network(variant or self.variant, **which)

    def learned(self, variant: str | None = None, **which) -> AssociativeMemory:
        return super().learned(variant or self.variant, **which)

    def each(self) -> Iterator[AssociativeMemory]:
        """The networks of all seeds one after the other, having learned; each is closed then."""
        for seed in self.all_seeds:
            with closing(self.learned(seed=seed)) as memory:
                yield memory

    def check(self) -> None:
        self.network()

    def described(self, memory: AssociativeMemory | None = None) -> dict:
        return super().described(memory or self.network())


def flat(images):
    """Images as rows of pixels, shape (n, side * side)."""
    return images.reshape(len(images), -1)


def default_fan_in(dataset: Dataset, inputs: int | None = None) -> int:
    """Input hypercolumns, by default pixels, that a hidden hypercolumn listens to."""
    return max(1, round(dataset.network.fan_in * (inputs or dataset.side**2)))


def default_tau_p(dataset: Dataset) -> Quantity:
    """A time step per training image, at most that of the paper."""
    return min(len(dataset.train_images) * ms, LONGEST_TAU_P)
