"""The Brian2 objects of the biophysical twin: cells, synapses and what records spikes."""

from __future__ import annotations

import numpy as np
from brian2 import Clock, Network, NeuronGroup, Quantity, SpikeMonitor, Synapses, ms

from ..circuits.simulation import Simulation
from ..engine.circuit import Circuit
from . import equations
from .connectivity import Connections, draw_connections
from .layout import Layout
from .parameters import BiophysicalParameters

TRACES = ("fast", "slow")
_NO_DELAY = 0 * ms


def for_traces(template: str, traces: tuple[str, ...] = TRACES) -> str:
    """One copy of an equation for each trace."""
    return "".join(template.format(trace=trace) for trace in traces)


def build_network(layout: Layout, parameters: BiophysicalParameters) -> Circuit:
    """Build the Brian2 objects of a network on the active device.

    Synapses are created between placeholder targets, see `place_synapses`; so the program is the
    same for all seeds.

    Parameters
    ----------
    layout : Layout
    parameters : BiophysicalParameters
        Only dt, delays and connection probabilities matter here.
    """
    clock = Clock(dt=parameters.dt, name="biophysical_clock")
    pyramidal, learning = _pyramidal(layout.pyramidal, clock)
    basket = NeuronGroup(
        layout.baskets,
        equations.BASKET + equations.CELL_PARAMETERS + equations.BASKET_PARAMETERS,
        threshold=equations.THRESHOLD,
        reset=equations.RESET_BASKET,
        refractory=equations.REFRACTORY,
        method="euler", namespace={}, dtype=np.float64, clock=clock, name="basket",
    )  # fmt: skip
    placeholders = draw_connections(layout, parameters, None)
    plastic = _plastic(pyramidal, parameters.delay_plastic)
    _connect(plastic, placeholders["plastic"])
    learning += [plastic.learn_pre, plastic.learn_post, plastic.catch_up]
    static = [
        _static(name, pre, post, statement, parameters.delay_local, placeholders[name])
        for name, pre, post, statement in (
            ("local", pyramidal, pyramidal, equations.TRANSMIT_LOCAL),
            ("excitation", pyramidal, basket, equations.EXCITE_BASKET),
            ("inhibition", basket, pyramidal, equations.INHIBIT),
        )
    ]
    objects = [
        pyramidal, basket, plastic, *static,
        SpikeMonitor(pyramidal, name="pyramidal_spikes"),
        SpikeMonitor(basket, name="basket_spikes"),
    ]  # fmt: skip
    network = Network(objects, name="biophysical")
    return Circuit(network, {o.name: o for o in objects}, learning, plastic=True)


def _pyramidal(size: int, clock: Clock) -> tuple[NeuronGroup, list]:
    """Pyramidal cells, and those of their parts that work only while they learn."""
    cells = NeuronGroup(
        size,
        equations.PYRAMIDAL + equations.CELL_PARAMETERS + equations.PYRAMIDAL_PARAMETERS
        + equations.TRACE_PARAMETERS + for_traces(equations.TRACE),
        threshold=equations.THRESHOLD,
        reset=equations.RESET_PYRAMIDAL + for_traces(equations.TRACE_RESET),
        refractory=equations.REFRACTORY,
        events={"catch_up": equations.CATCH_UP_EVENT},
        method="euler", namespace={}, dtype=np.float64, clock=clock, name="pyramidal",
    )  # fmt: skip
    # Within a time step: inputs, membrane (order 0), traces, spikes, synapses, resets. So traces
    # have decayed up to the spike when synapses learn, and jump after that.
    cells.run_regularly(equations.INPUT, when="groups", order=-1, name="pyramidal_input")
    advance = for_traces(equations.ADVANCE_TRACE)
    cells.run_regularly(advance, when="groups", order=1, name="pyramidal_traces")
    bias = cells.run_regularly(equations.BIAS, when="groups", order=2, name="pyramidal_bias")
    cells.set_event_schedule("catch_up", when="end")
    return cells, [bias, cells.thresholder["catch_up"]]


def _plastic(cells: NeuronGroup, delay: Quantity) -> Synapses:
    """Synapses between hypercolumns: they transmit with a delay and learn without.

    Traces of both sides are those at the cell bodies, and the weight of a spike is that when it
    was fired, as in the published NEST module.
    """
    learn = equations.ELAPSED + for_traces(equations.DECAYED + equations.LEARN)
    learn += equations.UPDATED + "\n"
    weigh = "\n".join(equations.WEIGHT.format(trace=trace) for trace in TRACES)
    synapses = Synapses(
        cells, cells,
        equations.PLASTIC_SYNAPSE + for_traces(equations.SYNAPSE_TRACE),
        on_pre={"transmit": equations.TRANSMIT, "learn_pre": learn + weigh, "catch_up": learn + weigh},
        on_post={"learn_post": learn},
        on_event={"transmit": "spike", "learn_pre": "spike", "learn_post": "spike",
                  "catch_up": "catch_up"},
        delay={"transmit": delay, "learn_pre": _NO_DELAY, "learn_post": _NO_DELAY,
               "catch_up": _NO_DELAY},
        namespace={}, dtype=np.float64, clock=cells.clock, name="plastic",
    )  # fmt: skip
    synapses.catch_up.when = "end"
    synapses.catch_up.order = 1
    return synapses


def _static(
    name: str,
    pre: NeuronGroup,
    post: NeuronGroup,
    statement: str,
    delay: Quantity,
    connections: Connections,
) -> Synapses:
    synapses = Synapses(
        pre, post, on_pre=statement, delay=delay, namespace={}, clock=pre.clock, name=name
    )
    _connect(synapses, connections)
    return synapses


def _connect(synapses: Synapses, connections: Connections) -> None:
    if len(connections.sources):
        synapses.connect(i=connections.sources, j=connections.targets)
    else:
        synapses.connect(False)


def place_synapses(simulation: Simulation, connections: dict[str, Connections]) -> None:
    """Let the synapses of a simulation end where they have been drawn to end."""
    for name, drawn in connections.items():
        if len(drawn.targets):
            simulation.set(f"{name}._synaptic_post", drawn.targets)
            simulation.prepare(name)


def set_parameters(simulation: Simulation, parameters: BiophysicalParameters) -> None:
    """Put all parameters that are variables into a simulation; kappa is left at 0."""
    groups = {
        "pyramidal": equations.CELL_PARAMETERS + equations.PYRAMIDAL_PARAMETERS
        + equations.TRACE_PARAMETERS + for_traces(equations.TRACE),
        "basket": equations.CELL_PARAMETERS + equations.BASKET_PARAMETERS,
    }  # fmt: skip
    for group, declared in groups.items():
        for line in declared.splitlines():
            name = line.split(":")[0].strip()
            if "(shared)" in line and name != "kappa" and hasattr(parameters, name):
                simulation.set(f"{group}.{name}", float(getattr(parameters, name)))
