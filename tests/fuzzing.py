"""Files of networks, damaged and crafted at random, and what loading them comes to.

Every case follows from its number, so that one can be looked at again. Files are loaded in
a process of their own with little memory and little time: the HDF5 library could crash.
"""

from __future__ import annotations

import json
import resource
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import h5py
import numpy as np
from comparing import assert_same
from crafting import CHANGES, OF_INDEX
from killing import context, ended, start
from sealing import BLOCK, arrays_of, assert_one_sentence, craft, forge, make_older, reseal

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.learned.checkpoints import read_checkpoint
from cortical_bcpnn.learned.network import LearnedNetwork
from cortical_bcpnn.learned.storage import save
from cortical_bcpnn.model.plain import ADDED

_MEMORY = 512 * 2**20  # bytes, beside what the process has from the start
_SECONDS = 60  # of a machine that may be busy; what hangs, hangs
ACCEPTABLE = ("refused", "loaded the same", "loaded a change")


def truncated(path: Path, rng: np.random.Generator) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.integers(len(content))])


def bits_flipped(path: Path, rng: np.random.Generator, first: int = 0) -> None:
    content = bytearray(path.read_bytes())
    for position in rng.integers(first, len(content), rng.integers(1, 5)):
        content[position] ^= 1 << rng.integers(8)
    path.write_bytes(content)


def bytes_replaced(path: Path, rng: np.random.Generator, first: int = 0) -> None:
    """A stretch of them: by random ones, by zeros, by ones, or by others of the file."""
    content = bytearray(path.read_bytes())
    length = int(rng.choice([1, 2, 4, 8, 16, 64, 512]))
    start, other = rng.integers(first, len(content) - length, 2)
    stretch = [
        rng.bytes(length), bytes(length), b"\xff" * length, content[other : other + length],
    ][rng.integers(4)]  # fmt: skip
    if content[start : start + length] == stretch:
        stretch = bytes(255 - byte for byte in stretch)
    content[start : start + length] = stretch
    path.write_bytes(content)


def bits_flipped_behind_the_seal(path: Path, rng: np.random.Generator) -> None:
    bits_flipped(path, rng, first=BLOCK)
    reseal(path)


def bytes_replaced_behind_the_seal(path: Path, rng: np.random.Generator) -> None:
    bytes_replaced(path, rng, first=BLOCK)
    reseal(path)


def truncated_behind_the_seal(path: Path, rng: np.random.Generator) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.integers(BLOCK, len(content))])
    reseal(path)


def crafted(path: Path, rng: np.random.Generator) -> None:
    """Something in it changed by means of h5py; half of the time two things."""

    def change(file: h5py.File) -> None:
        for _ in range(rng.integers(1, 3)):
            CHANGES[rng.integers(len(CHANGES))](file, rng)

    craft(path, change)


def forged(path: Path, rng: np.random.Generator) -> None:
    """Something in its index changed."""
    forge(path, lambda index: OF_INDEX[rng.integers(len(OF_INDEX))](index, rng))


def crafted_without_an_index(path: Path, rng: np.random.Generator) -> None:
    """As files were before version 4: the HDF5 library reads it, in a process apart."""
    make_older(path)
    with h5py.File(path, "r+") as file:
        CHANGES[rng.integers(len(CHANGES))](file, rng)
    reseal(path)


def bytes_replaced_without_an_index(path: Path, rng: np.random.Generator) -> None:
    make_older(path)
    bytes_replaced_behind_the_seal(path, rng)


#: What the checksum must refuse, all of it.
DAMAGE = (truncated, bits_flipped, bytes_replaced)
#: What has a right checksum.
CRAFTED = (
    bits_flipped_behind_the_seal, bytes_replaced_behind_the_seal, truncated_behind_the_seal, crafted,
    forged,
)  # fmt: skip
#: What has one and goes to the HDF5 library, which takes a process and half a second.
OLDER = (crafted_without_an_index, bytes_replaced_without_an_index)


def load(path: Path) -> LearnedNetwork:
    """Load a network, or all of a checkpoint."""
    if "checkpoint" in path.name:
        return read_checkpoint(path)[0]
    return AssociativeMemory.load(path)


