"""What made a file: networks, checkpoints, tables and pictures say where they come from."""

from __future__ import annotations

import hashlib
import json
from os import PathLike
from pathlib import Path

from ..files.sealed import read_sealed
from .storage import reading

_SUMMARY, _RUN = "summary.json", "run.json"
_HDF5 = (".h5", ".hdf5")
_DAMAGED = "{} is damaged ({}): run the protocol again."


def describe(path: str | PathLike) -> dict:
    """What made a file or a folder of results.

    Parameters
    ----------
    path : path-like
        A network or checkpoint (HDF5), a folder of results, or any file in one.

    Returns
    -------
    dict
        Plain values. For a file of results, 'unchanged' says whether its checksum is still
        what it was when the run ended.

    Raises
    ------
    FileNotFoundError
        If it does not exist.
    ValueError
        If it is damaged, or nothing is known of it.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: give a network, or a file of results.")
    if path.suffix in _HDF5:
        return _describe_network(path)
    folder = path if path.is_dir() else path.parent
    summary = _read(folder / _SUMMARY)
    if summary is None:
        run = _read(folder / _RUN)
        if run is None:
            raise ValueError(
                f"nothing is known of {path}: there is no {_SUMMARY} beside it, which protocols write."
            )
        return {"unfinished": True, **run}
    files = summary.pop("files", {})
    if not isinstance(files, dict):
        raise ValueError(_DAMAGED.format(folder / _SUMMARY, "its list of files is none"))
    if path.is_dir() or path.name == _SUMMARY:
        return summary
    if path.name not in files:
        raise ValueError(f"nothing is known of {path}: {_SUMMARY} beside it does not list it.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"file": path.name, "unchanged": found == files[path.name], **summary}


def _describe_network(path: Path) -> dict:
    with reading(path):
        file = read_sealed(path)
        described = {
            "format": file.text("format"),
            "patterns learned": file.count("n_learned"),
            "architecture": json.loads(file.text("architecture")),
            "parameters": json.loads(file.text("parameters")),
            "history": json.loads(file.text("history")),
        }
        if "learning" in file:
            run = json.loads(file.text("learning/run"))
            described["checkpoint"] = f"{run['shown']} of {run['n_patterns'] * run['epochs']} shown"
        return described


def _read(path: Path) -> dict | None:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(_DAMAGED.format(path, error)) from None
    if not isinstance(content, dict):
        raise ValueError(_DAMAGED.format(path, "it holds no table"))
    return content
