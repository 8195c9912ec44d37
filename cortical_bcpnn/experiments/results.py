"""A folder of results: what made them is known, nothing in it is lost, runs are resumed in it."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock
from matplotlib.figure import Figure

from ..drawing.style import save
from ..files.sealed import write_atomically
from ..provenance import now, provenance
from .folders import (
    LOCK,
    RUN,
    SUMMARY,
    check_folder,
    has_finished,
    holds_run_of,
    lock,
    read_run,
    read_summary,
    written,
)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """A table for a summary, which has no NaN: None where there is no value."""
    return table.astype(object).where(table.notna(), None)


class Finished(Exception):
    """A run that is resumed had come to its end."""


class Results:
    """Folder of one run of an experiment.

    While it runs, ``run.json`` says what it is; at the end ``summary.json`` says what came out,
    what made it, and the checksum of every file. Nothing is written, and no other process is kept
    away, before `begin`.

    Parameters
    ----------
    path : Path
    protocol : str
    arguments : list of str
        Of the command line.
    resume : bool
        Whether to resume a run that has been stopped.
    more : bool
        Whether the run that is resumed is asked for more than it was, though it may have ended.
    overwrite : bool
        Whether to delete the results of an earlier run.
    grows : bool
        Whether a run of the same protocol that the folder holds is taken up by other arguments.
    begin : bool
        Whether to begin at once; if not, arguments can be checked before.

    Attributes
    ----------
    path : Path
    protocol : str
    arguments : list of str
        Of the command line, as they are noted.
    resumed : bool
        Whether the run is resumed by its own arguments.
    goes_on : bool
        Whether the run that the folder holds is taken up, by its own arguments or others.
    finished : bool
        Whether the run has come to its end.
    figures : dict of Figure
        Those that this process has drawn, by name.
    """

    def __init__(
        self,
        path: Path,
        protocol: str,
        arguments: list[str],
        *,
        resume: bool = False,
        more: bool = False,
        overwrite: bool = False,
        grows: bool = False,
        begin: bool = True,
    ) -> None:
        self.path, self.resumed = Path(path), resume
        self.figures: dict[str, Figure] = {}
        self.finished = False
        self.protocol, self.arguments = protocol, arguments
        self._overwrite, self._grows, self._more = overwrite, grows, more
        self.goes_on = resume or grows and not overwrite and holds_run_of(self.path, protocol)
        self._lock: FileLock | None = None
        self._summary: dict[str, Any] | None = None
        if resume:
            read_run(self.path)  # raises
            if more and not (self.path / RUN).exists():
                raise ValueError(
                    f"{self.path} holds published results, without the journal that more could be added "
                    "to: start another run."
                )
        elif not self.goes_on and not (self.path / LOCK).exists():
            check_folder(self.path, overwrite)
        if begin:
            try:
                self.begin()
            except Finished:
                pass

    def begin(self) -> None:
        """Make the folder, or take the one of the run that is resumed. Once it has begun, nothing.

        Raises
        ------
        ValueError
            If the folder holds something else, another process is using it, or it cannot be
            written to. Nothing has been changed then.
        Finished
            If the run that is resumed had come to its end: `experiment` expects that.
        """
        if self._lock is not None:
            return
        self._lock = lock(self.path, "wait for its end" if self.resumed else "give another by --out")
        try:
            if not self.goes_on:
                check_folder(self.path, self._overwrite)
        except ValueError:
            self.close()
            raise
        if self._overwrite and not self.goes_on:
            self._delete()
        if self.goes_on and has_finished(self.path) or (self.path / RUN).exists():
            self._run = read_run(self.path)
            if self._more:
                self._reopen()
            self._run["arguments"] = self.arguments or self._run["arguments"]
        else:
            self._run = {
                "protocol": self.protocol, "arguments": self.arguments, "began": now(), "files": [],
            }  # fmt: skip
            self._note()
        if has_finished(self.path):
            self.finished = True
            if not self._grows:
                raise Finished

    def _reopen(self) -> None:
        """A run that had ended has not, but what made it is kept; more is noted once that is so."""
        if has_finished(self.path):
            summary = self.summary()
            self._run["grown_from"] = {"seeds": summary.get("seeds"), **summary["provenance"]}
            self._note()
            (self.path / SUMMARY).unlink()
        self._run["arguments"] = self.arguments
        self._note()

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind, *_) -> None:
        begun = self._lock is not None
        self.close()
        if kind is KeyboardInterrupt and begun:
            print(
                f"stopped: resume by python -m protocols.{self.protocol} --resume {self.path}",
                file=sys.stderr,
            )

    def close(self) -> None:
        """Let other processes use the folder."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def save_table(self, table: pd.DataFrame, name: str) -> None:
        """Write a table as NAME.csv."""
        self.write(f"{name}.csv", table.to_csv(index=False).encode())

    def table(self, name: str) -> pd.DataFrame:
        """The table NAME.csv, with the very numbers that were written."""
        path = self.path / f"{name}.csv"
        with warnings.catch_warnings():
            # Before version 3 pandas does not read the very numbers that it wrote; now it warns.
            warnings.simplefilter("ignore")
            return pd.read_csv(path, float_precision="round_trip")

    def save_arrays(self, name: str, **arrays: Any) -> None:
        """Write arrays that pictures show as NAME.npz."""
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        self.write(f"{name}.npz", content.getvalue())

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays in NAME.npz."""
        with np.load(self.path / f"{name}.npz", allow_pickle=False) as file:
            return dict(file)

    def save_figure(self, figure: Figure, name: str) -> None:
        """Write a figure as NAME.png and NAME.svg."""
        self.figures[name] = figure
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

    def conclude(self, summary: dict[str, Any]) -> None:
        """Say what came out, which figures are drawn from; `finish` writes it."""
        self._summary = json.loads(json.dumps(summary))  # as it will be read again

    def finish(self, summary: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the summary, with provenance and the checksum of every file: the run has ended.

        Parameters
        ----------
        summary : dict, optional
            Default is what `conclude` was given.

        Returns
        -------
        dict
            The summary, with ``provenance`` and ``files`` added.
        """
        if summary is not None:
            self.conclude(summary)
        summary = self.summary()
        files = {
            name: hashlib.sha256((self.path / name).read_bytes()).hexdigest()
            for name in sorted(self._run["files"])
            if (self.path / name).exists()
        }
        made_by = {**self.made_by(), "began": self._run["began"]}
        if "grown_from" in self._run:
            made_by["grown_from"] = self._run["grown_from"]
        if "provenance" in summary:  # pictures were drawn again
            made_by = {**summary["provenance"], "redrawn": made_by}
            del made_by["redrawn"]["began"]
        self._summary = {**summary, "provenance": made_by, "files": files}
        content = json.dumps(self._summary, indent=2) + "\n"
        write_atomically(self.path / SUMMARY, content.encode())
        self.finished = True
        return self._summary

    def made_by(self) -> dict[str, Any]:
        """What makes these results here and now, see `provenance`."""
        return provenance(self._run["arguments"], f"python -m protocols.{self.protocol}")

    def summary(self) -> dict[str, Any]:
        """What came out."""
        return read_summary(self.path) if self._summary is None else self._summary

    def _note(self) -> None:
        write_atomically(self.path / RUN, (json.dumps(self._run, indent=2) + "\n").encode())

    def _delete(self) -> None:
        """Delete what an earlier run has written, and nothing else."""
        for name in written(self.path) or []:
            path = self.path / name
            if path.is_file() and path.resolve().parent == self.path.resolve():
                path.unlink()
        for name in (SUMMARY, RUN):
            (self.path / name).unlink(missing_ok=True)
