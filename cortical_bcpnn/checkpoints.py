"""Checkpoints: all that learning needs to go on as if it had never stopped.

A checkpoint is a file of a learned network (see `storage`) with one more group, ``learning``:
its text ``run`` (JSON) says what was asked for and how far it has come, its arrays are
the state variables of minicolumns and hypercolumns, named 'population.variable'. Random
numbers need no state: every segment is seeded from the seed and the number of patterns learned.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
from brian2 import Quantity, second

from .minicolumns import MinicolumnModel
from .plain import (
    MODELS,
    architecture_to_plain,
    model_to_plain,
    parameters_to_plain,
    protocol_from_plain,
    protocol_to_plain,
)
from .plasticity import PlasticityRule
from .sealed import open_sealed, read_array, read_text, write_sealed, write_text
from .storage import OtherModel, read_errors, read_memory, write_memory
from .variants import RECALL_FIELDS, Phase

if TYPE_CHECKING:
    from .network import AssociativeMemory

DEFAULT_INTERVAL = 60 * second
_KEPT = 2
_PATTERN = "checkpoint_*.h5"


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
    shown : int
        Patterns shown since.
    state : mapping of str to ndarray
        State variables of minicolumns and hypercolumns, empty at the start.
    """

    patterns: str
    n_patterns: int
    epochs: int
    shuffle: bool
    protocol: list[Phase]
    first: int
    shown: int = 0
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
        return {**values, "protocol": protocol_to_plain(self.protocol)}


