"""Patterns in, activities of minicolumns out: checks, by population, and ON/OFF coding."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..files.checksums import checksum
from ..model.architecture import Architecture, Population

#: Patterns of each population that is given some.
Stimuli = dict[str, np.ndarray]


def check_stimuli(
    name: str,
    patterns: ArrayLike | Mapping[str, ArrayLike],
    architecture: Architecture,
    *,
    unknown: bool = False,
    copied: bool = False,
) -> Stimuli:
    """Patterns by population, as arrays that fit a network.

    Parameters
    ----------
    name : str
        What the caller calls them, for messages.
    patterns : array_like or mapping of str to array_like
        Of the first population, or of populations by name; see `check_patterns`.
    architecture : Architecture
    unknown : bool
        Whether a value may be NaN, unknown.
    copied : bool
        Whether patterns of the first population alone are also those of the populations that
        reconstruct it, see `Architecture.reconstructing`.

    Raises
    ------
    ValueError
        If a population is unknown, patterns do not fit theirs, or their numbers differ.
    """
    if not isinstance(patterns, Mapping):
        first = architecture.populations[0]
        array = check_patterns(name, patterns, first, unknown=unknown)
        others = architecture.reconstructing if copied else ()
        return {population: array for population in (first.name, *others)}
    if not patterns:
        raise ValueError(f"{name} are empty: give patterns of one population at least.")
    stimuli = {
        population: check_patterns(
            f"{name} of {population}", given, architecture.population(population), unknown=unknown
        )
        for population, given in patterns.items()
    }
    numbers = {population: len(array) for population, array in stimuli.items()}
    if len(set(numbers.values())) > 1:
        text = ", ".join(f"{number} of {population}" for population, number in numbers.items())
        raise ValueError(f"{name} are {text}: give as many for each population.")
    return stimuli


def shown_to(
    clamped: Collection[str], patterns: object, stimuli: Stimuli, architecture: Architecture
) -> Stimuli:
    """Patterns of the populations that a protocol clamps.

    Patterns by population clamp these, and others are free. Patterns alone are those of the first
    population, and clamp others of its size as well.

    Raises
    ------
    ValueError
        If a population of another size is to be clamped to them.
    """
    if isinstance(patterns, Mapping):
        return stimuli
    first = architecture.populations[0]
    for name in clamped:
        shape = architecture.population(name).shape
        if shape != first.shape:
            raise ValueError(
                f"protocol clamps {name}, of {shape[0]} x {shape[1]} minicolumns, to patterns of "
                f"{first.shape[0]} x {first.shape[1]}: give patterns by population, "
                f"{{{first.name!r}: …, {name!r}: …}}."
            )
    return {name: stimuli[first.name] for name in (first.name, *clamped)}


def checksum_of(stimuli: Stimuli) -> str:
    """Checksum of patterns; where all populations have the same ones, of these."""
    different = {id(array): array for array in stimuli.values()}  # INP and INPRC have the same, say
    found = {key: checksum(array) for key, array in different.items()}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return ", ".join(f"{name} {found[id(stimuli[name])]}" for name in sorted(stimuli))


def check_patterns(
    name: str, patterns: ArrayLike, population: Population, *, unknown: bool = False
) -> np.ndarray:
    """Patterns as an array that fits a population.

    Parameters
    ----------
    name : str
        What the caller calls them, for messages.
    patterns : array_like, shape (n, H), (n, H, M) or (n,)
        Values in [0, 1]: one per hypercolumn, coded by an ON and an OFF minicolumn, or one
        per minicolumn. Of a population of one hypercolumn also classes: numbers of minicolumns.
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
    if array.ndim == 1 and population.hypercolumns == 1 and len(array):
        return _classes(name, array, population)
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


def _classes(name: str, labels: np.ndarray, population: Population) -> np.ndarray:
    """Activity of one minicolumn for each class, shape (n, 1, M)."""
    m = population.minicolumns
    known = np.arange(m)
    strange = labels[~np.isin(labels, known)]
    if len(strange):
        raise ValueError(
            f"{name} hold the label {strange[0]:g}: give classes, whole numbers from 0 to {m - 1}, the "
            f"minicolumns of population {population.name}."
        )
    return (labels[:, None] == known).astype(np.float32)[:, None]


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
