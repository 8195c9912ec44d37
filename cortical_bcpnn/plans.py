"""What a network is asked to learn or to recall, checked: patterns by population, and a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from .data.patterns import Stimuli, check_stimuli, checksum_of, shown_to
from .learned.runs import LearningRun
from .model.phases import Phase
from .model.protocol_checks import fitting_protocol
from .model.protocols import learning_protocol
from .values.numbers import check_whole

if TYPE_CHECKING:
    from .network import AssociativeMemory


def plan_learning(
    network: AssociativeMemory, patterns: ArrayLike | Mapping[str, ArrayLike], epochs: int,
    shuffle: bool, protocol: Sequence[Phase] | None, projections: Sequence[str] | None,
) -> tuple[Stimuli, LearningRun]:  # fmt: skip
    """See `AssociativeMemory.learn`."""
    architecture, parameters = network.architecture, network.parameters
    stimuli = check_stimuli("patterns", patterns, architecture, copied=True)
    epochs = check_whole("epochs", epochs)
    learned = None if projections is None else _projections(network, projections)
    if protocol is None:
        protocol = parameters.printing(
            learning_protocol(architecture, parameters.variant, stimuli, learned)
        )
    protocol, stimuli = _fitting(network, patterns, stimuli, protocol)
    run = LearningRun(checksum_of(stimuli), number_of(stimuli), epochs, bool(shuffle), protocol,
                      first=network.n_learned, projections=learned)  # fmt: skip
    return stimuli, run


def plan_recall(
    network: AssociativeMemory, cues: ArrayLike | Mapping[str, ArrayLike],
    protocol: Sequence[Phase] | None,
) -> tuple[Stimuli, list[Phase]]:  # fmt: skip
    """See `AssociativeMemory.recall`."""
    stimuli = check_stimuli("cues", cues, network.architecture, unknown=True)
    protocol = network.recall_protocol(tuple(stimuli)) if protocol is None else protocol
    protocol, stimuli = _fitting(network, cues, stimuli, protocol)
    return stimuli, protocol


def number_of(stimuli: Stimuli) -> int:
    """Number of patterns."""
    return len(next(iter(stimuli.values())))


def _fitting(
    network: AssociativeMemory, patterns: object, stimuli: Stimuli, protocol: Sequence[Phase]
) -> tuple[list[Phase], Stimuli]:
    """A protocol that fits the network and clamps what is given, and patterns of all that it clamps."""
    given = stimuli if isinstance(patterns, Mapping) else None
    phases = fitting_protocol(protocol, network.architecture, network.parameters, given)
    clamped = dict.fromkeys(name for phase in phases for name in phase.clamped)
    shown = shown_to(clamped, patterns, stimuli, network.architecture)
    free = [replace(phase, clamped=tuple(n for n in phase.clamped if n in shown)) for phase in phases]
    return free, shown


def _projections(network: AssociativeMemory, names: Sequence[str]) -> list[str]:
    """Names of projections that learn, in the order of the architecture.

    Raises
    ------
    ValueError
        If one is unknown, or there is none.
    """
    known = [projection.name for projection in network.architecture.projections]
    if isinstance(names, str) or not set(names):
        raise ValueError(f"projections are {names!r}: give names, a list of some of {', '.join(known)}.")
    for name in names:
        network.architecture.projection(name)  # raises
    return [name for name in known if name in names]
