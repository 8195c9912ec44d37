"""Learned networks as HDF5 files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import Any

import h5py
import numpy as np
import pandas as pd
from brian2 import DimensionMismatchError
from numpy.typing import DTypeLike

from ..files.contents import Damaged, SealedFile
from ..files.sealed import read_sealed, write_sealed, write_text
from ..model.architecture import Architecture, Projection
from ..model.dynamics import BY_NAME, KINDS, Given
from ..model.minicolumns import MinicolumnModel
from ..model.parameters import Parameters
from ..model.plain import (
    architecture_from_plain,
    architecture_to_plain,
    dynamics_to_plain,
    model_to_plain,
    parameters_from_plain,
    parameters_to_plain,
)
from ..model.plasticity import PlasticityRule
from .bounds import trace_fault
from .network import LearnedNetwork
from .traces import Traces

FORMAT = "cortical_bcpnn associative memory"
FORMAT_VERSION = 4
_NAMED_VERSION = 5  # with models or rules by name, which programs that know version 4 would not see
_READABLE = (3, 4, 5)  # files of version 3 have no index, see `older_files`
# What content can lead to; Brian2's error of dimensions is none of Python's. Others pass.
_OF_CONTENT = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError,
    SyntaxError, DimensionMismatchError,
)  # fmt: skip


def save(memory: LearnedNetwork, path: str | PathLike, overwrite: bool = False) -> None:
    """Write a memory to an HDF5 file, in one step: the file is whole or not there.

    The file has attributes ``version`` and ``n_learned``; texts, as arrays of bytes: ``format``,
    ``architecture``, ``parameters``, ``minicolumn``, ``plasticity`` (the strings of the model
    and of the rule), where some have others ``models`` of populations and ``rules`` of projections by
    name, and ``history`` (JSON, quantities such as '5.0 ms'); for each projection a group
    ``projections/NAME`` with ``p``, ``p_pre``, ``p_post``, ``q``, ``deferred`` and ``connections``
    (see `Traces`); in ``rewiring`` the columns of that table; and in
    ``connection_history/PATTERNS`` connections at earlier times. See `sealed` for the checksum in
    its first 512 bytes and the index at its end.

    Raises
    ------
    FileExistsError
        If there is such a file and `overwrite` is not set.
    """
    write_sealed(path, lambda file: write_memory(memory, file), overwrite)


def write_memory(memory: LearnedNetwork, file: h5py.File) -> None:
    """Write a memory into an empty file."""
    models = dynamics_to_plain(memory.parameters)
    file.attrs["version"] = _NAMED_VERSION if len(models) > len(BY_NAME) else FORMAT_VERSION
    file.attrs["n_learned"] = memory.n_learned
    write_text(file, "format", FORMAT)
    write_text(file, "architecture", json.dumps(architecture_to_plain(memory.architecture)))
    write_text(file, "parameters", json.dumps(parameters_to_plain(memory.parameters)))
    for name, plain in models.items():
        write_text(file, name, json.dumps(plain))
    write_text(file, "history", json.dumps(memory.history))
    for name, state in memory.traces.items():
        group = file.create_group(f"projections/{name}")
        for field in ("p", "p_pre", "p_post", "q", "deferred", "connections"):
            group[field] = getattr(state, field)
    earlier = file.create_group("connection_history")
    for patterns, connections in memory.connection_history.items():
        group = earlier.create_group(f"{patterns:09d}")
        for name, values in connections.items():
            group[name] = values
    for column in ("patterns", "flips", "score"):
        dtype = float if column == "score" else np.int64
        file[f"rewiring/{column}"] = memory.rewiring[column].to_numpy(dtype)
    names = [str(name).encode() for name in memory.rewiring["projection"]]
    file["rewiring/projection"] = np.array(names, f"S{max(map(len, names), default=1)}")


def read(
    path: str | PathLike,
    minicolumn: Given[MinicolumnModel] = None,
    plasticity: Given[PlasticityRule] = None,
) -> LearnedNetwork:
    """What a file says that was learned, for a network to adopt.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    Damaged
        If the file is damaged, is not one of ours, or its parts do not fit together.
    OtherModel
        If it was made with another model or rule than those given or shipped."""
    with reading(path):
        return read_memory(read_sealed(path), minicolumn, plasticity)


class OtherModel(ValueError):
    """A file was made with another minicolumn model or plasticity rule."""


@contextmanager
def reading(path: str | PathLike) -> Iterator[None]:
    """Turn whatever the content of a damaged file leads to into one sentence.

    Errors that pass, as of a disk or of memory, are not the file's and stay as they are.
    """
    try:
        yield
    except OtherModel as error:
        raise OtherModel(f"{path} was made with {error}") from None
    except _OF_CONTENT as error:
        sentences = re.sub(r"\. (?=[A-Z])(?!Hz\b)", "; ", str(error).rstrip("."))
        what = " ".join(sentences.split()) or type(error).__name__
        raise Damaged(
            f"{path} cannot be loaded ({what}): it is truncated, damaged or not a file "
            "saved by cortical_bcpnn; save the network again."
        ) from error


def read_memory(
    file: SealedFile,
    minicolumn: Given[MinicolumnModel] = None,
    plasticity: Given[PlasticityRule] = None,
) -> LearnedNetwork:
    """Read what was learned from an open file, whose parts are held against each other first."""
    version = file.count("version")
    if file.text("format") != FORMAT:
        raise ValueError(f"its format is {file.text('format')!r}, not {FORMAT!r}")
    if version not in _READABLE:
        raise ValueError(f"its format version is {version}, not {FORMAT_VERSION}")
    architecture = architecture_from_plain(json.loads(file.text("architecture")))
    plain = parameters_from_plain(json.loads(file.text("parameters")))
    parts = [p.name for p in architecture.populations], [p.name for p in architecture.projections]
    models: dict[str, Any] = {
        "minicolumn": _read_models(file, "minicolumn", parts[0], minicolumn),
        "plasticity": _read_models(file, "plasticity", parts[1], plasticity),
    }
    parameters = Parameters(**plain, **models).fitted(architecture)
    traces = {
        projection.name: _read_projection(file, architecture, projection, parameters)
        for projection in architecture.projections
    }
    state = LearnedNetwork(architecture, parameters, traces)
    state.n_learned = file.count("n_learned")
    state.rewiring = _read_rewiring(file, architecture)
    state.connection_history = _read_connection_history(file, architecture)
    state.history = json.loads(file.text("history"))
    if not isinstance(state.history, list) or not all(isinstance(e, dict) for e in state.history):
        raise ValueError("its history is no list of entries")
    if state.history:
        seconds = state.history[-1].get("seconds", {})
        state.seconds |= {name: float(seconds[name]) for name in state.seconds if name in seconds}
    return state


def _read_models(file: SealedFile, name: str, parts: Sequence[str], given: Any) -> Any:
    """The model or rule that a file was made with, by name of all parts if there are several."""
    usual = json.loads(file.text(name))
    named = json.loads(file.text(BY_NAME[name])) if BY_NAME[name] in file else {}
    if not isinstance(named, dict) or named.keys() - parts:
        raise ValueError(f"its {BY_NAME[name]} are not of {', '.join(parts)}")
    if not named and not isinstance(given, Mapping):
        return _known(name, usual, given)
    for part in given if isinstance(given, Mapping) else ():
        if part not in parts:
            raise OtherModel(f"no {part!r}, which {name} names: choose from {', '.join(parts)}.")
    return {
        part: _known(name, named.get(part, usual),
                     given.get(part) if isinstance(given, Mapping) else given, part)
        for part in parts
    }  # fmt: skip


def _known(
    name: str, plain: Mapping, given: MinicolumnModel | PlasticityRule | None, part: str = ""
) -> MinicolumnModel | PlasticityRule:
    """The model or rule that plain values are of: the one given, or a shipped one."""
    kind, shipped = KINDS[name]
    called = f"the {kind.kind} {plain['name']!r}" + (f" of {part}" if part else "")
    argument = f"{name}={{{part!r}: …}}" if part else f"{name}=…"
    model = shipped.get(plain["name"]) if given is None else given
    if model is None:
        raise OtherModel(f"{called}, which is not shipped: give it to load as {argument}.")
    own = model_to_plain(model)
    differing = [field for field in own if field != "name" and plain.get(field) != own[field]]
    if differing:
        which = "shipped" if given is None else "given"
        raise OtherModel(
            f"{called}, whose {', '.join(differing)} are not those of the {kind.kind} {model.name!r} "
            f"{which}: give the same to load as {argument}."
        )
    return model


def _read_projection(
    file: SealedFile, architecture: Architecture, projection: Projection, parameters: Parameters
) -> Traces:
    name = projection.name
    if f"projections/{name}" not in file.groups:
        raise ValueError(f"the projection {name} is missing")
    pre, post = architecture.ends(projection)
    conditioning, conditioned = (post, pre) if projection.conditioning == "post" else (pre, post)
    expected: dict[str, tuple[DTypeLike, tuple[int, ...]]] = {
        "p": (float, ()),
        "p_pre": (float, (pre.size,)),
        "p_post": (float, (post.size,)),
        "q": (parameters.precision, (conditioning.size, conditioned.size)),
        "deferred": (float, (conditioning.size,)),
        "connections": (np.int32, (post.hypercolumns, projection.fan_in)),
    }
    values = {
        field: file.array(f"projections/{name}/{field}", *kind) for field, kind in expected.items()
    }
    p = float(values.pop("p"))
    state = Traces(projection, (pre.minicolumns, post.minicolumns), p=p, **values)
    fault = trace_fault(name, state, parameters)
    if fault:
        raise ValueError(fault)
    _check_connections(architecture, projection, state.connections)
    return state


def _check_connections(
    architecture: Architecture, projection: Projection, connections: np.ndarray
) -> None:
    rows = np.sort(connections, axis=1)
    n_pre = architecture.ends(projection)[0].hypercolumns
    if rows.min() < 0 or rows.max() >= n_pre or (np.diff(rows, axis=1) == 0).any():
        raise ValueError(
            f"connections of {projection.name} name hypercolumns twice or that do not exist"
        )


def _read_connection_history(
    file: SealedFile, architecture: Architecture
) -> dict[int, dict[str, np.ndarray]]:
    history: dict[int, dict[str, np.ndarray]] = {}
    if "connection_history" not in file.groups:  # else one of another name would be overlooked
        raise ValueError("connection_history is missing")
    for patterns in file.within("connection_history"):
        group = f"connection_history/{patterns}"
        named = patterns.isdecimal() and patterns == f"{int(patterns):09d}"
        if not named or group not in file.groups:
            raise ValueError(f"{group} is not named by a number of patterns")
        history[int(patterns)] = {}
        for projection in architecture.projections:
            if not projection.rewired:
                continue
            post = architecture.ends(projection)[1]
            shape = (post.hypercolumns, projection.fan_in)
            connections = file.array(f"{group}/{projection.name}", np.int32, shape)
            _check_connections(architecture, projection, connections)
            history[int(patterns)][projection.name] = connections
    return history


def _read_rewiring(file: SealedFile, architecture: Architecture) -> pd.DataFrame:
    patterns = file.array("rewiring/patterns", np.int64, (None,))
    columns = {
        "patterns": patterns,
        "flips": file.array("rewiring/flips", np.int64, patterns.shape),
        "score": file.array("rewiring/score", float, patterns.shape),
    }
    width = file.dtype("rewiring/projection")
    if width.kind != "S":
        raise ValueError(f"rewiring/projection is {width}, not names")
    names = file.array("rewiring/projection", width, patterns.shape)
    names = [name.decode() for name in names.tolist()]
    for name in set(names):
        architecture.projection(name)  # raises
    return pd.DataFrame(
        {"patterns": columns["patterns"], "projection": names, **columns},
        columns=["patterns", "projection", "flips", "score"],
    )
