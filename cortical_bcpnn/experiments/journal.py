"""What a run has found so far, kept through crashes: a line of a file for each piece of work.

Lines are flushed to the disk as pieces end; one that a crash cut short is dropped when the
journal is opened again. Tables are written from it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .results import Results


class Journal:
    """Outcomes of pieces of work by key, in a file of a folder of results.

    Parameters
    ----------
    results : Results
        Whose folder is locked, so that there is one writer.
    name : str
        Of the file.
    fields : collection of str
        Of every outcome, a mapping; a line without them is damaged.

    Raises
    ------
    OSError
        If it cannot be read.
    """

    def __init__(self, results: Results, name: str, fields: Collection[str]) -> None:
        self._path = results.path / name
        results.register(name)
        self._outcomes = _read(self._path, set(fields))

    def __contains__(self, key: Hashable) -> bool:
        return _plain(key) in self._outcomes

    def __getitem__(self, key: Hashable) -> dict[str, Any]:
        return self._outcomes[_plain(key)]

    def get(self, key: Hashable) -> dict[str, Any] | None:
        return self._outcomes.get(_plain(key))

    def __len__(self) -> int:
        return len(self._outcomes)

    def append(self, key: Hashable, outcome: Mapping[str, Any]) -> None:
        """Note what a piece of work has come to, in plain values; it takes the place of one before.

        Raises
        ------
        OSError
            If there is no disk left; what was noted before is there.
        """
        line = json.dumps([key, outcome], default=_number) + "\n"
        with open(self._path, "ab") as file:
            start = file.tell()
            try:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self._path, start)
                raise
        # As it will be read again, so that a run that was stopped comes to the same, bit for bit.
        key, outcome = json.loads(line)
        self._outcomes[_plain(key)] = outcome


class ResumableTables:
    """Tables of a run, rows of which come piece by piece; NAME.csv is written after each.

    Parameters
    ----------
    results : Results
    keys : iterable of tuple
        Of all pieces of work, in the order of their rows.
    *names : str
        Of the tables, one at least.

    Attributes
    ----------
    missing : list of tuple
        Keys of the pieces that are to be done.
    """

    def __init__(self, results: Results, keys: Iterable[tuple], *names: str) -> None:
        self._results, self._keys, self._names = results, list(keys), names
        self._journal = Journal(results, f"{names[0]}.jsonl", names)
        if (results.path / f"{names[0]}.csv").exists() and not len(self._journal):
            print(f"{names[0]}.csv in {results.path} was begun by an earlier version: it is made anew",
                  file=sys.stderr)  # fmt: skip
        if len(self._journal):  # a crash may have come between the journal and a table
            self._write()

    @property
    def missing(self) -> list[tuple]:
        return [key for key in self._keys if key not in self._journal]

    def missing_by(self, parts: int) -> list[tuple[tuple, list[tuple]]]:
        """Missing pieces by the first parts of their keys, which say the network, say.

        Returns
        -------
        list of (tuple, list of tuple)
            These parts, and what is left of the keys that start with them.
        """
        groups: dict[tuple, list[tuple]] = {}
        for key in self.missing:
            groups.setdefault(key[:parts], []).append(key[parts:])
        return list(groups.items())

    def append(self, key: tuple, *tables: pd.DataFrame | Sequence[dict]) -> None:
        """Keep the rows that a piece of work adds to each table."""
        rows = [t.to_dict("records") if isinstance(t, pd.DataFrame) else list(t) for t in tables]
        self._journal.append(key, dict(zip(self._names, rows, strict=True)))
        self._write()

    def _write(self) -> None:
        for name in self._names:
            self._results.save_table(self.table(name), name)

    def table(self, name: str | None = None) -> pd.DataFrame:
        """The rows that are there, in the order of the keys; of the first table if none is named."""
        return pd.DataFrame(
            [row for key in self._keys if key in self._journal
             for row in self._journal[key][name or self._names[0]]]
        )  # fmt: skip


def _plain(key: Any) -> Hashable:
    """A key as it comes out of a file: lists for tuples, Python's numbers for NumPy's."""
    if isinstance(key, tuple | list):
        return tuple(_plain(part) for part in key)
    return key.item() if isinstance(key, np.generic) else key


def _number(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} is no plain value.")


def _read(path: Path, fields: set[str]) -> dict[Hashable, Any]:
    """What a journal says; a last line that is not whole is cut off."""
    if not path.exists():
        return {}
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    outcomes = {}
    for number, line in enumerate(content[:whole].splitlines(), 1):
        try:
            key, outcome = json.loads(line)
            if outcome.keys() != fields:
                raise ValueError
            outcomes[_plain(key)] = outcome
        except (ValueError, TypeError, AttributeError):
            warnings.warn(
                f"line {number} of {path} is damaged: its run is computed again.", stacklevel=5
            )
    return outcomes
