"""Shipped networks of the size that a data set asks for."""

from __future__ import annotations

from ..data.encoded import Encoded
from ..model.architecture import Architecture
from ..model.architectures import ARCHITECTURES
from .arguments import one_of
from .setup import Networks

network_name = one_of("network", tuple(ARCHITECTURES))


def network_of(
    name: str, setup: Networks, layers: int = 2, data: Encoded | None = None
) -> Architecture:
    """A shipped network by name.

    Parameters
    ----------
    name : str
        One of `ARCHITECTURES`.
    setup : Networks
        Which says the sizes.
    layers : int
        Hidden populations of a stack.
    data : Encoded, optional
        Samples as hypercolumns; default is a pair of minicolumns for each grey pixel.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    make = ARCHITECTURES[network_name(name)]
    size = setup.data.network
    hidden = setup.hidden or size.hidden
    inputs = setup.data.side**2 if data is None else data.hypercolumns
    minicolumns = 2 if data is None else data.minicolumns
    fan_in = min(setup.fan_in or max(1, round(size.fan_in * inputs)), inputs)
    classes = int(setup.data.train_labels.max()) + 1
    if name == "attractor":
        return make(*hidden)
    if name == "associative-memory":
        return make(inputs, hidden, fan_in, input_minicolumns=minicolumns)
    if name == "stack":
        above = [hidden[0]] * (layers - 1)
        return make(inputs, classes, [hidden] * layers, [fan_in, *above], input_minicolumns=minicolumns)
    return make(inputs, classes, hidden, fan_in, input_minicolumns=minicolumns)
