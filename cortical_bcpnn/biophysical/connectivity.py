"""Who is connected to whom: random targets, the same number for every cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .layout import Layout
from .parameters import BiophysicalParameters

PROJECTIONS = ("plastic", "local", "excitation", "inhibition")


@dataclass(frozen=True)
class Connections:
    """Synapses of one projection, ordered by presynaptic cell.

    Attributes
    ----------
    sources, targets : ndarray of int32, shape (synapses,)
    """

    sources: np.ndarray
    targets: np.ndarray


def draw_connections(
    layout: Layout, parameters: BiophysicalParameters, seed: int | None
) -> dict[str, Connections]:
    """Draw the synapses of all projections.

    A cell contacts the same number of cells, probability times their number, in every group of
    possible targets: every minicolumn of the other hypercolumns (plastic), its own minicolumn
    (local), the basket cells of its hypercolumn (excitation), the pyramidal cells of its
    hypercolumn (inhibition). So the number of synapses does not depend on the seed, as with the
    fixed totals of the code of Chrysanthidis et al. (2019).

    Parameters
    ----------
    layout : Layout
    parameters : BiophysicalParameters
    seed : int or None
        None takes the first possible targets instead, which only serve to lay synapses out.
    """
    rng = None if seed is None else np.random.default_rng([seed, _CONNECTIONS])
    p, h = parameters, layout.hypercolumns
    cells, baskets = layout.cells_per_minicolumn, layout.baskets_per_hypercolumn
    m, in_hypercolumn = layout.minicolumns, layout.minicolumns * cells
    pyramidal, basket = np.arange(layout.pyramidal), np.arange(layout.baskets)

    columns = np.arange(h * m)
    others = np.array([columns[columns // m != k] for k in range(h)])  # (H, (H-1) M)
    first = others[pyramidal // in_hypercolumn] * cells
    plastic = _targets(rng, pyramidal, first, cells, p.p_plastic)
    own = (pyramidal // cells * cells)[:, None]
    local = _targets(rng, pyramidal, own, cells, p.p_local, exclude=pyramidal - own[:, 0])
    first = (pyramidal // in_hypercolumn * baskets)[:, None]
    excitation = _targets(rng, pyramidal, first, baskets, p.p_pyramidal_basket)
    first = (basket // baskets * in_hypercolumn)[:, None]
    inhibition = _targets(rng, basket, first, in_hypercolumn, p.p_basket_pyramidal)
    return dict(zip(PROJECTIONS, (plastic, local, excitation, inhibition)))


_CONNECTIONS = 11  # stream of random numbers


def _targets(
    rng: np.random.Generator | None,
    sources: np.ndarray,
    first: np.ndarray,
    size: int,
    probability: float,
    exclude: np.ndarray | None = None,
) -> Connections:
    """Targets without repetition in groups of `size` neighbours that start at `first`.

    Parameters
    ----------
    first : ndarray of int, shape (sources, groups)
    exclude : ndarray of int, shape (sources,), optional
        Position in the group of the one cell that is not a target: the source itself.
    """
    number = round(probability * (size if exclude is None else size - 1))
    chosen = np.empty((*first.shape, number), np.int32)
    for row, start in enumerate(first):
        # A row at a time: all at once would take a number for every possible synapse.
        order = np.tile(np.arange(size), (len(start), 1))
        if exclude is not None:
            order = np.delete(order, exclude[row], axis=1)
        if rng is not None:
            order = rng.permuted(order, axis=1)
        chosen[row] = start[:, None] + np.sort(order[:, :number], axis=1)
    per_source = first.shape[1] * number
    return Connections(np.repeat(sources, per_source).astype(np.int32), chosen.ravel())
