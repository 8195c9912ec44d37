"""Numbers with units: as text, read from text, and checked."""

from __future__ import annotations

import re

import numpy as np
from brian2 import DimensionMismatchError, Hz, Quantity, get_unit, ms, second, usecond
from brian2.core.namespace import DEFAULT_UNITS

#: Names of units in text: Brian2's, and two that it lacks.
UNITS = {**DEFAULT_UNITS, "s": second, "µs": usecond}
_TEXT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*([^\W\d]*)\s*")


def parse_quantity(text: str) -> Quantity | float:
    """A number with or without a unit: '200ms', '0.2', '5 mV', '5*mV'.

    Exact: ``parse_quantity(quantity_text(value)) == value`` for times and rates.

    Raises
    ------
    ValueError
        If it is neither.
    """
    match = _TEXT.fullmatch(text)
    if not match or match[2] and match[2] not in UNITS:
        raise ValueError(f"{text!r} is no value: give a number with its unit, 200ms or 0.2, say.")
    number = float(match[1])
    return number * UNITS[match[2]] if match[2] else number


def quantity_text(value: Quantity) -> str:
    """A quantity as text that gives back the very same number: times in ms where that does."""
    if value.dim is second.dim:
        milliseconds = float(value / ms)
        exact = float(milliseconds * ms) == float(value)
        return f"{milliseconds!r} ms" if exact else f"{float(value)!r} s"
    if value.dim is Hz.dim:
        return f"{float(value)!r} Hz"
    return base_text(value)


def base_text(value: Quantity) -> str:
    """A quantity as text in the unit that it is computed in, '0.2 second' say."""
    return f"{float(value)!r} {get_unit(value.dim)!r}"


def check_quantity(name: str, value: Quantity, unit: Quantity) -> None:
    """Raise unless `value` is one positive quantity in the dimensions of `unit`.

    Raises
    ------
    TypeError
        If it has no units.
    DimensionMismatchError
        If it has others.
    ValueError
        If it is not positive and finite.
    """
    example = f"for example 5*{'ms' if unit is second else unit}"
    if not isinstance(value, Quantity):
        raise TypeError(f"{name} is {value!r}, without units: give a quantity, {example}.")
    if value.dim is not get_unit(unit.dim).dim:
        raise DimensionMismatchError(
            f"{name} is {value}, in the wrong units: give a quantity, {example};", value.dim
        )
    if value.shape != () or not np.isfinite(float(value)) or float(value) <= 0:
        raise ValueError(f"{name} is {value}: give one positive, finite value, {example}.")
