"""One population in Brian2: minicolumns, hypercolumns and what is between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, Synapses, linked_var, ms

from ..model import equations
from ..model.architecture import Population, Projection
from ..model.plasticity import PlasticityRule
from . import composition
from .composition import Composition

GATHER_ORDER = 4  # of sums over hypercolumns
LEARN_ORDER = 5  # of synapses that learn, at the end of a time step


NO_DELAY = 0 * ms


def build_population(
    population: Population,
    *,
    incoming: Sequence[Projection],
    outgoing: Sequence[Projection],
    transmitting: Collection[str],
    rules: Mapping[str, PlasticityRule],
    composed: Composition,
    clock: Clock,
) -> tuple[list[BrianObject], list[BrianObject]]:
    """Build minicolumns, hypercolumns and what is between them.

    Parameters
    ----------
    population : Population
    incoming, outgoing : sequence of Projection
        Projections that end and start here; they add their inputs and traces.
    transmitting : collection of str
        Names of the projections that transmit what minicolumns emit.
    rules : mapping of str to PlasticityRule
        Of those that learn, by name.
    composed : Composition
        Their equations; where it has rules, the traces of the projections are simulated.
    clock : Clock

    Returns
    -------
    objects, learning_objects : list of BrianObject
        Objects to add to the network; and those among them, or contained in them, that
        work only while ``learning`` is on.
    """
    model, plastic = composed.model, bool(composed.rules)
    events = {}
    inputs = [p for p in incoming if p.name in transmitting]
    incoming, outgoing = ([p for p in of if p.name in rules] for of in (incoming, outgoing))
    conditioning = composition.conditioning(incoming, outgoing)
    if plastic:
        events["update"] = equations.UPDATE_EVENT
    if conditioning:
        events["learn"] = composition.learn_event(rules, incoming, outgoing)
    minicolumns = NeuronGroup(
        population.size,
        composed.minicolumn(inputs, incoming, outgoing),
        threshold=model.threshold,
        reset=composed.reset(),
        events=events,
        method="euler",
        namespace={},
        dtype=np.float64,
        clock=clock,
        name=population.name,
    )
    objects = [minicolumns]
    if model.hypercolumn.strip():
        objects += _hypercolumns(population, minicolumns, composed, clock)
    groups = {"minicolumn": minicolumns, "hypercolumn": objects[min(1, len(objects) - 1)]}

    # Within a time step: support (order 0), noise, the steps of the model, what is emitted.
    if composed.support_noise:
        minicolumns.run_regularly(
            model.noise, when="groups", order=1, name=f"{population.name}_noise"
        )
    for step in model.steps:
        groups[step.on].run_regularly(
            step.statements, when=step.when, order=step.order, name=f"{population.name}_{step.name}"
        )
    if not plastic:
        return objects, []

    # Traces learn after all that is emitted in the time step has reached z.
    start = minicolumns.run_regularly(
        equations.LEARN_START, when="end", order=1, name=f"{population.name}_learn_start"
    )
    minicolumns.set_event_schedule("update", when="end", order=2)
    updates = composition.trace_updates(rules, incoming, outgoing)
    update = minicolumns.run_on_event("update", updates, when="end", order=3)
    learning_objects = [start, minicolumns.thresholder["update"], update]
    if conditioning:
        minicolumns.set_event_schedule("learn", when="end", order=4)
        learned = "\n".join(equations.LEARNED.format(projection=n) for n, _ in conditioning)
        learned = minicolumns.run_on_event("learn", learned, when="end", order=LEARN_ORDER + 1)
        learning_objects += [minicolumns.thresholder["learn"], learned]
    return objects, learning_objects


def _hypercolumns(
    population: Population, minicolumns: NeuronGroup, composed: Composition, clock: Clock
) -> list[BrianObject]:
    """Hypercolumns, linked into their minicolumns, and what minicolumns bring to them."""
    model = composed.model
    hypercolumns = NeuronGroup(
        population.hypercolumns,
        composed.hypercolumn(),
        method="euler",
        namespace={},
        dtype=np.float64,
        clock=clock,
        name=f"{population.name}_hypercolumns",
    )
    index = np.repeat(np.arange(population.hypercolumns), population.minicolumns)
    for name in composed.linked:
        setattr(minicolumns, name, linked_var(hypercolumns, name, index=index))
    if not (model.gathering or model.on_spike):
        return [hypercolumns]
    gathering = Synapses(
        minicolumns,
        hypercolumns,
        model.gathering,
        on_pre={"gather": model.on_spike} if model.on_spike else None,
        delay={"gather": NO_DELAY} if model.on_spike else None,
        namespace={},
        dtype=np.float64,
        clock=clock,
        name=f"{population.name}_normalisation",
    )
    gathering.connect(i=np.arange(population.size), j=index, namespace={})
    for updater in gathering.summed_updaters.values():
        updater.order = GATHER_ORDER
    return [hypercolumns, gathering]
