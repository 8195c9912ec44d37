"""What a simulation goes through while it learns and while it recalls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..circuits.simulation import Simulation, Steps
from .layout import Layout
from .parameters import BiophysicalParameters

_CONDUCTANCES = ("g_ampa", "g_nmda", "g_gaba", "g_inh_slow")


def rest(simulation: Simulation, parameters: BiophysicalParameters) -> Iterator[Steps]:
    """Put all cells to rest; spikes still under way arrive unheard."""
    longest = max(parameters.delay_local, parameters.delay_plastic, parameters.t_ref)
    for silenced in (True, False):
        for group in ("pyramidal", "basket"):
            simulation.set(f"{group}.silenced", silenced)
            simulation.set(f"{group}.v", float(parameters.E_leak))
        simulation.set("basket.g_ampa", 0)
        for name in (*_CONDUCTANCES, "w_adapt", "stimulus_rate"):
            simulation.set(f"pyramidal.{name}", 0)
        simulation.set("pyramidal.x", 1)
        for name in ("z_fast", "z_slow", "z_spike_fast", "z_spike_slow"):
            simulation.set(f"pyramidal.{name}", parameters.epsilon)
        if silenced:
            yield parameters.steps(longest) + 1, False


def stimulate(
    simulation: Simulation, layout: Layout, parameters: BiophysicalParameters, pattern: np.ndarray
) -> None:
    """Drive the cells of the minicolumns that a pattern names."""
    rate = float(parameters.stimulus_rate)
    simulation.set("pyramidal.stimulus_rate", rate * layout.active_cells(pattern))


def catch_up(simulation: Simulation) -> Iterator[Steps]:
    """One time step at whose end all synaptic traces are brought up to date."""
    simulation.set("pyramidal.settling", True)
    yield 1, True
    simulation.set("pyramidal.settling", False)


def learning(
    simulation: Simulation, layout: Layout, parameters: BiophysicalParameters, patterns: np.ndarray
) -> Iterator[Steps]:
    """Show patterns one after the other; plasticity is on while they are shown.

    Parameters
    ----------
    patterns : ndarray of int, shape (n, H)
    """
    p = parameters
    yield from rest(simulation, p)
    yield p.steps(p.settle_time), False
    for pattern in patterns:
        yield from catch_up(simulation)  # traces start from now, not from the last spike
        simulation.set("pyramidal.kappa", p.kappa)
        stimulate(simulation, layout, p, pattern)
        yield p.steps(p.learning_time) - 1, True
        yield from catch_up(simulation)
        simulation.set("pyramidal.kappa", 0)
        simulation.set("pyramidal.stimulus_rate", 0)
        yield p.steps(p.learning_gap), False


def recalling(
    simulation: Simulation, layout: Layout, parameters: BiophysicalParameters, cue: np.ndarray
) -> Iterator[Steps]:
    """One trial, after `rest`: background alone, cue, and free recall; nothing is learned."""
    p = parameters
    yield p.steps(p.settle_time), False
    stimulate(simulation, layout, p, cue)
    yield p.steps(p.cue_time), False
    simulation.set("pyramidal.stimulus_rate", 0)
    yield p.steps(p.free_time), False


def steps_of_rest(parameters: BiophysicalParameters) -> int:
    """Time steps that `rest` takes."""
    longest = max(parameters.delay_local, parameters.delay_plastic, parameters.t_ref)
    return parameters.steps(longest) + 1


def steps_of_learning(parameters: BiophysicalParameters, patterns: int) -> int:
    """Time steps that `learning` takes."""
    p = parameters
    each = 1 + p.steps(p.learning_time) + p.steps(p.learning_gap)
    return steps_of_rest(p) + p.steps(p.settle_time) + patterns * each


def steps_of_trial(parameters: BiophysicalParameters) -> int:
    """Time steps of a trial of recall, without `rest`."""
    p = parameters
    return p.steps(p.settle_time) + p.steps(p.cue_time) + p.steps(p.free_time)
