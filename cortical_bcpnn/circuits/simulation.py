"""One interface to a circuit, whether it runs in C++ standalone or in Brian2's runtime."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np
from brian2 import NetworkOperation, get_device, prefs
from brian2 import seed as brian2_seed
from brian2.core.variables import ArrayVariable, DynamicArrayVariable

from ..engine.circuit import Circuit
from ..engine.compiler import compiler
from ..engine.garbage import only_new_garbage
from ..engine.process import LiveProcess
from ..engine.programs import build
from ..learned.traces import Traces
from ..model.architecture import Architecture
from .projection import synapse_indices

DEVICES = ("cpp_standalone", "runtime")

_FIXED = ("i", "N", "t", "dt", "t_in_timesteps")

_WRONG_STEPS = "the experiment did not yield the number of steps announced."

#: What an experiment yields: simulate that many time steps, with learning on or off.
Steps = tuple[int, bool]


class Simulation(Protocol):
    """A running circuit. State variables are named 'object.variable'."""

    def get(self, name: str) -> np.ndarray:
        """Value of a state variable: a copy of what can grow, else a view on what is now."""

    def set(self, name: str, values: np.ndarray | float) -> None:
        """Set a state variable, in base units."""

    def share(self, name: str) -> None:
        """Let `get` return a view on a state variable of synapses, if that can be."""

    def drive(self, experiment: Iterator[Steps], n_steps: int) -> None:
        """Run an experiment.

        Parameters
        ----------
        experiment : iterator of (int, bool)
            Sets and reads state variables, and yields time steps to simulate in between.
        n_steps : int
            Sum of the time steps that it yields.
        """

    def seed(self, seed: int) -> None:
        """Seed the random numbers."""

    def seek(self, step: int) -> None:
        """Set the time, in steps since the start."""

    def state(self, groups: Collection[str]) -> list[str]:
        """Names of all that can change in minicolumns or hypercolumns of these names."""

    def prepare(self, synapses: str) -> None:
        """Take notice that the sources of synapses have changed."""

    def skip(self, synapses: str, skipped: bool) -> None:
        """Let synapses that nothing hears transmit nothing, where that saves time, or again."""

    def peak_memory(self) -> int:
        """Largest memory of the simulation's own process, in bytes."""

    def is_alive(self) -> bool:
        """Whether it can still be used."""

    def kill(self) -> None:
        """End it at once, whatever it is doing; a thread that drives it gets a RuntimeError."""

    def close(self) -> None:
        """Free what the simulation holds."""


class StandaloneSimulation:
    """A `Simulation` in a live C++ process."""

    def __init__(self, process: LiveProcess) -> None:
        self._process = process
        self.get, self.set, self.share = process.get, process.set, process.share
        self.seed, self.seek = process.seed, process.seek
        self.prepare, self.skip, self.peak_memory = process.prepare, process.skip, process.peak_memory
        self.is_alive, self.kill, self.close = process.is_alive, process.kill, process.close

    def drive(self, experiment: Iterator[Steps], n_steps: int) -> None:
        for steps, learning in experiment:
            self._process.run(steps, learning)

    def state(self, groups: Collection[str]) -> list[str]:
        return _state(self._process.fixed, groups)


