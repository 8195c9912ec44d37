"""Equation strings as text: which names they use, other names in their place, their value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import sympy
from brian2 import DEFAULT_FUNCTIONS, Equations, Quantity
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.equations.equations import PARAMETER, SingleEquation
from brian2.parsing.sympytools import str_to_sympy
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension
from brian2.utils.stringtools import get_identifiers

#: Names that Brian2 knows by itself: functions, constants and units.
BUILT_IN = frozenset({*DEFAULT_FUNCTIONS, *DEFAULT_CONSTANTS, *DEFAULT_UNITS,
                      "int", "t", "dt", "t_in_timesteps", "N", "i", "True", "False",
                      "and", "or", "not"})  # fmt: skip


def names_in(*texts: str) -> set[str]:
    """Names that equations or statements use, but for those that Brian2 knows by itself."""
    return _identifiers(*texts) - BUILT_IN


def names_time(*texts: str) -> bool:
    """Whether what equations or statements do depends on when they do it."""
    return not _identifiers(*texts).isdisjoint({"t", "t_in_timesteps"})


def assigned(*texts: str) -> set[str]:
    """Variables that statements, or equations 'NAME = …', set; of whichever side of a synapse."""
    parts = (part.strip() for text in texts for part in re.split(r"[;\n]", text))
    found = (re.match(r"(\w+?)(?:_pre|_post)?\s*[-+*/]?=(?!=)", part) for part in parts)
    return {match[1] for match in found if match}


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A text with other names (or expressions) in place of some whole words."""
    words = "|".join(map(re.escape, names))
    return re.sub(rf"\b({words})\b", lambda word: names[word[0]], text) if words else text


def of_side(expression: str, side: str) -> str:
    """An expression in variables of a minicolumn, as a synapse calls them on one side of it."""
    return with_names(expression, {name: f"{name}_{side}" for name in names_in(expression)})


def dimensions(value: Quantity | float) -> Dimension:
    """Physical dimensions of a parameter."""
    return value.dim if isinstance(value, Quantity) else DIMENSIONLESS


def shared(parameters: Mapping[str, Quantity | float]) -> Equations:
    """Declarations of parameters as variables that a whole group shares."""
    return Equations([
        SingleEquation(PARAMETER, name, dimensions(value), flags=["shared"])
        for name, value in parameters.items()
    ])  # fmt: skip


def evaluate(expression: str, values: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """Value of an expression of Brian2, computed by NumPy.

    The text is parsed by Brian2 and goes through SymPy: it can name nothing but `values` and
    Brian2's functions, and is never executed as Python.

    Parameters
    ----------
    expression : str
    values : mapping of str to ndarray or float
        By name.

    Raises
    ------
    SyntaxError, ValueError
        If it is not an expression in these names.
    """
    symbolic = str_to_sympy(expression)
    unknown = {str(symbol) for symbol in symbolic.free_symbols} - set(values)
    if unknown:
        raise ValueError(f"expression {expression!r} names {', '.join(sorted(unknown))}.")
    names = sorted(values)
    functions = {name: function.pyfunc for name, function in DEFAULT_FUNCTIONS.items()}
    # Symbols of its own, so that no name of a parameter can be mistaken for Python.
    placeholders = [sympy.Symbol(f"value_{number}", real=True) for number in range(len(names))]
    by_name = dict(zip(names, placeholders))
    symbolic = symbolic.xreplace({s: by_name[str(s)] for s in symbolic.free_symbols})
    function = sympy.lambdify(placeholders, symbolic, [functions, "numpy"])
    return np.asarray(function(*(values[name] for name in names)))


def declared(text: str, kinds: Iterable[str]) -> dict[str, SingleEquation]:
    """Equations of a text of these types ('differential equation', …), by name."""
    parsed = Equations(text)
    return {name: parsed[name] for name in parsed if parsed[name].type in kinds}


def _identifiers(*texts: str) -> set[str]:
    lines = (line.partition("#")[0] for text in texts for line in text.splitlines())
    return set(get_identifiers("\n".join(lines)))
