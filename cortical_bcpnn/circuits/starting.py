"""From an architecture and parameters to running simulations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..engine.circuit import Circuit
from ..model.architecture import Architecture
from ..model.dynamics import Dynamics
from ..model.parameters import Parameters, Phase
from ..model.plain import MODELS, architecture_to_plain, compiled_to_plain
from .circuit import build_circuit
from .composition import SUFFIXES, composition_of
from .resources import check_memory
from .simulation import Simulation, start


def start_simulations(
    architecture: Architecture,
    parameters: Parameters,
    device: str,
    protocol: Sequence[Phase],
    plastic: bool,
    copies: int = 1,
    on_build: Callable[[Circuit], None] | None = None,
    learned: Sequence[str] | None = None,
) -> tuple[list[Simulation], float]:
    """Start simulations of a network, with its parameters set.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    device : {'cpp_standalone', 'runtime'}
    protocol : sequence of Phase
        What they are to run: learning leaves out projections that never transmit in it.
    plastic : bool
        Whether they learn.
    copies : int
        How many; in runtime mode always one.
    on_build : callable, optional
        Called with every circuit before it is compiled.
    learned : sequence of str, optional
        Projections that learn; default is all, where any does.

    Returns
    -------
    simulations : list of Simulation
    seconds : float
        Time taken to generate and compile the program.

    Raises
    ------
    MemoryError
        If the machine has too little memory for them.
    """
    check_memory(architecture, parameters.precision, plastic, copies)
    used = {name for phase in protocol for name, gain in phase.gains.items() if gain}
    every = [p.name for p in architecture.projections]
    names = [name for name in every if not plastic or name in used]
    frozen = [] if learned is None else [name for name in every if name not in learned]

    def make_circuit() -> Circuit:
        circuit = build_circuit(
            architecture, transmitting=names, plastic=plastic, frozen=frozen,
            **circuit_settings(parameters),
        )
        if on_build is not None:
            on_build(circuit)
        return circuit

    description = None  # nothing is known of what on_build adds
    if on_build is None:
        settings = circuit_settings(parameters)
        models = compiled_to_plain(settings.pop("dynamics"))
        description = {
            "architecture": architecture_to_plain(architecture), "transmitting": names,
            "plastic": plastic, "frozen": frozen, **settings, "dt": float(parameters.dt), **models,
        }  # fmt: skip
    simulations, seconds = start(make_circuit, device, copies, description)
    for simulation in simulations:
        set_constants(simulation, architecture, parameters, plastic)
    return simulations, seconds


def circuit_settings(parameters: Parameters) -> dict[str, Any]:
    """What of the parameters is compiled into a circuit; all else is set while it runs."""
    return {
        "dt": parameters.dt,
        "precision": parameters.precision,
        "support_noise": parameters.support_noise > 0,
        "dynamics": Dynamics(**{name: getattr(parameters, name) for name in MODELS}),
    }


def set_constants(
    simulation: Simulation, architecture: Architecture, parameters: Parameters, plastic: bool
) -> None:
    """Set the constants of minicolumns and hypercolumns in a simulation."""
    for population, composed in composition_of(architecture, parameters, plastic).items():
        for group, constants in composed.constants(parameters).items():
            for name, value in constants.items():
                simulation.set(f"{population}{SUFFIXES[group]}.{name}", value)
