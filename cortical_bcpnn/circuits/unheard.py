"""Projections that nothing hears in a recall, which therefore need not transmit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from brian2.parsing.sympytools import str_to_sympy

from ..model import equations
from ..model.architecture import Architecture, Projection
from ..model.expressions import names_in
from ..model.phases import Phase
from .composition import Composition


def unheard(
    architecture: Architecture, composed: Mapping[str, Composition], protocol: Sequence[Phase],
    populations: Collection[str],
) -> list[set[str]]:  # fmt: skip
    """Which projections can be left out, phase by phase, with the same result bit for bit.

    One is heard as long as its gain is to be other than 0 in this phase or a later one (what it
    transmits lasts for some tau_z), and if it leads, by projections that are on in some phase, to a
    population that is asked for. Where minicolumns read its input past the gain, it is always.

    Parameters
    ----------
    architecture : Architecture
    composed : mapping of str to Composition
        What the populations are put together from.
    protocol : sequence of Phase
    populations : collection of str
        Those whose state is asked for.
    """
    past_gain = {p.name for p in architecture.projections if _hears_past_gain(composed[p.post], p.name)}
    on = [{name for name, gain in phase.gains.items() if gain} | past_gain for phase in protocol]
    leading = {p.name for p in _leading_to(architecture, set().union(*on), populations)}
    every = {p.name for p in architecture.projections}
    return [every - (leading & set().union(*on[number:])) for number in range(len(protocol))]


def _leading_to(
    architecture: Architecture, on: Collection[str], populations: Collection[str]
) -> list[Projection]:
    """Projections that are on and lead to populations, directly or through others."""
    reached, found = set(populations), list[Projection]()
    while True:
        further = [p for p in architecture.projections
                   if p.name in on and p.post in reached and p not in found]  # fmt: skip
        if not further:
            return found
        found += further
        reached |= {p.pre for p in further}


def _hears_past_gain(composed: Composition, projection: str) -> bool:
    """Whether minicolumns read the input of a projection otherwise than weighed by its gain."""
    model = composed.model
    texts = (*composed.texts, *model.hypercolumn_texts, model.on_spike, model.gathering)
    return f"I_{projection}" in names_in(*texts) or not _gain_silences(equations.EVIDENCE)


@lru_cache
def _gain_silences(evidence: str) -> bool:
    """Whether evidence is nothing where the gain is 0."""
    text = evidence.format(projection="x").replace("g_x", "0")
    return str_to_sympy(text) == 0
