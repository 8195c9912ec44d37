"""What can be varied in a sweep: names, units, and the values that runs have by default.

Inside a sweep values are plain: numbers in the unit that the parameter's column names, or text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

from brian2 import Hz, Quantity, ms

from ..data.datasets import Dataset
from ..experiments.layers import teachable
from ..experiments.readouts import READOUT_IMAGES
from ..experiments.setup import default_fan_in, default_tau_p
from ..experiments.shipped import LAYERS, taken
from ..model.architecture import Architecture
from ..model.expressions import dimensions
from ..model.paper import Variant, find_variant
from ..model.parameters import Parameters
from ..model.phases import Phase
from ..model.plasticity import LOGARITHMS, PlasticityRule
from ..model.protocol_checks import fitting_protocol
from ..model.protocols import learning_protocol
from ..values.numbers import is_number
from ..values.quantities import parse_quantity
from .connections import from_text
from .networks import (
    WHAT_LEARNS,
    architecture_of,
    cued_recall,
    input_size,
    recurs,
    refuse_misfits,
    refuse_sizes,
)

Plain: TypeAlias = Any  # int, float or str, as the kind of the parameter says

_UNITS = {"time": ("ms", ms), "rate": ("Hz", Hz)}
_EXAMPLES = {"time": "a time, 5ms say", "rate": "a rate, 100Hz say", "number": "a number",
             "whole": "a whole number", "text": "a name"}  # fmt: skip


@dataclass(frozen=True)
class SweepParameter:
    """A parameter that runs of a sweep may differ in.

    Attributes
    ----------
    name : str
    kind : {'time', 'rate', 'number', 'whole', 'text'}
    meaning : str
    """

    name: str
    kind: str
    meaning: str

    @property
    def unit(self) -> str:
        """Unit of plain values, '' if there is none."""
        return _UNITS[self.kind][0] if self.kind in _UNITS else ""

    @property
    def column(self) -> str:
        """Name of its column in a table, with the unit."""
        return f"{self.name}_{self.unit.lower()}" if self.unit else self.name

    def parse(self, value: Any) -> Plain:
        """The plain value that a text or number of a specification stands for.

        Raises
        ------
        ValueError
            If it has no unit or the wrong one, or is nothing that the parameter can be.
        """
        wanted = f"give {_EXAMPLES[self.kind]}"
        if self.kind == "text":
            if not isinstance(value, str):
                raise ValueError(f"{self.name} is {value!r}: {wanted}.")
            return value
        try:
            found: Any = parse_quantity(value) if isinstance(value, str) else value
        except ValueError:
            found = None
        if not isinstance(found, Quantity) and not is_number(found):
            raise ValueError(f"{self.name} is {value!r}: {wanted}.")
        unit = _UNITS[self.kind][1] if self.unit else 1.0
        if dimensions(found) is not dimensions(unit):
            how = "in the wrong unit" if isinstance(found, Quantity) else "without a unit"
            raise ValueError(f"{self.name} is {str(value)!r}, {how}: {wanted}.")
        if self.kind == "whole":
            if found != int(found):
                raise ValueError(f"{self.name} is {value!r}: {wanted}.")
            return int(found)
        return round(float(found / unit), 9) if self.unit else float(found)

    def quantity(self, value: Plain) -> Quantity | Plain:
        """A plain value with its unit."""
        return value * _UNITS[self.kind][1] if self.kind in _UNITS else value

    def show(self, value: Plain) -> str:
        """A plain value as it can be given, '5ms' say."""
        return str(value) if isinstance(value, str) else f"{value:.6g}{self.unit}"


def _table(*rows: tuple[str, str, str]) -> dict[str, SweepParameter]:
    return {row[0]: SweepParameter(*row) for row in rows}


#: All parameters, by name.
PARAMETERS = _table(
    ("variant", "text", "published variant that the others change"),
    ("network", "text", "associative-memory, classifier, stack, hetero-associative, or MODULE:FUNCTION "
     "that makes one of your own"),
    ("layers", "whole", "hidden populations of a stack"),
    ("encoder", "text", "how samples become hypercolumns (empty: that of the data set)"),
    ("hypercolumns", "whole", "hidden hypercolumns"),
    ("minicolumns", "whole", "minicolumns in each hidden hypercolumn"),
    ("fan_in", "whole", "input hypercolumns per hidden hypercolumn"),
    ("feedback_fan_in", "whole", "hidden hypercolumns per hypercolumn of the reconstruction"),
    ("tau_m", "time", "time constant of the support"),
    ("tau_z", "time", "time constant of the z traces"),
    ("f_max", "rate", "largest firing rate"),
    ("tau_p", "time", "time constant of the p traces"),
    ("gap", "time", "time before the cue"),
    ("feedforward", "time", "time of the cue alone; in learning, time of a pattern"),
    ("overlap", "time", "time of cue and recurrence"),
    ("recurrent", "time", "time of recurrence"),
    ("recurrent_gain", "number", "gain of the recurrent projection (1 is published)"),
    ("cue_gain", "number", "gain of the feedforward projection in the recurrent phase, in which the "
     "cue stays if it is not 0 (0, the cue is withdrawn, is published)"),
    ("epsilon", "number", "floor of z and of the patterns"),
    ("z_min", "number", "z above which a minicolumn learns a pattern"),
    ("emission_min", "number", "expected spikes below which a rate minicolumn is silent"),
    ("rewire_every", "whole", "patterns between rewirings"),
    ("rewire_margin", "number", "how many times better a silent connection must be"),
    ("support_noise", "number", "amplitude of noise on the supports"),
    ("minicolumn", "text", "shipped model of the minicolumns"),
    ("plasticity", "text", "shipped rule of learning"),
    ("theta_1", "number", "factor of log p_ij in the weight, of the rule 'logarithms' (1 is BCPNN)"),
    ("theta_2", "number", "the same of log p_i (-1)"),
    ("theta_3", "number", "the same of log p_j (-1)"),
    ("theta_4", "number", "the same of log p (1)"),
    ("theta_b", "number", "factor of log(p_j/p), the bias, of that rule (1)"),
    ("connections", "text", "where the connections from the first population begin, and stay if "
     "rewire_every is 0: a hexadecimal mask for each hypercolumn (empty: at random)"),
    ("epochs", "whole", "times that each training image is shown"),
    ("train_images", "whole", "number of training images, the first ones"),
    ("test_images", "whole", "number of test images, the first ones"),
    ("readout_images", "whole", "training images for the readout"),
)  # fmt: skip
_OF_VARIANT = [field.name for field in fields(Variant) if field.name in PARAMETERS]
_OF_PARAMETERS = [
    field.name for field in fields(Parameters)
    if field.name in PARAMETERS and field.name != "variant"
]  # fmt: skip
_OF_RULE = tuple(LOGARITHMS.parameters)
_COUNTS = ("layers", "epochs", "readout_images")


def list_of_parameters() -> str:
    """All parameters with their kinds and meanings, for a help text."""
    lines = [f"- {p.name} ({p.kind}): {p.meaning}" for p in PARAMETERS.values()]
    return "\n".join(["parameters:", "", *lines])


def find_parameter(name: str) -> SweepParameter:
    """The parameter of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in PARAMETERS:
        raise ValueError(f"parameter {name!r} is unknown: choose from {', '.join(PARAMETERS)}.")
    return PARAMETERS[name]


