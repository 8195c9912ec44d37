"""What counts as a number: one place for all arguments that are to be one."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_number(value: Any) -> bool:
    """Whether a value is one finite number without units; True and False are none."""
    numbers = (int, float, np.integer, np.floating)
    return isinstance(value, numbers) and not isinstance(value, bool) and bool(np.isfinite(value))


def is_whole(value: Any, least: int | None = None) -> bool:
    """Whether a value is a whole number, of `least` or more; True and False are none."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return whole and (least is None or bool(value >= least))


def check_whole(name: str, value: Any, least: int = 1) -> int:
    """A whole number as Python's, which does not overflow as NumPy's short ones do.

    Raises
    ------
    ValueError
        If it is none, or less than `least`.
    """
    if not is_whole(value, least):
        raise ValueError(f"{name} is {value!r}: give a whole number of {least} or more.")
    return int(value)