class Checkpoints:
    """A folder of checkpoints, of which the last two are kept.

    Parameters
    ----------
    directory : path-like
        Made if it does not exist. While it is open, no other process can use it.
    every : Quantity
        Least wall time between checkpoints.
    resume : bool
        Whether it may hold checkpoints already.

    Raises
    ------
    ValueError
        If the folder holds checkpoints and `resume` is not set, another process is using it,
        or it cannot be written to.
    """

    def __init__(self, directory: str | PathLike, every: Quantity, resume: bool) -> None:
        is_time = isinstance(every, Quantity) and every.dim is second.dim and every.shape == ()
        if not is_time or not float(every) >= 0:
            raise ValueError(
                f"checkpoint_every is {every!r}: give a time of 0 or more, for example 60*second."
            )
        self.directory = Path(directory)
        self._every = float(every)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.directory / ".lock", "w")
        except OSError as error:
            raise ValueError(
                f"checkpoint folder {directory} cannot be written ({error.strerror}): give another."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ValueError(
                f"checkpoint folder {directory} is in use by another run: give another folder."
            ) from None
        if self.files() and not resume:
            self._lock.close()
            raise ValueError(
                f"checkpoint folder {directory} holds checkpoints: go on from them with "
                "resume=True, or give another folder."
            )
        for partial in self.directory.glob(f".{_PATTERN}.*"):
            partial.unlink()
        self._damaged: set[Path] = set()
        self._written = time.monotonic()

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(self, *_) -> None:
        self._lock.close()

    def files(self) -> list[Path]:
        """Checkpoints, oldest first."""
        return sorted(self.directory.glob(_PATTERN), key=lambda path: (len(path.name), path.name))

    def due(self) -> bool:
        """Whether it is time for the next one."""
        return time.monotonic() - self._written >= self._every

    def write(self, memory: AssociativeMemory, run: LearningRun) -> None:
        """Write a checkpoint, then delete all but the last two, and damaged ones.

        Where the disk is full or gone, there is a warning and learning goes on: the
        checkpoints before are still there.
        """

        def fill(file: h5py.File) -> None:
            write_memory(memory, file)
            write_text(file, "learning/run", json.dumps(run.to_plain()))
            for name, values in run.state.items():
                file[f"learning/state/{name}"] = values

        path = self.directory / f"checkpoint_{memory.n_learned:09d}.h5"
        try:
            write_sealed(path, fill, overwrite=True)
            self._damaged.discard(path)
            whole = [file for file in self.files() if file not in self._damaged]
            for old in set(self.files()).difference(whole[-_KEPT:]):
                old.unlink()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else error
            warnings.warn(
                f"checkpoint {path} could not be written ({reason}): learning "
                "goes on, earlier checkpoints are kept; make room on the disk.",
                stacklevel=2,
            )
        self._written = time.monotonic()

    def restore(self, memory: AssociativeMemory, run: LearningRun) -> LearningRun | None:
        """Put a memory into the state of the newest whole checkpoint.

        Parameters
        ----------
        memory : AssociativeMemory
            As it was when the run began, or where the run was interrupted.
        run : LearningRun
            What is asked for now; must be what was asked for then.

        Returns
        -------
        LearningRun or None
            How far it had come; None if there is no checkpoint.

        Raises
        ------
        ValueError
            If the checkpoint was made with another network or for another run, or if there
            are checkpoints and none is whole.
        """
        files = self.files()
        for path in reversed(files):
            try:
                saved, found = read_checkpoint(
                    type(memory), path, memory.device, memory.parameters.minicolumn,
                    memory.parameters.plasticity,
                )  # fmt: skip
            except OtherModel:
                raise
            except ValueError as error:
                self._damaged.add(path)
                then = "Trying the checkpoint before." if path != files[0] else ""
                warnings.warn(f"{error} {then}".rstrip(), stacklevel=3)
                continue
            if _is_interrupted(memory, saved):
                run = replace(run, first=found.first)
            _check_same(path, memory, run, saved, found)
            memory.adopt(saved)
            return found
        if files:
            raise ValueError(
                f"no checkpoint in {self.directory} is whole: delete them to learn from the start, "
                "or give another folder."
            )
        return None


class NoCheckpoints(AbstractContextManager):
    """In place of `Checkpoints` where none are wanted."""

    directory = None

    def __exit__(self, *_) -> None:
        pass

    def due(self) -> bool:
        """Never."""
        return False

    def write(self, memory: AssociativeMemory, run: LearningRun) -> None:
        """Nothing to do."""


def open_checkpoints(
    directory: str | PathLike | None, every: Quantity, resume: bool
) -> Checkpoints | NoCheckpoints:
    """`Checkpoints`, or none where there is no folder for them."""
    if directory is not None:
        return Checkpoints(directory, every, resume)
    if resume:
        raise ValueError("resume needs the folder of the checkpoints: give it as checkpoints.")
    return NoCheckpoints()


def read_checkpoint(
    cls: type[AssociativeMemory],
    path: str | PathLike,
    device: str,
    minicolumn: MinicolumnModel | None = None,
    plasticity: PlasticityRule | None = None,
) -> tuple[AssociativeMemory, LearningRun]:
    """Network and run of a checkpoint.

    Raises
    ------
    ValueError
        If the file is damaged or is no checkpoint, or was made with another model or rule.
    """
    with read_errors(path), open_sealed(path) as file:
        memory = read_memory(cls, file, device, minicolumn, plasticity)
        plain = json.loads(read_text(file["learning"], "run"))
        run = LearningRun(**{**plain, "protocol": protocol_from_plain(plain["protocol"])})
        counts = (run.n_patterns, run.epochs, run.first, run.shown)
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError(f"its counts of patterns are {counts}, not whole numbers of 0 or more")
        if not memory.history or not isinstance(memory.history[-1].get("resumed"), list):
            raise ValueError("its history lacks the run that it belongs to")
        if run.shown > run.total or run.first + run.shown != memory.n_learned:
            raise ValueError(f"{run.shown} of {run.total} patterns shown do not fit together")
        group = file["learning/state"]
        run.state = {
            name: read_array(group, name, group[name].dtype, (None,)) for name in group
        }
        for name, values in run.state.items():
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise ValueError(f"learning/state/{name} holds NaN or infinity")
    return memory, run


def _is_interrupted(memory: AssociativeMemory, saved: AssociativeMemory) -> bool:
    """Whether a memory is in the very run that a checkpoint is of, not at its beginning."""
    if not memory.history:
        return False
    mine, theirs = memory.history[-1], saved.history[-1]
    return all(mine.get(name) == theirs.get(name) for name in ("patterns", "first", "date"))


def identity(memory: AssociativeMemory, run: LearningRun) -> dict:
    """What decides what is learned, as plain values: the same in, the same out.

    The names of the variant, model and rule and the phases of recall do not.
    """
    values = {**parameters_to_plain(memory.parameters), **run.to_plain()}
    variant = values.pop("variant")
    for name in ("name", *RECALL_FIELDS):
        variant.pop(name)
    values.pop("shown")
    models = {name: model_to_plain(getattr(memory.parameters, name)) for name in MODELS}
    for model in models.values():
        model.pop("name")
    architecture = architecture_to_plain(memory.architecture)
    return {"architecture": architecture, **variant, **values, **models}


def _check_same(
    path: Path,
    memory: AssociativeMemory,
    run: LearningRun,
    saved: AssociativeMemory,
    found: LearningRun,
) -> None:
    """Raise a ValueError unless a checkpoint belongs to a memory and a run."""
    mine, theirs = identity(memory, run), identity(saved, found)
    differing = [name for name, value in mine.items() if theirs[name] != value]
    if differing:
        raise ValueError(
            f"{path} was made with other {', '.join(differing)}: resume with the same, or learn "
            "into another folder."
        )
