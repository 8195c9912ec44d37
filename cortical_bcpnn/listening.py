"""What a network has learned, recalled by hidden minicolumns that listen differently to recurrence."""

from __future__ import annotations

from numpy.typing import ArrayLike

from .learned.confidence import usual_confidence
from .model.listening import Listening, listening_by_confidence
from .model.minicolumns import MinicolumnModel
from .network import AssociativeMemory


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
    return with_hidden(
        memory, listening_by_confidence(model, listening or Listening(), usual, spread)
    )


def with_hidden(memory: AssociativeMemory, model: MinicolumnModel) -> AssociativeMemory:
    """What a network has learned, with another model of HID; itself if it is the same."""
    given = vars(memory.parameters)
    if model == memory.parameters.minicolumn_of("HID"):
        return memory
    models = {**given["models"], "HID": model}
    changed = AssociativeMemory(
        architecture=memory.architecture, device=memory.device, **{**given, "models": models}
    )
    changed.adopt(memory)
    return changed
