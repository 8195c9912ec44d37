"""An experiment: a function whose arguments are a command line, and whose results are a folder.

    @experiment
    def raster(setup: Setup, results: Results, *, images: ImageNumbers = (0, 1, 2)) -> dict: ...

is run by ``raster(images=[0, 1, 2], seed=1)`` from Python and, where a script ends in
``raster.main()``, by ``python -m protocols.raster --images 0,1,2 --seed 1``. Both are the same:
arguments pass through the same parsers, and the folder of results says the command line.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, NoReturn, Optional, get_type_hints

import cyclopts
from cyclopts import Parameter
from matplotlib.figure import Figure

from ..provenance import without_options
from .arguments import as_arguments, takes_several
from .folders import free_folder, has_finished, read_run, read_run_of
from .program import application, bind, said_in_one_line
from .results import Finished, Results

#: Options that say how and where, not what: they may differ when a run is resumed.
FREE = ("resume", "jobs", "data_dir", "checkpoint_every")
#: Options of `Output`, which say where, not what, and the number of values that each takes.
_OUTPUT = {"--out": 1, "--resume": 1, "--redraw": 1, "--overwrite": 0}
_SEEDS = "--seeds"
_OBJECTS = ("minicolumn", "plasticity")  # may be models and rules of one's own, from Python


@Parameter(name="*")
@dataclass(kw_only=True)
class Output:
    """Where results go, and what becomes of those that are there.

    Attributes
    ----------
    out
        Folder for tables and pictures (default: a new one under results/).
    overwrite
        Replace the results that --out holds.
    resume
        Resume the run in this folder that was stopped; it knows its options. With more --seeds, add
        networks to it, to one that has come to its end as well.
    redraw
        Draw the pictures in this folder again, from its tables.
    """

    out: Path | None = None
    overwrite: bool = False
    resume: Path | None = None
    redraw: Path | None = None


class Experiment:
    """What `experiment` makes of a function.

    Called with options as keywords it returns `Results`: their ``summary()``, ``table(name)`` and
    ``figures``.

    Parameters
    ----------
    function : callable
        Takes, where it names them, ``setup`` (a dataclass of arguments that experiments share, see
        `setup`) and ``results``, and its own arguments as keywords, all with defaults but other
        dataclasses of arguments. It returns what the summary says. It checks what it was given, then
        calls ``results.begin()``.
    free : sequence of str
        Options that may come with --resume, beside `FREE`.
    grows : bool
        Whether the same command, or one that asks for more, resumes what --out holds; the function
        says whether that can be, before it calls ``results.begin()``.
    single : bool
        Whether it is of one network, so that more cannot be asked for.
    epilogue : str
        Text behind the options in --help.

    Attributes
    ----------
    name : str
        Of the protocol.
    single : bool
        Whether it is of one network.
    """

    def __init__(
        self, function: Callable[..., Mapping[str, Any]], free: Sequence[str] = (),
        grows: bool = False, single: bool = False, epilogue: str = "",
    ) -> None:  # fmt: skip
        self.name, self.single = function.__name__, single
        self.__doc__ = function.__doc__
        self.__module__, self.__wrapped__ = function.__module__, function
        self._free, self._grows = (*FREE, *free), grows
        self._draw: Callable[[Results], Mapping[str, Figure]] = lambda results: {}
        self._closing: Callable[[Results], str] = lambda results: ""
        hints = get_type_hints(function, include_extras=True)
        self._own = [n for n in inspect.signature(function).parameters if n not in ("setup", "results")]
        self._groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
        self._flags = {f"--{n.replace('_', '-')}" for n in self._own if hints[n] is bool}
        self._repeated = {name for name in self._own if takes_several(hints[name])}
        self._app = _application(self.name, function, hints, epilogue)

    def figures(self, draw: Callable[[Results], Mapping[str, Figure]]) -> Callable:
        """Decorator of what draws the pictures, by name, from the tables and the summary alone."""
        self._draw = draw
        return draw

    def closing_table(self, closing: Callable[[Results], str]) -> Callable:
        """Decorator of what says the results as text, from the tables and the summary."""
        self._closing = closing
        return closing

    def __call__(self, **options: Any) -> Results:
        """Run with options as keywords; see `Output` and the shared arguments for the others.

        Raises
        ------
        ValueError, TypeError, OSError
            If an option is wrong; nothing has been built or overwritten then.
        """
        objects = {n: options.pop(n) for n in _OBJECTS
                   if n in options and not isinstance(options[n], str | None)}  # fmt: skip
        return self.run(as_arguments(options, self._repeated), objects)

    def run(self, arguments: Sequence[str], objects: Mapping[str, Any] | None = None) -> Results:
        """Run with a command line; models and rules of one's own come beside it."""
        given = list(arguments)
        options, output = self._parse(given)
        if output.redraw is not None:
            return self._redraw(output.redraw)
        if self.single and (asked := _networks(options)) > 1:
            raise ValueError(
                f"--seeds is {asked}: {self.name} is of one network, that of --seed; leave it out."
            )
        noted, more = without_options(given, _OUTPUT), False
        if output.resume is not None:
            noted, given, more = self._resumed(output.resume, given, options)
            options, output = self._parse(given)
        setup = options.get("setup")
        for name, value in (objects or {}).items():
            setattr(setup, name, value)
        results = Results(
            output.resume or output.out or free_folder(self.name, setup),
            self.name,
            noted,
            resume=output.resume is not None,
            more=more,
            grows=self._grows,
            overwrite=output.overwrite,
            begin=False,
        )
        with results:
            try:
                self._compute(options, results)
            except Finished:
                pass
        return results

    def more_networks(self, path: Path, arguments: Sequence[str]) -> list[str]:
        """What --resume comes with, so that a run has as many networks as are asked for."""
        there, asked = (_networks(self._parse(given)[0])
                        for given in (read_run(path)["arguments"], arguments))  # fmt: skip
        return [_SEEDS, str(asked)] if asked > there else []

    def main(self) -> NoReturn:
        """Run as a program; what the user has to mend is said in one line, without traceback."""
        arguments = sys.argv[1:]
        if {"--help", "-h"} & set(arguments):
            self._app(["--help"])
            sys.exit(0)
        with said_in_one_line():
            results = self.run(arguments)
        print(f"\n{self.report(results)}")
        sys.exit(0)

    def report(self, results: Results) -> str:
        """The closing table, and where everything is; nothing where nothing was to be made."""
        if not has_finished(results.path):
            return ""
        return f"{self._closing(results)}\ntables and pictures: {results.path}".strip()

    def _compute(self, options: dict[str, Any], results: Results) -> None:
        setup = options.get("setup")
        if setup is not None:
            setup.check()
        shared = {"setup": setup, "results": results}
        taken = {n: shared[n] for n in inspect.signature(self.__wrapped__).parameters if n in shared}
        own = {n: options[n] for n in self._own if n in options}
        found = self.__wrapped__(**taken, **own)
        results.begin()
        described = {} if setup is None else setup.described()
        results.conclude({**described, **found})
        self._save_figures(results)
        results.finish()

    def _save_figures(self, results: Results) -> None:
        for name, figure in self._draw(results).items():
            results.save_figure(figure, name)

    def _redraw(self, path: Path) -> Results:
        run = read_run_of(self.name, path)
        with Results(path, self.name, run["arguments"], resume=True) as results:
            if results.finished:
                try:
                    self._save_figures(results)
                except (KeyError, FileNotFoundError) as error:
                    raise ValueError(
                        f"{path} cannot be drawn again, as it lacks {error}: it was made by an earlier "
                        "version, so run it anew."
                    ) from None
                results.finish()
                return results
        raise ValueError(f"{path} holds a run that was stopped: finish it first, by --resume {path}.")

    def _parse(self, arguments: Sequence[str]) -> tuple[dict[str, Any], Output]:
        """The function's arguments, and where results go."""
        command, bound = bind(self._app, arguments)
        options = command(*bound.args, **bound.kwargs)
        output = options.pop("output", None) or Output()
        for name, group in self._groups.items():
            if options.get(name) is None:
                options[name] = group()
        return options, output

    def _resumed(
        self, path: Path, given: Sequence[str], options: Mapping[str, Any]
    ) -> tuple[list[str], list[str], bool]:
        """Arguments of a run that is resumed, as noted and as now, and whether it gets more networks.

        Raises
        ------
        ValueError
            If there is none, or options come with it that would change it.
        """
        noted = read_run_of(self.name, path)["arguments"]
        names = [part.partition("=")[0] for part in given if part.startswith("--")]
        asked, there = _networks(options), _networks(self._parse(noted)[0])
        seeds = _SEEDS in names and asked > 0
        free = {*self._free, *(["seeds"] if seeds else [])}
        changed = [n for n in names if n[2:].replace("-", "_") not in free]
        own = [name for name in self._own if name not in self._groups]
        changed += [n.upper() for n in own if n in options and n not in self._free]  # without a name
        if changed:
            raise ValueError(
                f"--resume comes with {changed[0]}: leave it out, the run in {path} knows its options."
            )
        if seeds and asked < there:
            raise ValueError(
                f"--seeds is {asked}: the run in {path} has {there} networks, give as many or more."
            )
        if seeds:
            noted = [*without_options(noted, {_SEEDS: 1}), _SEEDS, str(asked)]
        replaced = {name: 0 if name in self._flags else 1 for name in names}
        return noted, [*without_options(noted, replaced), *given], seeds and asked > there


