"""What the biophysical network does in recall: spikes, rates and winners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..circuits.simulation import Simulation
from .layout import Layout


@dataclass(frozen=True)
class Spikes:
    """Spikes of one trial.

    Attributes
    ----------
    times : ndarray of float, shape (spikes,)
        In seconds since the start of the trial.
    cells : ndarray of int, shape (spikes,)
        Pyramidal cells that fired.
    columns : ndarray of int, shape (spikes,)
        Minicolumns, 0 to N - 1, of these cells.
    basket_times, baskets : ndarray
        The same of basket cells.
    """

    times: np.ndarray
    cells: np.ndarray
    columns: np.ndarray
    basket_times: np.ndarray
    baskets: np.ndarray


@dataclass
class BiophysicalRecall:
    """Outcome of recall.

    Attributes
    ----------
    spikes : list of Spikes
        One for each cue.
    cue : (float, float)
        Start and end of the cue, in seconds since the start of a trial.
    read : (float, float)
        Stretch of time in which winners are read.
    layout : Layout
    """

    spikes: list[Spikes]
    cue: tuple[float, float]
    read: tuple[float, float]
    layout: Layout

    def rates_between(self, start: float, stop: float) -> np.ndarray:
        """Mean firing rate of the cells of every minicolumn, shape (n, N), in Hz.

        Parameters
        ----------
        start, stop : float
            In seconds since the start of a trial.
        """
        if not start < stop:
            raise ValueError(f"start is {start} and stop {stop}: give a start before the stop.")
        early = 1e-9  # times of spikes are rounded sums of time steps
        counts = [
            np.bincount(
                s.columns[(s.times >= start - early) & (s.times < stop - early)],
                minlength=self.layout.columns,
            )
            for s in self.spikes
        ]
        return np.array(counts) / (self.layout.cells_per_minicolumn * (stop - start))

    @property
    def rates(self) -> np.ndarray:
        """Mean firing rate of the cells of every minicolumn while winners are read, (n, N), Hz."""
        return self.rates_between(*self.read)

    @property
    def winners(self) -> np.ndarray:
        """Minicolumn that fires most in each hypercolumn, shape (n, H); -1 where none fires."""
        rates = self.rates.reshape(len(self.spikes), self.layout.hypercolumns, -1)
        return np.where(rates.max(axis=-1) > 0, rates.argmax(axis=-1), -1)

    def correct(self, patterns: ArrayLike) -> np.ndarray:
        """Number of hypercolumns whose winner is that of the pattern, shape (n,).

        Hypercolumns for which a pattern names no minicolumn (-1) do not count.
        """
        patterns = self.layout.check_patterns("patterns", patterns)
        if len(patterns) != len(self.spikes):
            raise ValueError(
                f"patterns are {len(patterns)}: give one for each of the {len(self.spikes)} cues."
            )
        return ((self.winners == patterns) & (patterns >= 0)).sum(axis=1)


class SpikeReader:
    """Takes the spikes of one trial after the other from the monitors of a simulation."""

    def __init__(self, simulation: Simulation, layout: Layout) -> None:
        self._simulation, self._layout = simulation, layout

    def seen(self) -> tuple[int, int]:
        """Number of spikes recorded so far, of pyramidal and of basket cells."""
        pyramidal, basket = (self._simulation.get(f"{n}_spikes.i") for n in ("pyramidal", "basket"))
        return len(pyramidal), len(basket)

    def since(self, seen: tuple[int, int], start: float) -> Spikes:
        """Spikes recorded after the first `seen`, in a trial that started at `start` seconds."""
        get = self._simulation.get
        cells = np.array(get("pyramidal_spikes.i")[seen[0] :])
        return Spikes(
            np.array(get("pyramidal_spikes.t")[seen[0] :]) - start,
            cells,
            self._layout.column_of(cells),
            np.array(get("basket_spikes.t")[seen[1] :]) - start,
            np.array(get("basket_spikes.i")[seen[1] :]),
        )
