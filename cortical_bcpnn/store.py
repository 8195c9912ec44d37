"""A store of learned networks, so that nobody learns the same network twice.

A network is found again by what decides what is learned: architecture, parameters, where it
starts from, patterns, order, protocol, the code that learning runs through, versions, compiler,
and Brian2's preferences. Damaged files are set aside, not deleted. The store is
``$CORTICAL_BCPNN_STORE`` or the folder ``networks`` of the cache (see `build.cache_directory`);
``python -m cortical_bcpnn networks`` shows and clears it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from brian2 import Quantity
from numpy.typing import ArrayLike

from .engine.compiler import compiler_key
from .engine.preferences import preferences_key
from .engine.programs import cache_directory
from .files.contents import Damaged
from .files.locks import locked
from .files.sealed import set_aside, write_atomically
from .files.sources import Sources
from .learned.checkpoints import DEFAULT_INTERVAL, newest_n_learned
from .learned.runs import identity, start_of
from .learned.storage import read
from .network import AssociativeMemory

_NETWORK, _CHECKPOINTS, _DESCRIPTION = "network.h5", "checkpoints", "description.json"
_LOCK = ".lock"
_SOURCES = Sources(Path(__file__).parent)
# Modules that only look at what has been learned.
_BESIDE = ("cortical_bcpnn.recall", "cortical_bcpnn.learned.calibration", "cortical_bcpnn.progress")
_PACKAGES = ("brian2", "numpy", "sympy")  # sympy writes expressions of the code that is generated


@dataclass(frozen=True)
class StoredNetwork:
    """An entry of the store.

    Attributes
    ----------
    directory : Path
    description : dict
        What was asked for, and when.
    finished : bool
        Whether learning has ended; else there are checkpoints to resume from.
    bytes : int
    """

    directory: Path
    description: dict
    finished: bool
    bytes: int


def learn_or_load(
    memory: AssociativeMemory,
    patterns: ArrayLike | Mapping[str, ArrayLike],
    epochs: int = 1,
    *,
    shuffle: bool = False,
    projections: Sequence[str] | None = None,
    progress: bool = False,
    checkpoint_every: Quantity = DEFAULT_INTERVAL,
) -> AssociativeMemory:
    """Let a memory learn, or take what an equal one has learned before.

    An unfinished run is resumed from its newest checkpoint, or begun again if none is whole.
    Where another process learns the same network, its end is waited for.

    Parameters
    ----------
    memory : AssociativeMemory
        Before any learning, or as it has come to: what is learned further is found again as well.
    patterns, epochs, shuffle, projections, progress, checkpoint_every
        See `AssociativeMemory.learn`.

    Returns
    -------
    AssociativeMemory
        The same, having learned.

    Raises
    ------
    ValueError
        If the memory is more than its architecture and parameters say, or what is asked for does
        not fit.
    OSError, MemoryError
        If what is stored cannot be read now; it stays as it is.
    """
    _check_can_be_told_apart(memory)
    directory, description = _entry(memory, patterns, epochs, shuffle, projections)
    with locked(directory / _LOCK, on_wait=_tell if progress else None):
        network, checkpoints = directory / _NETWORK, directory / _CHECKPOINTS
        for partial in directory.glob(f".{_NETWORK}.*"):  # of a process that was killed
            partial.unlink()
        if network.exists():
            try:
                given = memory.parameters.each(memory.architecture)
                memory.adopt(read(network, *given))
            except Damaged as error:
                _set_aside(network, error)
            else:
                shutil.rmtree(checkpoints, ignore_errors=True)
                return memory
        text = json.dumps({**description, "variant": memory.parameters.variant.name}, indent=2)
        write_atomically(directory / _DESCRIPTION, f"{text}\n".encode())

        def learn() -> None:
            memory.learn(
                patterns, epochs, shuffle=shuffle, projections=projections, progress=progress,
                resume=True, checkpoints=checkpoints, checkpoint_every=checkpoint_every,
            )  # fmt: skip

        try:
            learn()
        except Damaged as error:
            _set_aside(checkpoints, error)  # none is whole
            learn()
        memory.save(network)
        shutil.rmtree(checkpoints, ignore_errors=True)
    return memory


def left_to_show(
    memory: AssociativeMemory, patterns: ArrayLike | Mapping[str, ArrayLike], epochs: int = 1,
    *, shuffle: bool = False,
) -> int:  # fmt: skip
    """Patterns that `learn_or_load` would still have to show: 0 of a network that is there.

    Parameters
    ----------
    memory, patterns, epochs, shuffle
        As for `learn_or_load`. Nothing is learned, read or waited for.
    """
    directory, description = _entry(memory, patterns, epochs, shuffle)
    if (directory / _NETWORK).exists():
        return 0
    learned = newest_n_learned(directory / _CHECKPOINTS, memory.n_learned)
    return description["n_patterns"] * epochs - (learned - memory.n_learned)


def store_directory() -> Path:
    """Folder of the store: ``$CORTICAL_BCPNN_STORE`` or ``networks`` in the cache."""
    if "CORTICAL_BCPNN_STORE" in os.environ:
        return Path(os.environ["CORTICAL_BCPNN_STORE"])
    return cache_directory() / "networks"


def stored_networks() -> list[StoredNetwork]:
    """What is in the store."""
    found = []
    for path in sorted(store_directory().glob(f"*/{_DESCRIPTION}")):
        try:
            description = json.loads(path.read_text())
        except (OSError, ValueError):
            description = {}
        if not isinstance(description, dict):
            description = {}
        finished = (path.parent / _NETWORK).exists()
        found.append(StoredNetwork(path.parent, description, finished, _size(path.parent)))
    return found


def clear_store() -> int:
    """Delete all networks that no process is working on; returns their number."""
    deleted = 0
    for network in stored_networks():
        with locked(network.directory / _LOCK, wait=False) as held:
            if held:
                shutil.rmtree(network.directory, ignore_errors=True)
                deleted += not network.directory.exists()
    return deleted


@lru_cache
def code_version() -> str:
    """Checksum of the code that learning runs through."""
    return _SOURCES.checksum([AssociativeMemory.__module__], _BESIDE)


def _entry(
    memory: AssociativeMemory, patterns: ArrayLike | Mapping[str, ArrayLike], epochs: int,
    shuffle: bool, projections: Sequence[str] | None = None,
) -> tuple[Path, dict]:  # fmt: skip
    """Folder of what a memory would learn, whether it is there or not, and what decides it."""
    run = memory.plan(patterns, epochs, shuffle=shuffle, projections=projections)
    description = {
        **identity(memory, run), "start": start_of(memory), "device": memory.device,
        "code": code_version(), "compiler": compiler_key(), **_surroundings(),
    }  # fmt: skip
    key = hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()[:24]
    return store_directory() / key, description


def _check_can_be_told_apart(memory: AssociativeMemory) -> None:
    """Raise a ValueError if what a memory learns depends on more than the store can know."""
    if type(memory) is not AssociativeMemory:
        raise ValueError(
            f"memory is a {type(memory).__name__}, whose additions the store cannot tell apart: give "
            "an AssociativeMemory, or learn without the store (memory.learn)."
        )
    if memory.on_build is not None:
        raise ValueError(
            "memory has on_build, whose additions the store cannot tell apart: give one without, or "
            "learn without the store (memory.learn)."
        )


def _surroundings() -> dict:
    """Versions and preferences that decide the last bits of what is learned."""
    return {
        "versions": {name: version(name) for name in _PACKAGES},
        "preferences": preferences_key(),
    }


def _set_aside(path: Path, error: Damaged) -> None:
    warnings.warn(f"{error} It is kept as {set_aside(path)}; learning begins again.", stacklevel=3)


def _size(directory: Path) -> int:
    """Bytes of all files in a folder, some of which may vanish meanwhile."""
    size = 0
    for file in directory.rglob("*"):
        try:
            size += file.stat().st_size * file.is_file()
        except FileNotFoundError:
            continue
    return size


def _tell() -> None:
    print("waiting: another process learns the same network", file=sys.stderr)
