"""Names and dimensions of equations, conditions and statements, checked by Brian2's own means.

What is wrong is said in one sentence, which begins with where it is and ends with the mend.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from brian2 import DEFAULT_FUNCTIONS, DimensionMismatchError, second
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.core.variables import Variable
from brian2.equations.equations import DIFFERENTIAL_EQUATION, SingleEquation
from brian2.parsing.expressions import is_boolean_expression, parse_expression_dimensions
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension, get_unit

from .expressions import names_in

_KNOWN = {
    **DEFAULT_UNITS, **DEFAULT_CONSTANTS, **DEFAULT_FUNCTIONS,
    **{name: Variable(name, dimensions=second.dim) for name in ("t", "dt")},
    **{name: Variable(name) for name in ("t_in_timesteps", "i", "N")},
}  # fmt: skip

# '=+' is taken for a slip of '+='.
_STATEMENT = re.compile(r"(\w+)\s*([-+*/]?)=\s*([^=+].*?)\s*(#.*)?")


def check_equation(
    owner: str, equation: SingleEquation, names: Mapping[str, Dimension]
) -> None:
    """Raise a ValueError unless names and dimensions of an equation are right."""
    if equation.expr is None:
        return
    rate = equation.type == DIFFERENTIAL_EQUATION
    left = f"d{equation.varname}/dt" if rate else equation.varname
    wanted = equation.dim / second.dim if rate else equation.dim
    where, text = f"equation '{left}' of {owner}", equation.expr.code
    _check_dimensions(where, text, names, _expression_dimensions(where, text, names), wanted)


def check_expression(
    where: str, text: str, names: Mapping[str, Dimension], wanted: Dimension
) -> None:
    """Raise a ValueError unless an expression is a number of these dimensions, of known names."""
    found = _expression_dimensions(where, text, names)
    _check_dimensions(where, text, names, found, wanted)
    if _is_condition(text, names):
        raise ValueError(f"{where}, {text!r}, is true or false: write 'int({text})' for a number.")


def check_condition(where: str, text: str, names: Mapping[str, Dimension]) -> None:
    """Raise a ValueError unless an expression is true or false, and its names are known."""
    _expression_dimensions(where, text, names)
    if not _is_condition(text, names):
        raise ValueError(f"{where}, {text!r}, is no condition: write 'rand() < rate*dt', say.")


def _is_condition(text: str, names: Mapping[str, Dimension]) -> bool:
    variables = {name: Variable(name, dimensions=names[name]) for name in names_in(text)}
    return is_boolean_expression(text, {**_KNOWN, **variables})


def _expression_dimensions(where: str, text: str, names: Mapping[str, Dimension]) -> Dimension:
    used = names_in(text)
    unknown = sorted(used - set(names))
    if unknown:
        raise ValueError(
            f"{where} names {', '.join(map(repr, unknown))}, which nothing defines: add an equation "
            "for it, or give it in parameters."
        )
    variables = {name: Variable(name, dimensions=names[name]) for name in used}
    try:
        return parse_expression_dimensions(text, {**_KNOWN, **variables})
    except DimensionMismatchError as error:
        raise ValueError(_dimension_fault(where, reason(error), names, used)) from None
    except Exception as error:
        raise ValueError(f"{where}, {text!r}, cannot be read ({reason(error)}): mend it.") from None


def _check_dimensions(
    where: str, text: str, names: Mapping, found: Dimension, wanted: Dimension
) -> None:
    if found is not wanted:
        fault = f"{text!r} comes in units of {unit(found)} where {unit(wanted)} is needed"
        raise ValueError(_dimension_fault(where, fault, names, names_in(text)))


def check_code(
    where: str, text: str, names: Mapping[str, Dimension], fixed: Collection[str] = ()
) -> None:
    """Raise a ValueError unless statements are right; they may define variables of their own.

    Those in `fixed` they must not change.
    """
    names = dict(names)
    for statement in _statements(text):
        match = _STATEMENT.fullmatch(statement)
        if not match:
            raise ValueError(f"{where} cannot be read at {statement!r}: write 'x = …' or 'x += …'.")
        name, operator, expression = match[1], match[2], match[3]
        if name in fixed:
            raise ValueError(
                f"{where}, {statement!r}, changes {name!r}, which is a constant or an expression: let "
                "it change a variable, 'NAME : 1' or 'dNAME/dt = …'."
            )
        if operator:
            expression = f"{name} {operator} ({expression})"
        found = _expression_dimensions(f"{where}, {statement!r},", expression, names)
        wanted = names.setdefault(name, found)
        _check_dimensions(f"{where}, {statement!r},", expression, names, found, wanted)


def assigned(*texts: str) -> set[str]:
    """Names that statements, or equations 'NAME = …', set."""
    matches = (_STATEMENT.fullmatch(statement) for text in texts for statement in _statements(text))
    return {match[1] for match in matches if match}


def _statements(text: str) -> Iterator[str]:
    return filter(None, (part.strip() for part in re.split(r"[;\n]", text)))


def _dimension_fault(where: str, fault: str, names: Mapping, used: set[str]) -> str:
    units = ", ".join(f"{name} : {unit(names[name])}" for name in sorted(used))
    units = f", or the units of its names ({units})" if units else ""
    return f"{where} has wrong dimensions, {fault}: mend it{units}."


def unit(dim: Dimension) -> str:
    """Unit of these dimensions, as one writes it behind an equation."""
    return "1" if dim is DIMENSIONLESS else repr(get_unit(dim))


def reason(error: BaseException) -> str:
    """What an error says, in one line without a full stop."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    if text == "'BitXor'":  # all that Brian2 says
        return "a power is written **, not ^"
    return " ".join(text.split()).rstrip(".") or type(error).__name__


