"""Mistakes in a model that Brian2 would not see, or would take for something else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import numpy as np
from brian2 import Equations, Quantity, second
from brian2.equations.equations import DIFFERENTIAL_EQUATION, PARAMETER, SUBEXPRESSION
from brian2.units.fundamentalunits import get_dimensions

from ..model import equations
from ..model.changing import Value
from ..model.expressions import BUILT_IN, assigned, evaluate, names_in
from ..model.minicolumns import MinicolumnModel
from ..model.plasticity import PlasticityRule
from .composition import CONSTANTS, OPTIONAL

_FIXED = frozenset({*Equations(equations.PROVIDED), *CONSTANTS, *OPTIONAL, "evidence", "support_noise"})
# Names of synapses and of Brian2, which it would let a model hide; of others it says so.
_HIDDEN = BUILT_IN | {"q", "log_q", "w", "emitted", "p_ij", "p_i", "p_j"}
_FLAGS = {DIFFERENTIAL_EQUATION: (), SUBEXPRESSION: ("shared",), PARAMETER: ("shared", "constant")}
_Found = Mapping[str, Equations]  # by what they belong to
_SLOTS = ("start", "groups", "thresholds", "synapses", "resets", "end")
_ON = ("minicolumn", "hypercolumn")


def check_time_constants(
    owner: str, parameters: Mapping[str, Value], texts: Iterable[str], dt: Quantity
) -> None:
    """Raise a ValueError if a parameter that divides is a time below the time step."""
    text = "\n".join(texts)
    for name, value in parameters.items():
        is_time = isinstance(value, Quantity) and value.dim is second.dim
        if is_time and value < dt and re.search(rf"/\s*\(?\s*{name}\b", text):
            raise ValueError(
                f"{name} of {owner} is {value}: forward Euler needs a time constant of at least "
                f"dt = {dt}."
            )


def check_silent_mistakes(
    model: MinicolumnModel, rule: PlasticityRule, sides: Collection[str] = ("pre", "post")
) -> None:
    """Raise a ValueError, in one sentence that names what is wrong, if there is one of them.

    `sides` are those on which minicolumns of the model learn by the rule.
    """
    found = {
        model.owner: _read(f"equations of {model.owner}", model.equations),
        f"the hypercolumn of {model.owner}": _read(f"hypercolumn of {model.owner}", model.hypercolumn),
        rule.owner: _read(f"equations of {rule.owner}", rule.equations),
    }
    _check_names(model, rule, found)
    _check_trace(model.owner, "z", found[model.owner])
    for side in sides:
        _check_trace(rule.owner, rule.trace(side), {**found[model.owner], **found[rule.owner]})
    _check_flags(found)
    _check_steps(model)
    _check_statements(model, rule, found)
    _check_all_are_set(model, rule, found)
    _check_rest(model, rule, found)
    _check_weights(rule)


def _read(where: str, text: str) -> Equations:
    try:
        return Equations(text)
    except Exception as error:
        raise ValueError(f"{where} cannot be read ({reason(error)}): mend it.") from None


def _check_names(model: MinicolumnModel, rule: PlasticityRule, found: _Found) -> None:
    of_values = {f"parameters of {item.owner}": item.parameters for item in (model, rule)}
    for owner, names in {**found, **of_values}.items():
        for name in names:
            if name in _HIDDEN:
                raise ValueError(
                    f"{name!r} in {owner} is a name that the network provides: choose another."
                )


def _check_trace(owner: str, name: str, found: Mapping) -> None:
    """What traces learn and synapses transmit is a state variable."""
    if name not in found or found[name].type == SUBEXPRESSION:
        raise ValueError(
            f"{owner} needs {name!r} as a variable of the minicolumn, which no equation defines: add "
            f"'d{name}/dt = … : 1' to equations."
        )


def _check_flags(found: _Found) -> None:
    for owner, item in found.items():
        for name, equation in item.items():
            for flag in set(equation.flags) - set(_FLAGS[equation.type]):
                raise ValueError(
                    f"equation of {name!r} of {owner} has the flag {flag!r}, which means nothing "
                    f"here: give {' or '.join(_FLAGS[equation.type]) or 'none'}."
                )


def _check_steps(model: MinicolumnModel) -> None:
    """Steps have a place, and a hypercolumn where they need one."""
    for step in model.steps:
        slot = re.sub("^(before|after)_", "", step.when)
        for name, value, allowed in (("on", step.on, _ON), ("when", slot, _SLOTS)):
            if value not in allowed:
                raise ValueError(
                    f"step {step.name!r} of {model.owner} is {name} {value!r}: choose from "
                    f"{', '.join(allowed)}."
                )
    parts = {f"step {s.name!r}": s.on == "hypercolumn" for s in model.steps}
    parts |= {name: bool(getattr(model, name).strip()) for name in ("gathering", "on_spike")}
    for part in filter(parts.get, () if model.hypercolumn.strip() else parts):
        raise ValueError(
            f"{part} of {model.owner} changes a hypercolumn that has no equations: give it some, "
            "hypercolumn='x : 1' say."
        )


def _check_statements(model: MinicolumnModel, rule: PlasticityRule, found: _Found) -> None:
    """Statements change variables only, and by '+=', not '=+'; spikes are counted."""
    texts = {f"{name} of {model.owner}": getattr(model, name) for name in ("reset", "noise", "on_spike")}
    texts |= {f"step {step.name!r} of {model.owner}": step.statements for step in model.steps}
    texts[f"reset of {rule.owner}"] = rule.reset
    fixed = {*_FIXED, *model.parameters, *rule.parameters}
    fixed |= {n for item in found.values() for n, e in item.items() if e.type == SUBEXPRESSION}
    for where, text in texts.items():
        slip = re.search(r"\w+\s*=\s*\+[^;\n]*", text)
        if slip:
            raise ValueError(f"{where} cannot be read at {slip[0]!r}: write 'x = …' or 'x += …'.")
        for name in assigned(text) & fixed:
            raise ValueError(
                f"{where} changes {name!r}, which is a constant or an expression: let it change "
                "a variable, 'NAME : 1' or 'dNAME/dt = …'."
            )
    if "spike_count" not in assigned(model.reset):
        raise ValueError(
            f"reset of {model.owner} counts no spikes: add '; spike_count += 1', so that rates can "
            "be measured."
        )


def _check_all_are_set(model: MinicolumnModel, rule: PlasticityRule, found: _Found) -> None:
    """No variable is read that keeps the value 0 for good."""
    code = [model.reset, model.noise, model.on_spike, model.gathering, rule.reset]
    code += [step.statements for step in model.steps]
    plain = [re.sub(r"_(pre|post)\b", "", text) for text in code]
    expressions = [e.expr.code for item in found.values() for e in item.values() if e.expr is not None]
    changing = assigned(*code) | {*model.rest, *rule.rest}
    read = names_in(*plain, *expressions, model.threshold, model.emitted)
    for owner, item in found.items():
        for name, equation in item.items():
            kept = equation.type == PARAMETER and "shared" not in equation.flags
            if kept and name in read - changing - _FIXED:
                raise ValueError(
                    f"{name!r} of {owner} is a variable that nothing sets: set it in a step, in "
                    "gathering or in the reset, or give it in parameters instead."
                )


def _check_rest(model: MinicolumnModel, rule: PlasticityRule, found: _Found) -> None:
    """Values at rest are set without units: they must be those of variables, in their units."""
    units = {name: e.dim for item in found.values() for name, e in item.items()}
    constants = {name: e.dim for name, e in Equations(equations.PROVIDED).items() if name in CONSTANTS}
    constants |= {n: get_dimensions(v) for i in (model, rule) for n, v in i.parameters.items()}
    for item in (model, rule):
        for name, value in item.rest.items():
            unit = constants.get(value) if isinstance(value, str) else get_dimensions(value)
            if name not in units or unit is not units[name]:
                raise ValueError(
                    f"rest of {item.owner} gives {name!r} the value {value!r}: give a variable of its "
                    "equations a value in its unit, or the name of such a constant."
                )


def _check_weights(rule: PlasticityRule) -> None:
    """Weights and biases of what has been learned are taken by NumPy, from traces alone."""
    own = {name: float(value) for name, value in rule.parameters.items()}
    for attribute, traces in (("weight", ("p_ij", "p_i", "p_j", "p")), ("bias", ("p_j", "p"))):
        values: dict = {**dict.fromkeys(traces, np.array([0.2, 0.3])), **own}
        try:
            evaluate(getattr(rule, attribute), values)
        except Exception as error:
            raise ValueError(
                f"{attribute} of {rule.owner} cannot be evaluated ({reason(error)}): give an expression "
                f"in {', '.join(values)}."
            ) from None


def reason(error: BaseException) -> str:
    """What an error of Brian2 says, in one line without a full stop."""
    text = str(error)
    if isinstance(error, SyntaxError) and error.text:
        text = f"{error.msg} in {error.text.strip()!r}"
    if text == "'BitXor'":  # all that Brian2 says
        return "a power is written **, not ^"
    return " ".join(text.split()).rstrip(".") or type(error).__name__
