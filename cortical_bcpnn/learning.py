"""Learning: patterns go through a protocol, traces learn, connections move."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .circuits.composition import at_rest
from .circuits.simulation import Simulation, Steps, move_synapses, set_weights, state_fault
from .data.patterns import Stimuli, minicolumn_activity
from .engine.interrupts import interrupt_deferred
from .learned.bounds import trace_fault
from .learned.checkpoints import Checkpoints, LearningRun, NoCheckpoints
from .learned.rewiring import rewire
from .learned.traces import Traces
from .model.parameters import Phase
from .progress import progress_bar
from .provenance import now, provenance

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
    run : LearningRun
        What is to be learned, and how far that has come; traces learn in the last time step
        of its protocol, or under continuous rules whenever the print-now signal is on.
    checkpoints : Checkpoints or NoCheckpoints
    """

    def __init__(
        self,
        memory: AssociativeMemory,
        simulation: Simulation,
        run: LearningRun,
        checkpoints: Checkpoints | NoCheckpoints,
    ) -> None:
        self.memory = memory
        self.simulation = simulation
        self.run = run
        self.checkpoints = checkpoints
        self.populations = [p.name for p in memory.architecture.populations]
        self.transmitting = {n for phase in run.protocol for n, gain in phase.gains.items() if gain}
        self.learned = run.projections or [p.name for p in memory.architecture.projections]
        self.steps = [memory.parameters.steps(phase.duration) for phase in run.protocol]
        self.state = simulation.state(
            [*self.populations, *(f"{name}_hypercolumns" for name in self.populations)]
        )
        self._upload()

    def learn(
        self,
        stimuli: Stimuli,
        progress: bool,
        on_segment: Callable[[AssociativeMemory], None] | None,
    ) -> None:
        """Show the patterns of the run that have not been shown yet.

        Learning goes in segments, which end where connections are rewired. At the end of each
        everything is read from the simulation and held against its bounds.
        """
        memory, parameters, run = self.memory, self.memory.parameters, self.run
        order = self._order()
        self._note_beginning()
        segment = parameters.rewire_every or _SEGMENT
        bar = progress_bar(total=run.total, initial=run.shown, desc="learn", unit="pattern",
                   disable=not progress)  # fmt: skip
        with bar, interrupt_deferred() as interrupts:
            while not run.finished and not interrupts:
                started = time.perf_counter()
                count = min(segment - memory.n_learned % segment, run.total - run.shown)
                self.simulation.seed(self._seed())
                shown = order[run.shown : run.shown + count]
                self.simulation.drive(self._present(stimuli, shown), count * sum(self.steps))
                found = self._download()
                self._check(found, count)
                n_learned = memory.n_learned + count
                due = parameters.rewire_every and n_learned % parameters.rewire_every == 0
                rewiring = time.perf_counter()
                rows = self._rewire(found, n_learned) if due else []
                rewiring = time.perf_counter() - rewiring
                for name in self.transmitting.intersection(self.learned):
                    self._connect(found[name])
                self._take(found, rows, count)
                memory.seconds["rewire"] += rewiring
                memory.seconds["learn"] += time.perf_counter() - started
                bar.update(count)
                try:
                    if due and on_segment is not None:
                        with interrupts.obeyed():
                            on_segment(memory)
                except KeyboardInterrupt:
                    if not interrupts:
                        raise
                finally:
                    history = memory.history[-1]
                    history |= {"shown": run.shown, "seconds": memory.seconds.copy(), "ended": now()}
                if self.checkpoints.due() or run.finished or interrupts:
                    run.state = {name: self.simulation.get(name).copy() for name in self.state}
                    self.checkpoints.write(memory, run)
        if interrupts:
            self._stop(interrupts[0])

    def _note_beginning(self) -> None:
        """Note in the history of the memory what is learned, and what learns it."""
        history, run = self.memory.history, self.run
        if run.shown == 0:
            history.append({**run.to_plain(), **provenance(), "resumed": []})
        else:
            history[-1]["resumed"].append({"shown": run.shown, **provenance()})

    def _order(self) -> np.ndarray:
        """Indices of the patterns, in the order in which they are shown."""
        run = self.run
        if not run.shuffle:
            return np.tile(np.arange(run.n_patterns), run.epochs)
        rng = np.random.default_rng([self.memory.parameters.seed, _LEARN, run.first])
        return np.concatenate([rng.permutation(run.n_patterns) for _ in range(run.epochs)])

    def _stop(self, signal_number: int) -> None:
        """Stop as asked for by a signal, after the segment in which it came."""
        run, directory = self.run, self.checkpoints.directory
        if signal_number == signal.SIGTERM:
            signal.raise_signal(signal.SIGTERM)
        message = f"learning stopped after {run.shown} of {run.total} patterns"
        if directory is not None:
            message += f"; resume by learn(..., checkpoints={str(directory)!r}, resume=True)"
        raise KeyboardInterrupt(message)

    def _check(self, found: Mapping[str, Traces], count: int) -> None:
        """Raise a FloatingPointError if state or traces have left their bounds."""
        memory, run = self.memory, self.run
        fault = state_fault(self.simulation, self.state)
        for name, state in found.items():
            fault = fault or trace_fault(name, state, memory.parameters)
        if fault:
            elapsed = (run.shown + count) * sum(self.steps) * memory.parameters.dt
            raise FloatingPointError(
                f"{fault}, found after {memory.n_learned + count} patterns, {elapsed} into "
                "learning: the state before that segment and earlier checkpoints are kept; look "
                "at the parameters and equations, or take a shorter dt."
            )

    def _seed(self) -> int:
        """Seed of a segment, so that it depends on nothing before it."""
        key = [self.memory.parameters.seed, _LEARN, self.memory.n_learned, 1]
        return int(np.random.SeedSequence(key).generate_state(1)[0])

    def _present(self, stimuli: Stimuli, numbers: np.ndarray) -> Iterator[Steps]:
        """Patterns of these numbers, one after the other."""
        put, epsilon = self.simulation.set, self.memory.parameters.epsilon
        kappa = self.memory.parameters.kappa
        different = {id(of): of for of in stimuli.values()}  # INP and INPRC have the same, say
        coded = {key: np.log(minicolumn_activity(of[numbers]) + epsilon)
                 for key, of in different.items()}  # fmt: skip
        clamped = {name for phase in self.run.protocol for name in phase.clamped}
        shown = {name: coded[id(of)] for name, of in stimuli.items() if name in clamped}
        learned = {name: self.memory.has_learned(name) for name in self.transmitting}
        for row in range(len(numbers)):
            for name, of in shown.items():
                put(f"{name}.log_stimulus", of[row])
            for number, (phase, steps) in enumerate(zip(self.run.protocol, self.steps), 1):
                for name in self.populations:
                    put(f"{name}.clamped", name in phase.clamped)
                for projection in self.memory.architecture.projections:
                    if projection.name in self.transmitting:
                        # Weights and biases are 0 until the first pattern has been learned.
                        gain = phase.gains.get(projection.name, 0.0) if learned[projection.name] else 0.0
                        put(f"{projection.post}.g_{projection.name}", gain)
                now = self._learning_steps(phase, steps, number == len(self.run.protocol))
                if now < steps:
                    yield steps - now, False
                if now:
                    for name in self.populations:
                        put(f"{name}.kappa", kappa * phase.print_now)
                        put(f"{name}.learning", True)
                    yield now, True
                    for name in self.populations:
                        put(f"{name}.learning", False)
            learned |= dict.fromkeys(self.transmitting.intersection(self.learned), True)

    def _learning_steps(self, phase: Phase, steps: int, last: bool) -> int:
        """Number of time steps at the end of a phase in which traces learn."""
        if self.memory.parameters.continuous:
            return steps if phase.print_now else 0
        return int(last)

    def _rewire(self, found: Mapping[str, Traces], n_learned: int) -> list[tuple]:
        """Move connections to where the information is; returns rows of the table of rewirings."""
        parameters, rows = self.memory.parameters, []
        for name, state in found.items():
            if state.projection.rewired:
                state.connections, flips, scores = rewire(
                    state.connections,
                    state.information(),
                    parameters.rewire_margin,
                    parameters.max_swaps,
                )
                rows.append((n_learned, name, flips, scores.mean()))
        return rows

    def _take(self, found: Mapping[str, Traces], rows: list[tuple], count: int) -> None:
        """Let the memory be what has been found, all of it or, if that fails, nothing."""
        memory = self.memory
        traces = {name: replace(state, q=state.q.copy()) for name, state in found.items()}
        table = memory.rewiring
        if rows:
            added = pd.DataFrame(rows, columns=table.columns)
            table = added if table.empty else pd.concat([table, added], ignore_index=True)
        memory.take(traces, count, table)
        self.run.shown += count
        if rows and _is_noted(memory.n_learned // memory.parameters.rewire_every):
            memory.connection_history[memory.n_learned] = memory.rewired_connections()

    def _upload(self) -> None:
        """Put traces, connections and the resting state into the simulation."""
        put, parameters = self.simulation.set, self.memory.parameters
        for name, value in at_rest(self.memory.architecture, parameters, True).items():
            put(name, value)
        for name in self.populations:
            put(f"{name}.kappa", parameters.kappa)
        for name in self.transmitting.difference(self.learned):
            set_weights(
                self.simulation, self.memory.architecture, self.memory.traces[name],
                self.memory.weights(name), self.memory.biases(name),
            )  # fmt: skip
        for state in (self.memory.traces[name] for name in self.learned):
            projection = state.projection
            for name in (projection.pre, projection.post):
                put(f"{name}.p", state.p)
            put(f"{projection.pre}.p_pre_{projection.name}", state.p_pre)
            put(f"{projection.post}.p_post_{projection.name}", state.p_post)
            biases = state.biases(parameters.rule_of(projection.name))
            put(f"{projection.post}.b_{projection.name}", biases)
            self.simulation.share(f"{projection.name}_traces.q")
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
        for name, values in self._saved_state():
            put(name, values)
        self.simulation.seek(self.run.shown * sum(self.steps))

    def _saved_state(self) -> Iterator[tuple[str, np.ndarray]]:
        """State of a checkpoint, empty where learning begins."""
        if not self.run.state:
            return
        if self.run.state.keys() != set(self.state):
            unknown = ", ".join(sorted(self.run.state.keys() ^ set(self.state)))
            raise ValueError(
                f"the checkpoint was made with other equations ({unknown}): resume with the same."
            )
        for name in self.state:
            values, now = self.run.state[name], self.simulation.get(name)
            if (values.shape, values.dtype) != (now.shape, now.dtype):
                raise ValueError(
                    f"{name} of the checkpoint is {values.dtype} of shape {values.shape}, not "
                    f"{now.dtype} of shape {now.shape}: resume with the same equations."
                )
            yield name, values

    def _connect(self, state: Traces) -> None:
        """Move the transmitting synapses of a projection to its connections."""
        name = state.projection.name
        pairs = state.q.T if state.projection.conditioning == "post" else state.q
        q = state.on_synapses(pairs)
        self.simulation.set(f"{name}.q", q)
        if self.memory.parameters.rule_of(name).logarithmic:
            self.simulation.set(f"{name}.log_q", np.log(q))
        move_synapses(self.simulation, self.memory.architecture, state)

    def _download(self) -> dict[str, Traces]:
        """Traces and connections as they are in the simulation; its q may be its very own."""
        return {name: self._download_traces(self.memory.traces[name]) for name in self.learned}

    def _download_traces(self, state: Traces) -> Traces:
        get, projection = self.simulation.get, state.projection
        conditioning = getattr(projection, projection.conditioning)
        return replace(
            state,
            p=float(get(f"{projection.post}.p")[0]),
            p_pre=get(f"{projection.pre}.p_pre_{projection.name}").copy(),
            p_post=get(f"{projection.post}.p_post_{projection.name}").copy(),
            deferred=get(f"{conditioning}.deferred_{projection.name}").copy(),
            q=get(f"{projection.name}_traces.q").reshape(state.q.shape),
        )


def _is_noted(rewiring: int) -> bool:
    """Whether connections are kept after that rewiring: 1, 2, 5, 10, 20, 50, …"""
    return str(rewiring).rstrip("0") in ("1", "2", "5")
