"""A store of learned networks, so that nobody learns the same network twice.

A network is found again by what decides what is learned: architecture, parameters, patterns,
order, protocol, and the code that learning runs through. The store is a folder ``networks`` in
the cache (see `build.cache_directory`); ``python -m cortical_bcpnn networks`` shows and clears it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from brian2 import Quantity

from .build import cache_directory, compiler_key
from .checkpoints import DEFAULT_INTERVAL, identity
from .network import AssociativeMemory

_NETWORK, _CHECKPOINTS, _DESCRIPTION = "network.h5", "checkpoints", "description.json"
# Files that what is learned depends on.
_CODE = (
    "equations", "population", "projection", "circuit", "traces", "rewiring", "learned",
    "learning", "patterns", "starting", "simulation", "live_device",
)  # fmt: skip


@dataclass(frozen=True)
class StoredNetwork:
    """An entry of the store.

    Attributes
    ----------
    directory : Path
    description : dict
        What was asked for, and when.
    finished : bool
        Whether learning has ended; else there are checkpoints to go on from.
    bytes : int
    """

    directory: Path
    description: dict
    finished: bool
    bytes: int


def learn_or_load(
    memory: AssociativeMemory,
    patterns: np.ndarray,
    epochs: int = 1,
    *,
    shuffle: bool = False,
    progress: bool = False,
    checkpoint_every: Quantity = DEFAULT_INTERVAL,
) -> AssociativeMemory:
    """Let a memory learn, or take what an equal one has learned before.

    An unfinished run is gone on with from its newest checkpoint. Where another process
    learns the same network, its end is waited for.

    Parameters
    ----------
    memory : AssociativeMemory
        Before any learning.
    patterns, epochs, shuffle, progress, checkpoint_every
        See `AssociativeMemory.learn`.

    Returns
    -------
    AssociativeMemory
        The same, having learned.

    Raises
    ------
    ValueError
        If the memory has learned already, or what is asked for does not fit.
    """
    if memory.n_learned:
        raise ValueError(
            f"memory has learned {memory.n_learned} patterns: give one that has not learned."
        )
    run = memory.plan(patterns, epochs, shuffle=shuffle)
    description = {
        **identity(memory, run), "device": memory.device, "code": code_version(),
        "compiler": compiler_key(),
    }  # fmt: skip
    key = hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()[:24]
    directory = store_directory() / key
    with _locked(directory):
        network = directory / _NETWORK
        if network.exists():
            try:
                memory.adopt(AssociativeMemory.load(network, device=memory.device))
                return memory
            except ValueError:
                network.unlink()  # damaged: learn it again
        text = json.dumps({**description, "variant": memory.parameters.variant.name}, indent=2)
        (directory / _DESCRIPTION).write_text(text + "\n")
        memory.learn(
            patterns, epochs, shuffle=shuffle, progress=progress, resume=True,
            checkpoints=directory / _CHECKPOINTS, checkpoint_every=checkpoint_every,
        )  # fmt: skip
        memory.save(network)
        shutil.rmtree(directory / _CHECKPOINTS, ignore_errors=True)
    return memory


def store_directory() -> Path:
    """Folder of the store."""
    return cache_directory() / "networks"


def stored_networks() -> list[StoredNetwork]:
    """What is in the store."""
    found = []
    for path in sorted(store_directory().glob(f"*/{_DESCRIPTION}")):
        files = [f for f in path.parent.rglob("*") if f.is_file()]
        try:
            description = json.loads(path.read_text())
        except ValueError:
            description = {}
        size = sum(f.stat().st_size for f in files)
        finished = (path.parent / _NETWORK).exists()
        found.append(StoredNetwork(path.parent, description, finished, size))
    return found


def clear_store() -> int:
    """Delete all networks that no process is working on; returns their number."""
    deleted = 0
    for network in stored_networks():
        with _locked(network.directory, wait=False) as locked:
            if locked:
                shutil.rmtree(network.directory, ignore_errors=True)
                deleted += 1
    return deleted


@lru_cache
def code_version() -> str:
    """Checksum of the code that learning runs through."""
    folder = Path(__file__).parent
    files = [folder / f"{name}.py" for name in _CODE]
    files += [*sorted(folder.glob("*.h")), *sorted(folder.glob("templates/*"))]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _locked(directory: Path, wait: bool = True) -> Iterator[bool]:
    """Keep other processes away from an entry of the store."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
