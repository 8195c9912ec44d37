"""Ways to listen to recurrence while the cue is on, at shares of the calibrated gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..learned.calibration import calibrated_gain
from ..learned.confidence import usual_confidence
from ..model.listening import Listening, listening_by_confidence, recurrence_over
from ..model.phases import Phase
from ..network import AssociativeMemory
from ..other_dynamics import recalled_as
from .arguments import argument, one_of, several


@dataclass(frozen=True)
class WayToListen:
    """How hypercolumns of HID listen to recurrence.

    Attributes
    ----------
    share : float
        Of the calibrated gain.
    listening : Listening or None
        By how sure they are, each for itself; its factors multiply that gain.
    slower : float or None
        Time constant of the recurrent input, in those of z.
    """

    share: float = 1.0
    listening: Listening | None = None
    slower: float | None = None

    def protocol(self, memory: AssociativeMemory) -> list[Phase]:
        """Phases of recall of a network of a calibrated variant."""
        gain = self.share * calibrated_gain(memory)
        return memory.parameters.variant.recall_protocol(gain)

    def network(self, memory: AssociativeMemory, z: np.ndarray) -> AssociativeMemory:
        """The network in which they listen so, itself where they listen as before.

        Parameters
        ----------
        memory : AssociativeMemory
            Having learned.
        z : ndarray, shape (n, minicolumns of INP)
            At the end of the feedforward phase of patterns that were learned.
        """
        model, tau_z = memory.parameters.minicolumn_of("HID"), memory.parameters.variant.tau_z
        if self.listening is not None:
            usual, spread = usual_confidence(memory, z)
            model = listening_by_confidence(model, self.listening, usual, spread)
        if self.slower is not None:
            model = recurrence_over(model, tau_z, self.slower * tau_z)
        if model == memory.parameters.minicolumn_of("HID"):
            return memory
        return recalled_as(memory, {"HID": model})


#: Chosen on training images of networks of other seeds, see docs/recurrence.md.
WAYS_TO_LISTEN = {
    "cue kept": WayToListen(share=0.0),
    "calibrated": WayToListen(),
    "half the gain": WayToListen(share=0.5),
    "by confidence": WayToListen(listening=Listening()),
    "recurrence slower": WayToListen(slower=4.0),
}

Ways = Annotated[list[str], argument(several(one_of("way", tuple(WAYS_TO_LISTEN))))]
