"""The progress bar of the package: a bar in terminals and notebooks, a line a minute in a log."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterable
from typing import Any

import tqdm.auto
import tqdm.notebook
import tqdm.std

_EVERY = 60.0  # s between lines of a log
_IN_NOTEBOOK = issubclass(tqdm.auto.tqdm, tqdm.notebook.tqdm_notebook)


class _Lines(tqdm.std.tqdm):
    """Progress as lines of text: at the start, once a minute, and at the end."""

    def __init__(self, iterable: Iterable | None = None, **options: Any) -> None:
        self._printed = -float("inf")
        self._to = sys.stderr
        what = "{desc}: " if options.get("desc") else ""
        what += "{n_fmt} of {total_fmt} {unit}s, {elapsed} gone, {remaining} to go{postfix}"
        super().__init__(
            iterable, **options, file=io.StringIO(), mininterval=_EVERY, miniters=1, bar_format=what
        )

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        if msg is None and time.monotonic() - self._printed >= _EVERY:
            self._print()
        return True

    def close(self) -> None:
        if not self.disable:
            self._print()
        super().close()

    def _print(self) -> None:
        self._printed = time.monotonic()
        print(str(self).strip(), file=self._to, flush=True)


def progress_bar(iterable: Iterable | None = None, **options: Any) -> tqdm.std.tqdm:
    """A progress bar on standard error, as `tqdm.tqdm` is used.

    Parameters
    ----------
    iterable : iterable, optional
        What is gone through; else tell the bar by its `update`.
    **options
        Of tqdm: total, initial, desc, unit, disable.
    """
    if _IN_NOTEBOOK or sys.stderr.isatty():
        return tqdm.auto.tqdm(iterable, **options)
    return _Lines(iterable, **options)
