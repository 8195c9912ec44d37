"""What a network is made of: populations of hypercolumns and the projections between them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from ..values.fields import FilledIn, default
from ..values.numbers import check_whole, is_whole
from .phases import DURATIONS, Phase


@dataclass(frozen=True)
class Population:
    """Hypercolumns of minicolumns; within a hypercolumn activity is normalised.

    Attributes
    ----------
    name : str
    hypercolumns, minicolumns : int
        Number of hypercolumns H, and of minicolumns M in each.
    """

    name: str
    hypercolumns: int
    minicolumns: int

    def __post_init__(self) -> None:
        _check_name("population", self.name)
        for attribute in ("hypercolumns", "minicolumns"):
            value = check_whole(f"{attribute} of population {self.name}", getattr(self, attribute))
            object.__setattr__(self, attribute, value)

    @property
    def size(self) -> int:
        """Number of minicolumns in all, H × M."""
        return self.hypercolumns * self.minicolumns

    @property
    def shape(self) -> tuple[int, int]:
        """Hypercolumns, and minicolumns in each."""
        return self.hypercolumns, self.minicolumns


@dataclass(frozen=True)
class Projection:
    """Connections from one population to another, at the level of hypercolumns.

    Attributes
    ----------
    name, pre, post : str
        Name of the projection and of the populations that it connects.
    fan_in : int
        Number of presynaptic hypercolumns that each postsynaptic hypercolumn listens to.
    rewired : bool
        Whether structural plasticity may swap its connections.
    conditioning : {'pre', 'post'}
        How joint traces are kept, see `equations`: by the side with fewer minicolumns active, which
        the architecture fills in.
    """

    name: str
    pre: str
    post: str
    fan_in: int
    rewired: bool
    conditioning: FilledIn[Literal["pre", "post"]] = default(None)

    def __post_init__(self) -> None:
        _check_name("projection", self.name)
        if self.rewired not in (True, False):
            raise ValueError(f"rewired of {self.name} is {self.rewired!r}: give True or False.")
        if self.conditioning not in ("pre", "post", None):
            raise ValueError(
                f"conditioning of {self.name} is {self.conditioning!r}: choose 'pre' or 'post'."
            )

    @property
    def conditioned(self) -> Literal["pre", "post"]:
        """The side opposite to `conditioning`."""
        return "pre" if self.conditioning == "post" else "post"


@dataclass(frozen=True)
class Architecture:
    """What a network is made of, and how it learns and recalls.

    Attributes
    ----------
    populations : tuple of Population
        The first is the one that patterns alone are shown to.
    projections : tuple of Projection
    learning, recall : tuple of Phase
        How a pattern is learned, and a cue recalled; durations may be names of those of a variant.
        Where there are none, they follow from what is given, see `protocols`.
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    learning: tuple[Phase, ...] = ()
    recall: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        if not self.populations:
            raise ValueError("populations are empty: give at least one.")
        names = [*(p.name for p in self.populations), *(p.name for p in self.projections)]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))}: give every part a name of its own.")
        filled_in = tuple(self._conditioned(projection) for projection in self.projections)
        object.__setattr__(self, "projections", filled_in)
        for projection in self.projections:
            available = self.ends(projection)[0].hypercolumns
            if not is_whole(projection.fan_in, 1) or projection.fan_in > available:
                raise ValueError(
                    f"fan-in of the {projection.name} projection is {projection.fan_in!r}: give a "
                    f"whole number from 1 to {available}, the number of hypercolumns of "
                    f"{projection.pre}."
                )

        for name in ("learning", "recall"):
            phases = tuple(getattr(self, name))
            for phase in phases:
                if isinstance(phase.duration, str) and phase.duration not in DURATIONS:
                    raise ValueError(
                        f"duration of a phase of {name} is {phase.duration!r}: give a time, or one of "
                        f"{', '.join(DURATIONS)}."
                    )
            object.__setattr__(self, name, phases)

    def _conditioned(self, projection: Projection) -> Projection:
        """A projection whose traces are kept by the side with fewer minicolumns active."""
        if projection.conditioning is not None:
            return projection
        pre, post = self.ends(projection)
        sparser = (pre.minicolumns, -pre.hypercolumns) > (post.minicolumns, -post.hypercolumns)
        return replace(projection, conditioning="pre" if sparser else "post")

    def population(self, name: str) -> Population:
        """The population of that name."""
        for population in self.populations:
            if population.name == name:
                return population
        known = ", ".join(p.name for p in self.populations)
        raise ValueError(f"population {name!r} is unknown: choose one of {known}.")

    def projection(self, name: str) -> Projection:
        """The projection of that name."""
        for projection in self.projections:
            if projection.name == name:
                return projection
        known = ", ".join(p.name for p in self.projections)
        raise ValueError(f"projection {name!r} is unknown: choose one of {known}.")

    @property
    def reconstructing(self) -> tuple[str, ...]:
        """Populations of the size of the first that project nowhere: they reconstruct its patterns."""
        first, sources = self.populations[0], {projection.pre for projection in self.projections}
        return tuple(p.name for p in self.populations[1:]
                     if p.shape == first.shape and p.name not in sources)  # fmt: skip

    def is_full(self, projection: Projection) -> bool:
        """Whether a projection connects all hypercolumns with all."""
        return projection.fan_in == self.ends(projection)[0].hypercolumns

    def ends(self, projection: Projection) -> tuple[Population, Population]:
        """Pre- and postsynaptic population of a projection."""
        return self.population(projection.pre), self.population(projection.post)


def _check_name(kind: str, name: object) -> None:
    """Names become part of equations and of code."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,99}", name):
        raise ValueError(
            f"name of a {kind} is {name!r}: give letters, digits and '_', a letter first, at most 100."
        )
