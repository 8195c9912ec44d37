"""What the populations did during recall, and ways to look at it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .data.patterns import Stimuli
from .model.parameters import Parameters
from .model.phases import Phase
from .neo_export import to_neo

if TYPE_CHECKING:
    import neo
    from matplotlib.figure import Figure


@dataclass
class Recall:
    """What the populations did during recall.

    Attributes
    ----------
    z : dict of dict of ndarray
        z traces, ``z[moment][population]`` of shape (cues, minicolumns), float32. Moments
        are the names under which phases are read: in published protocols 'feedforward'
        and, if there is a recurrent phase, 'attractor'.
    spike_counts : dict of dict of ndarray
        Spikes of every minicolumn since the start of the protocol, in the same form (int32);
        of rate-based populations the expected number of spikes (float32).
    elapsed : dict of float
        Time of each moment since the start of the protocol, in seconds.
    z_over_time, spikes_over_time : dict of ndarray
        On request: z (float32) and spikes (bool) of each population, shape
        (cues, time steps, minicolumns), from the phase on that was asked for. Rate-based
        populations have no spikes: there are none of them in `spikes_over_time`.
    minicolumns : dict of int
        Minicolumns per hypercolumn of each population.
    cues : dict of ndarray
        What each population was given, checked.
    protocol : tuple of Phase
        Phases that each cue went through.
    first_followed : int
        The phase from which on z and spikes over time are known.
    parameters : Parameters or None
        Of the network.
    """

    z: dict[str, dict[str, np.ndarray]]
    spike_counts: dict[str, dict[str, np.ndarray]]
    elapsed: dict[str, float]
    minicolumns: dict[str, int]
    z_over_time: dict[str, np.ndarray] = field(default_factory=dict)
    spikes_over_time: dict[str, np.ndarray] = field(default_factory=dict)
    cues: Stimuli = field(default_factory=dict, repr=False)
    protocol: tuple[Phase, ...] = field(default=(), repr=False)
    first_followed: int = field(default=0, repr=False)
    parameters: Parameters | None = field(default=None, repr=False)

    @property
    def moments(self) -> list[str]:
        """Names of the moments, in order of time."""
        return list(self.z)

    @property
    def followed(self) -> tuple[Phase, ...]:
        """Phases over which z and spikes over time are known."""
        return self.protocol[self.first_followed :]

    @property
    def reconstruction(self) -> np.ndarray:
        """Patterns as INPRC has them at the last moment, shape (cues, H) or (cues, H, M)."""
        return self.pattern("INPRC", self.moments[-1])

    def pattern(self, population: str, moment: str) -> np.ndarray:
        """Patterns as a population has them that is coded as they are, INP and INPRC say.

        Returns
        -------
        ndarray
            With two minicolumns, ON and OFF, the share of ON, shape (cues, H); else all
            shares, shape (cues, H, M). Equal shares where a hypercolumn has been silent.
        """
        shares = self.shares(population, moment)
        return shares[..., 0] if shares.shape[-1] == 2 else shares

    def shares(self, population: str, moment: str) -> np.ndarray:
        """Shares of the minicolumns of each hypercolumn: z normalised within it.

        Returns
        -------
        ndarray, shape (cues, H, M)
            Equal shares where a hypercolumn has been silent.
        """
        z = self.z[moment][population]
        m = self.minicolumns[population]
        z = z.reshape(len(z), -1, m)
        total = z.sum(axis=-1, keepdims=True)
        return np.divide(z, total, out=np.full_like(z, 1 / m), where=total > 0)

    def rates(self, population: str, moment: str) -> np.ndarray:
        """Firing rates in Hz since the moment before (or the start), shape (cues, minicolumns)."""
        position = self.moments.index(moment)
        counts = self.spike_counts[moment][population].astype(float)
        duration = self.elapsed[moment]
        if position:
            before = self.moments[position - 1]
            counts -= self.spike_counts[before][population]
            duration -= self.elapsed[before]
        return counts / duration

    def plot(self) -> Figure:
        """What was recalled: z and spikes where they are known over time, else cues and reconstructions.

        Returns
        -------
        matplotlib.figure.Figure
            Which notebooks show, and `savefig` writes. See `drawing.recalled` for what is in it.

        Raises
        ------
        ValueError
            If there is nothing over time and cues are no square images.
        """
        from .drawing.recalled import draw_recall  # above this room: a method that hands itself on

        return draw_recall(self)

    def to_neo(self, populations: Collection[str] | None = None) -> neo.Block:
        """Spikes of a recall with ``over_time=True`` as a block of Neo.

        Parameters
        ----------
        populations : collection of str, optional
            Default is all that spike.

        Returns
        -------
        neo.Block
            A segment for each cue, with a spike train for each minicolumn, silent ones as well, and the
            phases as an epoch. Spike trains are annotated with population, hypercolumn, minicolumn
            (numbered through the population, as `SpikeTrains.from_neo` wants it) and pattern (the
            number of the cue).

        Raises
        ------
        ImportError
            If Neo is not installed.
        ValueError
            If a population has no spikes over time.
        """
        return to_neo(self, populations)