class RuntimeSimulation:
    """A `Simulation` in this Python process (Cython or NumPy, as Brian2 is set).

    Starting a run is slow in runtime mode, so a whole experiment is one run, in which a
    network operation takes the steps of the experiment.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._variables = {
            f"{name}.{variable}": value
            for name, group in circuit.objects.items()
            for variable, value in group.variables.items()
        }
        self._clock = next(iter(circuit.objects.values())).clock
        operation = NetworkOperation(self._advance, clock=self._clock, when="start", order=-1000)
        circuit.network.add(operation)
        self._experiment: Iterator[Steps] = iter(())
        self._remaining = 0

    def get(self, name: str) -> np.ndarray:
        values = self._variables[name].get_value()
        return values.copy() if isinstance(self._variables[name], DynamicArrayVariable) else values

    def set(self, name: str, values: np.ndarray | float) -> None:
        self._variables[name].get_value()[...] = values

    def share(self, name: str) -> None:
        """Nothing to do."""

    def drive(self, experiment: Iterator[Steps], n_steps: int) -> None:
        self._experiment, self._remaining = experiment, 0
        # Ctrl-C is for whoever drives; Brian2 would stop after any time step, without an error.
        stops, prefs["core.stop_on_keyboard_interrupt"] = prefs["core.stop_on_keyboard_interrupt"], False
        try:
            with only_new_garbage():
                self._circuit.network.run(n_steps * self._clock.dt, namespace={})
        finally:
            prefs["core.stop_on_keyboard_interrupt"] = stops
        if self._remaining or next(experiment, None) is not None:
            raise RuntimeError(_WRONG_STEPS)

    def _advance(self) -> None:
        while self._remaining == 0:
            self._remaining, _ = next(self._experiment, (-1, False))
        if self._remaining < 0:
            raise RuntimeError(_WRONG_STEPS)
        self._remaining -= 1

    def seed(self, seed: int) -> None:
        brian2_seed(seed)

    def seek(self, step: int) -> None:
        self._circuit.network.t_ = step * self._clock.dt_

    def state(self, groups: Collection[str]) -> list[str]:
        arrays = (n for n, v in self._variables.items() if isinstance(v, ArrayVariable))
        owned = (n for n in arrays if self._variables[n].owner.name == n.split(".")[0])
        return _state(owned, groups)

    def prepare(self, synapses: str) -> None:
        """Nothing to do: Brian2 looks up sources at the start of every run."""

    def skip(self, synapses: str, skipped: bool) -> None:
        """Nothing to do: what takes part is settled at the start of a run."""

    def peak_memory(self) -> int:
        return 0

    def is_alive(self) -> bool:
        return True

    def kill(self) -> None:
        """Nothing to do: it runs in the thread that would ask for it."""

    def close(self) -> None:
        """Nothing to do."""


def _state(names: Iterable[str], groups: Collection[str]) -> list[str]:
    """Those of groups that are neither indices nor Brian2's own, in alphabetical order."""
    split = ((name, *name.split(".")) for name in names)
    return sorted(n for n, g, v in split if g in groups and v not in _FIXED and v[0] != "_")


def check_device(device: str) -> str:
    """The device to use: `device`, or runtime where there is no compiler for it.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if device not in DEVICES:
        raise ValueError(f"device {device!r} is unknown: choose one of {', '.join(DEVICES)}.")
    if device == "cpp_standalone" and compiler() is None:
        warnings.warn(
            "No C++ compiler found ($CXX or g++): running in Brian2's runtime mode, which is many "
            "times slower. Install g++ for C++ standalone.",
            stacklevel=2,
        )
        return "runtime"
    return device


def start(
    make_circuit: Callable[[], Circuit],
    device: str,
    copies: int = 1,
    description: Mapping | None = None,
) -> tuple[list[Simulation], float]:
    """Start simulations of a circuit.

    Parameters
    ----------
    make_circuit : callable
        Builds the circuit on the active device.
    device : {'cpp_standalone', 'runtime'}
    copies : int
        How many, each in a process of its own; in runtime mode always one.
    description : mapping, optional
        All that decides what is built, see `programs.build`.

    Returns
    -------
    simulations : list of Simulation
    seconds : float
        Time taken to generate and compile the program.

    Raises
    ------
    RuntimeError
        In runtime mode, while another Brian2 device is active.
    """
    if device == "cpp_standalone":
        program = build(make_circuit, description)
        simulations: list[Simulation] = []
        try:
            for _ in range(copies):
                simulations.append(StandaloneSimulation(program.start()))
        except BaseException:
            for simulation in simulations:
                simulation.close()
            raise
        return simulations, program.seconds
    if type(get_device()).__name__ != "RuntimeDevice":
        raise RuntimeError(
            "device 'runtime' was asked for while another Brian2 device is active: call "
            "brian2.set_device('runtime') first."
        )
    return [RuntimeSimulation(make_circuit())], 0.0


def move_synapses(
    simulation: Simulation, architecture: Architecture, memory: Traces
) -> None:
    """Let the transmitting synapses of a projection start where its connections do."""
    projection = memory.projection
    if architecture.is_full(projection):
        return
    sources, _ = synapse_indices(architecture, projection, memory.connections)
    simulation.set(f"{projection.name}._synaptic_pre", sources)
    simulation.prepare(projection.name)


def set_weights(
    simulation: Simulation,
    architecture: Architecture,
    memory: Traces,
    weights: np.ndarray,
    biases: np.ndarray,
) -> None:
    """Put connections, weights and biases of a projection into a simulation."""
    projection = memory.projection
    simulation.set(f"{projection.name}.w", memory.on_synapses(weights))
    simulation.set(f"{projection.post}.b_{projection.name}", biases)
    move_synapses(simulation, architecture, memory)


def state_fault(simulation: Simulation, names: Iterable[str]) -> str | None:
    """Which state variable of a simulation holds NaN or infinity, None if none does."""
    for name in names:
        values = simulation.get(name)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            bad = int(np.flatnonzero(~np.isfinite(values))[0])
            owner, variable = name.split(".", 1)
            return f"{variable} of {owner} is {values[bad]} at index {bad}"
    return None
