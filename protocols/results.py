"""A folder of results: what made them is known, nothing in it is lost, runs can go on in it."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import shutil
import sys
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from cortical_bcpnn.provenance import now, provenance
from cortical_bcpnn.sealed import write_atomically
from figures.style import save

_RUN, _SUMMARY = "run.json", "summary.json"


class Results:
    """Folder of one run of a protocol.

    While the run goes on, ``run.json`` says what it is; at the end ``summary.json`` says what
    came out, what made it, and the checksum of every file.

    Parameters
    ----------
    path : Path
    protocol : str
    arguments : list of str
        Of the command line.
    resume : bool
        Whether to go on with a run that has been stopped.
    overwrite : bool
        Whether to delete the results of an earlier run.

    Attributes
    ----------
    path : Path
    finished : bool
        Whether the run, when resumed, had come to its end already.

    Raises
    ------
    ValueError
        If the folder holds something else, another process is using it, or it cannot be
        written to. Nothing has been changed then.
    """

    def __init__(
        self,
        path: Path,
        protocol: str,
        arguments: list[str],
        *,
        resume: bool = False,
        overwrite: bool = False,
    ) -> None:
        self.path = Path(path)
        self._protocol = protocol
        _check_folder(self.path, resume, overwrite)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.path / ".lock", "w")
        except OSError as error:
            raise ValueError(
                f"output directory {self.path} cannot be written ({error.strerror}): give another "
                "by --out."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise ValueError(
                f"output directory {self.path} is in use by another run: give another by --out."
            ) from None
        if overwrite and not resume:
            self._delete()
        self.finished = (self.path / _SUMMARY).exists()
        if not (self.path / _RUN).exists():
            self._run = {"protocol": protocol, "arguments": arguments, "began": now(), "files": []}
            self._note()
        else:
            self._run = read_run(self.path)

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind, *_) -> None:
        self._lock.close()
        if kind is KeyboardInterrupt:
            print(
                f"stopped: go on with python -m protocols.{self._protocol} --resume {self.path}",
                file=sys.stderr,
            )

    def save_table(self, table: pd.DataFrame, name: str) -> None:
        """Write a table as NAME.csv."""
        self.write(f"{name}.csv", table.to_csv(index=False).encode())

    def load_table(self, name: str) -> pd.DataFrame | None:
        """The table NAME.csv, if this run has written it before it was stopped."""
        path = self.path / f"{name}.csv"
        return pd.read_csv(path) if path.exists() else None

    def save_figure(self, figure: Figure, name: str) -> None:
        """Write a figure as NAME.png and NAME.svg, and close it."""
        self.register(f"{name}.png", f"{name}.svg")
        save(figure, self.path / name)

    def write(self, name: str, content: bytes) -> None:
        """Write a file in one step."""
        self.register(name)
        write_atomically(self.path / name, content)

    def register(self, *names: str) -> None:
        """Note that files are results of this run."""
        new = [name for name in names if name not in self._run["files"]]
        if new:
            self._run["files"] += new
            self._note()

    def finish(self, summary: dict) -> dict:
        """Write the summary, with provenance; the run has come to its end.

        Returns
        -------
        dict
            The summary, with ``provenance`` and ``files`` added.
        """
        files = {
            name: hashlib.sha256((self.path / name).read_bytes()).hexdigest()
            for name in sorted(self._run["files"])
            if (self.path / name).exists()
        }
        made_by = provenance(self._run["arguments"], f"python -m protocols.{self._protocol}")
        made_by["began"] = self._run["began"]
        summary = {**summary, "provenance": made_by, "files": files}
        content = json.dumps(summary, indent=2) + "\n"
        write_atomically(self.path / _SUMMARY, content.encode())
        self.finished = True
        return summary

    def summary(self) -> dict:
        """What `finish` has written."""
        return json.loads((self.path / _SUMMARY).read_text())

    def _note(self) -> None:
        write_atomically(self.path / _RUN, (json.dumps(self._run, indent=2) + "\n").encode())

    def _delete(self) -> None:
        """Delete what an earlier run has written, and nothing else."""
        if (self.path / _RUN).exists():
            for name in read_run(self.path)["files"]:
                path = self.path / name
                if path.resolve().parent == self.path.resolve():
                    path.unlink(missing_ok=True)
        for name in (_SUMMARY, _RUN):
            (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.path / "checkpoints", ignore_errors=True)


def read_run(path: Path) -> dict:
    """What ``run.json`` says.

    Raises
    ------
    ValueError
        If it is missing or damaged.
    """
    try:
        run = json.loads((Path(path) / _RUN).read_text())
        if not all(isinstance(name, str) for name in [run["protocol"], *run["arguments"],
                                                      *run["files"]]):  # fmt: skip
            raise ValueError("names are no text")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} holds no run that can be gone on with ({error}): start another."
        ) from None
    return run


def free_folder(protocol: str, options: argparse.Namespace) -> Path:
    """``results/PROTOCOL/DATASET_VARIANT_seedN``, with a number behind it where that exists."""
    parts = [getattr(options, name, None) for name in ("dataset", "variant")]
    name = "_".join([*(part for part in parts if part), f"seed{options.seed}"])
    path, number = Path("results") / protocol / name, 1
    while path.exists():
        number += 1
        path = path.with_name(f"{name}_{number}")
    return path


def _check_folder(path: Path, resume: bool, overwrite: bool) -> None:
    if resume:
        read_run(path)
        return
    if not path.is_dir() or overwrite and (path / _RUN).exists():
        return
    if (path / _SUMMARY).exists():
        raise ValueError(
            f"output directory {path} holds results: give another by --out, or replace them by "
            "--overwrite."
        )
    if (path / _RUN).exists():
        raise ValueError(
            f"output directory {path} holds a run that was stopped: go on with it by --resume "
            f"{path}, give another by --out, or start anew by --overwrite."
        )
    if any(entry.name != ".lock" for entry in path.iterdir()):
        raise ValueError(
            f"output directory {path} holds other files: give an empty or a new one by --out."
        )
