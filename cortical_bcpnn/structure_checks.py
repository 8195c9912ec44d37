"""What Brian2 would refuse late, or take for something else, in the parts of a model.

Names and dimensions of expressions are checked in `unit_checks`; here are the places that hold
them: flags, steps, sums over the hypercolumn, inputs, variables that nothing sets, and time
constants that forward Euler cannot follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from brian2 import Equations, Quantity, second
from brian2.equations.equations import DIFFERENTIAL_EQUATION, PARAMETER, SUBEXPRESSION
from brian2.units.fundamentalunits import Dimension

from .changing import Value
from .expressions import names_in
from .minicolumns import MinicolumnModel
from .plasticity import PlasticityRule
from .unit_checks import assigned, check_equation, reason, unit

_FLAGS = {
    DIFFERENTIAL_EQUATION: (),
    SUBEXPRESSION: ("shared",),
    PARAMETER: ("shared", "constant"),
}
_SLOTS = ("start", "groups", "thresholds", "synapses", "resets", "end")


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


def check_flags(owner: str, found: Equations) -> None:
    """Raise a ValueError if an equation has a flag that means nothing here."""
    for name, equation in found.items():
        allowed = _FLAGS[equation.type]
        for flag in equation.flags:
            if flag not in allowed:
                mend = f"choose from {', '.join(allowed)}" if allowed else "leave it out"
                raise ValueError(f"equation of {name!r} of {owner} has the flag {flag!r}: {mend}.")


def check_steps(owner: str, model: MinicolumnModel) -> None:
    """Raise a ValueError unless steps have a place, and a hypercolumn where they need one."""
    slots = [f"{place}{slot}" for slot in _SLOTS for place in ("before_", "", "after_")]
    for step in model.steps:
        if step.on not in ("minicolumn", "hypercolumn"):
            raise ValueError(
                f"step {step.name!r} of {owner} is on {step.on!r}: choose minicolumn or hypercolumn."
            )
        if step.when not in slots:
            raise ValueError(
                f"step {step.name!r} of {owner} is when {step.when!r}: choose from {', '.join(_SLOTS)}."
            )
    if model.hypercolumn.strip():
        return
    parts = {f"step {s.name!r}": s.on == "hypercolumn" for s in model.steps}
    parts |= {name: bool(getattr(model, name).strip()) for name in ("gathering", "on_spike")}
    for part in filter(parts.get, parts):
        raise ValueError(
            f"{part} of {owner} changes a hypercolumn that has no equations: give it some, "
            "hypercolumn='x : 1' say."
        )


def check_gathering(
    owner: str, gathering: str, own: Mapping[str, Dimension], above: Mapping[str, Dimension]
) -> None:
    """Raise a ValueError unless sums are of variables of the minicolumn, into the hypercolumn."""
    form = "write 'NAME_post = VARIABLE_pre : UNIT (summed)'"
    for line in filter(None, (part.partition("#")[0].strip() for part in gathering.splitlines())):
        where = f"gathering of {owner}, {line!r},"
        match = re.fullmatch(r"(\w+)_post\s*=\s*(.+):\s*([^(:]+)\(summed\)\s*", line)
        if not match:
            raise ValueError(f"{where} is no sum over the hypercolumn: {form}.")
        name, summed = match[1], match[2].strip()
        if name not in above:
            raise ValueError(
                f"{where} sets {name!r}, which the hypercolumn does not define: add an equation to "
                f"hypercolumn, '{name} : {match[3].strip()}' say."
            )
        source = re.fullmatch(r"(\w+)_pre", summed)
        if source and source[1] in own and own[source[1]] is not above[name]:
            raise ValueError(
                f"{where} has wrong dimensions, {source[1]} is in {unit(own[source[1]])} and {name} in "
                f"{unit(above[name])}: let them agree."
            )
        if source is None and re.fullmatch(r"\w+", summed) or source and source[1] not in own:
            raise ValueError(f"{where} sums {summed!r}, which is no variable of the minicolumn: {form}.")


def check_input(owner: str, text: str, names: Mapping[str, Dimension]) -> None:
    """Raise a ValueError unless the input of a projection can be read, and is called I."""
    where, form = f"input of {owner}, {text!r},", "write 'dI_{projection}/dt = … : 1'"
    try:
        found = Equations(text.format(projection="projection"))
    except Exception as error:
        raise ValueError(f"{where} cannot be read ({reason(error)}): {form}.") from None
    if "I_projection" not in found:
        raise ValueError(f"{where} does not define I of the projection: {form}.")
    for equation in found.values():
        check_equation(f"input of {owner}", equation, {**names, **{n: e.dim for n, e in found.items()}})


def check_all_are_set(
    model: MinicolumnModel, rule: PlasticityRule, found: Mapping[str, Equations]
) -> None:
    """Raise a ValueError if a variable is read, and keeps the value 0 for good.

    Parameters
    ----------
    model : MinicolumnModel
    rule : PlasticityRule
    found : mapping of str to Equations
        Their equations, by what they belong to.
    """
    code = [model.reset, model.noise, model.on_spike, model.gathering, rule.reset]
    code += [step.statements for step in model.steps]
    code = [re.sub(r"_(pre|post)\b", "", text) for text in code]
    expressions = [e.expr.code for item in found.values() for e in item.values() if e.expr is not None]
    changing = assigned(*code) | {*model.rest, *rule.rest}
    read = names_in(*code, *expressions, model.threshold, model.emitted)
    for owner, item in found.items():
        for name, equation in item.items():
            constant = equation.type == PARAMETER and "shared" not in equation.flags
            if constant and name in read - changing:
                raise ValueError(
                    f"{name!r} of {owner} is a variable that nothing sets: set it in a step, in "
                    "gathering or in the reset, or give it in parameters instead."
                )


def fixed_names(model: MinicolumnModel, rule: PlasticityRule, *found: Equations) -> set[str]:
    """Names that statements must not change: expressions, and parameters of model and rule."""
    names = {*model.parameters, *rule.parameters}
    return names | {n for e in found for n, item in e.items() if item.type == SUBEXPRESSION}


def white_noise(*texts: str) -> dict[str, Dimension]:
    """Names of white noise, xi or xi_NAME, which equations can use without defining it."""
    names = (name for name in names_in(*texts) if re.fullmatch(r"xi(_\w+)?", name))
    return dict.fromkeys(names, (second**-0.5).dim)
