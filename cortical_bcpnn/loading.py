"""From the file of a learned network to a memory that recalls."""

from __future__ import annotations

from inspect import signature
from os import PathLike
from typing import TYPE_CHECKING, TypeVar

from .circuits.model_checks import check_models
from .circuits.simulation import check_device
from .learned.storage import read, reading
from .model.dynamics import BY_NAME, Given, look_up
from .model.minicolumns import MinicolumnModel
from .model.plasticity import PlasticityRule

if TYPE_CHECKING:
    from .network import AssociativeMemory

Memory = TypeVar("Memory", bound="AssociativeMemory")


def load(
    cls: type[Memory],
    path: str | PathLike,
    device: str,
    minicolumn: Given[MinicolumnModel | str] = None,
    plasticity: Given[PlasticityRule | str] = None,
) -> Memory:
    """Make a memory of what a file says that was learned.

    Raises
    ------
    FileNotFoundError, Damaged, OtherModel
        As `learned.storage.read`.
    TypeError
        If `cls` is made from other arguments than an `AssociativeMemory`.
    """
    check_device(device)
    given = {"minicolumn": minicolumn, "plasticity": plasticity}
    given = {name: look_up(name, one) for name, one in given.items() if one is not None}
    found = read(path, **given)
    if not given:  # a fault of those given is not the file's
        with reading(path):
            check_models(found.architecture, found.parameters)
    parameters = vars(found.parameters)
    arguments = {
        "architecture": found.architecture, "device": device, "traces": found.traces,
        **{n: value for n, value in parameters.items() if value or n not in BY_NAME.values()},
    }  # fmt: skip
    try:
        signature(cls).bind(**arguments)
    except TypeError as error:
        raise TypeError(
            f"{cls.__name__} cannot be made from what is in files ({error}): let its __init__ take "
            "the arguments of AssociativeMemory, or make one and let it adopt what "
            "AssociativeMemory.load returns."
        ) from None
    memory = cls(**arguments)
    memory.adopt(found)
    return memory
