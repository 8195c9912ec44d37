"""The learned twin in NEST: the same cells, synapses and cues by another simulator."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from brian2 import Quantity, ms, nS
from numpy.typing import ArrayLike

from . import nest_models as models
from .connectivity import Connections
from .memory import BiophysicalMemory
from .nest_kernel import is_current, load_nest, reset_kernel, seed_kernel
from .recall import BiophysicalRecall, Spikes

_SILENCE = -1000.0  # pA: no cell fires under it


def to_nest(memory: BiophysicalMemory, *, threads: int = 1) -> NestTwin:
    """Build what a biophysical memory has learned in NEST, which is emptied before.

    Parameters
    ----------
    memory : BiophysicalMemory
        Its connections, traces and parameters are taken as they are now; nothing is learned in
        NEST.
    threads : int
        OpenMP threads of NEST.

    Returns
    -------
    NestTwin

    Raises
    ------
    ValueError
        If NEST is not installed, or conductances decay faster than NEST lets them rise.

    Examples
    --------
    >>> twin = to_nest(memory.learn(patterns))
    >>> twin.recall(cues).correct(patterns)
    """
    return NestTwin(memory, threads)


class NestTwin:
    """A learned twin in NEST, see `to_nest`.

    Attributes
    ----------
    pyramidal, basket : nest.NodeCollection
        Cells, numbered as in `Layout`.
    background, stimuli : nest.NodeCollection
        Poisson generators: excitation and inhibition of all pyramidal cells, and a stimulus for
        each minicolumn.
    recorders : nest.NodeCollection
        Spike recorders of pyramidal and of basket cells.
    synapses : int
        Number of connections between cells. An AMPA and an NMDA synapse are two.
    seconds : dict of float
        Wall time spent on 'build' and 'recall', and under 'simulated' the model time of recall.
    """

    def __init__(self, memory: BiophysicalMemory, threads: int = 1) -> None:
        self.layout, self.parameters, self.seed = memory.layout, memory.parameters, memory.seed
        models.check_decays(self.parameters)
        self.threads = threads
        self._dt = float(self.parameters.dt / ms)
        self.seconds = {"build": 0.0, "recall": 0.0, "simulated": 0.0}
        self.connections, self.learned = memory.connections, memory.learned
        self._trial_seeds = memory.trial_seeds
        self._build()

    # --- Recall ------------------------------------------------------------------------------

    def recall(self, cues: ArrayLike) -> BiophysicalRecall:
        """Recall what cues bring to mind, as `BiophysicalMemory.recall` does.

        The kernel is built anew where something else has emptied it.

        Parameters
        ----------
        cues : array_like of int, shape (n, H)
            Cued minicolumn of each hypercolumn, -1 where none is cued.
        """
        cues = self.layout.check_patterns("cues", cues)
        if not is_current(self._reset, self._nodes):
            self._build()
        p, started = self.parameters, time.perf_counter()
        spikes = []
        for cue, seed in zip(cues, self._trial_seeds(len(cues))):
            spikes.append(self._trial(cue, seed))
        self.seconds["recall"] += time.perf_counter() - started
        onset = float(p.settle_time)
        end = onset + float(p.cue_time) + float(p.free_time)
        self.seconds["simulated"] += len(cues) * end
        return BiophysicalRecall(
            spikes, (onset, onset + float(p.cue_time)), (end - float(p.read_time), end), self.layout
        )

    def _trial(self, cue: np.ndarray, seed: int) -> Spikes:
        nest, p = load_nest(), self.parameters
        self._rest()
        # Synapses recover while nothing else is stepped. NEST takes steps in batches as long as the
        # shortest delay; a trial that starts with one does not depend on those before.
        now, batch = round(nest.biological_time / self._dt), p.steps(min(p.delay_local, p.delay_plastic))
        pause = p.steps(10 * p.tau_rec)
        pause = (pause + -(now + pause) % batch) * self._dt
        start = nest.biological_time + pause
        onset, until = (self._milliseconds(t) for t in (p.settle_time, p.settle_time + p.cue_time))
        length = until + self._milliseconds(p.free_time)
        # Generators reach cells with a delay; what they send arrives in time.
        early = start - self._milliseconds(p.delay_local)
        self.background.set(start=early, stop=early + length)
        cued = np.flatnonzero(cue >= 0) * self.layout.minicolumns + cue[cue >= 0]
        rates = np.zeros(self.layout.columns)
        rates[cued] = models.in_hertz(p.stimulus_rate)
        self.stimuli.set(start=early + onset, stop=early + until)
        self.stimuli.set(rate=list(rates))
        self._freeze(True)
        seed_kernel(seed)
        nest.Simulate(pause)
        self._freeze(False)
        for recorder in self.recorders:
            recorder.set(n_events=0)
        nest.Simulate(length)
        return self._spikes(start)

    def _rest(self) -> None:
        """Put all cells to rest: spikes under way arrive unheard, conductances decay at once."""
        nest, p = load_nest(), self.parameters
        rise = float(models.RISE / ms)
        # A rest lasts as long as refractoriness and delays do, 25 rise times or more.
        longest = max(p.delay_local, p.delay_plastic, p.t_ref, 25 * models.RISE) + p.dt
        self.background.set(start=0.0, stop=0.0)
        self.stimuli.set(start=0.0, stop=0.0)
        self.pyramidal.set(I_e=_SILENCE, tau_decay=[rise] * len(models.RECEPTORS))
        self.basket.set(I_e=_SILENCE, tau_syn_ex=rise)
        nest.Simulate(self._milliseconds(longest))
        resting = {"V_m": models.basket(p)["E_L"], "w": 0.0}
        self.basket.set(I_e=0.0, tau_syn_ex=float(p.tau_ampa / ms), g_ex=0.0, **resting)
        self.pyramidal.set(tau_decay=models.decays(p), **resting)
        self.pyramidal.set(I_e=list(self._bias_currents()))

    def _freeze(self, frozen: bool) -> None:
        self.pyramidal.frozen = frozen
        self.basket.frozen = frozen

    def _spikes(self, start: float) -> Spikes:
        """Spikes of the trial that started at a time in ms, in the order of time."""
        found: list[np.ndarray] = []
        for recorder, cells in zip(self.recorders, (self.pyramidal, self.basket)):
            events = recorder.events
            # Brian2 stamps a spike with the start of its time step, NEST with the end.
            times = 1e-3 * (events["times"] - start) - float(self.parameters.dt)
            senders = events["senders"].astype(int) - cells[0].global_id
            order = np.lexsort((senders, times))
            found += [times[order], senders[order]]
        times, pyramidal, basket_times, baskets = found
        return Spikes(times, pyramidal, self.layout.column_of(pyramidal), basket_times, baskets)

    def _milliseconds(self, duration: Quantity) -> float:
        """A duration in NEST's unit, in whole time steps."""
        return round(self.parameters.steps(duration) * self._dt, 9)

    # --- Build -------------------------------------------------------------------------------

    def _build(self) -> None:
        p, layout, started = self.parameters, self.layout, time.perf_counter()
        nest = load_nest()
        self._reset = reset_kernel(p.dt, self.seed, self.threads)
        self.pyramidal: Any = nest.Create(models.PYRAMIDAL, layout.pyramidal, models.pyramidal(p))
        self.basket: Any = nest.Create(models.BASKET, layout.baskets, models.basket(p))
        self.pyramidal.set(I_e=list(self._bias_currents()))
        self.synapses = 0
        self._connect_cells()
        self._connect_input()
        self.recorders: Any = nest.Create("spike_recorder", 2)
        for cells, recorder in zip((self.pyramidal, self.basket), self.recorders):
            nest.Connect(cells, recorder)
        self._nodes = nest.network_size
        self.seconds["build"] += time.perf_counter() - started

    def _bias_currents(self) -> np.ndarray:
        """Of pyramidal cells, in pA."""
        return 1e12 * float(self.parameters.bias_gain) * np.log(self.learned.p["fast"])

    def _connect_cells(self) -> None:
        p, drawn = self.parameters, self.connections
        plastic, local = drawn["plastic"], drawn["local"]
        for gain, trace, positive, negative in (
            (p.ampa_gain, "fast", "g_ampa", "g_gaba"), (p.nmda_gain, "slow", "g_nmda", "g_inh_slow")
        ):  # fmt: skip
            weights = self.learned.weights(plastic, trace)
            for sign, receptor in ((1, positive), (-1, negative)):
                chosen = np.flatnonzero(sign * weights > 0)
                some = Connections(plastic.sources[chosen], plastic.targets[chosen])
                conductances = sign * weights[chosen] * gain
                self._depressing(some, receptor, conductances, p.delay_plastic)
            fixed = np.full(len(local.sources), p.local_weight) * gain
            self._depressing(local, positive, fixed, p.delay_local)
        excitation, inhibition = drawn["excitation"], drawn["inhibition"]
        self._connect(
            (self.pyramidal, self.basket), excitation, "static_synapse", 0,
            np.full(len(excitation.sources), float(p.basket_conductance / nS)), p.delay_local,
        )  # fmt: skip
        weight = models.receptor_weight(p.inhibition_conductance, "g_gaba", p)
        self._connect(
            (self.basket, self.pyramidal), inhibition, "static_synapse", models.RECEPTORS["g_gaba"],
            np.full(len(inhibition.sources), weight), p.delay_local,
        )  # fmt: skip

    def _depressing(
        self, connections: Connections, receptor: str, conductances: Quantity, delay: Quantity
    ) -> None:
        unit = models.receptor_weight(1 * nS, receptor, self.parameters)
        weights = unit * np.asarray(conductances / nS, float)
        cells = self.pyramidal, self.pyramidal
        number = models.RECEPTORS[receptor]
        self._connect(cells, connections, "tsodyks2_synapse", number, weights, delay)

    def _connect(
        self, cells: tuple, connections: Connections, model: str, receptor: int,
        weights: np.ndarray, delay: Quantity,
    ) -> None:  # fmt: skip
        nest, number = load_nest(), len(connections.sources)
        if not number:
            return
        # A model of its own holds what is the same in all of its synapses.
        own = f"synapse_{self.synapses}"
        depression = models.depression(self.parameters) if model.startswith("tsodyks") else {}
        nest.CopyModel(model, own, {"delay": self._milliseconds(delay), **depression})
        first, last = (nodes[0].global_id for nodes in cells)
        nest.Connect(
            first + connections.sources.astype(int), last + connections.targets.astype(int),
            "one_to_one", {"synapse_model": own, "weight": np.asarray(weights, float),
                           "receptor_type": np.full(number, receptor)},
        )  # fmt: skip
        self.synapses += number

    def _connect_input(self) -> None:
        nest, p = load_nest(), self.parameters
        rate, delay = models.in_hertz(p.background_rate), self._milliseconds(p.delay_local)
        self.background: Any = nest.Create("poisson_generator", 2, {"rate": rate, "stop": 0.0})
        self.stimuli: Any = nest.Create("poisson_generator", self.layout.columns, {"stop": 0.0})
        in_minicolumn, excitation = self.layout.cells_per_minicolumn, "g_ampa"
        targets = [(self.background[0], self.pyramidal, excitation),
                   (self.background[1], self.pyramidal, "g_gaba")]  # fmt: skip
        for column, stimulus in enumerate(self.stimuli):
            cells = self.pyramidal[column * in_minicolumn : (column + 1) * in_minicolumn]
            targets.append((stimulus, cells, excitation))
        for generator, cells, receptor in targets:
            weight = models.receptor_weight(p.input_conductance, receptor, p)
            nest.Connect(generator, cells, syn_spec={
                "synapse_model": "static_synapse", "weight": weight, "delay": delay,
                "receptor_type": models.RECEPTORS[receptor],
            })  # fmt: skip
