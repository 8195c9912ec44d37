"""Encoders by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .base import Encoder
from .categories import Categories
from .colour import ColourCodebook
from .intervals import Intervals
from .mixture import Mixture
from .pairs import Bits, OnOff, Scaled

#: What makes an encoder that is not fitted, by name.
ENCODERS: dict[str, Callable[..., Encoder]] = {
    "on-off": OnOff,
    "scaled": Scaled,
    "bits": Bits,
    "intervals": Intervals,
    "mixture": Mixture,
    "categories": Categories,
    "colour-kmeans": partial(ColourCodebook, method="kmeans"),
    "colour-mixture": partial(ColourCodebook, method="mixture"),
    "colour-kmeans-whitened": partial(ColourCodebook, method="kmeans", whiten=True),
    "colour-mixture-whitened": partial(ColourCodebook, method="mixture", whiten=True),
}


def make_encoder(name: str, **settings: Any) -> Encoder:
    """An encoder of that name, before `fit`.

    Parameters
    ----------
    name : str
        One of `ENCODERS`.
    **settings
        Parameters that are to differ from their defaults.

    Raises
    ------
    ValueError
        If there is no encoder of that name, or it has no such parameter.
    """
    if name not in ENCODERS:
        raise ValueError(f"encoder {name!r} is unknown: choose one of {', '.join(ENCODERS)}.")
    encoder = ENCODERS[name]()
    for setting in settings:
        if setting not in encoder.get_params():
            known = ", ".join(encoder.get_params()) or "no parameters"
            raise ValueError(f"encoder {name!r} has no parameter {setting!r}: it has {known}.")
    return encoder.set_params(**settings)
