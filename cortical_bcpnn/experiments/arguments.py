"""What the arguments of experiments can be: text of a command line, with its units, is parsed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import nextafter
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from brian2 import DimensionMismatchError, Hz, Quantity, second
from cyclopts import Parameter

from ..data.stimuli import TASKS
from ..model.paper import KINDS, VARIANTS
from ..values.numbers import is_whole
from ..values.quantities import check_quantity, parse_quantity, quantity_text

NO_TASK = "none"
T = TypeVar("T")


def argument(parse: Callable[[str], Any]) -> Parameter:
    """How cyclopts parses one text; a ValueError says what is wrong and how to mend it."""
    return Parameter(
        converter=lambda _, tokens: parse(tokens[0].value), n_tokens=1,
        show_default=lambda value: None if value is None else _text("default", value),
    )  # fmt: skip


def each(parse: Callable[[str], Any]) -> Parameter:
    """How cyclopts parses the texts of an option that takes several, as in ``--grid a=1,2 b=3``."""
    return Parameter(
        converter=lambda _, tokens: [parse(token.value) for token in tokens], n_tokens=1,
        consume_multiple=True,
    )  # fmt: skip


def whole(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isdecimal() or not is_whole(int(text), 1):
        raise ValueError(f"{text!r} is no whole number of 1 or more: give 3, say")
    return int(text)


def hidden(text: str) -> tuple[int, int]:
    """Hypercolumns and minicolumns: HxM."""
    match = re.fullmatch(r"([1-9]\d*)[x×,]([1-9]\d*)", text)
    if not match:
        raise ValueError(f"{text!r} is not HxM: give 30x100, say")
    return int(match[1]), int(match[2])


def duration(text: str) -> Quantity:
    """A time with its unit; without one it is in seconds."""
    return _positive(text, second, "time", "1.5s or 1500ms")


def rate(text: str) -> Quantity:
    """A rate, with or without Hz."""
    return _positive(text, Hz, "rate", "100 or 100Hz")


def threshold(text: str) -> float:
    """A number of 0 or more."""
    return _between(text, 0, float("inf"), "is no threshold: give a number of 0 or more")


def similarity(text: str) -> float:
    """A cosine similarity that vectors can exceed."""
    fault = "is no similarity: give a number of 0 or more, and less than 1"
    return _between(text, 0, nextafter(1, 0), fault)


def difficulty(text: str) -> float:
    """The difficulty of a task."""
    return _between(text, 0, 1, "is no difficulty: give a number from 0 to 1")


def difficulty_above_0(text: str) -> float:
    """A difficulty, where images that are not changed are there anyway."""
    value = difficulty(text)
    if value == 0:
        raise ValueError("difficulty 0 is there anyway: give numbers above 0")
    return value


def image_numbers(text: str) -> tuple[int, ...]:
    """Numbers of images, counted from 0 and separated by commas."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"{text!r} are no numbers of images: give whole numbers from 0, 0,1,2 say")
    return tuple(int(part) for part in parts)


def task(text: str) -> str:
    """A task, or 'none'."""
    return one_of("task", (NO_TASK, *TASKS))(text)


def published(text: str) -> str:
    """The name of a published variant."""
    if text not in VARIANTS:
        raise ValueError(
            f"{text!r} is no published variant: choose from {', '.join(VARIANTS)}; calibrated ones "
            "are compared by python -m protocols.calibrated"
        )
    return text


def one_of(kind: str, names: Sequence[str]) -> Callable[[str], str]:
    """A parser of one of some names."""

    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"{kind} {text!r} is unknown: choose from {', '.join(names)}")
        return text

    return parse


def several(one: Callable[[str], T]) -> Callable[[str], list[T]]:
    """A parser of values separated by commas, each of which `one` parses."""

    def parse(text: str) -> list[T]:
        values = [one(part.strip()) for part in text.split(",")]
        for value in values:
            if values.count(value) > 1:
                raise ValueError(f"{value} is there twice: name it once")
        return values

    return parse


