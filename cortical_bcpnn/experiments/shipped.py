"""Networks by name, shipped or a function of one's own, of the size that a data set asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..data.dataset import Dataset
from ..data.encoded import Encoded
from ..model.architecture import Architecture
from ..model.architectures import ARCHITECTURES, Size, attractor, stack
from .arguments import one_of
from .importing import imported
from .setup import Networks, default_fan_in

#: What a function that makes a network is given, as far as it asks for it by name.
OFFERED = ("n_inputs", "input_minicolumns", "classes", "hidden", "fan_in", "feedback_fan_in", "layers")
LAYERS = 2
_shipped = one_of("network", tuple(ARCHITECTURES))


def network_name(text: str) -> str:
    """The name of a network that is shipped, or MODULE:FUNCTION."""
    return text if ":" in text else _shipped(text)


def is_shipped(name: str) -> bool:
    """Whether a network is one of the package."""
    return ":" not in name


def taken(name: str) -> set[str]:
    """What of `OFFERED` a network takes.

    Raises
    ------
    ValueError
        If there is no such network, or it asks for something else.
    """
    signature = inspect.signature(_function(name)).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    strange = [
        p.name for p in signature
        if p.default is p.empty and p.kind not in kinds
        and (p.name not in OFFERED or p.kind is p.POSITIONAL_ONLY)
    ]  # fmt: skip
    if strange:
        raise ValueError(
            f"network {name} asks for {', '.join(strange)}: let it take some of {', '.join(OFFERED)}, "
            "by name."
        )
    return {p.name for p in signature} & set(OFFERED)


def make_network(
    name: str, dataset: Dataset, inputs: Size, hidden: Size, fan_in: int, **others: int
) -> Architecture:
    """A network for a data set.

    Parameters
    ----------
    name : str
        One of `ARCHITECTURES`, or ``MODULE:FUNCTION``: a function that can be imported and returns an
        architecture. It is given what it asks for of `OFFERED`.
    dataset : Dataset
        Whose classes it has.
    inputs, hidden : (int, int)
        Hypercolumns, and minicolumns in each.
    fan_in : int
    **others
        ``feedback_fan_in`` and ``layers``.

    Raises
    ------
    ValueError
        If there is none of that name, or it cannot be had.
    """
    takes = taken(name)
    offered: dict[str, Any] = {
        "n_inputs": inputs[0], "input_minicolumns": inputs[1], "hidden": hidden, "fan_in": fan_in,
        **others,
    }  # fmt: skip
    if "classes" in takes:
        offered["classes"] = dataset.n_classes
    made = _function(name)(**{argument: offered[argument] for argument in offered if argument in takes})
    if not isinstance(made, Architecture):
        raise ValueError(f"network {name} made {made!r}: let it return an Architecture.")
    return made


def network_of(
    name: str, setup: Networks, layers: int = LAYERS, data: Encoded | None = None
) -> Architecture:
    """A network of the size that a setup says.

    Parameters
    ----------
    name : str
        See `make_network`.
    setup : Networks
    layers : int
        Hidden populations of a stack.
    data : Encoded, optional
        Samples as hypercolumns; default is a pair of minicolumns for each grey pixel.

    Raises
    ------
    ValueError
        If there is none of that name, or it cannot be had.
    """
    inputs = (setup.data.side**2, 2) if data is None else (data.hypercolumns, data.minicolumns)
    fan_in = setup.fan_in or default_fan_in(setup.data, inputs[0])
    hidden = setup.hidden or setup.data.network.hidden
    return make_network(name, setup.data, inputs, hidden, fan_in, layers=layers)


def _function(name: str) -> Callable[..., Architecture]:
    """What makes the network of that name."""
    if is_shipped(name):
        return _MAKERS[_shipped(name)]
    found = imported("network", name, "MODULE:FUNCTION")
    if not callable(found):
        raise ValueError(f"network {name} is {found!r}: give a function that returns an Architecture.")
    return found


def _stack(
    n_inputs: int, classes: int, hidden: Size, fan_in: int, layers: int, input_minicolumns: int
) -> Architecture:
    """Layers of one size, each of which listens to all of the one below, but for the first."""
    above = [hidden[0]] * (layers - 1)
    sizes = [hidden] * layers
    return stack(n_inputs, classes, sizes, [fan_in, *above], input_minicolumns=input_minicolumns)


def _attractor(hidden: Size) -> Architecture:
    return attractor(*hidden)


_MAKERS: dict[str, Callable[..., Architecture]] = {
    **ARCHITECTURES, "stack": _stack, "attractor": _attractor,
}  # fmt: skip
