"""Checkpoints: all that learning needs to be resumed as if it had never stopped.

A checkpoint is a file of a learned network (see `storage`) with one more group, ``learning``:
its text ``run`` (JSON) says what was asked for and how far it has come, its arrays are
the state variables of minicolumns and hypercolumns, named 'population.variable'. Random
numbers need no state: every segment is seeded from the seed and the number of patterns learned.
"""

from __future__ import annotations

import json
import os
import time
import warnings
from contextlib import AbstractContextManager
from dataclasses import replace
from os import PathLike
from pathlib import Path

import h5py
import numpy as np
from brian2 import Quantity, second

from ..files.contents import Damaged
from ..files.locks import take
from ..files.sealed import read_sealed, set_aside, write_sealed, write_text
from ..model.dynamics import Given
from ..model.minicolumns import MinicolumnModel
from ..model.plain import protocol_from_plain
from ..model.plasticity import PlasticityRule
from .network import LearnedNetwork
from .runs import LearningRun, identity, start_of
from .storage import read_memory, reading, write_memory

DEFAULT_INTERVAL = 60 * second
_KEPT = 2
_PATTERN = "checkpoint_*.h5"


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
            lock = take(self.directory / ".lock")
        except OSError as error:
            raise ValueError(
                f"checkpoint folder {directory} cannot be written or locked "
                f"({error.strerror or error}): give another."
            ) from None
        if lock is None:
            raise ValueError(
                f"checkpoint folder {directory} is in use by another run: give another folder."
            )
        self._lock = lock
        if self.files() and not resume:
            self._lock.release()
            raise ValueError(
                f"checkpoint folder {directory} holds checkpoints: resume from them with "
                "resume=True, or give another folder."
            )
        for partial in self.directory.glob(f".{_PATTERN}.*"):
            partial.unlink()
        self._written = time.monotonic()

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(self, *_) -> None:
        self._lock.release()

    def files(self) -> list[Path]:
        """Checkpoints, oldest first."""
        return sorted(self.directory.glob(_PATTERN), key=n_learned_of)

    def due(self) -> bool:
        """Whether it is time for the next one."""
        return time.monotonic() - self._written >= self._every

    def write(self, memory: LearnedNetwork, run: LearningRun) -> None:
        """Write a checkpoint, then delete all but the last two.

        Where the disk is full or gone, there is a warning and learning continues: the
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
            for old in self.files()[:-_KEPT]:
                old.unlink()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else error
            warnings.warn(
                f"checkpoint {path} could not be written ({reason}): learning "
                "continues, earlier checkpoints are kept; make room on the disk.",
                stacklevel=2,
            )
        self._written = time.monotonic()

    def begin(self, memory: LearnedNetwork, run: LearningRun, resume: bool) -> LearningRun:
        """The run as the newest checkpoint has it, if it shall be resumed, or from its start.

        Raises as `restore`.
        """
        run = replace(run, start=start_of(memory))
        return (self.restore(memory, run) if resume else None) or run

    def restore(self, memory: LearnedNetwork, run: LearningRun) -> LearningRun | None:
        """Put a memory into the state of the newest whole checkpoint.

        Parameters
        ----------
        memory : LearnedNetwork
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
            If the checkpoint was made with another network or for another run.
        Damaged
            If there are checkpoints and none is whole; they are still there.
        OSError, MemoryError
            If one cannot be read now, whatever it holds.
        """
        files, damaged = self.files(), []
        for path in reversed(files):
            try:
                given = memory.parameters.each(memory.architecture)
                saved, found = read_checkpoint(path, *given)
            except Damaged as error:
                damaged.append(path)
                then = "Trying the checkpoint before." if path != files[0] else ""
                warnings.warn(f"{error} {then}".rstrip(), stacklevel=3)
                continue
            if _is_interrupted(memory, saved):
                run = replace(run, first=found.first, start=found.start)
            _check_same(path, memory, run, saved, found)
            memory.adopt(saved)
            for other in damaged:  # else it would count as one of those that are kept
                set_aside(other)
            return found
        if files:
            raise Damaged(
                f"no checkpoint in {self.directory} is whole: move them away to learn from the "
                "start, or give another folder."
            )
        return None

class NoCheckpoints(AbstractContextManager):
    """In place of `Checkpoints` where none are wanted."""

    directory = None

    def __exit__(self, *_) -> None:
        pass

    def begin(self, memory: LearnedNetwork, run: LearningRun, resume: bool) -> LearningRun:
        """The run from its start."""
        return run

    def due(self) -> bool:
        """Never."""
        return False

    def write(self, memory: LearnedNetwork, run: LearningRun) -> None:
        """Nothing to do."""


def n_learned_of(checkpoint: Path) -> int:
    """Patterns learned by then, which its name says."""
    return int(checkpoint.stem.rpartition("_")[2])


def newest_n_learned(directory: Path, otherwise: int) -> int:
    """Patterns learned by the newest checkpoint in a folder, or what is true if there is none."""
    return max(map(n_learned_of, directory.glob(_PATTERN)), default=otherwise)


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
    path: str | PathLike,
    minicolumn: Given[MinicolumnModel] = None,
    plasticity: Given[PlasticityRule] = None,
) -> tuple[LearnedNetwork, LearningRun]:
    """Network and run of a checkpoint.

    Raises
    ------
    Damaged
        If the file is damaged or is no checkpoint.
    OtherModel
        If it was made with another model or rule.
    """
    with reading(path):
        file = read_sealed(path)
        saved = read_memory(file, minicolumn, plasticity)
        plain = json.loads(file.text("learning/run"))
        run = LearningRun(**{**plain, "protocol": protocol_from_plain(plain["protocol"])})
        counts = (run.n_patterns, run.epochs, run.first, run.shown)
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError(f"its counts of patterns are {counts}, not whole numbers of 0 or more")
        if not saved.history or not isinstance(saved.history[-1].get("resumed"), list):
            raise ValueError("its history lacks the run that it belongs to")
        if run.shown > run.total or run.first + run.shown != saved.n_learned:
            raise ValueError(f"{run.shown} of {run.total} patterns shown do not fit together")
        if "learning/state" not in file.groups:
            raise ValueError("learning/state is missing")
        run.state = {
            name: file.array(f"learning/state/{name}", file.dtype(f"learning/state/{name}"), (None,))
            for name in file.within("learning/state")
        }
        for name, values in run.state.items():
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise ValueError(f"learning/state/{name} holds NaN or infinity")
    return saved, run


def _is_interrupted(memory: LearnedNetwork, saved: LearnedNetwork) -> bool:
    """Whether a memory is in the very run that a checkpoint is of, not at its beginning."""
    if not memory.history:
        return False
    mine, theirs = memory.history[-1], saved.history[-1]
    return all(mine.get(name) == theirs.get(name) for name in ("patterns", "first", "date"))


def _check_same(
    path: Path,
    memory: LearnedNetwork,
    run: LearningRun,
    saved: LearnedNetwork,
    found: LearningRun,
) -> None:
    """Raise a ValueError unless a checkpoint belongs to a memory and a run."""
    mine, theirs = identity(memory, run), identity(saved, found)
    differing = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    # Most of the others change the start as well; and older versions did not note it.
    if "start" in differing and (len(differing) > 1 or not found.start):
        differing.remove("start")
    if differing:
        raise ValueError(
            f"{path} was made with other {', '.join(differing)}: resume with the same, or learn "
            "into another folder."
        )
