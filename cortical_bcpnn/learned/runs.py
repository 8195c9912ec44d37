"""A run of learning: what was asked for, how far it has come, and what decides what is learned."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..files.checksums import checksum
from ..model.dynamics import BY_NAME
from ..model.paper import RECALL_FIELDS
from ..model.phases import Phase
from ..model.plain import (
    architecture_to_plain,
    dynamics_to_plain,
    parameters_to_plain,
    protocol_to_plain,
)
from .network import LearnedNetwork


@dataclass
class LearningRun:
    """What a call of `AssociativeMemory.learn` was asked for, and how far it has come.

    Attributes
    ----------
    patterns : str
        Checksum of the patterns.
    n_patterns, epochs : int
    shuffle : bool
    protocol : list of Phase
    first : int
        Patterns that the memory had learned before.
    projections : list of str, optional
        Those that learn; default is all.
    shown : int
        Patterns shown since.
    start : str
        What it starts from, see `start_of`; empty where nobody has asked for it.
    state : mapping of str to ndarray
        State variables of minicolumns and hypercolumns, empty at the start.
    """

    patterns: str
    n_patterns: int
    epochs: int
    shuffle: bool
    protocol: list[Phase]
    first: int
    projections: list[str] | None = None
    shown: int = 0
    start: str = ""
    state: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Patterns to show in all."""
        return self.n_patterns * self.epochs

    @property
    def finished(self) -> bool:
        """Whether all have been shown."""
        return self.shown >= self.total

    def to_plain(self) -> dict:
        """All but the state, as plain values."""
        values = {k: v for k, v in vars(self).items() if k not in ("protocol", "state")}
        if self.projections is None:  # as in files that are older than this field
            del values["projections"]
        return {**values, "protocol": protocol_to_plain(self.protocol)}


def identity(memory: LearnedNetwork, run: LearningRun) -> dict:
    """What decides what is learned, as plain values: the same in, the same out.

    The names of the variant, phases, model and rule and the phases of recall do not.
    """
    values = {**parameters_to_plain(memory.parameters), **run.to_plain()}
    variant = values.pop("variant")
    for name in ("name", *RECALL_FIELDS):
        variant.pop(name)
    values.pop("shown")
    for phase in values["protocol"]:
        phase.pop("name")
    models = dynamics_to_plain(memory.parameters)
    named = (model for name in BY_NAME.values() for model in models.get(name, {}).values())
    for model in (*(models[name] for name in BY_NAME), *named):
        model.pop("name")
    architecture = architecture_to_plain(memory.architecture)
    return {"architecture": architecture, **variant, **values, **models}


def start_of(memory: LearnedNetwork) -> str:
    """What learning starts from: 'random' for the random start of the seed, else a checksum."""
    if memory.is_undrawn:
        return "random"
    found = checksum_of_traces(memory)
    if memory.n_learned:
        return found
    untouched = LearnedNetwork(memory.architecture, memory.parameters)
    return "random" if found == checksum_of_traces(untouched) else found


def checksum_of_traces(memory: LearnedNetwork) -> str:
    """Checksum of the traces and connections of all projections."""
    digest = hashlib.sha256()
    for name, state in sorted(memory.traces.items()):
        digest.update(f"{name} {state.checksum()} {checksum(state.deferred)}\n".encode())
    return digest.hexdigest()[:16]
