"""What a biophysical memory has learned, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..circuits.simulation import Simulation
from .connectivity import Connections
from .layout import Layout
from .network import TRACES
from .parameters import BiophysicalParameters


@dataclass
class Learned:
    """BCPNN traces of cells and synapses.

    Attributes
    ----------
    p : dict of ndarray, shape (pyramidal cells,)
        p_i of the "fast" and of the "slow" trace. Pre- and postsynaptic p of a cell are the same,
        since the time constants of its z are.
    p_ij : dict of ndarray, shape (plastic synapses,)
    """

    p: dict[str, np.ndarray]
    p_ij: dict[str, np.ndarray]

    @classmethod
    def start(cls, layout: Layout, parameters: BiophysicalParameters, synapses: int) -> Learned:
        """Independent cells of probability `p_start`: all weights are 0."""
        p = parameters.p_start
        return cls(
            {trace: np.full(layout.pyramidal, p) for trace in TRACES},
            {trace: np.full(synapses, p * p) for trace in TRACES},
        )

    @classmethod
    def read(cls, simulation: Simulation) -> Learned:
        """The traces of a simulation that has settled."""
        return cls(
            {trace: np.array(simulation.get(f"pyramidal.p_{trace}")) for trace in TRACES},
            {trace: np.array(simulation.get(f"plastic.p_ij_{trace}")) for trace in TRACES},
        )

    def write(self, simulation: Simulation, connections: Connections) -> None:
        """Put traces, weights and biases into a simulation."""
        for trace in TRACES:
            simulation.set(f"pyramidal.p_{trace}", self.p[trace])
            simulation.set(f"plastic.p_ij_{trace}", self.p_ij[trace])
            simulation.set(f"plastic.w_{trace}", self.weights(connections, trace))
        simulation.set("pyramidal.bias", np.log(self.p["fast"]))

    def weights(self, connections: Connections, trace: str) -> np.ndarray:
        """w_ij = log(p_ij/(p_i p_j)) of every plastic synapse."""
        p = self.p[trace]
        return np.log(self.p_ij[trace] / (p[connections.sources] * p[connections.targets]))


def column_weights(layout: Layout, connections: Connections, weights: np.ndarray) -> np.ndarray:
    """Mean weight between every pair of minicolumns, shape (N, N); NaN without synapses."""
    pairs = layout.column_of(connections.sources) * layout.columns
    pairs = pairs + layout.column_of(connections.targets)
    number = np.bincount(pairs, minlength=layout.columns**2)
    total = np.bincount(pairs, weights, minlength=layout.columns**2)
    mean = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean.reshape(layout.columns, layout.columns)


def column_means(layout: Layout, values: np.ndarray) -> np.ndarray:
    """Mean of a variable of pyramidal cells in every minicolumn, shape (N,)."""
    return values.reshape(layout.columns, -1).mean(axis=1)
