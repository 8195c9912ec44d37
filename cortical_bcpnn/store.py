"""A store of learned networks, so that nobody learns the same network twice.

A network is found again by what decides what is learned: architecture, parameters, patterns,
order, protocol, and the code that learning runs through. The store is ``$CORTICAL_BCPNN_STORE`` or
the folder ``networks`` of the cache (see `build.cache_directory`); ``python -m cortical_bcpnn
networks`` shows and clears it.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from brian2 import Quantity

from .build import cache_directory, compiler_key
from .checkpoints import DEFAULT_INTERVAL, identity
from .locks import locked
from .network import AssociativeMemory

_NETWORK, _CHECKPOINTS, _DESCRIPTION = "network.h5", "checkpoints", "description.json"
_LOCK = ".lock"
# Files that what is learned depends on.
_CODE = (
    "equations", "minicolumns", "plasticity", "composition", "expressions", "population",
    "projection", "circuit", "traces", "rewiring", "learned",
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

    An unfinished run is gone on with from its newest checkpoint, or begun again if none is
    whole. Where another process learns the same network, its end is waited for.

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
    with locked(directory / _LOCK, on_wait=_tell if progress else None):
        network, checkpoints = directory / _NETWORK, directory / _CHECKPOINTS
        if network.exists():
            try:
                known = AssociativeMemory.load(
                    network, device=memory.device, minicolumn=memory.parameters.minicolumn,
                    plasticity=memory.parameters.plasticity,
                )  # fmt: skip
                memory.adopt(known)
            except ValueError:
                network.unlink()  # damaged: learn it again
            else:
                shutil.rmtree(checkpoints, ignore_errors=True)
                return memory
        text = json.dumps({**description, "variant": memory.parameters.variant.name}, indent=2)
        (directory / _DESCRIPTION).write_text(text + "\n")

        def learn() -> None:
            memory.learn(
                patterns, epochs, shuffle=shuffle, progress=progress, resume=True,
                checkpoints=checkpoints, checkpoint_every=checkpoint_every,
            )  # fmt: skip

        try:
            learn()
        except ValueError:
            if memory.n_learned or not any(checkpoints.glob("*.h5")):
                raise
            shutil.rmtree(checkpoints)  # none is whole
            learn()
        memory.save(network)
        shutil.rmtree(checkpoints, ignore_errors=True)
    return memory


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
                deleted += 1
    return deleted


@lru_cache
def code_version() -> str:
    """Checksum of the code that learning runs through."""
    folder = Path(__file__).parent
    modules = [folder / f"{name}.py" for name in _CODE]
    return checksum_of_code([*modules, *sorted(folder.glob("*.h")), *sorted(folder.glob("templates/*"))])


def checksum_of_code(files: Iterable[Path]) -> str:
    """Checksum of source files, in Python's apart from comments and docstrings."""
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(_without_comments(content.decode()).encode() if file.suffix == ".py" else content)
    return digest.hexdigest()[:16]


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


def _without_comments(source: str) -> str:
    """What a module does, apart from comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            if isinstance(body[0].value, ast.Constant):
                del body[0]
    return ast.dump(tree)
