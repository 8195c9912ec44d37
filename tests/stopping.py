"""Folders of runs that were stopped, made from folders of runs that were not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


def stopped(result: Path, folder: Path, table: str, keep: Callable[[int], bool]) -> Path:
    """A copy of a result as if only some pieces of work, by number, had come to an end."""
    shutil.copytree(result, folder)
    (folder / "summary.json").unlink()
    journal = folder / f"{table}.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    kept = [line for number, line in enumerate(lines) if keep(number)]
    assert 0 < len(kept) < len(lines)
    journal.write_text("".join(kept))
    return folder
