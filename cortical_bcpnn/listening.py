"""What a network has learned, recalled by hidden hypercolumns that listen by how sure they are."""

from __future__ import annotations

from numpy.typing import ArrayLike

from .learned.confidence import usual_confidence
from .model.listening import Listening, listening_by_confidence
from .network import AssociativeMemory
from .other_dynamics import recalled_as


def by_confidence(
    memory: AssociativeMemory, patterns: ArrayLike, listening: Listening | None = None, jobs: int = 1
) -> AssociativeMemory:
    """A network whose hidden hypercolumns listen to recurrence the less, the surer they are of the cue.

    It is there for recall; to learn further, let the first one learn.

    Parameters
    ----------
    memory : AssociativeMemory
        Having learned; of a calibrated variant, so that cues are kept and the gain is the calibrated
        one, which `listening` scales.
    patterns : array_like
        Some that were learned: they show what confidence is usual. No labels.
    listening : Listening, optional
    jobs : int
        Processes that show them.

    Examples
    --------
    >>> memory = AssociativeMemory(64, hidden=(30, 30), fan_in=24, variant="spspk-calibrated")
    >>> memory.learn(images, epochs=10)
    >>> by_confidence(memory, images).recall(cues)
    """
    shown = memory.recall(patterns, until="feedforward", populations=["INP"], jobs=jobs)
    usual, spread = usual_confidence(memory, shown.z["feedforward"]["INP"])
    model = memory.parameters.minicolumn_of("HID")
    model = listening_by_confidence(model, listening or Listening(), usual, spread)
    return recalled_as(memory, {"HID": model})
