"""Parameters, protocols and architectures as plain values for JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from brian2 import Quantity, get_dimensions
from brian2.units.fundamentalunits import get_unit

from ..values.quantities import base_text, parse_quantity, quantity_text
from .architecture import Architecture, Population, Projection
from .dynamics import BY_NAME, Dynamics
from .minicolumns import MinicolumnModel
from .paper import Variant
from .parameters import Parameters
from .phases import Phase
from .plasticity import PlasticityRule

#: Fields of `Parameters` that hold equations.
MODELS = (*BY_NAME, *BY_NAME.values())
#: Fields of `Architecture` that hold protocols.
PROTOCOLS = ("learning", "recall")
#: Of variants in files that are older than these fields.
ADDED = {"recurrent_gain": 1.0, "cue_kept": False}


def parameters_to_plain(parameters: Parameters) -> dict:
    """Parameters as plain values, quantities as text such as '5.0 ms'.

    Models and rules are apart, see `dynamics_to_plain`.
    """
    values = {n: _plain(value) for n, value in vars(parameters).items() if n not in MODELS}
    return {**values, "variant": {k: _plain(v) for k, v in vars(parameters.variant).items()}}


def parameters_from_plain(plain: Mapping) -> dict:
    """Arguments for `Parameters` from what `parameters_to_plain` returned.

    Raises
    ------
    ValueError
        If one is missing: it would take its default.
    """
    missing = [f.name for f in fields(Parameters) if f.name not in (*plain, *MODELS)]
    variant = {**ADDED, **plain.get("variant", {})}
    missing += [f.name for f in fields(Variant) if f.name not in variant]
    if missing:
        raise ValueError(f"parameters lack {', '.join(missing)}")
    values = {name: _value(value) for name, value in plain.items()}
    # The name is free text, which may look like a quantity.
    variant = {k: v if k == "name" else _value(v) for k, v in variant.items()}
    return {**values, "variant": Variant(**variant)}


def dynamics_to_plain(dynamics: Dynamics) -> dict:
    """Models and rules as plain values; those by name of a part where there are some."""
    usual = {name: model_to_plain(getattr(dynamics, name)) for name in BY_NAME}
    named = {
        name: {part: model_to_plain(model) for part, model in getattr(dynamics, name).items()}
        for name in BY_NAME.values()
    }
    return {**usual, **{name: models for name, models in named.items() if models}}


def compiled_to_plain(dynamics: Dynamics) -> dict:
    """What of models and rules is compiled: of the parameters of a rule for all, only the units.

    Values are set while a circuit runs; of several rules they tell which share a name.
    """
    plain = dynamics_to_plain(dynamics)
    if not dynamics.rules:
        units = {n: repr(get_unit(get_dimensions(v))) for n, v in dynamics.plasticity.parameters.items()}
        plain["plasticity"] = {
            **plain["plasticity"], "parameters": dict(sorted(units.items())),
            "logarithmic": dynamics.plasticity.logarithmic,  # may hold of some values alone
        }  # fmt: skip
    return plain


def model_to_plain(model: MinicolumnModel | PlasticityRule) -> dict:
    """All of a model or rule that decides what it does, and its name, as plain values."""
    beside = ("source", "logarithmic")  # where it is from, and how its weight is kept

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: plain(v) for name, v in sorted(value.items())}
        if isinstance(value, tuple):  # steps
            return [vars(item) for item in value]
        if isinstance(value, Quantity):
            return base_text(value)
        return value if isinstance(value, str | bool) else float(value)

    return {name: plain(value) for name, value in vars(model).items() if name not in beside}


def protocol_to_plain(protocol: Sequence[Phase]) -> list[dict]:
    """A protocol as plain values."""
    return [
        {
            "duration": _plain(phase.duration),
            "clamped": list(phase.clamped),
            "gains": {name: float(gain) for name, gain in phase.gains.items()},
            "read": phase.read,
            "print_now": float(phase.print_now),
            "name": phase.name,
        }
        for phase in protocol
    ]


def protocol_from_plain(plain: Sequence[Mapping]) -> list[Phase]:
    """The protocol that `protocol_to_plain` was given."""
    return [
        Phase(_value(p["duration"]), tuple(p["clamped"]), dict(p["gains"]), p["read"],
              p.get("print_now", 1.0), p.get("name", ""))
        for p in plain
    ]  # fmt: skip


def architecture_to_plain(architecture: Architecture) -> dict:
    """An architecture as plain values; protocols only where it owns some."""
    parts = {
        kind: [{name: _plain(value) for name, value in vars(item).items()} for item in items]
        for kind, items in (("populations", architecture.populations),
                            ("projections", architecture.projections))
    }  # fmt: skip
    owned = {name: getattr(architecture, name) for name in PROTOCOLS}
    return {**parts, **{name: protocol_to_plain(p) for name, p in owned.items() if p}}


def architecture_from_plain(plain: Mapping) -> Architecture:
    """The architecture that `architecture_to_plain` was given."""
    if plain.keys() - set(PROTOCOLS) != {"populations", "projections"}:
        raise ValueError(f"an architecture has populations and projections, not {', '.join(plain)}")
    for projection in plain["projections"]:
        if "conditioning" not in projection:  # it would take its default
            raise TypeError("a projection lacks conditioning")
    return Architecture(
        tuple(Population(**p) for p in plain["populations"]),
        tuple(Projection(**p) for p in plain["projections"]),
        **{name: tuple(protocol_from_plain(plain[name])) for name in PROTOCOLS if name in plain},
    )


def _plain(value: object) -> object:
    if isinstance(value, Quantity):
        return quantity_text(value)
    return value.item() if isinstance(value, np.generic) else value


def _value(value: object) -> object:
    """What a plain value stands for; text that is no quantity stays text."""
    if isinstance(value, str):
        try:
            found = parse_quantity(value)
        except ValueError:
            return value
        return found if isinstance(found, Quantity) else value
    return value
