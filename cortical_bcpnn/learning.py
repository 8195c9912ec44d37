"""Learning: patterns go through a protocol, traces learn, connections move."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from tqdm import tqdm

from .parameters import Phase
from .patterns import minicolumn_activity
from .rewiring import rewire
from .simulation import Simulation, Steps, move_synapses
from .traces import ProjectionMemory

if TYPE_CHECKING:
    from .network import AssociativeMemory

_LEARN = 1  # stream of random numbers, see AssociativeMemory
_SEGMENT = 200  # patterns between looks at the traces where nothing is rewired


class Learner:
    """Teaches patterns to a memory in a simulation of its plastic circuit.

    Parameters
    ----------
    memory : AssociativeMemory
        Its traces, connections, counts and table of rewirings are kept up to date.
    simulation : Simulation
    protocol : sequence of Phase
        How each pattern is presented; traces learn in the last time step.
    """

    def __init__(
        self, memory: AssociativeMemory, simulation: Simulation, protocol: Sequence[Phase]
    ) -> None:
        self.memory = memory
        self.simulation = simulation
        self.protocol = protocol
        self.populations = [p.name for p in memory.architecture.populations]
        self.transmitting = {n for phase in protocol for n, gain in phase.gains.items() if gain}
        self.steps = [memory.parameters.steps(phase.duration) for phase in protocol]
        self._upload()
        self._note()

    def learn(
        self,
        patterns: np.ndarray,
        epochs: int,
        shuffle: bool,
        progress: bool,
        on_segment: Callable[[AssociativeMemory], None] | None,
    ) -> None:
        """Show all patterns `epochs` times."""
        memory, parameters = self.memory, self.memory.parameters
        rng = np.random.default_rng([parameters.seed, _LEARN, memory.n_learned])
        order = np.concatenate(
            [rng.permutation(len(patterns)) if shuffle else np.arange(len(patterns))
             for _ in range(epochs)]
        )  # fmt: skip
        segment = parameters.rewire_every or _SEGMENT
        bar = tqdm(total=len(order), desc="learn", unit="pattern", disable=not progress)
        with bar, _interrupt_deferred() as interrupted:
            shown = 0
            while shown < len(order) and not interrupted.is_set():
                count = min(segment - memory.n_learned % segment, len(order) - shown)
                self.simulation.seed(self._seed())
                try:
                    self.simulation.drive(
                        self._present(patterns[order[shown : shown + count]]),
                        count * sum(self.steps),
                    )
                except BaseException:
                    self._restore()
                    raise
                shown += count
                memory.n_learned += count
                bar.update(count)
                if parameters.rewire_every and memory.n_learned % parameters.rewire_every == 0:
                    started = time.perf_counter()
                    self._rewire()
                    memory.seconds["rewire"] += time.perf_counter() - started
                    if on_segment is not None:
                        self._download()
                        on_segment(memory)
            self._download()
        if interrupted.is_set():
            raise KeyboardInterrupt

    def _seed(self) -> int:
        """Seed of a segment, so that it depends on nothing before it."""
        key = [self.memory.parameters.seed, _LEARN, self.memory.n_learned, 1]
        return int(np.random.SeedSequence(key).generate_state(1)[0])

    def _present(self, patterns: np.ndarray) -> Iterator[Steps]:
        """Patterns, one after the other."""
        put = self.simulation.set
        stimuli = np.log(minicolumn_activity(patterns) + self.memory.parameters.epsilon)
        clamped = {name for phase in self.protocol for name in phase.clamped}
        learned = self.memory.n_learned
        for stimulus in stimuli:
            for name in clamped:
                put(f"{name}.log_stimulus", stimulus)
            for number, (phase, steps) in enumerate(zip(self.protocol, self.steps), 1):
                for name in self.populations:
                    put(f"{name}.clamped", name in phase.clamped)
                for projection in self.memory.architecture.projections:
                    if projection.name in self.transmitting:
                        # Weights and biases are 0 until the first pattern has been learned.
                        gain = phase.gains.get(projection.name, 0.0) if learned else 0.0
                        put(f"{projection.post}.g_{projection.name}", gain)
                if number < len(self.protocol):
                    yield steps, False
                    continue
                if steps > 1:
                    yield steps - 1, False
                for name in self.populations:
                    put(f"{name}.learning", True)
                yield 1, True
                for name in self.populations:
                    put(f"{name}.learning", False)
            learned += 1

    def _rewire(self) -> None:
        memory, parameters = self.memory, self.memory.parameters
        rows = []
        for projection in memory.architecture.projections:
            if not projection.rewired:
                continue
            state = memory.memories[projection.name]
            self._download_traces(state)
            state.connections, flips, scores = rewire(
                state.connections,
                state.information(),
                parameters.rewire_margin,
                parameters.max_swaps,
            )
            if projection.name in self.transmitting:
                self._connect(state)
            rows.append((memory.n_learned, projection.name, flips, scores.mean()))
        table = pd.DataFrame(rows, columns=memory.rewiring.columns)
        memory.rewiring = table if memory.rewiring.empty else pd.concat(
            [memory.rewiring, table], ignore_index=True
        )  # fmt: skip

    def _upload(self) -> None:
        """Put traces, connections and the resting state into the simulation."""
        put, parameters = self.simulation.set, self.memory.parameters
        for name in self.populations:
            put(f"{name}.z", parameters.epsilon)
            put(f"{name}.kappa", parameters.kappa)
        for state in self.memory.memories.values():
            projection = state.projection
            for name in (projection.pre, projection.post):
                put(f"{name}.p", state.p)
            put(f"{projection.pre}.p_pre_{projection.name}", state.p_pre)
            put(f"{projection.post}.p_post_{projection.name}", state.p_post)
            put(f"{projection.post}.b_{projection.name}", state.bias)
            put(f"{projection.name}_traces.q", state.q.ravel())
            conditioning = getattr(projection, projection.conditioning)
            put(f"{conditioning}.deferred_{projection.name}", state.deferred)
            put(f"{conditioning}.z_min", parameters.z_min)
            put(f"{conditioning}.deferred_max", parameters.deferred_max)
            if projection.name in self.transmitting:
                prior = state.p_pre if projection.conditioned == "pre" else state.p_post
                side = getattr(projection, projection.conditioned)
                put(f"{side}.log_prior_{projection.name}", np.log(state.p / prior))
                self._connect(state)

    def _connect(self, state: ProjectionMemory) -> None:
        """Move the transmitting synapses of a projection to its connections."""
        name = state.projection.name
        pairs = state.q.T if state.projection.conditioning == "post" else state.q
        q = state.on_synapses(pairs)
        self.simulation.set(f"{name}.q", q)
        self.simulation.set(f"{name}.log_q", np.log(q))
        move_synapses(self.simulation, self.memory.architecture, state)

    def _download(self) -> None:
        for state in self.memory.memories.values():
            self._download_traces(state)
        self._note()

    def _note(self) -> None:
        """Note the state of the memory, in which everything fits together."""
        memory = self.memory
        states = {name: replace(state) for name, state in memory.memories.items()}
        self._noted = memory.n_learned, memory.rewiring, states

    def _restore(self) -> None:
        """Back to that state, after a simulation has failed within a segment."""
        self.memory.n_learned, self.memory.rewiring, self.memory.memories = self._noted

    def _download_traces(self, state: ProjectionMemory) -> None:
        get, projection = self.simulation.get, state.projection
        state.p = float(get(f"{projection.post}.p")[0])
        state.p_pre = get(f"{projection.pre}.p_pre_{projection.name}").copy()
        state.p_post = get(f"{projection.post}.p_post_{projection.name}").copy()
        conditioning = getattr(projection, projection.conditioning)
        state.deferred = get(f"{conditioning}.deferred_{projection.name}").copy()
        state.q = get(f"{projection.name}_traces.q").reshape(state.q.shape)


@contextmanager
def _interrupt_deferred() -> Iterator[threading.Event]:
    """Note Ctrl-C instead of raising at once, so that a segment is finished first."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    previous = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, previous)
