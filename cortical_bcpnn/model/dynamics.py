"""Which model the minicolumns of a population have, and which rule a projection learns by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from ..values.fields import ByName, default
from .architecture import Architecture
from .minicolumns import MINICOLUMN_MODELS, POISSON, MinicolumnModel
from .plasticity import BCPNN, PLASTICITY_RULES, PlasticityRule

#: By the argument that they are given as: what may be given, and what is shipped.
KINDS: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "minicolumn": (MinicolumnModel, MINICOLUMN_MODELS),
    "plasticity": (PlasticityRule, PLASTICITY_RULES),
}
#: The field that has them by name of a population or projection.
BY_NAME = {"minicolumn": "models", "plasticity": "rules"}

T = TypeVar("T")
Same = TypeVar("Same", bound="Dynamics")
#: One for all, some by name of the parts that they are of, or those that are shipped.
Given: TypeAlias = T | Mapping[str, T] | None


@dataclass(frozen=True, kw_only=True)
class Dynamics:
    """Models of populations and rules of projections.

    Attributes
    ----------
    minicolumn : MinicolumnModel, str, or mapping of str to either, optional
        Equations of the minicolumns, or the name of a shipped model; default is the published
        one, that of spikes or of rates as the variant has it. A mapping gives them to some
        populations by name; the others have the default.
    plasticity : PlasticityRule, str, or mapping of str to either
        What is learned, or the name of a shipped rule, of all projections or of some by name.
    models : mapping of str to MinicolumnModel
        Where populations differ: those that have another model than `minicolumn`. It takes up the
        mapping that is given as `minicolumn`, as `rules` does that of `plasticity`.
    rules : mapping of str to PlasticityRule
        Of projections that learn by another rule than `plasticity`.
    """

    minicolumn: ByName[MinicolumnModel] = default(None)
    plasticity: ByName[PlasticityRule] = default(BCPNN)
    models: Mapping[str, MinicolumnModel] = field(default_factory=dict)
    rules: Mapping[str, PlasticityRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        published: dict[str, Any] = {"minicolumn": self.published, "plasticity": BCPNN}
        for argument, usual in published.items():
            given, named = getattr(self, argument), getattr(self, BY_NAME[argument])
            if isinstance(given, Mapping):
                given, named = usual, {**named, **given}
            elif given is None and argument == "minicolumn":
                given = usual
            object.__setattr__(self, argument, look_up(argument, given))
            object.__setattr__(self, BY_NAME[argument], MappingProxyType(look_up(argument, named)))

    def __getstate__(self) -> dict:  # read-only mappings can be neither copied nor pickled
        return {**vars(self), "models": dict(self.models), "rules": dict(self.rules)}

    def __setstate__(self, state: dict) -> None:
        read_only = {name: MappingProxyType(state[name]) for name in BY_NAME.values()}
        vars(self).update({**state, **read_only})

    @property
    def published(self) -> MinicolumnModel:
        """The model of minicolumns where none is given."""
        return POISSON

    def minicolumn_of(self, population: str) -> MinicolumnModel:
        """The model of a population."""
        return self.models.get(population, self.minicolumn)

    def rule_of(self, projection: str) -> PlasticityRule:
        """The rule of a projection."""
        return self.rules.get(projection, self.plasticity)

    @property
    def continuous(self) -> bool:
        """Whether traces learn in every time step; alike in all projections, see `fitted`."""
        return self.plasticity.continuous

    def each(self, architecture: Architecture) -> tuple[Any, Any]:
        """Model and rule as `load` takes them: by name of every part where some differ."""
        models = {p.name: self.minicolumn_of(p.name) for p in architecture.populations}
        rules = {p.name: self.rule_of(p.name) for p in architecture.projections}
        return models if self.models else self.minicolumn, rules if self.rules else self.plasticity

    def fitted(self: Same, architecture: Architecture) -> Same:
        """These in a network: `minicolumn` and `plasticity` are the published ones where any part has
        them, else those of the first; `models` and `rules` are of the parts that differ.

        Raises
        ------
        ValueError
            If a population or projection is unknown, or some rules are continuous and others not.
        """
        if not (self.models or self.rules):
            return self
        models = {p.name: self.minicolumn_of(p.name) for p in architecture.populations}
        rules = {p.name: self.rule_of(p.name) for p in architecture.projections}
        for kind, argument, known in (("population", "minicolumn", models),
                                      ("projection", "plasticity", rules)):  # fmt: skip
            for name in getattr(self, BY_NAME[argument]):
                if name not in known:
                    raise ValueError(
                        f"{argument} names the {kind} {name!r}: choose from {', '.join(known)}."
                    )
        always = [name for name, rule in rules.items() if rule.continuous]
        at_the_end = [name for name in rules if name not in always]
        if always and at_the_end:
            raise ValueError(
                f"plasticity lets {', '.join(always)} learn in every time step and "
                f"{', '.join(at_the_end)} once a pattern: give continuous rules to all, or to none."
            )
        minicolumn = _in_common(models, self.published, self.minicolumn)
        plasticity = _in_common(rules, BCPNN, self.plasticity)
        return replace(
            self,
            minicolumn=minicolumn,
            plasticity=plasticity,
            models={name: model for name, model in models.items() if model != minicolumn},
            rules={name: rule for name, rule in rules.items() if rule != plasticity},
        )


def look_up(argument: str, given: Any) -> Any:
    """What is given as an argument, by name of a part or for all, with shipped ones for their names.

    Raises
    ------
    ValueError, TypeError
        If it is none.
    """
    if isinstance(given, Mapping):
        return {name: _look_up(argument, f"{argument} of {name}", one) for name, one in given.items()}
    return _look_up(argument, argument, given)


def _look_up(argument: str, called: str, value: Any) -> Any:
    kind, shipped = KINDS[argument]
    if isinstance(value, str):
        if "\n" in value or "=" in value:
            raise ValueError(
                f"{called} is equations as text: put them in a model, "
                f"{next(iter(shipped))!r} say, by its changed(equations=…)."
            )
        if value not in shipped:
            raise ValueError(f"{called} {value!r} is unknown: choose one of {', '.join(shipped)}.")
        return shipped[value]
    if not isinstance(value, kind):
        shown = repr(value) if len(repr(value)) < 40 else f"of type {type(value).__name__}"
        raise TypeError(
            f"{called} is {shown}: give a {kind.__name__}, or one of {', '.join(shipped)}."
        )
    return value


def _in_common(each: Mapping[str, Any], published: Any, otherwise: Any) -> Any:
    """What stands for the parts that are not named."""
    return published if published in each.values() else next(iter(each.values()), otherwise)
