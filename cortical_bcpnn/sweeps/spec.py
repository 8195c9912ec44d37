"""From a specification file, or a grid on the command line, to the runs of a sweep.

Everything is checked here, units included, before anything starts.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..data.datasets import Dataset
from ..values.numbers import is_whole
from . import measures as measures_
from .extra import missing_extra
from .parameters import Plain, find_parameter, resolve
from .run import Run

try:
    import yaml

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
except ModuleNotFoundError as error:
    raise missing_extra(error) from None

SPECS = Path(__file__).with_name("specs")
_KEYS = ("title", "dataset", "parameters", "grid", "seeds", "measures")


@dataclass(frozen=True)
class SweepSpec:
    """What a sweep consists of.

    Attributes
    ----------
    dataset : str
    parameters : dict of str to plain value
        The same in all runs.
    grid : dict of str to list of plain values
        All combinations are run.
    seeds : tuple of int
        Each combination is run with each.
    measures : tuple of str
    title : str
    """

    dataset: str
    parameters: dict[str, Plain]
    grid: dict[str, list[Plain]]
    seeds: tuple[int, ...]
    measures: tuple[str, ...]
    title: str = ""

    @classmethod
    def from_plain(cls, plain: Mapping) -> SweepSpec:
        """What `dataclasses.asdict` has made of one, and JSON of that."""
        lists: dict[str, Any] = {name: tuple(plain[name]) for name in ("seeds", "measures")}
        return cls(**{**plain, **lists})

    @property
    def columns(self) -> list[str]:
        """Columns of the parameters that runs differ in."""
        return [find_parameter(name).column for name in self.grid]

    def runs(self, dataset: Dataset) -> list[Run]:
        """All runs, in order: the last parameter of the grid changes first, then the seed.

        Raises
        ------
        ValueError, TypeError
            If a network cannot be had with some values.
        """
        names = tuple(check_measures(self.measures, dataset))
        combinations = list(itertools.product(*self.grid.values()))
        runs = []
        for seed in self.seeds:
            for values in combinations:
                settings = resolve({**self.parameters, **dict(zip(self.grid, values))}, dataset)
                runs.append(Run.make(dataset, settings, seed, names))
        return runs


def read_spec(path: Path) -> SweepSpec:
    """The specification in a TOML or YAML file, or that of a shipped one by its name.

    Raises
    ------
    ValueError
        If the file is missing or cannot be read, or something in it is wrong.
    """
    content = read_file(path)
    try:
        return spec_from(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def read_file(path: Path) -> dict:
    """Content of a TOML or YAML file, or of a shipped one by its name."""
    shipped = SPECS / f"{path}.toml"
    if not path.exists() and path.name == str(path) and shipped.exists():
        path = shipped
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(sorted(file.stem for file in SPECS.glob("*.toml")))
        reason = getattr(error, "strerror", None) or "not text"
        raise ValueError(
            f"specification {path} cannot be read ({reason}): give a TOML or YAML file, or one of "
            f"{names}."
        ) from None
    if path.suffix not in (".toml", ".yaml", ".yml"):
        raise ValueError(f"specification {path} is neither TOML nor YAML: name it *.toml or *.yaml.")
    try:
        content = tomllib.loads(text) if path.suffix == ".toml" else _yaml(text)
    except ValueError as error:
        raise ValueError(f"specification {path} cannot be read: {error}.") from None
    if not isinstance(content, dict):
        raise ValueError(f"specification {path} holds no names with values: see docs/sweeps.md.")
    return content


def spec_from(content: Mapping) -> SweepSpec:
    """A specification from what its file says.

    Raises
    ------
    ValueError
        If a name is unknown, a value has no unit or the wrong one, or nothing is left to run.
    """
    check_keys(content, _KEYS)
    fixed = parse_parameters(_mapping(content, "parameters"))
    grid = {
        name: parse_values(name, values) for name, values in _mapping(content, "grid").items()
    }
    for name in grid:
        if name in fixed:
            raise ValueError(f"{name} is in the grid and among the parameters: name it once.")
    measures = content.get("measures", list(measures_.DEFAULT))
    if not isinstance(measures, list) or not measures:
        raise ValueError(f"measures are {measures!r}: give a list, ['accuracy'] say.")
    return SweepSpec(
        dataset=str(content.get("dataset", "digits")),
        parameters=fixed,
        grid=grid,
        seeds=parse_seeds(content.get("seeds", 1)),
        measures=tuple(measures),
        title=str(content.get("title", "")),
    )


def check_keys(content: Mapping, known: Sequence[str]) -> None:
    """Raise a ValueError for names that a specification does not have."""
    for name in content:
        if name not in known:
            raise ValueError(f"{name!r} is unknown: choose from {', '.join(known)}.")


def parse_parameters(given: Mapping) -> dict[str, Plain]:
    """Plain values of parameters, each checked."""
    return {name: find_parameter(name).parse(value) for name, value in given.items()}


def parse_values(name: str, values: object) -> list[Plain]:
    """Plain values of one parameter of a grid."""
    parameter = find_parameter(name)
    if not isinstance(values, list):
        raise ValueError(f"{name} in the grid is {values!r}: give a list of values.")
    if not values:
        raise ValueError(f"{name} in the grid is empty: give it values, or leave it out.")
    plain = [parameter.parse(value) for value in values]
    for value, given in zip(plain, values):
        if plain.count(value) > 1:
            raise ValueError(f"{name} in the grid has {given} twice: name it once.")
    return plain


def parse_seeds(seeds: Any) -> tuple[int, ...]:
    """Seeds from 0 upwards of a number, or those of a list."""
    if is_whole(seeds, 1):
        return tuple(range(seeds))
    if isinstance(seeds, list) and seeds and len(set(seeds)) == len(seeds):
        if all(is_whole(seed, 0) for seed in seeds):
            return tuple(seeds)
    raise ValueError(
        f"seeds are {seeds!r}: give how many (5: seeds 0 to 4), or a list of different ones."
    )


def check_measures(names: Sequence[str], dataset: Dataset) -> list[str]:
    """Measures as tables name them, each once."""
    known = [measures_.check_measure(name, dataset) for name in names]
    for name in known:
        if known.count(name) > 1:
            raise ValueError(f"measure {name} is there twice: name it once.")
    return known


def asked_for(
    spec: Path | None = None, grid: Iterable[tuple[str, str]] = (),
    fixed: Iterable[tuple[str, str]] = (), **others: Any,
) -> SweepSpec:  # fmt: skip
    """A specification, and what a command line says beside it or in its place.

    Parameters
    ----------
    spec : Path, optional
        As `read_spec` takes it.
    grid : iterable of (str, str)
        Names of parameters, and their values separated by commas: in place of the grid of `spec`.
    fixed : iterable of (str, str)
        Names and values of parameters that are the same in all runs.
    **others
        In place of what `spec` says of ``dataset``, ``seeds`` and ``measures``, if not None.

    Raises
    ------
    ValueError
        If something in it is wrong, or there is nothing to run.
    """
    if spec is None and not grid:
        raise ValueError("the grid is empty: give SPEC, or --grid tau_z=5ms,20ms say.")
    found = read_spec(spec) if spec is not None else spec_from({})
    if grid:
        found = replace(found, grid={
            name: parse_values(name, [v.strip() for v in values.split(",") if v.strip()])
            for name, values in named_once(grid).items()
        })  # fmt: skip
    parameters = {**found.parameters, **parse_parameters(named_once(fixed))}
    for name in found.grid.keys() & parameters.keys():
        raise ValueError(f"{name} is in the grid and among the parameters: name it once.")
    given = {name: value for name, value in others.items() if value is not None}
    if "seeds" in given:
        given["seeds"] = parse_seeds(given["seeds"])
    return replace(found, parameters=parameters, **given)


def named_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by name, of which none is there twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} is there twice: name it once, with all its values.")
        found[name] = value
    return found


def runs_left_out(before: Mapping, plan: Mapping) -> str | None:
    """What of a sweep that was begun is not in another, None if all of it is."""
    others = set(before["runs"]) - set(plan["runs"])
    return f"{len(others)} of whose runs are not in this one" if others else None


def _mapping(content: Mapping, name: str) -> Mapping:
    value = content.get(name, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is {json.dumps(value, default=str)}: give names with values.")
    return value


def _yaml(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error).replace("\n", " ")) from None
