"""Phases of a protocol, and variants of the model: time constants and phases of recall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from brian2 import Hz, Quantity, ms


@dataclass(frozen=True)
class Phase:
    """A stretch of a protocol in which nothing changes from outside.

    Attributes
    ----------
    duration : Quantity
        In time.
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
    """

    duration: Quantity
    clamped: tuple[str, ...] = ()
    gains: Mapping[str, float] = field(default_factory=dict)
    read: str | None = None
    print_now: float = 1.0


@dataclass(frozen=True)
class Variant:
    """Time constants and recall of a variant (section 2.5 of the paper).

    Attributes
    ----------
    name : str
    tau_m, tau_z : Quantity
        Time constants of support and z trace.
    f_max : Quantity
        Firing rate of a minicolumn that wins its hypercolumn for certain.
    gap, feedforward, overlap, recurrent : Quantity
        Durations of the phases of recall; learning lasts `feedforward`.
    spiking : bool
        Whether minicolumns emit spikes. In rate-based variants the expected number of spikes
        stands for them in every time step.
    recurrent_gain : float or None
        Gain of the recurrent projection, 1 in the paper; None is the gain that what has been
        learned gives, see `calibration`.
    cue_kept : bool
        Whether the cue stays on, with the feedforward projection, while recurrence is on.
    """

    name: str
    tau_m: Quantity
    tau_z: Quantity
    f_max: Quantity
    gap: Quantity
    feedforward: Quantity
    overlap: Quantity
    recurrent: Quantity
    spiking: bool = True
    recurrent_gain: float | None = 1.0
    cue_kept: bool = False

    def learning_protocol(self) -> list[Phase]:
        """INP and INPRC clamped, feedforward projection on."""
        return [Phase(self.feedforward, ("INP", "INPRC"), {"feedforward": 1.0})]

    def recall_protocol(self, recurrent_gain: float | None = None) -> list[Phase]:
        """Gap, feedforward phase, overlap and recurrent phase.

        Parameters
        ----------
        recurrent_gain : float, optional
            In place of that of the variant; needed where the variant leaves it open.

        Raises
        ------
        ValueError
            If the variant leaves the gain open and there is a recurrent phase.
        """
        gain = self.recurrent_gain if recurrent_gain is None else recurrent_gain
        if gain is None and self.recurs:
            raise ValueError(
                f"recurrent_gain of variant {self.name} is open: give it, or take the protocol "
                "from a network by its recall_protocol()."
            )
        bottom_up = {"feedforward": 1.0, "feedback": 1.0}
        both = {**bottom_up, "recurrent": gain}
        settled = "settled" if self.cue_kept else None
        kept = (("INP",), both) if self.cue_kept else ((), {"recurrent": gain, "feedback": 1.0})
        phases = [
            Phase(self.gap, (), bottom_up),
            Phase(self.feedforward, ("INP",), bottom_up, read="feedforward"),
            Phase(self.overlap, ("INP",), both, read=settled),
            Phase(self.recurrent, *kept, read="attractor"),
        ]
        return [phase for phase in phases if phase.duration > 0 * ms]

    @property
    def recurs(self) -> bool:
        """Whether the recurrent projection is on at any time in recall."""
        return bool(self.overlap > 0 * ms or self.recurrent > 0 * ms)


#: What has no part in learning but by the protocol, which says how long a pattern is shown.
RECALL_FIELDS = ("gap", "feedforward", "overlap", "recurrent", "recurrent_gain", "cue_kept")


def _published(name: str, tau_m: float, tau_z: float, f_max: float, *phases: float) -> Variant:
    phases = (phase * ms for phase in phases)
    spiking = not name.startswith("rate")
    return Variant(name, tau_m * ms, tau_z * ms, f_max * Hz, *phases, spiking=spiking)


#: The published variants: τ_m, τ_z (ms), f_max (Hz), gap, feedforward, overlap and recurrent
#: phase (ms). Those named rate are the non-spiking controls.
VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        _published("rate-ff", 1, 1, 1000, 0, 5, 0, 0),
        _published("rate-full", 1, 1, 1000, 0, 5, 0, 20),
        _published("spk-ff", 1, 5, 1000, 25, 25, 0, 0),
        _published("spk-full", 1, 5, 1000, 25, 25, 25, 50),
        _published("spspk-ff", 5, 20, 100, 100, 100, 0, 0),
        _published("spspk-full", 5, 20, 100, 100, 100, 50, 150),
    )
}

#: The same, but that the cue is kept and recurrence weighs what it is worth.
CALIBRATED_VARIANTS: dict[str, Variant] = {
    f"{kind}-calibrated": replace(
        VARIANTS[f"{kind}-full"], name=f"{kind}-calibrated", recurrent_gain=None, cue_kept=True
    )
    for kind in ("rate", "spk", "spspk")
}


def find_variant(name: str) -> Variant:
    """The variant of that name, published or calibrated.

    Raises
    ------
    ValueError
        If there is none.
    """
    known = {**VARIANTS, **CALIBRATED_VARIANTS}
    if name not in known:
        raise ValueError(f"variant {name!r} is unknown: choose one of {', '.join(known)}.")
    return known[name]
