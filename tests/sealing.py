"""Files that are damaged or crafted behind their checksum, for tests of what is read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import h5py
import numpy as np
import pytest

from cortical_bcpnn import AssociativeMemory

BLOCK = 512  # bytes in front of the HDF5 file that hold the seal
TAIL = 16  # bytes at the end that hold the length of the index


def reseal(path: str | PathLike) -> None:
    """Give a file the checksum of what it holds now."""
    content = Path(path).read_bytes()[BLOCK:]
    digest = hashlib.sha256(content).hexdigest()
    seal = f"cortical_bcpnn\nbytes {len(content)}\nsha256 {digest}\n".encode()
    Path(path).write_bytes(seal.ljust(BLOCK, b"\0") + content)


def parts(path: str | PathLike) -> tuple[bytes, str]:
    """What lies between the seal and the index, and the index."""
    content = Path(path).read_bytes()
    length = int(content[-TAIL:].removeprefix(b"index "))
    return content[BLOCK : -TAIL - length], content[-TAIL - length : -TAIL].decode()


def put_together(path: str | PathLike, content: bytes, index: str) -> None:
    """Write a file of these parts, with a right seal."""
    text = index.encode()
    Path(path).write_bytes(bytes(BLOCK) + content + text + f"index {len(text):010d}".encode())
    reseal(path)


def craft(path: str | PathLike, change: Callable[[h5py.File], None]) -> None:
    """Change the content of a file, as somebody with h5py would, then index and seal it again."""
    make_older(path)
    with h5py.File(path, "r+") as file:
        change(file)
    with h5py.File(path, "r") as file:
        index = _index(file)
    put_together(path, Path(path).read_bytes()[BLOCK:], json.dumps(index))


def forge(path: str | PathLike, change: Callable[[dict], object]) -> None:
    """Change the index of a file, or put what is returned in its place, and seal it again."""
    content, text = parts(path)
    index = json.loads(text)
    other = change(index)
    text = other if isinstance(other, str) else json.dumps(index if other is None else other)
    put_together(path, content, text)


def make_older(path: str | PathLike) -> None:
    """Make a file one of version 3, but for the number, which has no index."""
    content, _ = parts(path)
    Path(path).write_bytes(bytes(BLOCK) + content)
    reseal(path)


def _index(file: h5py.File) -> dict:
    """The index of all that an index can say."""
    groups: list[str] = []
    arrays: dict[str, list] = {}

    def note(name: str, item: h5py.HLObject) -> None:
        if isinstance(item, h5py.Group):
            groups.append(name)
        elif item.shape is not None and not item.external and not item.is_virtual:
            size = item.id.get_storage_size()
            if not item.chunks and size == int(np.prod(item.shape, dtype=object)) * item.dtype.itemsize:
                arrays[name] = [item.dtype.str, list(item.shape), item.id.get_offset() if size else 0]

    file.visititems(note)
    counts = {n: int(v) for n, v in file.attrs.items() if isinstance(v, np.integer)}
    return {"counts": counts, "groups": groups, "arrays": arrays}


def arrays_of(path: str | PathLike) -> dict[str, np.ndarray]:
    """All that a file says, read as simply as can be: arrays, groups (as None) and counts."""
    content, index = Path(path).read_bytes(), json.loads(parts(path)[1])
    found = {name: None for name in index["groups"]} | index["counts"]
    for name, (dtype, shape, offset) in index["arrays"].items():
        size = int(np.prod(shape))
        found[name] = np.frombuffer(content, dtype, size, offset if size else 0).reshape(shape)
    return found


def put(name: str, values) -> Callable[[h5py.File], None]:
    """A change that replaces a data set, or adds one."""

    def change(file: h5py.File) -> None:
        if name in file:
            del file[name]
        file[name] = values

    return change


def element(name: str, value) -> Callable[[h5py.File], None]:
    """A change of the first element of a data set."""

    def change(file: h5py.File) -> None:
        file[name][(0,) * file[name].ndim] = value

    return change


def text(name: str, value: str) -> Callable[[h5py.File], None]:
    """A change that replaces a text."""
    return put(name, np.frombuffer(value.encode(), np.uint8))


def text_of(file: h5py.File, name: str) -> str:
    """A text of a file."""
    return file[name][()].tobytes().decode()


def attribute(name: str, value) -> Callable[[h5py.File], None]:
    """A change of an attribute of the file."""
    return lambda file: file.attrs.__setitem__(name, value)


def assert_one_sentence(message: str) -> None:
    """So that users read one thing, and what to do about it."""
    assert message.endswith("."), message
    assert "\n" not in message, message
    # Brian2 writes quantities as '5. ms' and '5. Hz': no full stops.
    assert not re.search(r"\. (?=[A-Z])(?!Hz\b)", message), message


def refused(path: str | PathLike, match: str = "") -> str:
    """Assert that loading fails with one sentence that names the file and says what to do."""
    with pytest.raises(ValueError, match=match) as error:
        AssociativeMemory.load(path)
    message = str(error.value)
    assert message.startswith(str(path)) and "save the network again" in message
    assert_one_sentence(message)
    return message
