"""HDF5 files that are whole or not there, known to be whole, and read without the HDF5 library.

A file has three parts. The seal, 512 bytes of text which HDF5 leaves to the application (its user
block), holds the length and the SHA-256 of all that follows. The HDF5 content is what any other
program sees. The index behind it, in JSON with its length at the end, says where which array lies
in the file. `read_sealed` holds the seal against the content, then every bound of the index
against the length, and takes arrays from there as raw bytes: nobody's file gets to a parser that
this package cannot vouch for.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import stat
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import h5py
import numpy as np

from .contents import SEAL_BYTES, Damaged, SealedFile, index_of
from .machine import available_memory
from .older_files import index_of_older

_SEAL = "cortical_bcpnn\nbytes {}\nsha256 {}\n"
_SEALED = re.compile(rb"cortical_bcpnn\nbytes (\d{1,18})\nsha256 [0-9a-f]{64}\n\0*")
_INDEX_LENGTH = "index {:010d}"  # the last bytes of a file
_LARGEST_INDEX = 2**20


def write_sealed(
    path: str | PathLike, fill: Callable[[h5py.File], None], overwrite: bool = False
) -> None:
    """Write an HDF5 file in one step, with its index, and seal it.

    Parameters
    ----------
    path : path-like
    fill : callable
        Given an empty file, writes the content: arrays that are stored plainly, in groups, and
        whole numbers as attributes of the file.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    FileExistsError
        If there is a file and it may not be replaced.
    Damaged
        If it holds what `SealedFile` refuses.
    OSError
        If it cannot be written; a file that was there before is as it was.
    """
    path = Path(path)
    refuse_existing(path, overwrite)
    # In memory first: the HDF5 library does not recover from a disk that fills up.
    content = io.BytesIO()
    with h5py.File(content, "w", userblock_size=SEAL_BYTES) as file:
        fill(file)
        index = json.dumps(index_of(file))
    length = content.seek(0, os.SEEK_END)
    SealedFile(b"", json.loads(index), length)  # raises: no file that could not be read again
    content.write(f"{index}{_INDEX_LENGTH.format(len(index))}".encode())
    with content.getbuffer() as buffer:
        buffer[:SEAL_BYTES] = _seal(buffer[SEAL_BYTES:])
        write_atomically(path, buffer)


def read_sealed(path: str | PathLike) -> SealedFile:
    """Read a file that `write_sealed` wrote, if it is whole.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    Damaged
        If it is truncated, damaged or not one of ours.
    OSError, MemoryError
        If it cannot be read now, whatever it holds.
    """
    content = _read_whole(path)
    sample = _INDEX_LENGTH.format(0)
    tail = re.fullmatch(rb"index (\d{10})", content[-len(sample) :])
    if tail is None:
        return SealedFile(content, index_of_older(content), len(content))
    end = len(content) - len(sample)
    start = end - int(tail[1])
    if not SEAL_BYTES <= start or end - start > _LARGEST_INDEX:
        raise Damaged("its index is wrong (its length)")
    try:
        index = json.loads(content[start:end])
    except (ValueError, RecursionError) as error:
        raise Damaged(f"its index cannot be read ({error})") from None
    return SealedFile(content, index, start)


def write_text(group: h5py.Group, name: str, text: str) -> None:
    """Store a text as an array of bytes.

    HDF5 has strings, but keeps those of variable length in a heap, out of the index's reach;
    and attributes hold no more than 64 KB.
    """
    group[name] = np.frombuffer(text.encode(), np.uint8)


def refuse_existing(path: str | PathLike, overwrite: bool) -> None:
    """Raise a FileExistsError if a file exists that may not be replaced."""
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(
            f"{path} exists: choose another name, or allow it to be replaced (overwrite)."
        )


def set_aside(path: Path) -> Path:
    """Give a damaged file a name under which nothing looks for it; returns that name."""
    aside, number = path.with_name(f"{path.name}.damaged"), 1
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}.damaged{number}")
    os.rename(path, aside)
    return aside


def write_atomically(path: str | PathLike, content: bytes | memoryview) -> None:
    """Write a file in one step; it survives the end of the process and of the machine's power.

    Raises
    ------
    OSError
        If it cannot be written; a file that was there before is as it was.
    """
    path = Path(path)
    try:
        _write_atomically(path, content)
    except OSError as error:
        failure = type(error)(
            f"{path} cannot be written ({error.strerror or error}): give a folder that exists, "
            "can be written to and has room."
        )
        failure.errno = error.errno
        raise failure from error


def _write_atomically(path: Path, content: bytes | memoryview) -> None:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    # Not by tempfile: its files are the owner's alone, and only the system knows the umask of now.
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # else a pipe would be waited for


def _seal(content: memoryview) -> bytes:
    """The first bytes of a file: length and checksum of what follows."""
    text = _SEAL.format(len(content), hashlib.sha256(content).hexdigest())
    return text.encode().ljust(SEAL_BYTES, b"\0")


def _read_whole(path: str | PathLike) -> bytes:
    """All bytes of a file, held against its seal."""
    missing = FileNotFoundError(f"{path} does not exist: give a file that was saved before.")
    try:
        file = open(path, "rb", opener=_at_once)
    except (FileNotFoundError, IsADirectoryError):
        raise missing from None
    with file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise missing
        block = file.read(SEAL_BYTES)
        if not block.startswith(b"cortical_bcpnn\n"):
            raise Damaged("it is not a file saved by cortical_bcpnn")
        found = _SEALED.fullmatch(block)
        changed = Damaged("its content does not match its checksum")
        if found is None or state.st_size != SEAL_BYTES + int(found[1]):
            raise changed
        if state.st_size > available_memory():
            raise MemoryError(
                f"{path} has {state.st_size / 1e9:.1f} GB, more than there is free memory: "
                "load it on a larger machine."
            )
        file.seek(0)
        content = file.read()
    if block != _seal(memoryview(content)[SEAL_BYTES:]):
        raise changed
    return content
