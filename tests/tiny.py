"""The tiny network that nearly all tests share, so that few networks are compiled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from brian2 import ms
from reference import DenseTraces

from cortical_bcpnn import Architecture, AssociativeMemory, Phase, Population, Projection
from cortical_bcpnn.data.patterns import minicolumn_activity
from cortical_bcpnn.learned.checkpoints import LearningRun, NoCheckpoints
from cortical_bcpnn.learning import Learner

SIZE = {"n_inputs": 9, "hidden": (4, 5), "fan_in": 4, "feedback_fan_in": 2}
MINICOLUMNS = {"INP": 2, "HID": 5, "INPRC": 2}

#: Learning in two phases with gains of their own.
LEARNING = [
    Phase(3 * ms, ("INP", "INPRC"), {"feedforward": 0.3}),
    Phase(4 * ms, ("INP", "INPRC"), {"feedforward": 1.0}),
]
#: Short recall in which every projection has a gain that is neither 0 nor 1.
RECALL = [
    Phase(10 * ms, ("INP",), {"feedforward": 0.3, "feedback": 1.7}, read="cued"),
    Phase(10 * ms, (), {"recurrent": 0.4, "feedback": 1.0}, read="free"),
]


def tiny_memory(**parameters) -> AssociativeMemory:
    """An associative memory of 9 inputs that learns fast."""
    return AssociativeMemory(**{**SIZE, "tau_p": 40 * ms, "seed": 3, **parameters})


def single_projection(**parameters) -> AssociativeMemory:
    """A network in which models and rules are tried fast: code is generated for each projection."""
    populations = Population("INP", 2, 2), Population("HID", 2, 2)
    projection = Projection("feedforward", "INP", "HID", 2, False, "post")
    architecture = Architecture(populations, (projection,))
    return AssociativeMemory(architecture=architecture, device="runtime", **parameters)


def refused(match: str, **models) -> str:
    """The message, of one line, with which a model or rule is refused."""
    with pytest.raises(ValueError, match=match) as caught:
        single_projection(**models)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@dataclass
class Recording:
    """State variables at the end of every time step, by name, and whether traces learned."""

    memory: AssociativeMemory
    values: dict[str, np.ndarray]
    learned: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def spikes(self, population: str) -> np.ndarray:
        """Spikes in every time step."""
        return np.diff(self[f"{population}.spike_count"], axis=0, prepend=0)

    def before(self, name: str, start: float = 0.0) -> np.ndarray:
        """A state variable at the start of every time step."""
        values = self[name]
        return np.concatenate([np.full((1, values.shape[1]), start), values[:-1]])


def record(simulation, experiment, n_steps: int, names: Sequence[str]) -> tuple[dict, np.ndarray]:
    """Run an experiment one time step at a time and note state variables after each."""
    values: dict[str, list[np.ndarray]] = {name: [] for name in names}
    learned = []

    def one_by_one() -> Iterator[tuple[int, bool]]:
        for steps, learning in experiment:
            for _ in range(steps):
                yield 1, learning
                learned.append(learning)
                for name in names:
                    values[name].append(np.array(simulation.get(name)))

    simulation.drive(one_by_one(), n_steps)
    assert len(learned) == n_steps
    return {name: np.array(v) for name, v in values.items()}, np.array(learned)


def variables(memory: AssociativeMemory, projections: Sequence[str]) -> list[str]:
    """Names of the state variables to record; `projections` are those that transmit."""
    names = [
        f"{population.name}.{variable}"
        for population in memory.architecture.populations
        for variable in ("s", "z", "spike_count", "activation", "log_stimulus", "clamped")
    ]
    names += [f"{population.name}_hypercolumns.partition"
              for population in memory.architecture.populations]  # fmt: skip
    for projection in memory.architecture.projections:
        if projection.name in projections:
            names += [f"{projection.post}.{v}_{projection.name}" for v in "Igb"]
    return names


@dataclass
class RecordedLearning(Recording):
    """Learning step by step, and the traces before it (dense) and in the simulation after it.

    `synapses` holds q, log_q and the sources of the transmitting synapses afterwards.
    """

    initial: dict[str, DenseTraces]
    initial_q: dict[str, np.ndarray]
    synapses: dict[str, np.ndarray]

    def dense(self, projection: str) -> Iterator[DenseTraces]:
        """Dense traces after every learning step, from the z of the simulation."""
        p = self.memory.architecture.projection(projection)
        initial = self.initial[projection]
        traces = DenseTraces(initial.p, initial.p_pre, initial.p_post, initial.joint)
        for step in np.flatnonzero(self.learned):
            traces.step(self[f"{p.pre}.z"][step], self[f"{p.post}.z"][step],
                        self.memory.parameters.kappa)  # fmt: skip
            yield traces

    def final(self, projection: str) -> DenseTraces:
        """Dense traces at the end."""
        *_, traces = self.dense(projection)
        return traces


class RecordingSimulation:
    """A simulation that is driven one time step at a time, with notes after each."""

    def __init__(self, simulation, names: Sequence[str]) -> None:
        self._simulation, self._names = simulation, names
        self.values: list[dict[str, np.ndarray]] = []
        self.learned: list[np.ndarray] = []

    def __getattr__(self, name: str):
        return getattr(self._simulation, name)

    def drive(self, experiment, n_steps: int) -> None:
        values, learned = record(self._simulation, experiment, n_steps, self._names)
        self.values.append(values)
        self.learned.append(learned)


def teach(
    memory: AssociativeMemory,
    simulation,
    patterns: np.ndarray,
    protocol: Sequence[Phase] = LEARNING,
    epochs: int = 1,
    shuffle: bool = False,
    on_segment=None,
) -> None:
    """Learn patterns in a simulation of one's own."""
    run = LearningRun("", len(patterns), epochs, shuffle, list(protocol), memory.n_learned)
    stimuli = {name: patterns for phase in protocol for name in phase.clamped}
    Learner(memory, simulation, run, NoCheckpoints()).learn(stimuli, False, on_segment)


