"""Single cells and single synapses of the twin, by Brian2 and by NEST.

Cells under constant currents, and what one presynaptic cell does that fires given spikes. Both
simulators are given the same parameter table; `cortical_bcpnn.biophysical.to_nest` builds
networks of the same cells and synapses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from brian2 import (
    Clock,
    Network,
    NeuronGroup,
    Quantity,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    ms,
    mV,
    nS,
    pA,
    second,
)

from ..values.quantities import check_quantity
from . import equations
from .nest_single_cells import given_currents_in_nest, given_spikes_in_nest
from .parameters import BiophysicalParameters

BRIAN2, NEST = "Brian2", "NEST"
SIMULATORS = (BRIAN2, NEST)
#: Synapses that are measured, with weight 1: the receptor, and the sign and trace of the weight.
SYNAPSES = {"AMPA": "g_ampa", "NMDA": "g_nmda", "GABA": "g_gaba", "slow inhibition": "g_inh_slow"}
_WEIGHTS = {"w_fast": [1, 0, -1, 0], "w_slow": [0, 1, 0, -1]}


def under_currents(
    simulator: str, currents: Sequence[float], duration: Quantity, *,
    parameters: BiophysicalParameters | None = None, adapting: bool = True,
) -> list[np.ndarray]:  # fmt: skip
    """Spike times of pyramidal cells under constant currents, from rest, without synapses.

    Parameters
    ----------
    simulator : {'Brian2', 'NEST'}
    currents : sequence of float
        In pA, a cell each.
    duration : Quantity
    parameters : BiophysicalParameters, optional
    adapting : bool
        Whether spikes add to the adaptation current.

    Returns
    -------
    list of ndarray
        In ms, an array for each cell, at the ends of time steps.
    """
    p = _checked(simulator, parameters)
    check_quantity("duration", duration, second)
    if not adapting:
        p = replace(p, b_adapt=0 * pA)
    currents = np.asarray(currents, float)
    if simulator == NEST:
        return given_currents_in_nest(p, currents, duration)
    cells = _pyramidal(len(currents), p, equations.THRESHOLD, refractory=equations.REFRACTORY)
    # The bias is the one current that is constant.
    cells.bias_gain, cells.bias = 1 * pA, currents
    spikes = SpikeMonitor(cells)
    Network(cells, spikes).run(duration, namespace={})
    trains = spikes.spike_trains()
    return [np.asarray(trains[cell] / ms) + float(p.dt / ms) for cell in range(len(currents))]


def under_spikes(
    simulator: str, times: Sequence[float], duration: Quantity, *,
    parameters: BiophysicalParameters | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Potential and conductance of cells, each with one synapse of weight 1 onto it.

    The presynaptic pyramidal cell fires at given times; its synapses depress. Nothing else
    reaches the cells, which start at rest.

    Parameters
    ----------
    simulator : {'Brian2', 'NEST'}
    times : sequence of float
        Times of presynaptic spikes in ms, in whole time steps.
    duration : Quantity
    parameters : BiophysicalParameters, optional

    Returns
    -------
    DataFrame
        'synapse', of `SYNAPSES`; 'ms', ends of time steps; 'mv'; 'ns', conductance of the receptor.
    """
    p = _checked(simulator, parameters)
    check_quantity("duration", duration, second)
    steps = np.round(np.asarray(times, float) / float(p.dt / ms)).astype(int)
    if simulator == NEST:
        receptors = list(SYNAPSES.values())
        grid, potentials, conductances = given_spikes_in_nest(p, steps, duration, receptors)
    else:
        grid, potentials, conductances = _given_spikes(p, steps, duration)
    parts = [
        pd.DataFrame({"synapse": name, "ms": grid, "mv": v, "ns": g})
        for name, v, g in zip(SYNAPSES, potentials, conductances)
    ]
    return pd.concat(parts, ignore_index=True)


def _checked(simulator: str, parameters: BiophysicalParameters | None) -> BiophysicalParameters:
    if simulator not in SIMULATORS:
        raise ValueError(f"simulator is {simulator!r}: choose one of {', '.join(SIMULATORS)}.")
    return BiophysicalParameters() if parameters is None else parameters


def _pyramidal(number: int, p: BiophysicalParameters, threshold: str, **options) -> NeuronGroup:
    """Pyramidal cells at rest, without input and without traces."""
    model = equations.PYRAMIDAL + equations.CELL_PARAMETERS + equations.PYRAMIDAL_PARAMETERS
    namespace = options.pop("namespace", {})
    cells = NeuronGroup(
        number, model + "last_spike : second", threshold=threshold, reset=equations.RESET_PYRAMIDAL,
        method="euler", namespace=namespace, dtype=np.float64, clock=Clock(dt=p.dt), **options,
    )  # fmt: skip
    for name in cells.variables:
        if hasattr(p, name) and name != "dt":
            setattr(cells, name, getattr(p, name))
    cells.v, cells.x, cells.bias = p.E_leak, 1, 0
    return cells


def _given_spikes(p: BiophysicalParameters, steps: np.ndarray, duration: Quantity) -> tuple:
    """See `under_spikes`: times (ms), potentials (mV) and conductances (nS), by synapse."""
    fired = np.zeros((p.steps(duration), 1))
    fired[steps - 1] = 1  # at whose end the cell has fired
    given = {"given_spikes": TimedArray(fired, dt=p.dt)}
    source = _pyramidal(1, p, equations.GIVEN_SPIKE, refractory=0 * ms, namespace=given)
    targets = _pyramidal(len(SYNAPSES), p, equations.THRESHOLD, refractory=equations.REFRACTORY)
    targets.ampa_gain, targets.nmda_gain = p.ampa_gain, p.nmda_gain
    synapses = Synapses(
        source, targets, "w_fast : 1\nw_slow : 1", on_pre=equations.TRANSMIT, delay=p.delay_plastic,
        namespace={}, clock=source.clock,
    )  # fmt: skip
    synapses.connect(i=0, j=np.arange(len(SYNAPSES)))
    synapses.w_fast, synapses.w_slow = _WEIGHTS["w_fast"], _WEIGHTS["w_slow"]
    names = list(SYNAPSES.values())
    seen = StateMonitor(targets, ["v", *names], record=True, when="end")
    Network(source, targets, synapses, seen).run(duration, namespace={})
    conductances = [np.asarray(getattr(seen, name)[k] / nS) for k, name in enumerate(names)]
    return np.asarray(seen.t / ms) + float(p.dt / ms), np.asarray(seen.v / mV), conductances
