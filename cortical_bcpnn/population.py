"""One population in Brian2: minicolumns and their normalisation."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, Synapses, linked_var

from . import equations
from .architecture import Population, Projection

LEARN_ORDER = 5  # of synapses that learn, at the end of a time step


def build_population(
    population: Population,
    *,
    incoming: Sequence[Projection],
    outgoing: Sequence[Projection],
    transmitting: Collection[str],
    plastic: bool,
    support_noise: bool,
    clock: Clock,
    spiking: bool = True,
) -> tuple[list[BrianObject], list[BrianObject]]:
    """Build minicolumns, hypercolumns and the softmax between them.

    Parameters
    ----------
    population : Population
    incoming, outgoing : sequence of Projection
        Projections that end and start here; they add their inputs and traces.
    transmitting : collection of str
        Names of the projections that transmit what minicolumns emit.
    plastic : bool
        Whether the traces of the projections are simulated.
    support_noise : bool
        Whether uniform noise is added to the supports.
    clock : Clock
    spiking : bool
        Whether minicolumns emit spikes, else their expectation.

    Returns
    -------
    objects, learning_objects : list of BrianObject
        Objects to add to the network; and those among them, or contained in them, that
        work only while ``learning`` is on.
    """
    inputs = [p for p in incoming if p.name in transmitting]
    model = equations.MINICOLUMN + (equations.SPIKES if spiking else equations.EXPECTED_SPIKES)
    model += "".join(equations.INPUT.format(projection=p.name) for p in inputs)
    biased = incoming if plastic else inputs
    model += "".join(equations.BIAS.format(projection=p.name) + "\n" for p in biased)
    evidence = " + ".join(equations.EVIDENCE.format(projection=p.name) for p in inputs)
    model += f"evidence = {evidence or '0'} : 1\n"
    if support_noise:
        model += "support_noise : 1 (shared)\n"
    events = {}
    conditioning = [p.name for p in incoming if p.conditioning == "post"]
    conditioning += [p.name for p in outgoing if p.conditioning == "pre"]
    if plastic:
        trace_equations, trace_updates = _traces(incoming, outgoing)
        model += equations.LEARNING + trace_equations
        events = {"update": equations.UPDATE_EVENT}
        if conditioning:
            model += equations.THRESHOLDS
            deferred = " or ".join(equations.DEFERRED.format(projection=n) for n in conditioning)
            events["learn"] = equations.LEARN_EVENT.format(deferred=deferred)

    minicolumns = NeuronGroup(
        population.size,
        model,
        threshold=equations.SPIKE if spiking else equations.EXPECTATION,
        reset=equations.RESET if spiking else equations.RESET_EXPECTED,
        events=events,
        method="euler",
        namespace={},
        dtype=np.float64,
        clock=clock,
        name=population.name,
    )
    hypercolumns = NeuronGroup(
        population.hypercolumns,
        equations.HYPERCOLUMN,
        namespace={},
        dtype=np.float64,
        clock=clock,
        name=f"{population.name}_hypercolumns",
    )
    hypercolumn_index = np.repeat(np.arange(population.hypercolumns), population.minicolumns)
    minicolumns.partition = linked_var(hypercolumns, "partition", index=hypercolumn_index)
    minicolumns.shift = linked_var(hypercolumns, "shift", index=hypercolumn_index)

    # Within a time step: support (order 0), noise, activation, sum, then what is emitted.
    if support_noise:
        minicolumns.run_regularly(
            equations.NOISE, when="groups", order=1, name=f"{population.name}_noise"
        )
    minicolumns.run_regularly(
        equations.EXCESS, when="groups", order=2, name=f"{population.name}_excess"
    )
    minicolumns.run_regularly(
        equations.ACTIVATION, when="groups", order=3, name=f"{population.name}_activation"
    )
    normalisation = Synapses(
        minicolumns,
        hypercolumns,
        equations.NORMALISATION,
        namespace={"minicolumns_per_hypercolumn": population.minicolumns},
        dtype=np.float64,
        clock=clock,
        name=f"{population.name}_normalisation",
    )
    normalisation.connect(j="i // minicolumns_per_hypercolumn")
    normalisation.summed_updaters["partition_post"].order = 4
    if not spiking:
        minicolumns.run_regularly(
            equations.EMISSION, when="groups", order=5, name=f"{population.name}_emission"
        )
    hypercolumns.run_regularly(equations.SHIFT, when="end", name=f"{population.name}_shift")
    objects = [minicolumns, hypercolumns, normalisation]
    if not plastic:
        return objects, []

    # Traces learn after all that is emitted in the time step has reached z.
    start = minicolumns.run_regularly(
        equations.LEARN_START, when="end", order=1, name=f"{population.name}_learn_start"
    )
    minicolumns.set_event_schedule("update", when="end", order=2)
    update = minicolumns.run_on_event("update", trace_updates, when="end", order=3)
    learning_objects = [start, minicolumns.thresholder["update"], update]
    if conditioning:
        minicolumns.set_event_schedule("learn", when="end", order=4)
        learned = "\n".join(equations.LEARNED.format(projection=n) for n in conditioning)
        learned = minicolumns.run_on_event("learn", learned, when="end", order=LEARN_ORDER + 1)
        learning_objects += [minicolumns.thresholder["learn"], learned]
    return objects, learning_objects


def _traces(incoming: Sequence[Projection], outgoing: Sequence[Projection]) -> tuple[str, str]:
    """Equations and update statements of the traces that minicolumns hold."""
    model, update = [], []
    for side, projections in (("post", incoming), ("pre", outgoing)):
        for projection in projections:
            names = {"projection": projection.name, "side": side}
            model.append(equations.TRACE[side].format(**names))
            update.append(equations.UPDATE_TRACE[side].format(**names))
            if side == projection.conditioning:
                model.append(equations.CONDITIONING.format(**names))
                update.append(equations.UPDATE_CONDITIONING.format(**names))
            else:
                model.append(equations.CONDITIONED.format(**names))
                update.append(equations.UPDATE_CONDITIONED.format(**names))
    return "\n".join(model) + "\n", "\n".join(update)
