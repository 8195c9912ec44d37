"""HDF5 files that are whole or not there, and are known to be whole before they are read.

The first 512 bytes of a file, which HDF5 leaves to the application (its user block), hold the
length and the SHA-256 of all that follows. Damaged and truncated files are told apart from
whole ones before the HDF5 library sees them; to h5py they are ordinary files.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import h5py
import numpy as np

_BLOCK = 512
_SEAL = "cortical_bcpnn\nbytes {}\nsha256 {}\n"


def write_sealed(
    path: str | PathLike, fill: Callable[[h5py.File], None], overwrite: bool = False
) -> None:
    """Write an HDF5 file in one step, and seal it.

    Parameters
    ----------
    path : path-like
    fill : callable
        Given an empty file, writes the content.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    FileExistsError
        If there is a file and it may not be replaced.
    OSError
        If it cannot be written; a file that was there before is as it was.
    """
    path = Path(path)
    refuse_existing(path, overwrite)
    # In memory first: the HDF5 library does not recover from a disk that fills up.
    content = io.BytesIO()
    with h5py.File(content, "w", userblock_size=_BLOCK) as file:
        fill(file)
    with content.getbuffer() as buffer:
        digest = hashlib.sha256(buffer[_BLOCK:]).hexdigest()
        seal = _SEAL.format(len(buffer) - _BLOCK, digest).encode()
        buffer[:_BLOCK] = seal.ljust(_BLOCK, b"\0")
        write_atomically(path, buffer)


@contextmanager
def open_sealed(path: str | PathLike) -> Iterator[h5py.File]:
    """Open a file that `write_sealed` wrote, if it is whole.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is truncated, damaged or not one of ours.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} does not exist: give a file that was saved before.")
    with open(path, "rb") as raw:
        block = raw.read(_BLOCK)
        if not block.startswith(_SEAL.split("\n")[0].encode() + b"\n"):
            raise ValueError("it is not a file saved by cortical_bcpnn")
        digest = hashlib.file_digest(raw, "sha256") if hasattr(hashlib, "file_digest") else None
        if digest is None:  # Python 3.10
            digest = hashlib.sha256()
            while piece := raw.read(1 << 20):
                digest.update(piece)
        length = raw.tell() - _BLOCK
    if block != _SEAL.format(length, digest.hexdigest()).encode().ljust(_BLOCK, b"\0"):
        raise ValueError("its content does not match its checksum")
    with h5py.File(path, "r") as file:
        links: list[object] = []
        file.visititems_links(lambda _, link: links.append(link))
        if not all(isinstance(link, h5py.HardLink) for link in links):
            raise ValueError("it links to other files")
        yield file


def read_array(
    group: h5py.Group, name: str, dtype: np.dtype | str, shape: tuple[int | None, ...]
) -> np.ndarray:
    """An array of a file, if it is stored there plainly, as expected and in full.

    So memory is taken only for what the file really holds: no compressed, virtual, external
    or unwritten data.

    Parameters
    ----------
    group : h5py.Group
    name : str
    dtype : dtype
    shape : tuple of int or None
        None: any length.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    label = f"{group.name}/{name}".lstrip("/")
    dataset = group.get(name)
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{label} is missing or no array")
    held = dataset.shape  # None where there is not even room for values
    fits = dataset.dtype == np.dtype(dtype) and held is not None and len(held) == len(shape)
    if not fits or any(w not in (None, n) for n, w in zip(held, shape)):
        raise ValueError(
            f"{label} is {dataset.dtype} of shape {dataset.shape}, not {np.dtype(dtype)} of "
            f"shape {tuple('any' if n is None else n for n in shape)}"
        )
    n_bytes = int(np.prod(dataset.shape, dtype=object)) * dataset.dtype.itemsize
    elsewhere = dataset.external or dataset.is_virtual
    # Chunks may be compressed, and larger than the data set.
    if elsewhere or dataset.chunks or dataset.id.get_storage_size() != n_bytes:
        raise ValueError(f"{label} is not stored plainly")
    return dataset[()]


def write_text(group: h5py.Group, name: str, text: str) -> None:
    """Store a text as an array of bytes.

    HDF5 has strings, but keeps those of variable length in a heap, which the library can read
    for ever where it has been tampered with; and attributes hold no more than 64 KB.
    """
    group[name] = np.frombuffer(text.encode(), np.uint8)


def read_text(group: h5py.Group, name: str) -> str:
    """A text that `write_text` stored.

    Raises
    ------
    ValueError
        If it is missing or is no text.
    """
    return read_array(group, name, np.uint8, (None,)).tobytes().decode()


def read_count(group: h5py.Group, name: str) -> int:
    """An attribute that counts.

    Raises
    ------
    ValueError
        If it is not a whole number of 0 or more.
    """
    stored = group.attrs.get_id(name) if name in group.attrs else None
    value = None
    if stored is not None and stored.dtype.kind in "iu" and stored.shape == ():
        value = group.attrs[name]
    if value is None or value < 0:
        raise ValueError(f"{name} is {value}, not a whole number of 0 or more")
    return int(value)


def refuse_existing(path: str | PathLike, overwrite: bool) -> None:
    """Raise a FileExistsError if a file exists that may not be replaced."""
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(
            f"{path} exists: choose another name, or allow it to be replaced (overwrite)."
        )


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
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o666 & ~_umask())
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
