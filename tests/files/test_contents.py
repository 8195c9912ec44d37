"""Arrays, texts and counts are taken from a file only if they are what is expected, and in it."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest
from sealing import craft, forge, parts, put, reseal

from cortical_bcpnn.files.contents import Damaged, SealedFile
from cortical_bcpnn.files.sealed import read_sealed, write_sealed, write_text


@pytest.fixture
def path(tmp_path):
    """A file with arrays of several types, a text and a count."""

    def fill(file: h5py.File) -> None:
        file["values"] = np.arange(1000.0)
        file["group/table"] = np.arange(6, dtype=np.int32).reshape(2, 3)
        file["group/flags"] = np.array([True, False])
        file["group/none"] = np.zeros((0, 3))
        file["group/number"] = 2.5
        file.create_group("group/inner")
        write_text(file, "text", "é → 5 ms")
        file.attrs["count"] = 3

    write_sealed(tmp_path / "file.h5", fill)
    return tmp_path / "file.h5"


def test_all_that_was_written_is_there(path):
    file = read_sealed(path)
    np.testing.assert_array_equal(file.array("values", float, (None,)), np.arange(1000.0))
    np.testing.assert_array_equal(file.array("group/table", np.int32, (2, None)), [[0, 1, 2], [3, 4, 5]])
    assert file.array("group/flags", bool, (2,)).tolist() == [True, False]
    assert file.array("group/none", float, (None, 3)).shape == (0, 3)
    assert file.array("group/number", float, ()) == 2.5
    assert file.text("text") == "é → 5 ms" and file.count("count") == 3
    assert file.within("group") == ["flags", "inner", "none", "number", "table"]
    assert "group" in file and "values" in file and "nothing" not in file
    assert file.groups == {"group", "group/inner"}


def test_arrays_are_ones_own(path):
    """They can be changed, and do not keep the content of the file."""
    file = read_sealed(path)
    values = file.array("values", float, (None,))
    values[0] = 7
    assert values.base.base is None and file.array("values", float, (None,))[0] == 0


@pytest.mark.parametrize("name, kind, shape", [
    ("values", np.float32, (1000,)), ("values", float, (999,)), ("values", float, (1000, 1)),
    ("values", float, ()), ("group/table", np.int64, (2, 3)), ("group/table", np.int32, (3, 2)),
    ("group/flags", np.uint8, (2,)),
])  # fmt: skip
def test_arrays_of_another_type_or_shape_are_refused(path, name, kind, shape):
    with pytest.raises(ValueError, match=rf"^{name} is .* of shape .*, not {np.dtype(kind)} of shape"):
        read_sealed(path).array(name, kind, shape)


def test_what_is_no_array_text_or_count_is_refused(path):
    file = read_sealed(path)
    for name in ("group", "nothing", "count"):
        with pytest.raises(ValueError, match=f"{name} is missing or no array"):
            file.array(name, float, (1000,))
    with pytest.raises(ValueError, match="^values is .*not uint8"):
        file.text("values")
    with pytest.raises(ValueError, match="values is missing or no whole number"):
        file.count("values")


@pytest.mark.parametrize("text", ["", "x", "[" * 100_000, "\0\n"])
def test_texts_come_back(path, text):
    craft(path, put("text", np.frombuffer(text.encode(), np.uint8)))
    assert read_sealed(path).text("text") == text


def test_bytes_that_are_no_text_or_no_truth_are_refused(path):
    craft(path, put("text", np.frombuffer(b"\xff", np.uint8)))
    with pytest.raises(ValueError, match="can't decode"):
        read_sealed(path).text("text")
    where = {"flags": ["|b1", [8], json.loads(parts(path)[1])["arrays"]["values"][2] + 8]}
    forge(path, lambda index: index["arrays"].update(where))
    with pytest.raises(ValueError, match="neither true nor false"):
        read_sealed(path).array("flags", bool, (8,))


def place(number: int, value: object):
    """Changes type (0), shape (1) or offset (2) of an array in the index."""
    return lambda index: index["arrays"]["values"].__setitem__(number, value)


@pytest.mark.parametrize(
    "change, message",
    [
        (place(2, 504), "place of 'values'"),
        (place(2, -8), "place of 'values'"),
        (place(2, 10**30), "place of 'values'"),
        (place(2, 1000.0), "place of 'values'"),
        (place(2, True), "place of 'values'"),
        (lambda index: place(2, index["arrays"]["values"][2] + 10**4)(index), "place of 'values'"),
        (place(1, [10**13]), "place of 'values'"),
        (place(1, [-1]), "place of 'values'"),
        (place(1, [2, 500.0]), "place of 'values'"),
        (place(1, [1] * 5), "shape of 'values'"),
        (place(1, 1000), "shape of 'values'"),
        (place(0, "|O"), "type of 'values'"),
        (place(0, ">f8"), "type of 'values'"),
        (place(0, "<f8\n"), "type of 'values'"),
        (place(0, [["a", "<f8"]]), "type of 'values'"),
        (lambda index: index["arrays"].update(values=[]), "place of 'values'"),
        (lambda index: index["arrays"].update({"a//b": ["<f8", [0], 0]}), "a name"),
        (lambda index: index["arrays"].update({"x" * 1025: ["<f8", [0], 0]}), "a name"),
        (lambda index: index["groups"].append(3), "a name"),
        (lambda index: index["groups"].append("group"), "names twice"),
        (lambda index: index["groups"].append("values"), "names twice"),
        (lambda index: index["counts"].update(count=-1), "the count 'count'"),
        (lambda index: index["counts"].update(count=True), "the count 'count'"),
        (lambda index: index["counts"].update(count=2**63), "the count 'count'"),
        (lambda index: index.update(more=1), "its parts"),
        (lambda index: index.update(groups={}), "its parts"),
        (lambda index: "[]", "its parts"),
        (lambda index: "{", "cannot be read"),
        (lambda index: "[" * 100_000, "cannot be read"),
        (lambda index: "1" * 10_000, "cannot be read"),
        (lambda index: json.dumps(index) + " " * 2**20, "its length"),
    ],
)
def test_an_index_that_is_wrong_anywhere_is_refused(path, change, message):
    forge(path, change)
    with pytest.raises(Damaged, match=f"its index .*{message}"):
        read_sealed(path)


def test_one_stretch_of_a_file_under_many_names_is_refused(path):
    """It would come to many times the memory of the file."""

    def multiply(index: dict) -> None:
        for number in range(1000):
            index["arrays"][f"values{number}"] = index["arrays"]["values"]

    forge(path, multiply)
    with pytest.raises(Damaged, match="lie over each other"):
        read_sealed(path)


@pytest.mark.parametrize("length", [b"9999999999", b"0000000000", b"0000000001"])
def test_a_wrong_length_of_the_index_is_refused(path, length):
    content = path.read_bytes()[:-10] + length
    path.write_bytes(content)
    reseal(path)
    with pytest.raises(Damaged, match="its index"):
        read_sealed(path)


def test_an_index_is_held_against_the_part_before_it():
    with pytest.raises(Damaged, match="place of 'x'"):
        SealedFile(bytes(2000), {"counts": {}, "groups": [], "arrays": {"x": ["|u1", [100], 950]}}, 1000)
