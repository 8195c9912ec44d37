"""What a network has learned, recalled by other dynamics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brian2 import Quantity

from .model.minicolumns import MinicolumnModel
from .network import AssociativeMemory


def recalled_as(
    memory: AssociativeMemory, models: Mapping[str, MinicolumnModel], f_max: Quantity | None = None
) -> AssociativeMemory:
    """A network that has learned the same, and recalls by other dynamics.

    It is there for recall; to learn further, let the first one learn.

    Parameters
    ----------
    memory : AssociativeMemory
    models : mapping of str to MinicolumnModel
        By population; others keep theirs.
    f_max : Quantity, optional
        Of all populations. z is in units of f_max, so that weights keep their meaning.
    """
    parameters = memory.parameters
    variant = parameters.variant if f_max is None else replace(parameters.variant, f_max=f_max)
    changed = {"models": {**parameters.models, **models}, "variant": variant}
    other = AssociativeMemory(
        architecture=memory.architecture, device=memory.device, **{**vars(parameters), **changed}
    )
    other.adopt(memory)
    return other
