"""How cells are numbered: hypercolumn by hypercolumn, minicolumn by minicolumn."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from ..values.numbers import check_whole


@dataclass(frozen=True)
class Layout:
    """Sizes of a network.

    Attributes
    ----------
    hypercolumns, minicolumns : int
        Number of hypercolumns H, and of minicolumns M in each.
    cells_per_minicolumn : int
        Pyramidal cells, 30 in Fiebig & Lansner (2017).
    baskets_per_minicolumn : int
        Basket cells, shared by the hypercolumn: 2 in Chrysanthidis et al. (2019).
    """

    hypercolumns: int
    minicolumns: int
    cells_per_minicolumn: int = 30
    baskets_per_minicolumn: int = 2

    def __post_init__(self) -> None:
        least = {"hypercolumns": 2, "minicolumns": 2, "cells_per_minicolumn": 2}
        for item in fields(self):
            value, minimum = getattr(self, item.name), least.get(item.name, 1)
            object.__setattr__(self, item.name, check_whole(item.name, value, minimum))

    @property
    def columns(self) -> int:
        """Number of minicolumns in all, N = H × M."""
        return self.hypercolumns * self.minicolumns

    @property
    def pyramidal(self) -> int:
        """Number of pyramidal cells."""
        return self.columns * self.cells_per_minicolumn

    @property
    def baskets_per_hypercolumn(self) -> int:
        """Number of basket cells in a hypercolumn."""
        return self.minicolumns * self.baskets_per_minicolumn

    @property
    def baskets(self) -> int:
        """Number of basket cells."""
        return self.hypercolumns * self.baskets_per_hypercolumn

    def column_of(self, cells: ArrayLike) -> np.ndarray:
        """Minicolumn, 0 to N - 1, of pyramidal cells."""
        return np.asarray(cells) // self.cells_per_minicolumn

    def active_cells(self, pattern: np.ndarray) -> np.ndarray:
        """Which pyramidal cells a pattern activates, shape (pyramidal,), bool.

        Parameters
        ----------
        pattern : ndarray of int, shape (H,)
            Active minicolumn of each hypercolumn, -1 for none.
        """
        active = pattern[:, None] == np.arange(self.minicolumns)
        return np.repeat(active.ravel(), self.cells_per_minicolumn)

    def check_patterns(self, name: str, patterns: ArrayLike) -> np.ndarray:
        """Patterns as an array that fits the network, shape (n, H), int.

        Raises
        ------
        ValueError
            If there are none, their shape does not fit, or a value is not a minicolumn or -1.
        """
        try:
            array = np.asarray(patterns)
        except ValueError:
            array = np.empty(0)
        if array.ndim != 2 or array.shape[1] != self.hypercolumns or len(array) == 0:
            raise ValueError(
                f"{name} have shape {array.shape}: give an array of shape (n, {self.hypercolumns}), "
                "the active minicolumn of each hypercolumn, -1 for none."
            )
        if array.dtype.kind not in "iu":
            raise ValueError(f"{name} are of type {array.dtype}: give whole numbers, minicolumns or -1.")
        bad = (array < -1) | (array >= self.minicolumns)
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            raise ValueError(
                f"{name} hold {array[where]} at index {where}: give minicolumns from 0 to "
                f"{self.minicolumns - 1}, or -1 for none."
            )
        return array.astype(np.int64)