def resolve(given: Mapping[str, Plain], dataset: Dataset) -> dict[str, Plain]:
    """All parameters of a run: those given, and for the others what holds by default.

    Parameters
    ----------
    given : mapping of str to plain value
    dataset : Dataset
        All its images.

    Raises
    ------
    ValueError, TypeError
        If no network can have one of them.
    """
    network = str(given.get("network", WHAT_LEARNS["network"]))
    takes = taken(network)
    refuse_sizes(network, given)
    variant = find_variant(str(given.get("variant", "spspk-full")))
    shown = dataset.limited(given.get("train_images"), given.get("test_images"))
    inputs = input_size({**WHAT_LEARNS, **given}, shown)
    published = Parameters(variant=variant)
    defaults = {
        **WHAT_LEARNS,
        "layers": LAYERS if "layers" in takes else 1,
        "variant": variant.name,
        "hypercolumns": dataset.network.hidden[0],
        "minicolumns": dataset.network.hidden[1],
        "fan_in": default_fan_in(dataset, inputs[0]),
        "feedback_fan_in": 5 if "feedback_fan_in" in takes else 0,
        **{name: _plain(name, getattr(variant, name)) for name in _OF_VARIANT},
        **{name: _plain(name, getattr(published, name)) for name in _OF_PARAMETERS},
        "tau_p": _plain("tau_p", default_tau_p(shown)),
        **({"plasticity": LOGARITHMS.name} if given.keys() & set(_OF_RULE) else {}),
        "cue_gain": float(variant.cue_kept),
        "epochs": dataset.network.epochs,
        "train_images": len(shown.train_images),
        "test_images": len(shown.test_images),
        "readout_images": min(READOUT_IMAGES, len(shown.train_images)),
    }  # fmt: skip
    settings = {name: given.get(name, defaults[name]) for name in PARAMETERS}
    for name in _COUNTS:
        if settings[name] < 1:
            raise ValueError(f"{name} is {settings[name]}: give a whole number of 1 or more.")
    if settings["readout_images"] > settings["train_images"]:
        raise ValueError(
            f"readout_images is {settings['readout_images']}: there are {settings['train_images']} "
            "training images, so give no more."
        )
    if settings["recurrent"] == 0 and (given.keys() & {"recurrent_gain", "cue_gain"}):
        name = next(name for name in ("recurrent_gain", "cue_gain") if name in given)
        raise ValueError(
            f"{name} is given, and {variant.name} has no recurrent phase: leave it out, or take a "
            "variant that has one."
        )
    for name in _OF_RULE:
        if name in given and settings["plasticity"] != LOGARITHMS.name:
            raise ValueError(
                f"{name} is given, and the rule {settings['plasticity']!r} has none: leave plasticity "
                f"out, or give {LOGARITHMS.name!r}."
            )
    architecture = architecture_of(settings, dataset)
    refuse_misfits(network, architecture, inputs, given)
    if settings["connections"]:
        from_text(settings["connections"], architecture)  # raises
    if settings["recurrent_gain"] is None:
        if recurs(architecture):
            raise ValueError(
                f"variant {variant.name} takes its recurrent gain from what a network has learned: give "
                "recurrent_gain as well."
            )
        settings["recurrent_gain"] = 0.0
    parameters = parameters_of(settings, seed=0)
    learning = learning_protocol(architecture, parameters.variant, teachable(architecture))
    for protocol in (parameters.printing(learning), recall_protocol(settings, architecture)):
        fitting_protocol(protocol, architecture, parameters)  # raises
    return settings


