"""Arrays, texts and counts are read from a file only if they are what is expected."""

from __future__ import annotations

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

from cortical_bcpnn.sealed import read_array, read_count, read_text, write_sealed, write_text


@pytest.fixture
def path(tmp_path) -> Path:
    """A file with an array."""

    def fill(file: h5py.File) -> None:
        file["values"] = np.arange(1000.0)

    write_sealed(tmp_path / "file.h5", fill)
    return tmp_path / "file.h5"


def bomb(file: h5py.File) -> None:
    """64 KB that are 64 MB in memory, stored in as many bytes as the shape asks for."""
    compressed = zlib.compress(bytes(2**26))
    compressed += bytes(-len(compressed) % 8)
    dataset = file.create_dataset(
        "x", (len(compressed) // 8,), float, chunks=(2**23,), maxshape=(None,), compression="gzip"
    )
    dataset.id.write_direct_chunk((0,), compressed)
    assert dataset.id.get_storage_size() == dataset.size * 8 and not dataset[()].any()


def external(file: h5py.File) -> None:
    file.create_dataset("x", (1000,), float, external=[("/dev/zero", 0, 8000)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((1000,), float)
    layout[...] = h5py.VirtualSource("/dev/zero", "values", (1000,))
    file.create_virtual_dataset("x", layout)


@pytest.mark.parametrize(
    "change",
    [
        bomb, external, virtual,
        lambda file: file.create_dataset("x", (1000,), float),
        lambda file: file.create_dataset("x", (1000,), float, fillvalue=3),
        lambda file: file.create_dataset("x", data=np.zeros(1000), chunks=(10,)),
        lambda file: file.create_dataset("x", data=np.zeros(1000), compression="gzip"),
        lambda file: file.create_dataset("x", data=np.zeros(1000), shuffle=True, fletcher32=True),
        lambda file: file.create_dataset("x", (2**50,), float),
        lambda file: file.create_dataset("x", (2**50,), float, chunks=(1000,)),
    ],
)  # fmt: skip
def test_arrays_that_are_not_stored_plainly_are_refused(path, change):
    """Memory is taken only for what a file really holds."""
    with h5py.File(path, "r+") as file:
        change(file)
    with h5py.File(path) as file:
        assert read_array(file, "values", float, (None,)).size == 1000
        with pytest.raises(ValueError, match="x is not stored plainly"):
            read_array(file, "x", float, (None,))


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(1000, np.float32), np.zeros(1000, ">f8"), np.zeros(1000, complex), np.zeros(999),
        np.zeros((1000, 1)), np.float64(3), np.zeros(1000, [("a", "f8")]), np.zeros(1000, "S8"),
        h5py.Empty("f8"),
    ],
)  # fmt: skip
def test_arrays_of_another_type_or_shape_are_refused(path, values):
    with h5py.File(path, "r+") as file:
        file["group/x"] = values
        with pytest.raises(ValueError, match=r"^group/x is .*not float64 of shape \(1000,\)|missing"):
            read_array(file["group"], "x", float, (1000,))


def test_what_is_no_array_is_refused(path):
    with h5py.File(path, "r+") as file:
        file.create_group("x")
        for name in ("x", "nowhere"):
            with pytest.raises(ValueError, match=f"{name} is missing or no array"):
                read_array(file, name, float, (1000,))


def test_empty_arrays_are_read(path):
    with h5py.File(path, "r+") as file:
        file["x"] = np.zeros((0, 3))
        assert read_array(file, "x", float, (None, 3)).shape == (0, 3)


@pytest.mark.parametrize("text", ["", "x", "é → 5 ms", "[" * 100_000, "\0\n"])
def test_texts_come_back(path, text):
    with h5py.File(path, "r+") as file:
        write_text(file, "group/x", text)
        assert read_text(file["group"], "x") == text


@pytest.mark.parametrize("value", ["x", b"x", 3, np.zeros(3), h5py.Empty("u1"), None])
def test_what_is_no_text_is_refused(path, value):
    """Strings of HDF5 neither, which the library reads from a heap."""
    with h5py.File(path, "r+") as file:
        if value is not None:
            file["x"] = value
        with pytest.raises(ValueError, match="^x is .*(not uint8|missing or no array)"):
            read_text(file, "x")


def test_bytes_that_are_no_text_are_refused(path):
    with h5py.File(path, "r+") as file:
        file["x"] = np.frombuffer(b"\xff", np.uint8)
        with pytest.raises(ValueError, match="can't decode"):
            read_text(file, "x")


@pytest.mark.parametrize("value", [0, 3, np.int8(3), np.uint64(2**63)])
def test_counts_are_read(path, value):
    with h5py.File(path, "r+") as file:
        file.attrs["x"] = value
        assert read_count(file, "x") == int(value) and type(read_count(file, "x")) is int


@pytest.mark.parametrize("value", ["3", b"3", 3.0, [3], [3, 4], True, -1, h5py.Empty("i8"), None])
def test_what_is_no_count_is_refused(path, value):
    """Before it is read."""
    with h5py.File(path, "r+") as file:
        if value is not None:
            file.attrs["x"] = value
        with pytest.raises(ValueError, match="x is (None|-1), not a whole number of 0 or more"):
            read_count(file, "x")
