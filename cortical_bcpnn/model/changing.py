"""Models and rules are never changed in place: what is changed is a new one of another name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar, get_type_hints

import numpy as np
from brian2 import Quantity

from ..values.numbers import is_number

Value = Quantity | float
Same = TypeVar("Same", bound="Changeable")

_NAMES = ("name", "source")
_VALUES = ("parameters", "rest")
# How text is added to what is there: equations are lines, statements follow each other.
_LINES = ("equations", "hypercolumn", "gathering", "input")
_STATEMENTS = ("reset", "on_spike", "noise")


class Changeable:
    """What minicolumn models and plasticity rules, frozen dataclasses of text, have in common."""

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field]]
    name: str

    def __post_init__(self) -> None:
        """Check the types of what this was made from, and let nothing change any more."""
        for name, wanted in get_type_hints(type(self)).items():
            if wanted in (str, bool) and not isinstance(getattr(self, name), wanted):
                raise TypeError(
                    f"{name} of {self.owner} is {getattr(self, name)!r}: give "
                    f"{'text' if wanted is str else 'True or False'}."
                )
        for attribute in _VALUES:
            values = dict(getattr(self, attribute))
            _check_values(attribute, self.owner, values)
            object.__setattr__(self, attribute, MappingProxyType(values))

    @property
    def owner(self) -> str:
        """What errors call it: its kind and its name."""
        return f"{self.kind} {self.name!r}"

    def changed(self: Same, **changes: Any) -> Same:
        """This one with some attributes replaced; parameters and rest are added to its own.

        Unless a name is given, it is called 'NAME, changed'.
        """
        self._check_known(changes, "changed")
        for name in _VALUES:
            if name in changes:
                changes[name] = {**getattr(self, name), **changes[name]}
        suffix = "" if self.name.endswith(", changed") else ", changed"
        return replace(self, **{"name": self.name + suffix, **changes})

    def replaced(self: Same, old: str, new: str, where: str | None = None) -> Same:
        """This one with other text in place of some.

        All its texts are searched, steps included, and every occurrence is replaced: 'tau' is found
        in 'tau_m' too, and what stands in the equations and in the reset changes in both. So give
        as much of the text as says which is meant, or `where`.

        Parameters
        ----------
        old, new : str
            As they are written, blanks included.
        where : str, optional
            The attribute to keep to, 'reset' or 'steps' say.

        Raises
        ------
        ValueError
            If `old` is not there.
        """
        if where is not None:
            self._check_known([where], "replaced")
        changes: dict[str, Any] = {}
        for name, value in self._texts(where):
            if not old or not any(old in text for text in _pieces(value)):
                continue
            if isinstance(value, str):
                changes[name] = value.replace(old, new)
            else:
                statements = (text.replace(old, new) for text in _pieces(value))
                changes[name] = tuple(replace(s, statements=t) for s, t in zip(value, statements))
        if not changes:
            raise ValueError(self._not_there(old, where))
        return self.changed(**changes)

    def added(self: Same, **additions: Any) -> Same:
        """This one with equations, statements, steps, parameters or values at rest of its own added.

        Parameters
        ----------
        **additions
            By attribute: equations become further lines, statements run after those that are there
            (``reset='a += jump_a'``), steps join the others, parameters and rest are as in `changed`.
        """
        self._check_known(additions, "added to")
        for name, value in additions.items():
            own = getattr(self, name)
            if name in _LINES:
                additions[name] = "".join(part if part.endswith("\n") else f"{part}\n"
                                          for part in (own, value) if part)  # fmt: skip
            elif name in _STATEMENTS:
                additions[name] = "; ".join(part for part in (own, value) if part.strip())
            elif name == "steps":
                additions[name] = (*own, *value)
            elif name not in (*_NAMES, *_VALUES):
                raise TypeError(
                    f"nothing can be added to {name} of {self.owner}: give it by changed({name}=…)."
                )
        return self.changed(**additions)

    def __reduce__(self) -> tuple:
        # Read-only mappings can be neither copied nor sent to another process.
        values = [
            dict(value) if isinstance(value, MappingProxyType) else value
            for value in vars(self).values()
        ]
        return type(self), tuple(values)

    def _texts(self, where: str | None = None) -> Iterator[tuple[str, Any]]:
        for name, value in vars(self).items():
            if name not in _NAMES and isinstance(value, str | tuple) and where in (None, name):
                yield name, value

    def _check_known(self, names: Any, what: str) -> None:
        known = [item.name for item in fields(self)]
        for name in names:
            if name not in known:
                raise TypeError(
                    f"{name!r} cannot be {what} in {self.name!r}: choose from {', '.join(known)}."
                )

    def _not_there(self, old: str, where: str | None) -> str:
        texts = (text for _, value in self._texts(where) for text in _pieces(value))
        lines = (line.partition("#")[0].strip() for text in texts for line in text.splitlines())
        nearest = difflib.get_close_matches(old, filter(None, lines), n=1, cutoff=0)
        place = f"not in {where}" if where else "in no text"
        mend = f"copy what is to be replaced, from {nearest[0]!r} say" if nearest else "add it"
        return f"{old!r} is {place} of {self.owner}: {mend}."


def _pieces(value: Any) -> list[str]:
    """The texts of an attribute: one, or those of steps."""
    return [value] if isinstance(value, str) else [step.statements for step in value]


def _check_values(attribute: str, owner: str, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z]\w*", name):
            raise ValueError(f"{attribute} of {owner} names {name!r}: give letters and digits.")
        is_text = isinstance(value, str) and attribute == "rest"
        if not is_text and not _is_finite(value):
            raise ValueError(
                f"{name} in {attribute} of {owner} is {value!r}: give one finite value, with its "
                "unit if it has one, 200*ms say."
            )


def _is_finite(value: object) -> bool:
    if isinstance(value, Quantity):
        return value.shape == () and bool(np.isfinite(float(value)))
    return is_number(value)
