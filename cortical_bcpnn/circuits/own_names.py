"""Rules of one network that mean different things by one name get names of their own.

Minicolumns hold the variables and constants of all rules that they learn by. Two covariance rules of
other gains, say, both call theirs ``gain``: that of the second becomes ``gain_2`` in the circuit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from brian2 import Equations

from ..model.architecture import Architecture
from ..model.dynamics import Dynamics
from ..model.expressions import names_in, with_names
from ..model.plasticity import PlasticityRule


def rules_of(architecture: Architecture, dynamics: Dynamics) -> dict[str, PlasticityRule]:
    """The rules of all projections, by name, as a circuit has them."""
    given = {p.name: dynamics.rule_of(p.name) for p in architecture.projections}
    if not dynamics.rules:
        return given
    different: list[PlasticityRule] = []
    for rule in given.values():
        if rule not in different:
            different.append(rule)
    meanings = [_meanings(rule) for rule in different]
    taken = {name for names in meanings for name in names}
    own: list[PlasticityRule] = []
    for number, (rule, mine) in enumerate(zip(different, meanings), 1):
        others = meanings[: number - 1]
        names = [n for n in mine if any(n in other and other[n] != mine[n] for other in others)]
        while any(f"{name}_{number}" in taken for name in names):
            number += len(different)
        own.append(_renamed(rule, {name: f"{name}_{number}" for name in names}))
    return {name: own[different.index(rule)] for name, rule in given.items()}


def _meanings(rule: PlasticityRule) -> dict[str, object]:
    """What a rule brings to minicolumns, by name, with all that decides what it is."""
    named = names_in(rule.equations, rule.reset)
    constants = {name: value for name, value in rule.parameters.items() if name in named}
    dynamics = rule.equations, rule.reset, dict(rule.rest), constants
    return {**rule.parameters, **dict.fromkeys(Equations(rule.equations), dynamics)}


def _renamed(rule: PlasticityRule, names: Mapping[str, str]) -> PlasticityRule:
    """A rule with other names in place of some; it is called as before."""
    if not names:
        return rule
    texts = ("weight", "bias", "presynaptic", "postsynaptic", "equations", "reset")
    changed: dict[str, Any] = {text: with_names(getattr(rule, text), names) for text in texts}
    changed["equations"] = re.sub(
        r"\bd(\w+)(?=\s*/\s*dt\b)", lambda d: f"d{names.get(d[1], d[1])}", changed["equations"]
    )
    rest = {n: with_names(v, names) if isinstance(v, str) else v for n, v in rule.rest.items()}
    return replace(
        rule,
        **changed,
        parameters={names.get(name, name): value for name, value in rule.parameters.items()},
        rest={names.get(name, name): value for name, value in rest.items()},
    )
