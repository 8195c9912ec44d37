"""Phases, of which protocols of learning and recall are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from brian2 import Quantity

#: Durations of a variant, which phases that an architecture owns can name.
DURATIONS = ("gap", "feedforward", "overlap", "recurrent")


@dataclass(frozen=True)
class Phase:
    """A stretch of a protocol in which nothing changes from outside.

    Attributes
    ----------
    duration : Quantity or str
        In time; in protocols that an architecture owns also the name of a duration of the variant.
    clamped : tuple of str
        Populations that are clamped to the pattern.
    gains : mapping of str to float
        Gain g of each projection; 0 for those not named. Bias and weights of a projection
        share its gain.
    read : str or None
        If given, recall returns the state at the end of this phase under this name.
    print_now : float
        The print-now signal: factor to the step size κ = dt/τ_p of the traces. Continuous rules
        learn by it in every time step, others at the end of the last phase of learning.
    name : str
        What tables and figures call it.
    """

    duration: Quantity | str
    clamped: tuple[str, ...] = ()
    gains: Mapping[str, float] = field(default_factory=dict)
    read: str | None = None
    print_now: float = 1.0
    name: str = ""
