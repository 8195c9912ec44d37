"""Whether a model can be simulated, said before anything is compiled: a miniature is run."""

from __future__ import annotations

import gc
import json

import numpy as np
from brian2 import BrianObjectException, prefs
from brian2.devices.device import reset_device, set_device
from brian2.utils.logger import catch_logs

from ..engine.garbage import only_new_garbage
from ..model.architecture import Architecture, Population, Projection
from ..model.parameters import Parameters
from ..model.plain import model_to_plain
from ..model.plasticity import is_shipped
from .circuit import build_circuit
from .composition import composition
from .silent_mistakes import check_silent_mistakes, check_time_constants, reason

_CHECKED: set[str] = set()
#: Attributes that objects of Brian2 run, by what is behind the population in their names.
_PARTS = {
    "spike_thresholder": "threshold", "spike_resetter": "reset", "noise": "noise",
    "normalisation_gather": "on_spike", "normalisation": "gathering", "update": "bias or traces",
    "learn": "traces", "transmit": "weight or emitted",
}  # fmt: skip


def check_models(architecture: Architecture, parameters: Parameters) -> None:
    """Raise unless a minicolumn model and a plasticity rule can be simulated.

    Shipped ones are taken as they are. Others are searched for mistakes that Brian2 does not
    see; then a miniature of the network is built and run for two time steps with them.

    Raises
    ------
    ValueError, TypeError
        With the part that is wrong and the reason in one sentence.
    """
    model, rule = parameters.minicolumn, parameters.plasticity
    texts = (*model.texts, *model.hypercolumn_texts, model.noise)
    check_time_constants(model.owner, model.parameters, texts, parameters.dt)
    check_time_constants(rule.owner, rule.parameters, (rule.equations, rule.reset), parameters.dt)
    if is_shipped(model) and is_shipped(rule):
        return
    projections = [(p.name, p.pre, p.post) for p in architecture.projections]
    plain = [model_to_plain(model), model_to_plain(rule), projections, parameters.support_noise > 0]
    key = json.dumps(plain, sort_keys=True)
    if key in _CHECKED:
        return
    check_silent_mistakes(model, rule)
    # Logs are of objects that no network takes, as building has failed; traces are 0.
    with only_new_garbage(), catch_logs(), np.errstate(all="ignore"):
        fault = _miniature_fault(architecture, parameters)
        gc.collect()
    if fault:
        owners = " with ".join(item.owner for item in (model, rule) if not is_shipped(item))
        raise ValueError(f"{fault[0]} of {owners} cannot be simulated ({fault[1]}): mend it.")
    _CHECKED.add(key)


def _miniature_fault(architecture: Architecture, parameters: Parameters) -> tuple[str, str] | None:
    """Two time steps of the same projections between small populations, in NumPy.

    Returns
    -------
    part, reason : str
        What Brian2 refuses, and why; None if it refuses nothing.
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
                minicolumn=parameters.minicolumn,
                plasticity=parameters.plasticity,
            )
            constants = composition(parameters, plastic).constants(parameters)
            for population in populations:
                for kind, suffix in (("minicolumn", ""), ("hypercolumn", "_hypercolumns")):
                    for name, value in constants[kind].items():
                        group = circuit.objects[population.name + suffix]
                        group.variables[name].get_value()[...] = value
            circuit.network.run(2 * parameters.dt, namespace={})
    except Exception as error:
        return _fault(error, parameters)
    finally:
        prefs.codegen.target = target
        reset_device()
    return None


def _fault(error: BaseException, parameters: Parameters) -> tuple[str, str]:
    """The part of the model that an error of Brian2 is about, and what it says of it."""
    part = "equations"
    if isinstance(error, BrianObjectException):
        parts = {**{s.name: f"step {s.name!r}" for s in parameters.minicolumn.steps}, **_PARTS}
        name = error._brian_objname
        part = next((known for end, known in parts.items() if f"_{end}" in name), part)
    # The first message behind those that tell objects and generated code, which are not the user's.
    while error.__cause__ is not None and (
        isinstance(error, BrianObjectException) or str(error).startswith("Error generating code")
    ):
        error = error.__cause__
    return part, reason(error)