def assignment(text: str) -> tuple[str, str]:
    """NAME=VALUE in two."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier() or not value.strip():
        raise ValueError(f"{text!r} sets nothing: give NAME=VALUE, tau_z=20ms say")
    return name.strip(), value.strip()


def _positive(text: str, unit: Quantity, kind: str, example: str) -> Quantity:
    try:
        value = parse_quantity(text)
        value = value if isinstance(value, Quantity) else value * unit
        check_quantity(kind, value, unit)
    except (ValueError, DimensionMismatchError):
        raise ValueError(f"{text!r} is not a positive {kind}: give {example}, say") from None
    return value


def _between(text: str, low: float, high: float, fault: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high or value == float("inf"):
        raise ValueError(f"{text!r} {fault}")
    return value


Whole = Annotated[int, argument(whole)]
Hidden = Annotated[tuple[int, int], argument(hidden)]
Duration = Annotated[Quantity, argument(duration)]
Rate = Annotated[Quantity, argument(rate)]
Threshold = Annotated[float, argument(threshold)]
Similarity = Annotated[float, argument(similarity)]
Difficulty = Annotated[float, argument(difficulty)]
ImageNumbers = Annotated[tuple[int, ...], argument(image_numbers)]
Task = Annotated[str, argument(task)]
Wholes = Annotated[list[int], argument(several(whole))]
Durations = Annotated[list[Quantity], argument(several(duration))]
Rates = Annotated[list[Quantity], argument(several(rate))]
Difficulties = Annotated[list[float], argument(several(difficulty_above_0))]
Kind = Annotated[str, argument(one_of("kind", KINDS))]
Kinds = Annotated[list[str], argument(several(one_of("kind", KINDS)))]
Assignments = Annotated[list[tuple[str, str]], each(assignment)]
Texts = Annotated[list[str], argument(several(str))]
Statements = Annotated[list[str], each(str)]
Replacements = Annotated[list[tuple[str, str]], Parameter(allow_leading_hyphen=True)]
PublishedVariants = Annotated[
    list[str], Parameter(name=("--variants", "--variant")), argument(several(published))
]


def as_arguments(options: dict[str, Any], repeated: Collection[str] = ()) -> list[str]:
    """Options as they would stand on a command line; None and False leave theirs out.

    Parameters
    ----------
    options : dict
        Values by name; those of a mapping become NAME=VALUE.
    repeated : collection of str
        Names of options that stand before each of their values.

    Raises
    ------
    TypeError
        If a value cannot be written as text.
    """
    arguments = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(option)
        elif name in repeated and value is not None:
            for part in _parts(name, value):
                arguments += [option, *part]
        elif value is not None and value is not False:
            arguments += [option, _text(name, value)]
    return arguments


def takes_several(hint: Any) -> bool:
    """Whether an option of that type stands before each of its values."""
    if any(isinstance(m, Parameter) and m.consume_multiple for m in getattr(hint, "__metadata__", ())):
        return True
    parts = get_args(hint)
    if get_origin(hint) is list and get_origin(parts[0]) is tuple:
        return True
    return any(takes_several(part) for part in parts if not isinstance(part, Parameter))


def _parts(name: str, value: Any) -> Iterator[list[str]]:
    """Texts of each value of an option that takes several."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield [f"{key}={_text(name, one)}"]
    else:
        for one in [value] if isinstance(value, str) else value:
            yield [_text(name, part) for part in ([one] if isinstance(one, str) else one)]


def _text(name: str, value: Any) -> str:
    if isinstance(value, Quantity) and value.shape == ():
        return quantity_text(value)
    if isinstance(value, str | int | float | Path) or hasattr(value, "item"):
        return str(value)
    if isinstance(value, list | tuple):
        return ",".join(_text(name, part) for part in value)
    raise TypeError(f"{name} is {value!r}: give it as on the command line, as text, number or list.")


def check_at_least(**options: tuple[int, int]) -> None:
    """Raise a ValueError if an option, given by name as (value, least), is less than that."""
    for name, (value, least) in options.items():
        if value < least:
            raise ValueError(f"--{name} is {value}: give {least} or more.")
