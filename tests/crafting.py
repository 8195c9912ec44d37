"""Changes that somebody could make to a file of a network with h5py, or to its index."""

from __future__ import annotations

import json
from collections.abc import Callable

import h5py
import numpy as np

Change = Callable[[h5py.File, np.random.Generator], None]

_NUMBERS = (0, -1, 1, 0.5, -0.5, 1e-320, 1e308, -1e308, np.nan, np.inf, -np.inf, 2**31, -(2**31))
_DTYPES = (
    np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float16, np.float32, np.float64, bool,
    np.complex128, ">f8", ">i4", "S5", h5py.string_dtype(), h5py.vlen_dtype(np.int32),
    h5py.ref_dtype, h5py.enum_dtype({"A": 1, "B": 2}, "i4"), [("a", "f4"), ("b", "i8")],
)  # fmt: skip
_VALUES = (
    None, True, False, 0, -1, 1, 2.5, 1e999, -1e999, float("nan"), 10**30, -(10**30), "", "x", "5 ms",
    "-5 ms", "nan ms", "inf s", "0 Hz", "1e999 Hz", "5 kg", [], [1, 2], {}, {"a": 1}, [[]] * 100,
    'HID"; system("true"); //', "v : 1\nrun_away : 1", "__import__('os')", "x" * 1000, "\0", "é",
)  # fmt: skip


