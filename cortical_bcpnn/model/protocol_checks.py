"""Whether a protocol fits a network, said before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from brian2 import Quantity, second

from ..values.numbers import is_number
from ..values.quantities import check_quantity
from .architecture import Architecture
from .parameters import Parameters
from .phases import Phase


def fitting_protocol(
    protocol: Sequence[Phase], architecture: Architecture, parameters: Parameters,
    given: Collection[str] | None = None,
) -> list[Phase]:  # fmt: skip
    """The phases of a protocol, if it fits a network.

    Parameters
    ----------
    protocol : sequence of Phase
    architecture : Architecture
    parameters : Parameters
    given : collection of str, optional
        Populations that patterns are given to.

    Raises
    ------
    ValueError, TypeError
        As `check_protocol`, and if a step of the traces is too large, or what is given is clamped
        in no phase.
    """
    protocol = list(protocol)
    check_protocol(
        protocol,
        [p.name for p in architecture.populations],
        [p.name for p in architecture.projections],
        parameters.dt,
    )
    for number, phase in enumerate(protocol, 1):
        if phase.print_now * parameters.kappa > 1:
            raise ValueError(
                f"print_now of phase {number} is {phase.print_now}: forward Euler needs at most "
                f"{1 / parameters.kappa:g}, tau_p/dt."
            )
    clamped = {name for phase in protocol for name in phase.clamped}
    for name in given or ():
        if name not in clamped:
            raise ValueError(
                f"patterns of {name} are given, and no phase of the protocol clamps it: leave them out, "
                f"or clamp {name} in a phase."
            )
    return protocol


def check_protocol(
    protocol: Sequence[Phase], populations: Sequence[str], projections: Sequence[str], dt: Quantity
) -> None:
    """Raise a ValueError unless every phase fits the network.

    Raises
    ------
    ValueError, TypeError
        If there is no phase, a duration is not a whole number of time steps, a name is
        unknown, a gain is not finite, or two phases are read under one name.
    """
    if not protocol:
        raise ValueError("protocol is empty: give at least one Phase.")
    for number, phase in enumerate(protocol, 1):
        if not isinstance(phase, Phase):
            raise TypeError(f"phase {number} of the protocol is {phase!r}: give a Phase.")
        if isinstance(phase.clamped, str) or not isinstance(phase.clamped, Collection):
            raise TypeError(
                f"clamped of phase {number} is {phase.clamped!r}: give names of populations, for "
                f"example ({populations[0]!r},)."
            )
        if not isinstance(phase.gains, Mapping):
            raise TypeError(
                f"gains of phase {number} are {phase.gains!r}: give a gain for each projection by "
                "name."
            )
        if not isinstance(phase.read, str | None):
            raise TypeError(f"read of phase {number} is {phase.read!r}: give a name, or None.")
        check_quantity(f"duration of phase {number}", phase.duration, second)
        steps = float(phase.duration / dt)
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
            raise ValueError(
                f"duration of phase {number} is {phase.duration}: give a multiple of dt = {dt}."
            )
        for kind, given, known in (
            ("population", phase.clamped, populations),
            ("projection", phase.gains, projections),
        ):
            for name in given:
                if name not in known:
                    raise ValueError(
                        f"phase {number} names the {kind} {name!r}: choose from {', '.join(known)}."
                    )
        for name, gain in phase.gains.items():
            if not is_number(gain):
                raise ValueError(f"gain of {name} in phase {number} is {gain}: give a number.")
        if not (is_number(phase.print_now) and phase.print_now >= 0):
            raise ValueError(
                f"print_now of phase {number} is {phase.print_now!r}: give a number of 0 or more."
            )
    names = [phase.read for phase in protocol if phase.read]
    if len(set(names)) < len(names):
        raise ValueError(f"phases are read as {', '.join(names)}: give each a name of its own.")
