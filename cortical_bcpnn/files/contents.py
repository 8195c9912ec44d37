"""What a sealed file holds: its index, every bound of which is checked, and the arrays by it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import DTypeLike

SEAL_BYTES = 512  # in front of all content
_DTYPES = re.compile(r"\|b1|\|[iu]1|<[iu][248]|<f[48]|\|S[1-9]\d{0,2}")
_NAME = re.compile(r"[^/\0]+(/[^/\0]+)*")
_LONGEST_NAME, _MOST_DIMENSIONS = 1024, 4


class Damaged(ValueError):
    """A file is not what was written, as its seal or its content proves."""


@dataclass(frozen=True)
class _Place:
    """Where and how an array lies in a file."""

    dtype: np.dtype
    shape: tuple[int, ...]
    offset: int


class SealedFile:
    """What a whole file holds.

    Parameters
    ----------
    content : bytes
        All of the file.
    index : mapping
        See `index_of`; nothing is taken for granted.
    length : int
        Of the part that arrays may lie in.

    Attributes
    ----------
    counts : dict of str to int
    groups : set of str
    """

    def __init__(self, content: bytes, index: Mapping, length: int) -> None:
        self._content = content
        self.counts, self.groups, self._places = _checked(index, length)

    def __contains__(self, name: str) -> bool:
        return name in self._places or name in self.groups

    def within(self, group: str) -> list[str]:
        """Names of arrays and groups right within a group, sorted."""
        start = f"{group}/"
        names = (*self._places, *self.groups)
        return sorted(n[len(start):] for n in names if n.startswith(start) and "/" not in n[len(start):])

    def dtype(self, name: str) -> np.dtype:
        """Type of an array."""
        if name not in self._places:
            raise ValueError(f"{name} is missing or no array")
        return self._places[name].dtype

    def array(
        self, name: str, dtype: DTypeLike, shape: tuple[int | None, ...]
    ) -> np.ndarray:
        """An array, if it is as expected.

        Parameters
        ----------
        name : str
        dtype : dtype
        shape : tuple of int or None
            None: any length.

        Raises
        ------
        ValueError
            If it is anything else.
        """
        found = self.dtype(name)
        place = self._places[name]
        fits = found == np.dtype(dtype) and len(place.shape) == len(shape)
        if not fits or any(w not in (None, n) for n, w in zip(place.shape, shape)):
            raise ValueError(
                f"{name} is {found} of shape {place.shape}, not {np.dtype(dtype)} of "
                f"shape {tuple('any' if n is None else n for n in shape)}"
            )
        size = math.prod(place.shape)
        raw = np.frombuffer(self._content, np.uint8, size * found.itemsize, place.offset)
        if found.kind == "b" and (raw > 1).any():
            raise ValueError(f"{name} holds what is neither true nor false")
        return raw.copy().view(found).reshape(place.shape)

    def text(self, name: str) -> str:
        """A text that `write_text` stored.

        Raises
        ------
        ValueError
            If it is missing or is no text.
        """
        return self.array(name, np.uint8, (None,)).tobytes().decode()

    def count(self, name: str) -> int:
        """A whole number that was stored as an attribute of the file.

        Raises
        ------
        ValueError
            If there is none.
        """
        if name not in self.counts:
            raise ValueError(f"{name} is missing or no whole number of 0 or more")
        return self.counts[name]


def index_of(file: h5py.File) -> dict:
    """Where everything is in an HDF5 file.

    Returns
    -------
    dict
        'counts': attributes of the file; 'groups': their names; 'arrays': by name, type
        (as by NumPy), shape, and offset in bytes.
    """
    groups: list[str] = []
    arrays: dict[str, list] = {}

    def note(name: str, item: h5py.HLObject) -> None:
        if isinstance(item, h5py.Group):
            groups.append(name)
        else:
            offset = item.id.get_offset() if item.size else 0
            arrays[name] = [item.dtype.str, list(item.shape), offset]

    file.visititems(note)
    counts = {name: int(value) for name, value in file.attrs.items()}
    return {"counts": counts, "groups": groups, "arrays": arrays}


def _checked(
    index: Mapping, length: int
) -> tuple[dict[str, int], set[str], dict[str, _Place]]:
    """The parts of an index, each bound of which holds for a file of that length."""

    def require(holds: bool, what: str) -> None:
        if not holds:
            raise Damaged(f"its index is wrong ({what})")

    require(isinstance(index, dict) and index.keys() == {"counts", "groups", "arrays"}, "its parts")
    counts, groups, arrays = index["counts"], index["groups"], index["arrays"]
    for part, kind in ((counts, dict), (groups, list), (arrays, dict)):
        require(isinstance(part, kind), "its parts")
    for name in (*groups, *arrays):
        named = isinstance(name, str) and len(name) <= _LONGEST_NAME and _NAME.fullmatch(name)
        require(bool(named), "a name")
    for name, value in counts.items():
        require(type(value) is int and 0 <= value < 2**63, f"the count {name[:100]!r}")
    require(len({*groups, *arrays}) == len(groups) + len(arrays), "names twice")
    places: dict[str, _Place] = {}
    total = 0
    for name, place in arrays.items():
        require(isinstance(place, list) and len(place) == 3, f"place of {name!r}")
        dtype, shape, offset = place
        require(isinstance(dtype, str) and bool(_DTYPES.fullmatch(dtype)), f"type of {name!r}")
        require(isinstance(shape, list) and len(shape) <= _MOST_DIMENSIONS, f"shape of {name!r}")
        for number in (*shape, offset):
            require(type(number) is int and 0 <= number <= length, f"place of {name!r}")
        size = math.prod(shape) * np.dtype(dtype).itemsize
        require(not size or SEAL_BYTES <= offset <= length - size, f"place of {name!r}")
        total += size
        places[name] = _Place(np.dtype(dtype), tuple(shape), offset)
    require(total <= length, "arrays that lie over each other")  # which would multiply memory
    return counts, set(groups), places