def parameters_of(settings: Mapping[str, Plain], seed: int) -> Parameters:
    """Parameters of the network of a run."""
    given = {name: PARAMETERS[name].quantity(settings[name]) for name in _OF_PARAMETERS}
    return Parameters(**{**given, "plasticity": _rule(settings)}, variant=_variant(settings), seed=seed)


def _rule(settings: Mapping[str, Plain]) -> PlasticityRule | str:
    """The rule of a run: a shipped one, or the family with factors of its own."""
    factors = {name: settings[name] for name in _OF_RULE}
    if settings["plasticity"] != LOGARITHMS.name or factors == LOGARITHMS.parameters:
        return settings["plasticity"]
    return LOGARITHMS.changed(parameters=factors)


def recall_protocol(settings: Mapping[str, Plain], architecture: Architecture) -> list[Phase]:
    """That of the variant, with the gains of a run."""
    return cued_recall(architecture, _variant(settings), settings["cue_gain"])


def _variant(settings: Mapping[str, Plain]) -> Variant:
    changes = {name: PARAMETERS[name].quantity(settings[name]) for name in _OF_VARIANT}
    return replace(find_variant(settings["variant"]), **changes)


def _plain(name: str, value: Any) -> Plain:
    """The plain value of a quantity, number or model; None where it is open."""
    kind = PARAMETERS[name].kind
    if kind in _UNITS:
        return round(float(value / _UNITS[kind][1]), 9)
    return value if isinstance(value, int | float | None) else value.name
