"""Whether a model can be simulated, said before anything is compiled: a miniature is run."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable

import numpy as np
from brian2 import BrianObjectException, prefs
from brian2.devices.device import reset_device, set_device
from brian2.utils.logger import catch_logs

from ..engine.garbage import only_new_garbage
from ..model.architecture import Architecture, Population, Projection
from ..model.minicolumns import MinicolumnModel
from ..model.parameters import Parameters
from ..model.plain import compiled_to_plain, dynamics_to_plain
from ..model.plasticity import PlasticityRule, is_shipped
from .circuit import build_circuit
from .composition import SUFFIXES, composition_of
from .silent_mistakes import check_silent_mistakes, check_time_constants, reason

_CHECKED: set[str] = set()
_RUN: set[str] = set()  # in a miniature
_Meeting = dict[str, tuple[MinicolumnModel, list[PlasticityRule]]]  # by population
#: Attributes that objects of Brian2 run, by what is behind the population in their names.
_PARTS = {
    "spike_thresholder": "threshold", "spike_resetter": "reset", "noise": "noise",
    "normalisation_gather": "on_spike", "normalisation": "gathering", "update": "bias or traces",
    "learn": "traces", "transmit": "weight or emitted",
}  # fmt: skip


def check_models(architecture: Architecture, parameters: Parameters) -> None:
    """Raise unless minicolumn models and plasticity rules can be simulated.

    Shipped ones are taken as they are. Others are searched for mistakes that Brian2 does not
    see; then a miniature of the network is built and run for two time steps with them.

    Raises
    ------
    ValueError, TypeError
        With the part that is wrong and the reason in one sentence.
    """
    meeting = _meeting(architecture, parameters)
    models = _different(model for model, _ in meeting.values())
    rules = _different(rule for _, own in meeting.values() for rule in own)
    for model in models:
        texts = (*model.texts, *model.hypercolumn_texts, model.noise)
        check_time_constants(model.owner, model.parameters, texts, parameters.dt)
    for rule in rules:
        texts = (rule.equations, rule.reset)
        check_time_constants(rule.owner, rule.parameters, texts, parameters.dt)
    if all(map(is_shipped, (*models, *rules))):
        return
    parts = [list(meeting), [(p.name, p.pre, p.post) for p in architecture.projections]]
    plain = [dynamics_to_plain(parameters), parts, parameters.support_noise > 0]
    key = json.dumps(plain, sort_keys=True)
    if key in _CHECKED:
        return
    for model in models:
        alike = [name for name, (own, _) in meeting.items() if own == model]
        for rule in _different(rule for name in alike for rule in meeting[name][1]):
            learned = [p for p in architecture.projections if parameters.rule_of(p.name) == rule]
            sides = [s for s in ("pre", "post") if any(getattr(p, s) in alike for p in learned)]
            check_silent_mistakes(model, rule, sides)
    compiled = json.dumps([compiled_to_plain(parameters), *plain[1:]], sort_keys=True)
    if compiled in _RUN:
        _CHECKED.add(key)
        return
    # Logs are of objects that no network takes, as building has failed; traces are 0.
    with only_new_garbage(), catch_logs(), np.errstate(all="ignore"):
        fault = _miniature_fault(architecture, parameters)
        gc.collect()
    if fault:
        part, why, name = fault
        owners = _owners(_ends_of(architecture, name), meeting) or _owners(meeting, meeting)
        raise ValueError(f"{part} of {' with '.join(owners)} cannot be simulated ({why}): mend it.")
    _CHECKED.add(key)
    _RUN.add(compiled)


def _meeting(architecture: Architecture, parameters: Parameters) -> _Meeting:
    """The model of every population, and the rules of the projections that start or end there."""
    meeting = {}
    for name in (population.name for population in architecture.populations):
        here = [p.name for p in architecture.projections if name in (p.pre, p.post)]
        rules = _different(map(parameters.rule_of, here)) or [parameters.plasticity]
        meeting[name] = parameters.minicolumn_of(name), rules
    return meeting


def _different(items: Iterable) -> list:
    """Each once."""
    found: list = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _ends_of(architecture: Architecture, name: str) -> tuple[str, ...]:
    """Populations that an object of a circuit belongs to, by its name."""
    places: dict[str, tuple[str, ...]] = {p.name: (p.name,) for p in architecture.populations}
    places |= {p.name: (p.pre, p.post) for p in architecture.projections}
    within = [place for place in places if f"{name}_".startswith(f"{place}_")]
    return places[max(within, key=len)] if within else ()


def _owners(populations: Iterable[str], meeting: _Meeting) -> list[str]:
    """What is not shipped of the models and rules that meet in populations."""
    models = [meeting[name][0] for name in populations]
    rules = [rule for name in populations for rule in meeting[name][1]]
    return [item.owner for item in _different([*models, *rules]) if not is_shipped(item)]


def _miniature_fault(architecture: Architecture, parameters: Parameters) -> tuple[str, str, str] | None:
    """Two time steps of the same projections between small populations, in NumPy.

    Returns
    -------
    part, reason, name : str
        What Brian2 refuses, why, and in which object; None if it refuses nothing.
    """
    populations = tuple(Population(p.name, 2, 2) for p in architecture.populations)
    projections = tuple(
        Projection(p.name, p.pre, p.post, 1 if p.rewired else 2, p.rewired, p.conditioning)
        for p in architecture.projections
    )
    target = prefs.codegen.target
    set_device("runtime")
    try:
        prefs.codegen.target = "numpy"
        for plastic in (True, False):
            circuit = build_circuit(
                Architecture(populations, projections),
                dt=parameters.dt,
                transmitting=[p.name for p in projections],
                plastic=plastic,
                support_noise=parameters.support_noise > 0,
                dynamics=parameters,
            )
            for population, of in composition_of(architecture, parameters, plastic).items():
                for group, constants in of.constants(parameters).items():
                    for name, value in constants.items():
                        variables = circuit.objects[population + SUFFIXES[group]].variables
                        variables[name].get_value()[...] = value
            circuit.network.run(2 * parameters.dt, namespace={})
    except Exception as error:
        return _fault(error, parameters)
    finally:
        prefs.codegen.target = target
        reset_device()
    return None


def _fault(error: BaseException, parameters: Parameters) -> tuple[str, str, str]:
    """The part of the model that an error of Brian2 is about, what it says of it, and the object."""
    part, name = "equations", ""
    if isinstance(error, BrianObjectException):
        models = [parameters.minicolumn, *parameters.models.values()]
        parts = {**{s.name: f"step {s.name!r}" for model in models for s in model.steps}, **_PARTS}
        name = error._brian_objname
        part = next((known for end, known in parts.items() if f"_{end}" in name), part)
    # The first message behind those that tell objects and generated code, which are not the user's.
    while error.__cause__ is not None and (
        isinstance(error, BrianObjectException) or str(error).startswith("Error generating code")
    ):
        error = error.__cause__
    return part, reason(error), name
