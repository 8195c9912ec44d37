"""The recurrent network of the abstract model alone, the counterpart of the biophysical twin.

One population of H × M minicolumns, connected to itself. Patterns name the active minicolumn of
each hypercolumn, as for `BiophysicalMemory`; they are clamped, not learned from images.
"""

from __future__ import annotations

import numpy as np
from brian2 import Quantity, ms
from numpy.typing import ArrayLike

from ..model.architecture import Architecture, Population, Projection
from ..model.phases import Phase
from ..network import AssociativeMemory
from .layout import Layout

POPULATION, PROJECTION = "REC", "recurrent"

#: Each pattern is shown for five tau_z, after which little is left of the one before.
LEARNING = [Phase(100 * ms, (POPULATION,), {})]

# With a learning step of a tenth of a pattern, 300 epochs are 30 tau_p: of the random start nothing
# is left. Otherwise minicolumns of no pattern keep the weights between each other and attract.
EPOCHS, STEPS_PER_TAU_P = 300, 10


def recurrent_memory(
    hypercolumns: int, minicolumns: int, n_patterns: int, **parameters
) -> AssociativeMemory:
    """A memory of one population, whose recurrent projection learns clamped patterns.

    Parameters
    ----------
    hypercolumns, minicolumns : int
    n_patterns : int
        Patterns to be stored; tau_p is ten times that many time steps.
    **parameters
        Of `AssociativeMemory`: seed, variant, device, …
    """
    architecture = Architecture(
        (Population(POPULATION, hypercolumns, minicolumns),),
        (Projection(PROJECTION, POPULATION, POPULATION, hypercolumns, False, "post"),),
    )
    parameters = {"tau_p": STEPS_PER_TAU_P * n_patterns * ms, "rewire_every": 0, **parameters}
    return AssociativeMemory(architecture=architecture, **parameters)


def one_hot(patterns: ArrayLike, minicolumns: int) -> np.ndarray:
    """Activity of minicolumns, shape (n, H, M): 1 for the one named; 1/M each where none is (-1).

    Parameters
    ----------
    patterns : array_like of int, shape (n, H)
        Active minicolumn of each hypercolumn, -1 for none.
    minicolumns : int
        Number of minicolumns M per hypercolumn, above 2.
    """
    layout = Layout(max(np.shape(patterns)[-1], 2), minicolumns)
    patterns = layout.check_patterns("patterns", patterns)
    active = patterns[..., None] == np.arange(minicolumns)
    return np.where(patterns[..., None] < 0, 1 / minicolumns, active)


def recalling(
    settle: Quantity = 150 * ms, cue: Quantity = 50 * ms, free: Quantity = 75 * ms,
    cue_gain: float = 0.1, free_gain: float = 0.5,
) -> list[Phase]:  # fmt: skip
    """Protocol of recall: nothing, a cue, and free recall, as long as in the biophysical twin.

    While the cue is clamped the recurrent gain is low: minicolumns without a cue still fire at
    random, and at full gain those spikes would call up patterns of their own. Before the cue it is
    0, since the normalised hypercolumns have no state of rest: they would settle in any attractor.

    Parameters
    ----------
    settle, cue, free : Quantity
        Durations.
    cue_gain, free_gain : float
        Recurrent gain during and after the cue. Chosen among 0 to 1 on 4 and 10 random patterns in
        9 × 9, seeds 1 to 4; results change little between 0.1 and 0.3, and 0.3 and 1.
    """
    return [
        Phase(settle),
        Phase(cue, (POPULATION,), {PROJECTION: cue_gain}),
        Phase(free, (), {PROJECTION: free_gain}, read="attractor"),
    ]
