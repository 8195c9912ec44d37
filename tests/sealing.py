"""Files that are damaged or crafted behind their checksum, for tests of what is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import h5py
import numpy as np
import pytest

from cortical_bcpnn import AssociativeMemory

BLOCK = 512  # bytes in front of the HDF5 file that hold the seal


def reseal(path: str | PathLike) -> None:
    """Give a file the checksum of what it holds now."""
    content = Path(path).read_bytes()[BLOCK:]
    digest = hashlib.sha256(content).hexdigest()
    seal = f"cortical_bcpnn\nbytes {len(content)}\nsha256 {digest}\n".encode()
    Path(path).write_bytes(seal.ljust(BLOCK, b"\0") + content)


def craft(path: str | PathLike, change: Callable[[h5py.File], None]) -> None:
    """Change the content of a file, as somebody with h5py would, and seal it again."""
    with h5py.File(path, "r+") as file:
        change(file)
    reseal(path)


def put(name: str, values) -> Callable[[h5py.File], None]:
    """A change that replaces a data set."""

    def change(file: h5py.File) -> None:
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
