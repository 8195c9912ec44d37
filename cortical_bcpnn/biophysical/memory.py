"""The biophysical associative memory: learn and recall."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike

from ..circuits.simulation import Simulation, Steps, check_device, start
from ..engine.circuit import Circuit
from ..values.numbers import check_whole
from .connectivity import draw_connections
from .layout import Layout
from .network import TRACES, build_network, place_synapses, set_parameters
from .parameters import BiophysicalParameters
from .plasticity import Learned, column_means, column_weights
from .protocols import learning, recalling, rest, steps_of_learning, steps_of_rest, steps_of_trial
from .recall import BiophysicalRecall, SpikeReader

_LEARNING, _RECALL = 12, 13  # streams of random numbers


class BiophysicalMemory:
    """Associative memory of AdEx cells with BCPNN synapses, the twin of the recurrent network.

    Parameters
    ----------
    hypercolumns, minicolumns : int
        Number of hypercolumns H, and of minicolumns M in each.
    cells_per_minicolumn, baskets_per_minicolumn : int
        Pyramidal and basket cells, see `Layout`.
    seed : int
        All randomness follows from it: connections, input in learning and in recall.
    device : {'cpp_standalone', 'runtime'}
        Compiled C++ program, or Brian2's runtime mode for small networks.
    on_build : callable, optional
        Called with the `Circuit` before it is compiled, to add Brian2 objects to it.
    **overrides
        Fields of `BiophysicalParameters`.

    Attributes
    ----------
    learned : Learned
        Traces of cells and synapses.
    seconds : dict of float
        Wall time spent on build, learning and recall, and under 'simulated' the model time of
        learning and recall.

    Examples
    --------
    >>> memory = BiophysicalMemory(hypercolumns=9, minicolumns=9, seed=1)
    >>> memory.learn(patterns)
    >>> recall = memory.recall(cues)
    >>> recall.winners
    """

    def __init__(
        self,
        hypercolumns: int = 9,
        minicolumns: int = 9,
        *,
        cells_per_minicolumn: int = 30,
        baskets_per_minicolumn: int = 2,
        seed: int = 0,
        device: str = "cpp_standalone",
        on_build: Callable[[Circuit], None] | None = None,
        **overrides,
    ) -> None:
        self.layout = Layout(hypercolumns, minicolumns, cells_per_minicolumn, baskets_per_minicolumn)
        known = [item.name for item in fields(BiophysicalParameters)]
        for name in overrides:
            if name not in known:
                raise TypeError(f"{name} is not a parameter: choose from {', '.join(known)}.")
        self.parameters = BiophysicalParameters(**overrides)
        self.seed = check_whole("seed", seed, 0)
        self.device = check_device(device)
        self.connections = draw_connections(self.layout, self.parameters, self.seed)
        synapses = len(self.connections["plastic"].sources)
        self.learned = Learned.start(self.layout, self.parameters, synapses)
        self.n_learned = 0
        self.seconds = {"build": 0.0, "learning": 0.0, "recall": 0.0, "simulated": 0.0}
        self._on_build = on_build
        self._simulation: Simulation | None = None
        self._steps = 0  # simulated so far

    # --- Learning and recall -------------------------------------------------------------

    def learn(self, patterns: ArrayLike, epochs: int = 1) -> BiophysicalMemory:
        """Show patterns one after the other, with plasticity on.

        Parameters
        ----------
        patterns : array_like of int, shape (n, H)
            Active minicolumn of each hypercolumn, -1 for none.
        epochs : int
            How often the sequence is shown.

        Returns
        -------
        BiophysicalMemory
            This one.
        """
        patterns = self.layout.check_patterns("patterns", patterns)
        patterns = np.concatenate([patterns] * check_whole("epochs", epochs))
        simulation, p = self._started(), self.parameters
        simulation.seed(self._seeds(_LEARNING, self.n_learned, 1)[0])
        steps = steps_of_learning(p, len(patterns))
        self._drive("learning", learning(simulation, self.layout, p, patterns), steps)
        self.learned = Learned.read(simulation)
        self.n_learned += len(patterns)
        return self

    def recall(self, cues: ArrayLike) -> BiophysicalRecall:
        """Recall what cues bring to mind. Nothing is learned.

        Every trial starts from rest with random numbers of its own, which depend on the seed and
        on its position in `cues` only.

        Parameters
        ----------
        cues : array_like of int, shape (n, H)
            Cued minicolumn of each hypercolumn, -1 where none is cued.
        """
        cues = self.layout.check_patterns("cues", cues)
        simulation, p = self._started(), self.parameters
        reader = SpikeReader(simulation, self.layout)
        seeds = self.trial_seeds(len(cues))
        spikes = []
        trial = steps_of_trial(p)

        def trials() -> Iterator[Steps]:
            for cue, seed in zip(cues, seeds):
                yield from rest(simulation, p)
                simulation.seed(seed)
                seen = reader.seen()
                start = self._steps
                yield from recalling(simulation, self.layout, p, cue)
                spikes.append(reader.since(seen, start * float(p.dt)))

        self._drive("recall", trials(), len(cues) * (steps_of_rest(p) + trial))
        onset = float(p.settle_time)
        end = onset + float(p.cue_time) + float(p.free_time)
        return BiophysicalRecall(
            spikes, (onset, onset + float(p.cue_time)), (end - float(p.read_time), end), self.layout
        )

    # --- What has been learned -----------------------------------------------------------

    def weights(self, trace: str = "fast") -> np.ndarray:
        """w_ij between minicolumns: the mean over their synapses, shape (N, N).

        Parameters
        ----------
        trace : {'fast', 'slow'}
            Weights of AMPA or of NMDA synapses.

        Returns
        -------
        ndarray
            NaN inside a hypercolumn, where there are no plastic synapses.
        """
        connections = self.connections["plastic"]
        return column_weights(
            self.layout, connections, self.learned.weights(connections, _check_trace(trace))
        )

    def biases(self, trace: str = "fast") -> np.ndarray:
        """log p_j of minicolumns, the mean over their cells, shape (N,).

        The bias current of a cell is `bias_gain` times its own, of the fast trace.
        """
        return column_means(self.layout, np.log(self.learned.p[_check_trace(trace)]))

    def peak_memory(self) -> int:
        """Largest memory of the simulation so far, in bytes; 0 before there is one."""
        return 0 if self._simulation is None else self._simulation.peak_memory()

    # --- Simulations ---------------------------------------------------------------------

    def _started(self) -> Simulation:
        """The simulation, with all that has been learned."""
        if self._simulation is None:
            (simulation,), seconds = start(self._make_circuit, self.device)
            self.seconds["build"] += seconds
            self._steps = 0
            place_synapses(simulation, self.connections)
            set_parameters(simulation, self.parameters)
            self.learned.write(simulation, self.connections["plastic"])
            self._simulation = simulation
        return self._simulation

    def _make_circuit(self) -> Circuit:
        circuit = build_network(self.layout, self.parameters)
        if self._on_build is not None:
            self._on_build(circuit)
        return circuit

    def _drive(self, what: str, experiment: Iterator[Steps], n_steps: int) -> None:
        """Run an experiment, count its time steps and note what it takes."""

        def counted() -> Iterator[Steps]:
            for steps, learns in experiment:
                # In runtime mode the experiment continues only after these steps.
                self._steps += steps
                yield steps, learns

        started = time.perf_counter()
        try:
            self._started().drive(counted(), n_steps)
        except BaseException:
            self.close()  # stopped halfway, its state is that of no protocol
            raise
        self.seconds[what] += time.perf_counter() - started
        self.seconds["simulated"] += n_steps * float(self.parameters.dt)

    def trial_seeds(self, number: int) -> list[int]:
        """Seeds of so many trials of recall."""
        return self._seeds(_RECALL, 0, number)

    def _seeds(self, stream: int, first: int, number: int) -> list[int]:
        sequence = np.random.SeedSequence([self.seed, stream, first])
        return [int(seed) for seed in sequence.generate_state(number)]

    def close(self) -> None:
        """End the simulation process; another is started when it is needed."""
        if self._simulation is not None:
            self._simulation.close()
            self._simulation = None

    def __enter__(self) -> BiophysicalMemory:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _check_trace(trace: str) -> str:
    if trace not in TRACES:
        raise ValueError(f"trace is {trace!r}: choose one of {', '.join(TRACES)}.")
    return trace
