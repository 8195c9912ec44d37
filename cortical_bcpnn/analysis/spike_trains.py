"""Spikes of one trial of any model whose cells belong to minicolumns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..values.numbers import check_whole, is_number

if TYPE_CHECKING:
    from ..biophysical import BiophysicalRecall
    from ..recall import Recall

_EARLY = 1e-9  # s; times of spikes are rounded sums of time steps


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """Spikes of one trial, with the minicolumn in which each was fired.

    Attributes
    ----------
    times : ndarray of float, shape (spikes,)
        In seconds since the start of the trial.
    columns : ndarray of int, shape (spikes,)
        Minicolumn of each spike, 0 to H × M - 1, numbered hypercolumn by hypercolumn.
    hypercolumns, minicolumns : int
        Number of hypercolumns H, and of minicolumns M in each.
    duration : float
        Of the trial, in seconds.
    cells : ndarray of int, shape (spikes,), optional
        Cell of each spike, any numbers; default is one cell for each minicolumn.
    cells_per_minicolumn : int
        Firing rates are per cell.
    cue : (float, float)
        Start and end of the cue, in seconds; default is a trial that starts as the cue ends.

    Raises
    ------
    ValueError
        If spikes lie outside the trial or outside the network, or arrays do not fit together.
    """

    times: np.ndarray
    columns: np.ndarray
    hypercolumns: int
    minicolumns: int
    duration: float
    cells: np.ndarray | None = None
    cells_per_minicolumn: int = 1
    cue: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("hypercolumns", "minicolumns", "cells_per_minicolumn"):
            check_whole(name, getattr(self, name))
        if not is_number(self.duration) or self.duration <= 0:
            raise ValueError(f"duration is {self.duration!r}: give a positive number of seconds.")
        times = np.asarray(self.times, float)
        good = np.isfinite(times) & (times >= -_EARLY) & (times <= self.duration + _EARLY)
        if times.ndim != 1 or not good.all():
            raise ValueError(
                f"times do not lie in the trial: give seconds from 0 to its duration, {self.duration:g}."
            )
        arrays = {"times": times, "columns": np.asarray(self.columns)}
        if self.cells is not None:
            arrays["cells"] = np.asarray(self.cells)
        for name, array in arrays.items():
            if array.shape != times.shape:
                raise ValueError(
                    f"{name} have shape {array.shape}: give one for each of the {len(times)} spikes."
                )
            if name != "times" and len(array) and array.dtype.kind not in "iu":
                raise ValueError(f"{name} are of type {array.dtype}: give whole numbers.")
        number, columns = self.hypercolumns * self.minicolumns, arrays["columns"]
        if len(columns) and not (columns.min() >= 0 and columns.max() < number):
            raise ValueError(
                f"columns reach from {columns.min()} to {columns.max()}: give minicolumns from 0 to "
                f"{number - 1}, hypercolumns x minicolumns - 1."
            )
        if not (len(self.cue) == 2 and 0 <= self.cue[0] <= self.cue[1] < self.duration):
            raise ValueError(
                f"cue is {self.cue}: give its start and end in seconds, before the trial ends at "
                f"{self.duration:g}."
            )
        order = np.argsort(times, kind="stable")
        for name, array in arrays.items():
            array = array.astype(float if name == "times" else np.int64)
            object.__setattr__(self, name, array[order])

    # --- Constructors ----------------------------------------------------------------------

    @classmethod
    def from_recall(
        cls, recall: Recall, population: str, *, dt: float = 1e-3, cue: tuple[float, float] = (0.0, 0.0)
    ) -> list[SpikeTrains]:
        """One for each cue, from what `AssociativeMemory.recall` returns with ``over_time=True``.

        Parameters
        ----------
        recall : Recall
        population : str
            Its minicolumns are taken as one cell each.
        dt : float
            Time step in seconds.
        cue : (float, float)
            Start and end of the cue in the protocol, in seconds.
        """
        if population not in recall.spikes_over_time:
            known = ", ".join(recall.spikes_over_time) or "none"
            raise ValueError(
                f"recall has no spikes over time of {population!r} (of {known}): recall with "
                "over_time=True, in a spiking variant."
            )
        spikes, m = recall.spikes_over_time[population], recall.minicolumns[population]
        trials = []
        for trial in spikes:
            steps, columns = np.nonzero(trial)
            duration = len(trial) * dt
            trials.append(cls(steps * dt, columns, trial.shape[1] // m, m, duration, cue=cue))
        return trials

    @classmethod
    def from_biophysical(cls, recall: BiophysicalRecall) -> list[SpikeTrains]:
        """One for each cue: pyramidal cells of `BiophysicalMemory.recall`."""
        layout = recall.layout
        return [
            cls(
                s.times, s.columns, layout.hypercolumns, layout.minicolumns, recall.read[1],
                s.cells, layout.cells_per_minicolumn, recall.cue,
            )
            for s in recall.spikes
        ]  # fmt: skip

    @classmethod
    def from_neo(
        cls,
        data: object,
        hypercolumns: int,
        minicolumns: int,
        *,
        columns: ArrayLike | None = None,
        annotation: str = "minicolumn",
        cells_per_minicolumn: int = 1,
        cue: tuple[float, float] = (0.0, 0.0),
    ) -> SpikeTrains:
        """One trial from Neo: a Segment, a Block of one segment, or a list of SpikeTrain.

        Parameters
        ----------
        data : neo.Block, neo.Segment or iterable of neo.SpikeTrain
            One spike train for each cell. Time 0 is the earliest t_start of them.
        columns : array_like of int, optional
            Minicolumn of each spike train; default is what its `annotation` says.
        annotation : str
            Under which every spike train holds the number of its minicolumn.
        hypercolumns, minicolumns, cells_per_minicolumn, cue
            See `SpikeTrains`.
        """
        trains = _neo_trains(data)
        if columns is None:
            missing = [n for n, train in enumerate(trains) if annotation not in train.annotations]
            if missing:
                raise ValueError(
                    f"spike train {missing[0]} has no annotation {annotation!r}: annotate all with "
                    "their minicolumn, or give columns."
                )
            columns = [train.annotations[annotation] for train in trains]
        columns = np.asarray(columns)
        if columns.shape != (len(trains),) or columns.dtype.kind not in "iu":
            raise ValueError(
                f"columns are {columns.dtype} of shape {columns.shape}: give a whole number for each "
                f"of the {len(trains)} spike trains."
            )
        start = min(float(train.t_start.rescale("s")) for train in trains)
        stop = max(float(train.t_stop.rescale("s")) for train in trains)
        numbers = [len(train) for train in trains]
        times = [np.asarray(train.rescale("s").magnitude, float) - start for train in trains]
        return cls(
            np.concatenate(times), np.repeat(columns, numbers), hypercolumns, minicolumns, stop - start,
            np.repeat(np.arange(len(trains)), numbers), cells_per_minicolumn, cue,
        )  # fmt: skip

    @classmethod
    def from_nest(
        cls,
        recorder: object,
        cells: ArrayLike,
        hypercolumns: int,
        minicolumns: int,
        *,
        stop: float,
        start: float = 0.0,
        columns: ArrayLike | None = None,
        cue: tuple[float, float] = (0.0, 0.0),
    ) -> SpikeTrains:
        """One trial from NEST: what a spike recorder has heard between two times.

        Parameters
        ----------
        recorder : nest.NodeCollection or mapping
            A spike recorder, or its ``events``: 'senders' and 'times', in ms as NEST has them.
        cells : nest.NodeCollection or array_like of int
            All recorded cells, also silent ones. Spikes of others are left out.
        start, stop : float
            Of the trial, in seconds of NEST's time; `cue` counts from its start.
        columns : array_like of int, optional
            Minicolumn of each of the cells. Default is that they come hypercolumn by hypercolumn
            and minicolumn by minicolumn, as many in each.
        hypercolumns, minicolumns, cue
            See `SpikeTrains`.
        """
        events = getattr(recorder, "events", recorder)
        if not isinstance(events, Mapping) or not {"senders", "times"} <= set(events):
            raise ValueError(
                "recorder has no events with 'senders' and 'times': give one spike recorder of NEST, "
                "or its events."
            )
        cells = np.asarray(cells.tolist() if hasattr(cells, "tolist") else cells)
        number = check_whole("hypercolumns", hypercolumns) * check_whole("minicolumns", minicolumns)
        if columns is None:
            if len(cells) == 0 or len(cells) % number:
                raise ValueError(
                    f"cells are {len(cells)}: give as many for each of the {number} minicolumns, or "
                    "give columns."
                )
            columns = np.repeat(np.arange(number), len(cells) // number)
        columns = np.asarray(columns)
        if columns.shape != cells.shape or columns.dtype.kind not in "iu":
            raise ValueError(
                f"columns are {columns.dtype} of shape {columns.shape}: give a whole number for each of "
                f"the {len(cells)} cells."
            )
        if not start < stop:
            raise ValueError(f"start is {start} and stop {stop}: give a start before the stop.")
        senders, times = np.asarray(events["senders"], int), 1e-3 * np.asarray(events["times"], float)
        order = np.argsort(cells)
        places = np.searchsorted(cells[order], senders).clip(max=len(cells) - 1)
        heard = (cells[order][places] == senders) & (times > start + _EARLY) & (times <= stop + _EARLY)
        which = order[places[heard]]
        per_minicolumn = max(len(cells) // number, 1)
        return cls(
            times[heard] - start, columns[which], hypercolumns, minicolumns, stop - start, which,
            per_minicolumn, cue,
        )  # fmt: skip

    # --- Views -----------------------------------------------------------------------------

    @property
    def units(self) -> np.ndarray:
        """Cell of each spike; its minicolumn where cells are not told apart."""
        return self.columns if self.cells is None else self.cells

    def between(self, start: float, stop: float) -> np.ndarray:
        """Which spikes fall in [start, stop), in seconds; bool of shape (spikes,)."""
        if not start < stop:
            raise ValueError(f"start is {start} and stop {stop}: give a start before the stop.")
        return (self.times >= start - _EARLY) & (self.times < stop - _EARLY)

    def of_units(self, start: float, stop: float, least: int = 1) -> list[np.ndarray]:
        """Spike times in [start, stop) of every cell that fires `least` spikes in it or more."""
        inside = self.between(start, stop)
        times, units = self.times[inside], self.units[inside]
        order = np.argsort(units, kind="stable")  # times stay in order
        _, first = np.unique(units[order], return_index=True)
        return [train for train in np.split(times[order], first[1:]) if len(train) >= max(least, 1)]


def _neo_trains(data: object) -> list:
    """Spike trains of one segment, or those given."""
    segments = getattr(data, "segments", None)
    if segments is not None:
        if len(segments) != 1:
            raise ValueError(
                f"block has {len(segments)} segments: give them one by one, as one trial each."
            )
        data = segments[0]
    data = getattr(data, "spiketrains", data)
    trains = list(data) if isinstance(data, Iterable) else []
    if not trains or not all(hasattr(train, "t_start") for train in trains):
        raise ValueError("data hold no spike trains: give a Neo block, segment or list of SpikeTrain.")
    return trains
