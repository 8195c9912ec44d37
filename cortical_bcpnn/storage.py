"""Learned networks as HDF5 files."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pandas as pd
from brian2 import Hz, Quantity, ms

from .architecture import Architecture, Population, Projection
from .parameters import Parameters, Variant
from .simulation import DEVICES, check_device

if TYPE_CHECKING:
    from .network import AssociativeMemory

FORMAT = "cortical_bcpnn associative memory"
FORMAT_VERSION = 1
_UNITS = {"ms": ms, "Hz": Hz}


def save(memory: AssociativeMemory, path: str | PathLike) -> None:
    """Write a memory to an HDF5 file, in one step: the file is whole or not there.

    The file has attributes ``format``, ``version``, ``architecture`` and ``parameters``
    (JSON, quantities as text such as '5.0 ms') and ``n_learned``; for each projection a
    group with ``p``, ``p_pre``, ``p_post``, ``q``, ``deferred`` and ``connections`` (see
    `ProjectionMemory`); and the columns of ``rewiring``.
    """
    path = Path(path)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        with h5py.File(partial, "w") as file:
            file.attrs["format"] = FORMAT
            file.attrs["version"] = FORMAT_VERSION
            file.attrs["architecture"] = json.dumps(asdict(memory.architecture))
            file.attrs["parameters"] = json.dumps(to_plain(memory.parameters))
            file.attrs["n_learned"] = memory.n_learned
            for name, state in memory.memories.items():
                group = file.create_group(f"projections/{name}")
                for field in ("p", "p_pre", "p_post", "q", "deferred", "connections"):
                    group[field] = getattr(state, field)
            for column in ("patterns", "flips", "score"):
                dtype = float if column == "score" else np.int64
                file[f"rewiring/{column}"] = memory.rewiring[column].to_numpy(dtype)
            names = [str(name) for name in memory.rewiring["projection"]]
            file.create_dataset("rewiring/projection", (len(names),), h5py.string_dtype(), names)
        os.chmod(partial, 0o666 & ~_umask())
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise


def load(cls: type[AssociativeMemory], path: str | PathLike, device: str) -> AssociativeMemory:
    """Read a memory from a file that `save` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, is not one of ours, or its parts do not fit together.
    """
    if device not in DEVICES:
        check_device(device)  # raises: do not blame the file
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} does not exist: give a file that was saved before.")
    try:
        with h5py.File(path, "r") as file:
            return _read(cls, file, device)
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} cannot be loaded ({error}): it is truncated, or not a file saved by "
            "cortical_bcpnn; save the network again."
        ) from error


def _read(cls: type[AssociativeMemory], file: h5py.File, device: str) -> AssociativeMemory:
    if file.attrs.get("format") != FORMAT:
        raise ValueError(f"its format is {file.attrs.get('format')!r}, not {FORMAT!r}")
    if file.attrs["version"] != FORMAT_VERSION:
        raise ValueError(f"its format version is {file.attrs['version']}, not {FORMAT_VERSION}")
    plain = json.loads(file.attrs["architecture"])
    architecture = Architecture(
        tuple(Population(**p) for p in plain["populations"]),
        tuple(Projection(**p) for p in plain["projections"]),
    )
    parameters = from_plain(json.loads(file.attrs["parameters"]))
    memory = cls(architecture=architecture, device=device, **parameters)
    for name, state in memory.memories.items():
        group = file[f"projections/{name}"]
        state.p = float(group["p"][()])
        for field in ("p_pre", "p_post", "q", "deferred", "connections"):
            expected = getattr(state, field)
            stored = group[field]
            if stored.shape != expected.shape or stored.dtype != expected.dtype:
                raise ValueError(
                    f"{field} of {name} is {stored.dtype} of shape {stored.shape}, not "
                    f"{expected.dtype} of shape {expected.shape}"
                )
            setattr(state, field, stored[()])
        _check_state(name, state)
    memory.n_learned = int(file.attrs["n_learned"])
    if memory.n_learned < 0:
        raise ValueError(f"n_learned is {memory.n_learned}")
    columns = {column: file[f"rewiring/{column}"] for column in memory.rewiring.columns}
    columns["projection"] = columns["projection"].asstr()
    columns = {name: values[()] for name, values in columns.items()}
    memory.rewiring = pd.DataFrame(columns)
    return memory


def _check_state(name: str, state) -> None:
    for field in ("p_pre", "p_post", "q"):
        values = getattr(state, field)
        if not (np.isfinite(values).all() and (values > 0).all()):
            raise ValueError(f"{field} of {name} holds values that are not positive numbers")
    if not (np.isfinite(state.deferred).all() and (state.deferred >= 0).all()):
        raise ValueError(f"deferred of {name} holds values that are negative or no numbers")
    if not 0 < state.p <= 1 + 1e-9:
        raise ValueError(f"p of {name} is {state.p}")
    n_pre = len(state.p_pre) // state.minicolumns[0]
    rows = np.sort(state.connections, axis=1)
    if rows.min() < 0 or rows.max() >= n_pre or (np.diff(rows, axis=1) == 0).any():
        raise ValueError(f"connections of {name} name hypercolumns twice or that do not exist")


def to_plain(parameters: Parameters) -> dict:
    """Parameters as plain values, quantities as text with units."""

    def plain(value):
        if isinstance(value, Quantity):
            unit = "Hz" if value.dim is Hz.dim else "ms"
            return f"{float(value / _UNITS[unit])!r} {unit}"
        return value

    values = {k: plain(v) for k, v in vars(parameters).items() if k != "variant"}
    return {"variant": {k: plain(v) for k, v in vars(parameters.variant).items()}, **values}


def from_plain(plain: dict) -> dict:
    """Arguments for `Parameters` from what `to_plain` returned."""

    def quantity(value):
        if isinstance(value, str) and value.split(" ")[-1] in _UNITS:
            number, unit = value.split(" ")
            return float(number) * _UNITS[unit]
        return value

    values = {k: quantity(v) for k, v in plain.items() if k != "variant"}
    variant = Variant(**{k: quantity(v) for k, v in plain["variant"].items()})
    return {"variant": variant, **values}


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