def record_learning(
    memory: AssociativeMemory, patterns: np.ndarray, protocol: Sequence[Phase] = LEARNING
) -> RecordedLearning:
    """Learn patterns in order and note everything after every time step."""
    initial = {name: DenseTraces.of(state) for name, state in memory.traces.items()}
    initial_q = {name: state.q.copy() for name, state in memory.traces.items()}
    transmitting = {name for phase in protocol for name in phase.gains}
    (simulation,) = memory._start(protocol, plastic=True)
    try:
        recording = RecordingSimulation(simulation, variables(memory, transmitting))
        teach(memory, recording, patterns, protocol)
        synapses = {
            f"{name}.{variable}": np.array(simulation.get(f"{name}.{variable}"))
            for name in transmitting
            for variable in ("q", "log_q", "_synaptic_pre", "_synaptic_post")
        }
    finally:
        simulation.close()
    values = {
        name: np.concatenate([part[name] for part in recording.values])
        for name in recording.values[0]
    }
    learned = np.concatenate(recording.learned)
    return RecordedLearning(memory, values, learned, initial, initial_q, synapses)


def present(
    simulation, memory: AssociativeMemory, cue: np.ndarray, protocol: Sequence[Phase]
) -> Iterator[tuple[int, bool]]:
    """One cue through a protocol, from rest."""
    architecture, parameters = memory.architecture, memory.parameters
    for population in architecture.populations:
        for variable, value in (("s", 0), ("spike_count", 0), ("z", parameters.epsilon)):
            simulation.set(f"{population.name}.{variable}", value)
        simulation.set(f"{population.name}_hypercolumns.shift", 0)
    for projection in architecture.projections:
        simulation.set(f"{projection.post}.I_{projection.name}", 0)
    log_cue = np.log(minicolumn_activity(cue[None])[0] + parameters.epsilon)
    for phase in protocol:
        for population in architecture.populations:
            clamped = population.name in phase.clamped
            simulation.set(f"{population.name}.clamped", clamped)
            if clamped:
                simulation.set(f"{population.name}.log_stimulus", log_cue)
        for projection in architecture.projections:
            gain = phase.gains.get(projection.name, 0.0)
            simulation.set(f"{projection.post}.g_{projection.name}", gain)
        yield parameters.steps(phase.duration), False


def record_recall(
    memory: AssociativeMemory, cue: np.ndarray, protocol: Sequence[Phase] = RECALL
) -> Recording:
    """Recall one cue and note everything after every time step."""
    simulation = memory._recalling(1)[0]
    simulation.seed(12)
    n_steps = sum(memory.parameters.steps(phase.duration) for phase in protocol)
    values, learned = record(
        simulation, present(simulation, memory, cue, protocol), n_steps,
        variables(memory, list(memory.traces)),
    )  # fmt: skip
    return Recording(memory, values, learned)


@dataclass
class ScriptedStep:
    """What was set when time steps were asked for."""

    steps: int
    learning: bool
    clamped: set[str]
    gains: dict[str, float]
    stimulus: dict[str, np.ndarray]
    learning_flags: dict[str, bool]


class ScriptedSimulation:
    """A `Simulation` that simulates nothing and notes what an experiment sets."""

    def __init__(self, memory: AssociativeMemory) -> None:
        self.values: dict[str, np.ndarray] = {}
        self.steps: list[ScriptedStep] = []
        self._sizes = {p.name: p.size for p in memory.architecture.populations}
        for name, state in memory.traces.items():
            self.values[f"{name}_traces.q"] = state.q

    def get(self, name: str) -> np.ndarray:
        if name not in self.values:
            self.values[name] = np.zeros(self._sizes[name.split(".")[0]])
        return self.values[name]

    def set(self, name: str, values) -> None:
        self.values[name] = np.array(values, ndmin=1)

    def state(self, groups) -> list[str]:
        return []

    def share(self, name: str) -> None:
        pass

    def seek(self, step: int) -> None:
        pass

    def drive(self, experiment, n_steps: int) -> None:
        total = 0
        for steps, learning in experiment:
            total += steps
            self.steps.append(
                ScriptedStep(
                    steps,
                    learning,
                    {p for p in self._sizes if self.values[f"{p}.clamped"][0]},
                    {name.split(".g_")[1]: float(value[0])
                     for name, value in self.values.items() if ".g_" in name},
                    {p: self.values.get(f"{p}.log_stimulus") for p in self._sizes},
                    {p: bool(self.values[f"{p}.learning"][0])
                     for p in self._sizes if f"{p}.learning" in self.values},
                )
            )  # fmt: skip
        assert total == n_steps

    def seed(self, seed: int) -> None:
        pass

    def skip(self, synapses: str, skipped: bool) -> None:
        """Nothing transmits here."""

    def prepare(self, synapses: str) -> None:
        pass

    def is_alive(self) -> bool:
        return True

    def kill(self) -> None:
        pass

    def close(self) -> None:
        pass