def _networks(options: Mapping[str, Any]) -> int:
    """Number of networks that an experiment is of, 0 if it does not share that option."""
    return getattr(options.get("setup"), "seeds", 0)


def experiment(function: Callable | None = None, **options: Any) -> Any:
    """Decorator that makes an `Experiment` of a function; options are those of `Experiment`."""
    if function is None:
        return lambda given: Experiment(given, **options)
    return Experiment(function)


def _application(
    name: str, function: Callable, hints: Mapping[str, Any], epilogue: str
) -> cyclopts.App:
    """A command line whose options are the function's arguments, those of its setup, and `Output`."""
    parameters = []
    for given in inspect.signature(function).parameters.values():
        if given.name == "results":
            continue
        hint, default = hints[given.name], given.default
        kind = inspect.Parameter.KEYWORD_ONLY
        if is_dataclass(hint):
            hint, default = Optional[hint], None  # noqa: UP045 (a type, made at run time)
        elif given.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            kind = given.kind
        parameters.append(inspect.Parameter(given.name, kind, default=default, annotation=hint))
    parameters.append(inspect.Parameter("output", inspect.Parameter.KEYWORD_ONLY, default=None,
                                        annotation=Output | None))  # fmt: skip
    parameters.sort(key=lambda p: p.kind)

    def command(*args: Any, **options: Any) -> dict[str, Any]:
        return dict(zip((p.name for p in parameters), args)) | options

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = function.__doc__
    return application(name, command, epilogue)
