"""What a folder says of the run that it holds, and whether another may go there."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
from filelock import FileLock

from ..files.locks import take

RUN, SUMMARY, LOCK = "run.json", "summary.json", ".lock"


def read_run(path: Path) -> dict:
    """What ``run.json`` says, or where results are published without it, what follows from them.

    Raises
    ------
    ValueError
        If it is missing or damaged.
    """
    try:
        run = _published(path) or json.loads((Path(path) / RUN).read_text())
        lists = run["arguments"], run["files"]
        texts = [run["protocol"], run["began"], *lists[0], *lists[1]]
        if not all(isinstance(v, list) for v in lists) or not all(isinstance(v, str) for v in texts):
            raise ValueError(f"{RUN} is damaged")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} holds no run that can be resumed ({error}): start another."
        ) from None
    return run


def _published(path: Path) -> dict | None:
    """A run by its summary, None if ``run.json`` is there or there is no summary."""
    if (Path(path) / RUN).exists() or not (Path(path) / SUMMARY).exists():
        return None
    summary = read_summary(path)
    made_by = summary["provenance"]
    _, _, module, *arguments = shlex.split(made_by["command"])  # python -m protocols.NAME
    return {
        "protocol": module.removeprefix("protocols."), "arguments": arguments,
        "began": made_by.get("began", made_by["date"]), "files": list(summary["files"]),
    }  # fmt: skip


def read_run_of(protocol: str, path: Path) -> dict:
    """What ``run.json`` says of a run of that protocol.

    Raises
    ------
    ValueError
        As `read_run`, and if it is a run of another.
    """
    run = read_run(path)
    if run["protocol"] != protocol:
        raise ValueError(
            f"{path} holds a run of {run['protocol']}: resume it by python -m "
            f"protocols.{run['protocol']}."
        )
    return run


def free_folder(protocol: str, setup: object = None) -> Path:
    """``results/PROTOCOL/DATASET_VARIANT_seedN``, with a number behind it where that exists."""
    parts = [getattr(setup, name, None) for name in ("dataset", "variant")]
    seed = getattr(setup, "seed", None)
    name = "_".join([*filter(None, parts), *([] if seed is None else [f"seed{seed}"])]) or "run"
    path, number = Path("results") / protocol / name, 1
    while path.exists():
        number += 1
        path = path.with_name(f"{name}_{number}")
    return path


def lock(path: Path, otherwise: str) -> FileLock:
    """Make a folder, and keep other runs away from it until what is returned is released."""
    try:
        lock = take(path / LOCK)
    except OSError as error:
        raise ValueError(
            f"output directory {path} cannot be written or locked ({error.strerror or error}): give "
            "another by --out."
        ) from None
    if lock is None:
        raise ValueError(f"output directory {path} is in use by another run: {otherwise}.")
    return lock


def check_folder(path: Path, overwrite: bool) -> None:
    """Raise a ValueError if a new run must not go into a folder."""
    if not path.is_dir() or overwrite and written(path) is not None:
        return
    run, summary = (path / RUN).exists(), (path / SUMMARY).exists()
    if overwrite and (run or summary):
        raise ValueError(
            f"output directory {path} holds results that do not say which files are theirs: give "
            "another by --out."
        )
    if summary:
        raise ValueError(
            f"output directory {path} holds results: give another by --out, or replace them by "
            "--overwrite."
        )
    if run:
        raise ValueError(
            f"output directory {path} holds a run that was stopped: resume it by --resume "
            f"{path}, give another by --out, or start anew by --overwrite."
        )
    if any(entry.name != LOCK for entry in path.iterdir()):
        raise ValueError(
            f"output directory {path} holds other files: give an empty or a new one by --out."
        )


def holds_run_of(path: Path, protocol: str) -> bool:
    """Whether a folder holds a run of a protocol."""
    return has_begun(path) and read_run(path)["protocol"] == protocol


def written(path: Path) -> list[str] | None:
    """Names of the files that a run has written, None if nothing says so."""
    try:
        if (path / RUN).exists():
            return read_run(path)["files"]
        return list(json.loads((path / SUMMARY).read_text())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_summary(path: Path) -> dict:
    """What ``summary.json`` of a folder of results says."""
    return json.loads((Path(path) / SUMMARY).read_text())


def read_table(path: Path, name: str) -> pd.DataFrame:
    """The table NAME.csv of a folder of results."""
    return pd.read_csv(Path(path) / f"{name}.csv")


def has_begun(path: Path) -> bool:
    """Whether a folder holds a run."""
    return (path / RUN).exists()


def has_finished(path: Path) -> bool:
    """Whether a folder holds a run that has come to its end."""
    return (path / SUMMARY).exists()