def _datasets(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


def _any(file: h5py.File, rng: np.random.Generator) -> str:
    names = _datasets(file)
    return names[rng.integers(len(names))]


def change_a_number(file: h5py.File, rng: np.random.Generator) -> None:
    dataset = file[_any(file, rng)]
    if dataset.size and dataset.dtype.kind in "fiu" and dataset.id.get_offset():
        values = dataset[()]
        with np.errstate(all="ignore"):
            value = np.array(_NUMBERS[rng.integers(len(_NUMBERS))]).astype(values.dtype)
        values = np.atleast_1d(values)
        values.flat[rng.integers(values.size)] = value
        dataset[...] = values.reshape(dataset.shape)


def change_the_type(file: h5py.File, rng: np.random.Generator) -> None:
    name = _any(file, rng)
    shape = file[name].shape
    del file[name]
    file.create_dataset(name, shape, _DTYPES[rng.integers(len(_DTYPES))])


def change_the_shape(file: h5py.File, rng: np.random.Generator) -> None:
    name = _any(file, rng)
    dtype = file[name].dtype
    del file[name]
    file[name] = np.ones(rng.integers(0, 5, rng.integers(0, 5)), dtype)


def claim_a_huge_shape(file: h5py.File, rng: np.random.Generator) -> None:
    """Nothing of it is stored; and every value has the fill value."""
    name = _any(file, rng)
    dtype, shape = file[name].dtype, file[name].shape
    del file[name]
    huge = [(10**13,), (10**6, 10**7), (2**58,), shape][rng.integers(4)]
    chunks = tuple(min(n, 1000) for n in huge) if huge and rng.integers(2) else None
    file.create_dataset(name, huge, dtype, fillvalue=dtype.type(1), chunks=chunks)


def compress(file: h5py.File, rng: np.random.Generator) -> None:
    """The values, in chunks of one; or none of them, in chunks of 256 MB."""
    name = _any(file, rng)
    values = file[name][()]
    if not np.shape(values):
        return
    del file[name]
    options = {"compression": "gzip", "maxshape": (None,) * values.ndim}
    if rng.integers(2):
        file.create_dataset(name, data=values, chunks=(1,) * values.ndim, **options)
    else:
        chunks = (2**25,) if values.ndim == 1 else (2**14, 2**11)
        file.create_dataset(name, values.shape, values.dtype, chunks=chunks, **options)


def remove(file: h5py.File, rng: np.random.Generator) -> None:
    name = _any(file, rng).split("/")
    del file["/".join(name[: rng.integers(1, len(name) + 1)])]


def link(file: h5py.File, rng: np.random.Generator) -> None:
    """To the same file, to another, or to nowhere; in place of anything, or in addition."""
    name = _any(file, rng) if rng.integers(2) else "more"
    if name in file:
        moved = f"moved_{len(file)}"
        file.move(name, moved)
    else:
        moved = "history"
    target = [f"/{moved}", "/history", "/nowhere", "/"][rng.integers(4)]
    kind = rng.integers(4)
    if kind == 0:
        file[name] = h5py.SoftLink(target)
    elif kind == 1:
        file[name] = h5py.ExternalLink("/dev/zero" if rng.integers(2) else file.filename, target)
    elif kind == 2 and target in file and target != f"/{moved}":
        file[name] = file[target]  # a hard link; with '/' a cycle
    else:
        file[name] = h5py.SoftLink(name)


def borrow(file: h5py.File, rng: np.random.Generator) -> None:
    """Data that lie in other files: virtual and external data sets."""
    name = _any(file, rng)
    shape, dtype = file[name].shape, file[name].dtype
    if not shape:
        return
    del file[name]
    if rng.integers(2):
        layout = h5py.VirtualLayout(shape, dtype)
        layout[...] = h5py.VirtualSource(file.filename if rng.integers(2) else "/dev/zero", "q", shape)
        file.create_virtual_dataset(name, layout)
    else:
        size = int(np.prod(shape)) * dtype.itemsize
        file.create_dataset(name, shape, dtype, external=[("/dev/zero", 0, max(size, 1))])


def put_a_group(file: h5py.File, rng: np.random.Generator) -> None:
    name = _any(file, rng)
    del file[name]
    file.create_group(name)["x"] = 1


def add(file: h5py.File, rng: np.random.Generator) -> None:
    """More than there should be: harmless, or a name that is not known."""
    group = ["", "projections", "projections/feedforward", "rewiring", "connection_history",
             "connection_history/000000000"][rng.integers(6)]  # fmt: skip
    if isinstance(file.get(group or "/"), h5py.Group):
        name = f"{group}/{['more', '000000003', '-1', 'a b', 'é'][rng.integers(5)]}"
        if name not in file:
            file[name] = np.zeros(rng.integers(4))


def change_an_attribute(file: h5py.File, rng: np.random.Generator) -> None:
    names = list(file.attrs)
    if not names:
        return
    name = names[rng.integers(len(names))]
    values = (
        3, -3, 2.5, np.nan, "", "{", "null", "[]", "{}", "[" * 30_000, '{"a":' * 9_000, "é", "NaN",
        b"bytes", [1, 2], ["a", "b"], np.zeros((3, 3)), h5py.Empty("f"), 2**63,
        h5py.Empty(h5py.string_dtype()),
    )  # fmt: skip
    del file.attrs[name]
    value = rng.integers(len(values) + 1)
    if value < len(values):
        file.attrs[name] = values[value]


def change_plain_values(file: h5py.File, rng: np.random.Generator) -> None:
    """One of the values in JSON, wherever it is nested."""
    name = ["parameters", "architecture"][rng.integers(2)]
    stored = file.get(name)
    if not isinstance(stored, h5py.Dataset) or not stored.id.get_storage_size():
        return
    try:
        root = json.loads(file[name][()].tobytes())
    except (AttributeError, ValueError, RecursionError):
        return
    places = list(_places(root))
    if not places:
        return
    container, key = places[rng.integers(len(places))]
    action = rng.integers(5)
    if action == 0:
        del container[key]
    elif action == 1 and isinstance(container, dict):
        container[f"{key}s"] = container[key]
    elif action == 2 and isinstance(container[key], int | float):
        container[key] = container[key] * [-1, 2, 0, 1e300, 1e-300][rng.integers(5)]
    else:
        container[key] = _VALUES[rng.integers(len(_VALUES))]
    del file[name]
    file[name] = np.frombuffer(json.dumps(root).encode(), np.uint8)


def _places(value):
    """All (container, key) of nested lists and dicts."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def change_a_text(file: h5py.File, rng: np.random.Generator) -> None:
    texts = ("", "null", "{}", "[1]", "[" * 200_000, "[]", '[{"a": NaN}]', "\xff", "1" * 10_000,
             "[{}]", '{"a":' * 90_000, "\0", '"')  # fmt: skip
    name = ["format", "history", "history", "parameters", "architecture"][rng.integers(5)]
    if name in file:
        del file[name]
    file[name] = np.frombuffer(texts[rng.integers(len(texts))].encode("latin-1"), np.uint8)


CHANGES: tuple[Change, ...] = (
    change_a_number, change_a_number, change_the_type, change_the_shape, claim_a_huge_shape, compress,
    remove, link, borrow, put_a_group, add, change_an_attribute, change_plain_values,
    change_plain_values, change_plain_values, change_a_text,
)  # fmt: skip


def _some_array(index: dict, rng: np.random.Generator) -> str:
    names = list(index["arrays"])
    return names[rng.integers(len(names))]


def move_an_array(index: dict, rng: np.random.Generator) -> None:
    """Into the seal, over others, or out of the file."""
    offsets = (0, 511, 512, -8, 10**6, 2**63, 2**64, 10**30, 1.5, None, "512", True, [512])
    index["arrays"][_some_array(index, rng)][2] = offsets[rng.integers(len(offsets))]


def reshape_an_array(index: dict, rng: np.random.Generator) -> None:
    shapes = ([], [0], [10**12], [2**32, 2**32], [-1], [-1, -1], [1] * 40, [0, 10**15], [[1]], None,
              [1.0], "1", [True], {"a": 1}, [1, 1, 1])  # fmt: skip
    index["arrays"][_some_array(index, rng)][1] = shapes[rng.integers(len(shapes))]


def retype_an_array(index: dict, rng: np.random.Generator) -> None:
    types = ("|O", "|V8", "<U9", ">f8", "<f2", "<c16", "<M8[ns]", "|b1", "|S999", "|S0", "<f8\n", "f8",
             "", "[('a','O')]", None, 3, ["<f8"], "<f8,<f8", "<i4", "<f4")  # fmt: skip
    index["arrays"][_some_array(index, rng)][0] = types[rng.integers(len(types))]


def rename_an_array(index: dict, rng: np.random.Generator) -> None:
    names = ("", "/", "a//b", "/history", "history/", "x" * 10**5, "\0", "é", "..", index["groups"][0])
    name = _some_array(index, rng)
    index["arrays"][names[rng.integers(len(names))]] = index["arrays"].pop(name)


def exchange_arrays(index: dict, rng: np.random.Generator) -> None:
    one, other = _some_array(index, rng), _some_array(index, rng)
    arrays = index["arrays"]
    arrays[one], arrays[other] = arrays[other], arrays[one]


def multiply_an_array(index: dict, rng: np.random.Generator) -> None:
    """One stretch of the file under thousands of names."""
    largest = max(index["arrays"].values(), key=lambda place: np.prod(place[1]))
    for number in range(5000):
        index["groups"].append(f"connection_history/{number + 10:09d}")
        index["arrays"][f"connection_history/{number + 10:09d}/feedforward"] = largest


def change_a_count(index: dict, rng: np.random.Generator) -> None:
    values = (-1, 3, 4.0, True, None, "4", 2**63, 10**40, [4], 0)
    name = list(index["counts"])[rng.integers(len(index["counts"]))]
    index["counts"][name] = values[rng.integers(len(values))]


def change_the_groups(index: dict, rng: np.random.Generator) -> None:
    others = (None, 3, ["a", "a"], [3], [["a"]], {"a": 1}, "projections", [None], ["history"], [])
    index["groups"] = others[rng.integers(len(others))]


def change_the_parts(index: dict, rng: np.random.Generator) -> object:
    texts = ("", "{}", "[]", "null", "3", "NaN", '{"counts": {}, "groups": [], "arrays": []}', "\0", "{",
             '{"counts": {}, "groups": [], "arrays": {}, "more": 1}', "[" * 10**5, '{"a":' * 10**5,
             "1" * 10**5, "[]" + " " * 2**20, '{"counts": 3, "groups": [], "arrays": {}}')  # fmt: skip
    if rng.integers(3) == 0:
        place = [None, [1], ["<f8"], {}, 3][rng.integers(5)]
        index["arrays"][_some_array(index, rng)] = place
        return None
    return texts[rng.integers(len(texts))]


OF_INDEX = (
    move_an_array, reshape_an_array, retype_an_array, rename_an_array, exchange_arrays,
    multiply_an_array, change_a_count, change_the_groups, change_the_parts,
)  # fmt: skip