def load_all(
    original: Path, folder: Path, kinds: Iterable[Callable], cases: range
) -> Counter[tuple[str, str]]:
    """Load files damaged in every way, one for each number; returns how often which outcome came.

    Outcomes are those of `ACCEPTABLE`, 'crashed', 'hung', or what went wrong.
    """
    outcomes: Counter[tuple[str, str]] = Counter()
    waiting = [(kind, case) for kind in kinds for case in cases]
    while waiting:
        mine, theirs = context().Pipe(duplex=False)
        process = start(_load_in_turn, original, folder, waiting, theirs)
        theirs.close()
        done = 0
        try:
            while done < len(waiting) and mine.poll(_SECONDS):
                outcomes[waiting[done][0].__name__, mine.recv()] += 1
                done += 1
            end = "hung"
        except EOFError:
            end = "crashed"
        if done < len(waiting):
            kind, case = waiting[done]
            outcomes[kind.__name__, f"{end} (case {case})"] += 1
            done += 1
        process.kill()
        ended(process)
        waiting = waiting[done:]
    return outcomes


def _load_in_turn(original: Path, folder: Path, waiting: list, connection) -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + _MEMORY, size + _MEMORY))
    expected = AssociativeMemory.load(original)
    for kind, case in waiting:
        path = folder / f"{kind.__name__}_{case}_{original.name}"
        shutil.copy(original, path)
        try:
            kind(path, np.random.default_rng([case, len(kind.__name__)]))
            result = outcome(path, expected, must_be_refused=kind in DAMAGE)
        except Exception as error:
            result = f"could not be made: {type(error).__name__}: {error}"
        path.unlink()
        connection.send(result)


def outcome(path: Path, expected: AssociativeMemory, must_be_refused: bool = False) -> str:
    """What loading a file comes to, in words."""
    try:
        loaded = load(path)
    except ValueError as error:
        try:
            assert str(error).startswith(str(path))
            assert_one_sentence(str(error))
        except AssertionError:
            return f"unclear: {str(error).replace(str(path), 'PATH')}"
        return "refused"
    except BaseException as error:
        return f"raised {type(error).__name__}: {error}"
    if must_be_refused:
        return "loaded in spite of its checksum"
    return _judge(path, loaded, expected)


def _judge(path: Path, loaded: LearnedNetwork, expected: AssociativeMemory) -> str:
    """Whether a network that was loaded is what its file says, and fit for use."""
    again = path.with_suffix(".again")
    try:
        save(loaded, again, overwrite=True)
        assert_same(AssociativeMemory.load(again), loaded)
        for name in loaded.traces:
            assert np.isfinite(loaded.weights(name)).all() and np.isfinite(loaded.biases(name)).all()
            loaded.connections(name)
        differing = _differing(path, again)
    except BaseException as error:
        return f"loaded wrongly: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
    finally:
        again.unlink(missing_ok=True)
    if differing:
        return f"loaded something else than is in the file: {', '.join(differing)}"
    try:
        assert_same(loaded, expected)
        assert loaded.parameters == expected.parameters and loaded.history == expected.history
    except AssertionError:
        return "loaded a change"
    return "loaded the same"


def _differing(first: Path, second: Path) -> list[str]:
    """Names of what is in the second file, but not or otherwise in the first."""
    if not first.read_bytes()[-16:].startswith(b"index "):
        return _differing_by_hdf5(first, second)
    mine, theirs = arrays_of(first), arrays_of(second)
    return [
        name for name, value in theirs.items()
        if name != "version" and (name not in mine or not _equal(name, mine[name], value))
    ]  # fmt: skip


def _differing_by_hdf5(first: Path, second: Path) -> list[str]:
    with h5py.File(first, "r") as mine, h5py.File(second, "r") as theirs:
        names: list[str] = []
        theirs.visititems(lambda name, item: names.append(name) if hasattr(item, "dtype") else None)
        return [n for n in names if n not in mine or not _equal(n, mine[n][()], theirs[n][()])]


def _plain(value: object) -> object:
    """Plain values in which '5 ms' and '5.0 ms' are the same; names are names, though."""
    if isinstance(value, dict):
        return {name: item if name == "name" else _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        return (float(number), unit) if unit in ("ms", "s", "Hz") else value
    except ValueError:  # a text in the history, which nothing but people read
        return value


def _equal(name: str, mine: np.ndarray, theirs: np.ndarray) -> bool:
    if name in ("architecture", "parameters", "history"):
        texts = [json.loads(values.tobytes()) for values in (mine, theirs)]
        if name == "parameters":  # older files lack these fields
            texts[0]["variant"] = {**ADDED, **texts[0]["variant"]}
        return _plain(texts[0]) == _plain(texts[1])
    if not isinstance(theirs, np.ndarray):
        return mine == theirs
    return np.array_equal(mine, theirs, equal_nan=theirs.dtype.kind == "f")
