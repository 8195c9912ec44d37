"""What is the paper's: INP, HID and INPRC, their projections, its variants and their protocols.

Ravichandran, Lansner & Herman (2024), *Spiking representation learning for associative
memories*, doi:10.3389/fnins.2024.1439414.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from brian2 import Hz, Quantity, ms

from .architecture import Architecture, Population, Projection
from .phases import Phase


def associative_memory(
    n_inputs: int,
    hidden: tuple[int, int] = (30, 100),
    fan_in: int = 78,
    feedback_fan_in: int = 5,
    input_minicolumns: int = 2,
) -> Architecture:
    """INP → HID ⟲ → INPRC, the network of Ravichandran, Lansner & Herman (2024).

    Parameters
    ----------
    n_inputs : int
        Number of input hypercolumns (pixels).
    hidden : (int, int)
        Hypercolumns and minicolumns per hypercolumn of HID.
    fan_in : int
        INP hypercolumns that each HID hypercolumn listens to.
    feedback_fan_in : int
        HID hypercolumns that each INPRC hypercolumn listens to.
    input_minicolumns : int
        Minicolumns per hypercolumn of INP and INPRC: 2, ON and OFF, for images.
    """
    if not isinstance(hidden, Sequence) or len(hidden) != 2:
        raise ValueError(
            f"hidden is {hidden!r}: give two whole numbers, hypercolumns and minicolumns in each."
        )
    return Architecture(
        populations=(
            Population("INP", n_inputs, input_minicolumns),
            Population("HID", *hidden),
            Population("INPRC", n_inputs, input_minicolumns),
        ),
        projections=(
            Projection("feedforward", "INP", "HID", fan_in, True),
            Projection("recurrent", "HID", "HID", hidden[0], False),
            Projection("feedback", "HID", "INPRC", feedback_fan_in, True),
        ),
    )


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
        return [Phase(self.feedforward, ("INP", "INPRC"), {"feedforward": 1.0}, name="feedforward")]

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
        gain = self.gain(recurrent_gain)
        bottom_up = {"feedforward": 1.0, "feedback": 1.0}
        both = {**bottom_up, "recurrent": gain}
        settled = "settled" if self.cue_kept else None
        cue = ("INP",) if self.cue_kept else ()
        after = both if self.cue_kept else {"recurrent": gain, "feedback": 1.0}
        phases = [
            Phase(self.gap, (), bottom_up, name="gap"),
            Phase(self.feedforward, ("INP",), bottom_up, read="feedforward", name="feedforward"),
            Phase(self.overlap, ("INP",), both, read=settled, name="overlap"),
            Phase(self.recurrent, cue, after, read="attractor", name="recurrent"),
        ]
        return [phase for phase in phases if phase.duration > 0 * ms]

    def gain(self, recurrent_gain: float | None = None) -> float:
        """Gain of the recurrent projection, if not another is given; see `recall_protocol`."""
        gain = self.recurrent_gain if recurrent_gain is None else recurrent_gain
        if gain is not None:
            return gain
        if self.recurs:
            raise ValueError(
                f"recurrent_gain of variant {self.name} is open: give it, or take the protocol from a "
                "network by its recall_protocol()."
            )
        return 0.0

    @property
    def recurs(self) -> bool:
        """Whether the recurrent projection is on at any time in recall."""
        return bool(self.overlap > 0 * ms or self.recurrent > 0 * ms)


#: What has no part in learning but by the protocol, which says how long a pattern is shown.
RECALL_FIELDS = ("gap", "feedforward", "overlap", "recurrent", "recurrent_gain", "cue_kept")


def _published(
    name: str, tau_m: float, tau_z: float, f_max: float,
    gap: float, feedforward: float, overlap: float, recurrent: float,
) -> Variant:  # fmt: skip
    return Variant(
        name, tau_m * ms, tau_z * ms, f_max * Hz,
        gap * ms, feedforward * ms, overlap * ms, recurrent * ms, spiking=not name.startswith("rate"),
    )  # fmt: skip


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

#: Kinds of minicolumns. The variants of one kind learn alike, and differ in recall alone.
KINDS = ("rate", "spk", "spspk")

#: The same, but that the cue is kept and recurrence weighs what it is worth.
CALIBRATED_VARIANTS: dict[str, Variant] = {
    f"{kind}-calibrated": replace(
        VARIANTS[f"{kind}-full"], name=f"{kind}-calibrated", recurrent_gain=None, cue_kept=True
    )
    for kind in KINDS
}


def kind_of(variant: str) -> str:
    """Kind of minicolumns of a variant, by name."""
    return variant.rpartition("-")[0]


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
