"""Single cells and synapses in NEST, see `single_cells`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from brian2 import Quantity, ms

from . import nest_models as models
from .nest_kernel import load_nest, reset_kernel
from .parameters import BiophysicalParameters


def given_currents_in_nest(
    p: BiophysicalParameters, currents: np.ndarray, duration: Quantity
) -> list[np.ndarray]:
    """Spike times in ms of pyramidal cells under constant currents in pA."""
    nest = load_nest()
    reset_kernel(p.dt, 0)
    cells = nest.Create(models.PYRAMIDAL, len(currents), models.pyramidal(p))
    cells.set(I_e=list(currents))
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(float(duration / ms))
    events = recorder.events
    return [np.sort(events["times"][events["senders"] == cell.global_id]) for cell in cells]


def given_spikes_in_nest(
    p: BiophysicalParameters, steps: np.ndarray, duration: Quantity, receptors: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Times (ms), potentials (mV) and conductances (nS) of cells with a synapse of weight 1 each.

    Parameters
    ----------
    steps : ndarray of int
        Time steps at whose ends the presynaptic cell fires.
    receptors : sequence of str
        Of each cell, of `nest_models.RECEPTORS`.
    """
    nest = load_nest()
    reset_kernel(p.dt, 0)
    step = float(p.dt / ms)
    cells = nest.Create(models.PYRAMIDAL, len(receptors), models.pyramidal(p))
    # Generators have no short-term plasticity behind them, but what repeats their spikes has.
    given = nest.Create("spike_generator", params={"spike_times": [s * step for s in steps - 1]})
    source = nest.Create("parrot_neuron")
    nest.Connect(given, source, syn_spec={"delay": step})
    delay, names = float(p.delay_plastic / ms), [f"g_{models.RECEPTORS[r]}" for r in receptors]
    meters = nest.Create("multimeter", len(cells), {"interval": step})
    for cell, receptor, name, meter in zip(cells, receptors, names, meters):
        gain = p.ampa_gain if receptor in ("g_ampa", "g_gaba") else p.nmda_gain
        nest.Connect(source, cell, syn_spec={
            "synapse_model": "tsodyks2_synapse", "delay": delay,
            "weight": float(models.receptor_weight(gain, receptor, p)),
            "receptor_type": models.RECEPTORS[receptor], **models.depression(p),
        })  # fmt: skip
        meter.set(record_from=["V_m", name])
        nest.Connect(meter, cell, syn_spec={"delay": step})
    nest.Simulate(float(duration / ms) + step)  # meters are read a step late
    events = [meter.events for meter in meters]
    found = [np.stack([e["times"], e["V_m"], e[name]]) for e, name in zip(events, names)]
    number = p.steps(duration)
    grid = found[0][0][:number]
    return grid, np.stack([f[1][:number] for f in found]), [f[2][:number] for f in found]
