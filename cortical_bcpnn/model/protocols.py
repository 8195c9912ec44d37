"""Protocols of any network: those that its architecture owns, or what follows from what is given.

Evidence flows away from the populations that patterns are given to: a projection is on if it leads
to a population that is given nothing, from one that is nearer to those that are. Projections within
a population are recurrent. With INP and INPRC given the published network learns so, and with INP
given it recalls (Ravichandran, Lansner & Herman, 2024, section 2.5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from brian2 import Quantity, ms

from .architecture import Architecture
from .paper import Variant
from .phases import Phase


def learning_protocol(
    architecture: Architecture, variant: Variant, given: Collection[str],
    learned: Collection[str] | None = None,
) -> list[Phase]:  # fmt: skip
    """How a pattern is learned.

    Parameters
    ----------
    architecture : Architecture
    variant : Variant
        Whose durations phases have.
    given : collection of str
        Populations that patterns are given to.
    learned : collection of str, optional
        Projections that learn; none is on that leads to neither end of them. Default is all.
    """
    if architecture.learning:
        return _timed(architecture.learning, variant)
    on = away_from(architecture, given)
    if learned is not None:
        on = _leading_to(architecture, on, learned)
    gains = dict.fromkeys(on, 1.0)
    return [Phase(variant.feedforward, _in_order(architecture, given), gains, name="feedforward")]


def recall_protocol(
    architecture: Architecture, variant: Variant, given: Collection[str],
    gains: Mapping[str, float] | None = None,
) -> list[Phase]:  # fmt: skip
    """How a cue is recalled: gap, feedforward phase, overlap and recurrent phase.

    Parameters
    ----------
    architecture : Architecture
    variant : Variant
    given : collection of str
        Populations that cues are given to.
    gains : mapping of str to float, optional
        Of recurrent projections, in place of that of the variant.

    Raises
    ------
    ValueError
        If the variant leaves the gain open and there is a recurrent phase.
    """
    if architecture.recall:
        return _timed(architecture.recall, variant)
    on, recurrent = away_from(architecture, given), recurrent_projections(architecture, given)
    back = {name: variant.gain((gains or {}).get(name)) for name in recurrent}
    first = {p.name for p in architecture.projections if p.name in on and p.pre in given}
    flowing, rest = dict.fromkeys(on, 1.0), dict.fromkeys((n for n in on if n not in first), 1.0)
    cue = _in_order(architecture, given)
    settled = "settled" if variant.cue_kept else None
    kept, after = (cue, {**flowing, **back}) if variant.cue_kept else ((), {**back, **rest})
    phases = [
        Phase(variant.gap, (), flowing, name="gap"),
        Phase(variant.feedforward, cue, flowing, read="feedforward", name="feedforward"),
    ]
    if recurrent:
        phases += [
            Phase(variant.overlap, cue, {**flowing, **back}, read=settled, name="overlap"),
            Phase(variant.recurrent, kept, after, read="attractor", name="recurrent"),
        ]
    return _present(phases)


def away_from(architecture: Architecture, given: Collection[str]) -> list[str]:
    """Projections that lead away from some populations, in order."""
    distance = dict.fromkeys(given, 0)
    reached = set(given)
    while True:
        found = {p.post for p in architecture.projections if p.pre in reached} - reached
        if not found:
            break
        distance |= dict.fromkeys(found, max(distance.values()) + 1)
        reached |= found
    return [p.name for p in architecture.projections
            if p.pre in reached and distance[p.pre] < distance[p.post]]  # fmt: skip


def recurrent_projections(architecture: Architecture, given: Collection[str]) -> list[str]:
    """Projections of populations to themselves, but of those that are given something."""
    return [p.name for p in architecture.projections if p.pre == p.post and p.pre not in given]


def _leading_to(
    architecture: Architecture, on: Sequence[str], learned: Collection[str]
) -> list[str]:
    """Of projections that are on, those that lead to an end of what is learned."""
    ends = {name for n in learned for name in (architecture.projection(n).pre,
                                               architecture.projection(n).post)}  # fmt: skip
    projections = [architecture.projection(name) for name in on]
    while True:
        further = {p.pre for p in projections if p.post in ends} - ends
        if not further:
            return [p.name for p in projections if p.post in ends]
        ends |= further


def _in_order(architecture: Architecture, names: Collection[str]) -> tuple[str, ...]:
    return tuple(p.name for p in architecture.populations if p.name in names)


def _timed(phases: Sequence[Phase], variant: Variant) -> list[Phase]:
    """Phases with the durations of a variant in place of their names."""
    return _present([
        replace(phase, duration=getattr(variant, phase.duration)) if isinstance(phase.duration, str)
        else phase for phase in phases
    ])  # fmt: skip


def _present(phases: Sequence[Phase]) -> list[Phase]:
    """Phases that take time."""
    return [phase for phase in phases
            if not isinstance(phase.duration, Quantity) or phase.duration > 0 * ms]  # fmt: skip
