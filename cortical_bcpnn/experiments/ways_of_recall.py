"""Ways to recall a cue: as published, with the cue kept, calibrated, with unknown pixels silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data.stimuli import CLEAN, GREY, TASKS
from ..model.paper import VARIANTS, kind_of
from ..model.phases import Phase
from ..network import AssociativeMemory


@dataclass(frozen=True)
class Way:
    """A way to recall a cue.

    Attributes
    ----------
    published : bool
        Whether the cue is withdrawn and recurrence has gain 1.
    gain : float or None
        Of recurrence where the cue is kept; None is the calibrated one.
    unknown : float
        What stands for missing pixels; where it is NaN, only completion differs.
    """

    published: bool = False
    gain: float | None = None
    unknown: float = GREY

    def protocol(self, memory: AssociativeMemory) -> list[Phase]:
        """Phases of recall of a network of a calibrated variant."""
        variant = memory.parameters.variant
        if self.published:
            return VARIANTS[f"{kind_of(variant.name)}-full"].recall_protocol()
        return memory.recall_protocol() if self.gain is None else variant.recall_protocol(self.gain)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks in which it differs from other ways."""
        return ("completion",) if np.isnan(self.unknown) else (CLEAN, *TASKS)


WAYS = {
    "published": Way(published=True),
    "cue kept": Way(gain=0.0),
    "cue kept, gain 1": Way(gain=1.0),
    "calibrated": Way(),
    "cue kept, unknown silent": Way(gain=0.0, unknown=np.nan),
    "calibrated, unknown silent": Way(unknown=np.nan),
}
