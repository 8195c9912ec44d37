"""A function as a program: its arguments are the command line, its docstring is the help."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import BoundArguments
from typing import NoReturn

import cyclopts
from cyclopts import Parameter


def application(name: str, command: Callable, epilogue: str = "") -> cyclopts.App:
    """The command line of ``python -m protocols.NAME``.

    Parameters
    ----------
    name : str
    command : callable
        With types and a numpydoc docstring.
    epilogue : str
        Text behind the options in --help.
    """
    app = cyclopts.App(
        name=f"python -m protocols.{name}", version_flags=[], result_action="return_value",
        help_epilogue=epilogue or None,
        default_parameter=Parameter(negative=(), negative_iterable=()),
    )  # fmt: skip
    app.default(command)
    app["--help"].show = False
    return app


def bind(app: cyclopts.App, arguments: Sequence[str]) -> tuple[Callable, BoundArguments]:
    """The command, and its arguments.

    Raises
    ------
    ValueError
        If an option is unknown or its value is wrong.
    """
    try:
        return app.parse_args(list(arguments), exit_on_error=False, print_error=False)[:2]
    except cyclopts.CycloptsError as error:
        text = " ".join(str(error).split()).rstrip(".")
        text = re.sub(r"\. Did you mean (.*)\?$", r" (did you mean \1?)", text)
        raise ValueError(f"{text}: see --help.") from None


def run_as_program(function: Callable) -> NoReturn:
    """Call a function with what the command line says."""
    app, arguments = application(function.__name__, function), sys.argv[1:]
    if {"--help", "-h"} & set(arguments):
        app(["--help"])
        sys.exit(0)
    with said_in_one_line():
        command, bound = bind(app, arguments)
        command(*bound.args, **bound.kwargs)
    sys.exit(0)


@contextmanager
def said_in_one_line() -> Iterator[None]:
    """End the program with what the user has to mend, in one line and without traceback."""
    try:
        yield
    except (ValueError, TypeError, OSError, MemoryError, ArithmeticError) as error:
        if os.environ.get("CORTICAL_BCPNN_TRACEBACK"):
            raise
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
