"""Simulations kept running between recalls, bound to what they were given."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .circuits.simulation import Simulation, set_weights
from .circuits.starting import circuit_settings, set_constants
from .engine.interrupts import termination_deferred
from .model.parameters import Parameters

if TYPE_CHECKING:
    from .network import AssociativeMemory


@dataclass
class _Running:
    """A simulation, and what it has been given."""

    simulation: Simulation
    parameters: Parameters
    states: dict[str, Hashable] = field(default_factory=dict)


class RecallProcesses:
    """The simulations in which a memory recalls.

    What has been learned can change in many ways: by learning, by taking over from a file or
    another network, by assignment, by arrays that are written to. So nobody has to tell: before
    every recall each simulation is compared with the memory, and gets what differs. Only another
    circuit, and new values to monitors, need other simulations.
    """

    def __init__(self) -> None:
        self._running: list[_Running] = []
        self._built_for: tuple | None = None

    @contextmanager
    def running(self, memory: AssociativeMemory, number: int) -> Iterator[list[Simulation]]:
        """That many simulations; after an error all are ended, as nobody knows their state."""
        with termination_deferred():
            try:
                yield self.take(memory, number)
            except BaseException:
                for running in self._running:
                    running.simulation.kill()
                self.close()
                raise

    def take(self, memory: AssociativeMemory, number: int) -> list[Simulation]:
        """That many simulations of what a memory has learned, started where they are missing."""
        states = {name: memory.state(name) for name in memory.traces}
        built_for = (
            memory.architecture, memory.device, circuit_settings(memory.parameters),
            memory.on_build, None if memory.on_build is None else states,
        )  # fmt: skip
        if built_for != self._built_for:
            self.close()
        for running in [r for r in self._running if not r.simulation.is_alive()]:
            running.simulation.close()
            self._running.remove(running)
        missing = number - len(self._running)
        if missing > 0:
            started = memory._start([], plastic=False, copies=missing)
            self._running += [_Running(s, memory.parameters) for s in started]
        self._built_for = built_for
        chosen = self._running[:number]
        _load(memory, chosen, states)
        return [running.simulation for running in chosen]

    def close(self) -> None:
        """End all simulations."""
        for running in self._running:
            running.simulation.close()
        self._running = []


def _load(memory: AssociativeMemory, chosen: list[_Running], states: dict[str, Hashable]) -> None:
    """Give simulations what they do not have yet."""
    for running in chosen:
        if running.parameters != memory.parameters:
            set_constants(running.simulation, memory.architecture, memory.parameters, False)
            running.parameters = memory.parameters
    for name, state in states.items():
        outdated = [running for running in chosen if running.states.get(name) != state]
        if not outdated:
            continue
        weights, biases = memory.weights(name), memory.biases(name)
        for running in outdated:
            running.states.pop(name, None)
            set_weights(
                running.simulation, memory.architecture, memory.traces[name], weights, biases
            )
            running.states[name] = state
