"""Patterns in, activities of minicolumns out: checks and ON/OFF coding."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..model.architecture import Population


def check_patterns(
    name: str, patterns: ArrayLike, population: Population, *, unknown: bool = False
) -> np.ndarray:
    """Patterns as an array that fits a population.

    Parameters
    ----------
    name : str
        What the caller calls them, for messages.
    patterns : array_like, shape (n, H) or (n, H, M)
        Values in [0, 1]: one per hypercolumn, coded by an ON and an OFF minicolumn, or one
        per minicolumn.
    population : Population
        Clamped to them.
    unknown : bool
        Whether a value may be NaN, unknown.

    Returns
    -------
    ndarray of float, shape (n, H) or (n, H, M)
        float32 where they came as such, else float64.

    Raises
    ------
    ValueError
        If there are none, their shape does not fit, or a value is outside [0, 1] and not unknown.
    """
    try:
        array: np.ndarray = np.asarray(patterns)
        array = np.asarray(array, np.float32 if array.dtype == np.float32 else np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} are not numbers in rows of equal length ({error}): give an array of shape "
            f"(number of patterns, {population.hypercolumns})."
        ) from None
    shapes: list[tuple[int, ...]] = [(population.hypercolumns, population.minicolumns)]
    if population.minicolumns == 2:
        shapes.insert(0, (population.hypercolumns,))
    if array.ndim < 2 or array.shape[1:] not in shapes:
        wanted = " or ".join(f"(n, {', '.join(map(str, shape))})" for shape in shapes)
        raise ValueError(
            f"{name} have shape {array.shape}: population {population.name} of this network "
            f"takes {wanted}, n patterns."
        )
    if len(array) == 0:
        raise ValueError(f"{name} are empty: give at least one pattern.")
    bad = ~((array >= 0) & (array <= 1) | (unknown & np.isnan(array)))
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name} hold the value {array[where]} at index {where}: give finite values from 0 to "
            f"1 (divide grey levels by their maximum){', or NaN for unknown' * unknown}."
        )
    return array


def minicolumn_activity(patterns: np.ndarray) -> np.ndarray:
    """Activity v of every minicolumn, shape (n, H * M): ON = pixel, OFF = 1 - pixel.

    Where a value is unknown, that of a hypercolumn without input: spread evenly.
    """
    if patterns.ndim == 2:
        patterns = np.stack([patterns, 1 - patterns], axis=-1)
    unknown = np.isnan(patterns).any(axis=-1, keepdims=True)
    patterns = np.where(unknown, 1 / patterns.shape[-1], patterns)
    return patterns.reshape(len(patterns), -1).astype(np.float64)


def unknown_minicolumns(patterns: np.ndarray, minicolumns: int) -> np.ndarray:
    """Which minicolumns belong to hypercolumns of unknown value, shape (n, H * M)."""
    unknown = np.isnan(patterns)
    if unknown.ndim == 3:
        unknown = unknown.any(axis=-1)
    return np.repeat(unknown, minicolumns, axis=1)
