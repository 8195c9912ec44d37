"""The BCPNN network that one would write first in Brian2, to compare with.

Same minicolumns, same rule, but p_ij of all pairs in one Synapses object per projection with
a mask for those that are connected, in Brian2's own standalone mode and default precision.
(The traces of single minicolumns, which cost next to nothing, are held constant.)
"""

from __future__ import annotations

import tempfile

import numpy as np
from brian2 import Clock, Network, Synapses
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import reset_device, set_device

from ..circuits.composition import Composition
from ..circuits.population import build_population
from ..circuits.projection import placeholder_connections
from ..data.patterns import minicolumn_activity
from ..model.architecture import Architecture
from ..model.expressions import of_side
from ..model.parameters import Parameters
from ..network import AssociativeMemory

STEPS = 20  # of the baseline that steps all traces every dt: 30 ms each at paper scale
PRESENTATIONS = 5  # of the baseline that steps them once per pattern
EVERY_STEP = """
dp_ij/dt = (z_pre*z_post - p_ij)/tau_p : 1 (clock-driven)
w = log(p_ij/(p_i*p_j)) : 1
connected : boolean
"""
PER_PATTERN = """
p_ij : 1
w : 1
connected : boolean
"""
UPDATE = """
p_ij += kappa*(z_pre*z_post - p_ij)
w = log(p_ij/(p_i*p_j))
"""
TRANSMIT = "I_feedforward_post += int(connected)*w*{emitted}"


def against_dense(memory: AssociativeMemory, learn_ms_per_pattern: float) -> dict[str, float]:
    """How many times faster learning is than with dense traces.

    Parameters
    ----------
    memory : AssociativeMemory
    learn_ms_per_pattern : float
        That of the network.
    """
    architecture, parameters = memory.architecture, memory.parameters
    n_steps = parameters.steps(parameters.variant.feedforward)
    every_step = microseconds_per_step(architecture, parameters, True, STEPS)
    per_pattern = microseconds_per_step(architecture, parameters, False, PRESENTATIONS * n_steps)
    own = 1e3 * learn_ms_per_pattern / n_steps
    return {
        "dense_every_step_us_per_step": every_step,
        "dense_per_pattern_us_per_step": per_pattern,
        "ratio_to_dense_every_step": every_step / own,
        "ratio_to_dense_per_pattern": per_pattern / own,
    }


def microseconds_per_step(
    architecture: Architecture,
    parameters: Parameters,
    every_step: bool,
    n_steps: int,
    seed: int = 0,
) -> float:
    """Time that a step of the dense network takes, apart from building and starting it.

    Parameters
    ----------
    every_step : bool
        Whether traces are stepped every dt, else at the end of every presentation.
    n_steps : int
        Time steps to run.
    """
    device = CPPStandaloneDevice()
    with tempfile.TemporaryDirectory() as directory:
        set_device(device, build_on_run=True, directory=directory)
        try:
            device.seed(seed)
            network = _network(architecture, parameters, every_step, seed)
            network.run(n_steps * parameters.dt, namespace={})
            return 1e6 * device._last_run_time / n_steps
        finally:
            reset_device()


def _network(
    architecture: Architecture, parameters: Parameters, every_step: bool, seed: int
) -> Network:
    """Populations under a random pattern, with dense plastic synapses."""
    variant = parameters.variant
    clock = Clock(dt=parameters.dt, name="dense_clock")
    rng = np.random.default_rng(seed)
    pattern = rng.random((1, architecture.populations[0].hypercolumns))
    log_stimulus = np.log(minicolumn_activity(pattern)[0] + parameters.epsilon)
    groups, network = {}, Network(name="dense")
    for population in architecture.populations:
        model = parameters.minicolumn_of(population.name)
        objects, _ = build_population(
            population,
            incoming=[p for p in architecture.projections if p.post == population.name],
            outgoing=[],
            transmitting=["feedforward"],
            rules={},
            composed=Composition(model),
            clock=clock,
        )
        minicolumns = groups[population.name] = objects[0]
        minicolumns.tau_m, minicolumns.tau_z = variant.tau_m, variant.tau_z
        minicolumns.f_max, minicolumns.epsilon = variant.f_max, parameters.epsilon
        if not model.spiking:
            minicolumns.emission_min = parameters.emission_min
        if population.name != "HID":
            minicolumns.clamped = True
            minicolumns.log_stimulus = log_stimulus
        network.add(objects)
    groups["HID"].g_feedforward = 1
    for projection in architecture.projections:
        pre, post = architecture.ends(projection)
        emitted = of_side(parameters.minicolumn_of(pre.name).emitted, "pre")
        synapses = Synapses(
            groups[pre.name],
            groups[post.name],
            EVERY_STEP if every_step else PER_PATTERN,
            on_pre=TRANSMIT.format(emitted=emitted) if projection.name == "feedforward" else None,
            method="euler",
            clock=clock,
            name=f"{projection.name}_dense",
            namespace={
                "tau_p": parameters.tau_p,
                "kappa": parameters.kappa,
                "p_i": 1 / pre.minicolumns,
                "p_j": 1 / post.minicolumns,
            },
        )
        synapses.connect()
        synapses.p_ij = 1 / (pre.minicolumns * post.minicolumns)
        connected = np.zeros((pre.hypercolumns, post.hypercolumns), bool)
        connections = placeholder_connections(architecture, projection)
        connected[connections, np.arange(post.hypercolumns)[:, None]] = True
        synapses.connected = (
            connected.repeat(pre.minicolumns, 0).repeat(post.minicolumns, 1).ravel()
        )
        if not every_step:
            synapses.run_regularly(UPDATE, dt=variant.feedforward, when="end")
        network.add(synapses)
    return network
