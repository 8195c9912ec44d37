"""Populations and projections put together as Brian2 objects."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from brian2 import Clock, Network, Quantity

from ..engine.circuit import Circuit
from ..model.architecture import Architecture
from ..model.dynamics import Dynamics
from .composition import compositions
from .own_names import rules_of
from .population import build_population
from .projection import build_traces, build_transmission

PUBLISHED = Dynamics()


def build_circuit(
    architecture: Architecture,
    *,
    dt: Quantity,
    transmitting: Collection[str],
    plastic: bool,
    frozen: Collection[str] = (),
    precision: str = "float32",
    support_noise: bool = False,
    dynamics: Dynamics = PUBLISHED,
) -> Circuit:
    """Build the Brian2 objects of a network on the active device.

    Parameters
    ----------
    architecture : Architecture
        Populations and projections.
    dt : Quantity
        Time step.
    transmitting : collection of str
        Names of the projections that transmit. Others only learn.
    plastic : bool
        Whether traces are simulated.
    frozen : collection of str
        Names of the projections whose traces are not, even so; those that transmit have weights.
    precision : {'float32', 'float64'}
        Type of synaptic variables; those of minicolumns are always float64.
    support_noise : bool
        Whether uniform noise is added to the supports.
    dynamics : Dynamics
        Models of the populations and rules of the projections.
    """
    composed = compositions(architecture, dynamics, plastic, support_noise)
    every = rules_of(architecture, dynamics) if plastic else {}
    rules = {name: rule for name, rule in every.items() if name not in frozen}
    clock = Clock(dt=dt, name="simulation_clock")
    dtype = np.dtype(precision)
    circuit = Circuit(Network(name="circuit"), {}, plastic=plastic)
    for population in architecture.populations:
        objects, learning_objects = build_population(
            population,
            incoming=[p for p in architecture.projections if p.post == population.name],
            outgoing=[p for p in architecture.projections if p.pre == population.name],
            transmitting=transmitting,
            rules=rules,
            composed=composed[population.name],
            clock=clock,
        )
        circuit.objects.update({o.name: o for o in objects})
        circuit.learning_objects += learning_objects
    for projection in architecture.projections:
        pre, post = circuit.objects[projection.pre], circuit.objects[projection.post]
        rule = rules.get(projection.name)
        if projection.name in transmitting:
            emitted = dynamics.minicolumn_of(projection.pre).emitted
            synapses = build_transmission(architecture, projection, pre, post, emitted, rule, dtype)
            circuit.objects[synapses.name] = synapses
            if rule:
                circuit.learning_objects.append(synapses.learn)
        if rule:
            synapses = build_traces(projection, pre, post, rule, dtype)
            circuit.objects[synapses.name] = synapses
            circuit.learning_objects.append(synapses.learn)
    circuit.network.add(*circuit.objects.values())
    return circuit
