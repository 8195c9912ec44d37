"""A change in the equations that a command line asks for: the model and the rule that come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..model.expressions import names_in
from ..model.minicolumns import MinicolumnModel
from ..model.plasticity import PlasticityRule
from ..values.quantities import parse_quantity

BEFORE, AFTER = "before", "changed"
#: The change that is made where none is asked for: every emission raises a, which opposes evidence.
EXAMPLE: dict[str, Any] = {
    "replace": [("evidence - s", "evidence - a - s")],
    "add": ["da/dt = -a/tau_a : 1"],
    "reset": ["a += jump_a"],
    "set": [("tau_a", "200ms"), ("jump_a", "0.2")],
}


def before_and_after(
    minicolumn: MinicolumnModel, plasticity: PlasticityRule, **asked: Any
) -> dict[str, dict]:
    """A model and a rule before and after a change; that of `EXAMPLE` if nothing is asked for.

    Takes what `changed_models` takes.

    Raises
    ------
    ValueError
        As `changed_models`, and if nothing changes.
    """
    before = {"minicolumn": minicolumn, "plasticity": plasticity}
    asked = {name: value for name, value in asked.items() if value}
    after = changed_models(minicolumn, plasticity, **(asked or EXAMPLE))
    if after == before:
        raise ValueError("the change changes nothing: give another by --replace or --add, say.")
    return {BEFORE: before, AFTER: after}


def changed_models(
    minicolumn: MinicolumnModel,
    plasticity: PlasticityRule,
    *,
    replace: Sequence[tuple[str, str]] = (),
    add: Sequence[str] = (),
    reset: Sequence[str] = (),
    set: Sequence[tuple[str, str]] = (),
    threshold: str | None = None,
    weight: str | None = None,
    bias: str | None = None,
) -> dict[str, Any]:
    """A model and a rule with what is asked for changed; what stays the same is given back as it is.

    Parameters
    ----------
    minicolumn : MinicolumnModel
    plasticity : PlasticityRule
    replace : sequence of (str, str)
        Text in the equations and statements of the minicolumn, and what takes its place.
    add : sequence of str
        Equations that the minicolumn has beside its own.
    reset : sequence of str
        Statements that are run when something is emitted, beside its own.
    set : sequence of (str, str)
        Names of parameters and their values, with units: of the rule where it knows the name or
        the new weight or bias has it, else of the minicolumn.
    threshold : str, optional
        When something is emitted.
    weight, bias : str, optional
        Expressions of the rule.

    Returns
    -------
    dict
        'minicolumn' and 'plasticity'.

    Raises
    ------
    ValueError
        If text to replace is not there, a value is none, or no equation names a parameter.
    """
    values = dict(_values(set))
    strings = {n: text for n, text in (("weight", weight), ("bias", bias)) if text is not None}
    of_rule = {name for name in values if name in plasticity.parameters or any(
        re.search(rf"\b{name}\b", text) for text in strings.values())}  # fmt: skip
    model = minicolumn
    for old, new in replace:
        model = model.replaced(old, new)
    model = model.added(
        name=minicolumn.name,
        equations="\n".join(add),
        reset="; ".join(reset),
        parameters={name: value for name, value in values.items() if name not in of_rule},
    ).changed(name=minicolumn.name, threshold=threshold or minicolumn.threshold)
    rule = plasticity.changed(
        name=plasticity.name, parameters={name: values[name] for name in of_rule}, **strings
    )
    named = names_in(
        *model.texts, *model.hypercolumn_texts, model.noise, model.on_spike, model.gathering,
        rule.weight, rule.bias, rule.equations, rule.reset,
    )  # fmt: skip
    for name in values:
        if name not in named:
            raise ValueError(
                f"--set gives {name}, which no equation names: add it by --replace or --add."
            )
    if model != minicolumn:
        model = model.changed(name=f"{minicolumn.name}, changed")
    if rule != plasticity:
        rule = rule.changed(name=f"{plasticity.name}, changed")
    return {"minicolumn": model, "plasticity": rule}


def _values(settings: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    for name, text in settings:
        try:
            yield name, parse_quantity(text)
        except ValueError as error:
            raise ValueError(f"--set {name}={text}: {error}") from None


def changed_fields(before: Mapping, after: Mapping) -> list[tuple[str, str, Any, Any]]:
    """What differs between a model and a rule, and those that came of them.

    Parameters
    ----------
    before, after : mapping of mapping
        'minicolumn' and 'plasticity' as plain values, see `model_to_plain`.

    Returns
    -------
    list of (str, str, object, object)
        Of which of them, name of the attribute, and its values before and after.
    """
    return [(kind, field, before[kind][field], value) for kind, fields in after.items()
            for field, value in fields.items() if value != before[kind][field]]  # fmt: skip


def list_changes(before: Mapping, after: Mapping) -> list[str]:
    """What is new after a change: lines of equations, and other attributes with their names.

    Takes what `changed_fields` takes.
    """
    lines = []
    for _, field, old, new in changed_fields(before, after):
        if field == "name":
            continue
        if isinstance(new, str) and "\n" in new:
            known = old.splitlines()
            added = (line for line in new.splitlines() if line not in known)
            lines += [line.partition("#")[0].strip() for line in added]
        elif isinstance(new, dict):
            lines += [f"{name} = {value}" for name, value in new.items() if old.get(name) != value]
        else:
            lines.append(f"{field}: {new}")
    return lines
