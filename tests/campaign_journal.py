"""What a campaign has found so far, kept so that it can be stopped and resumed."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path


class Journal:
    """Results of finished runs, a line of JSON for each, behind a first one that says what they are.

    Parameters
    ----------
    path : Path, optional
        Made if it does not exist; a line that was not finished is cut off. Default: nothing
        is kept.
    campaign : dict
        What decides the results; a journal of another campaign is refused.
    """

    def __init__(self, path: Path | None, campaign: dict) -> None:
        self._path, self._lock = path, threading.Lock()
        self._found: dict[str, object] = {}
        if path is None:
            return
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        lines = [json.loads(line) for line in whole.splitlines()]
        if lines and lines[0] != campaign:
            raise ValueError(f"{path} is of another campaign, {lines[0]}: give another file.")
        self._found = dict(lines[1:])
        with open(path, "ab") as file:
            file.truncate(len(whole))
        if not lines:
            self._append(campaign)

    def __contains__(self, run: str) -> bool:
        return run in self._found

    def __getitem__(self, run: str):
        return self._found[run]

    def add(self, run: str, result: object) -> None:
        """Note the result of a run, from any thread."""
        with self._lock:
            self._found[run] = result
            if self._path is not None:
                self._append([run, result])

    def _append(self, line: object) -> None:
        with open(self._path, "a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
