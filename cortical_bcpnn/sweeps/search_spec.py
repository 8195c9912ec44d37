"""What a search is to tune: parameters with their ranges, aims, and how long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..data.datasets import Dataset
from ..experiments.layers import has_classes
from ..values.numbers import check_whole, is_number
from . import measures
from .departures import check_departures
from .networks import architecture_of
from .parameters import Plain, SweepParameter, find_parameter, resolve
from .spec import check_keys, named_once, parse_parameters, read_file

SCALES = ("log", "linear")
_KEYS = ("title", "dataset", "aims", "parameters", "search", "population", "generations",
         "networks", "check_networks", "strategy", "start", "spread", "departures")  # fmt: skip
_OF_RANGE = {"from", "to", "scale", "step"}
STRATEGIES = ("CMA-ES", "random")
STARTS = ("middle", "random")
_STEPPED = ("gap", "feedforward", "overlap", "recurrent")  # whole time steps
_FEWER_IS_BETTER = ("hid_spikes", "all_spikes")


@dataclass(frozen=True)
class Dimension:
    """A parameter that is tuned.

    Attributes
    ----------
    name : str
    low, high : plain value
    scale : {'log', 'linear'}
    step : plain value
        Values are the lower end and whole steps from there; 0 is any.
    """

    name: str
    low: float
    high: float
    scale: str
    step: float = 0

    @property
    def parameter(self) -> SweepParameter:
        return find_parameter(self.name)

    @property
    def is_whole(self) -> bool:
        return self.parameter.kind == "whole" or self.name in _STEPPED

    @property
    def middle(self) -> Plain:
        """The value half-way, on its scale."""
        low, high = self.low, self.high
        return self.plain((low * high) ** 0.5 if self.scale == "log" else (low + high) / 2)

    def plain(self, value: float) -> Plain:
        """A value as runs take it: whole, or rounded to four digits, and inside the range."""
        value = min(max(value, self.low), self.high)
        if self.step:
            steps = min(round((value - self.low) / self.step), int((self.high - self.low) / self.step))
            value = self.low + steps * self.step
        if self.is_whole:
            whole = round(value)
            return whole if self.parameter.kind == "whole" else float(whole)
        return float(f"{value:.4g}")


@dataclass(frozen=True)
class SearchSpec:
    """A search.

    Attributes
    ----------
    dataset : str
    aims : tuple of str
        One or two columns of measures: spikes are to be few, all others high.
    parameters : dict of str to plain value
        The same in all runs.
    dimensions : tuple of Dimension
    population : int
        Candidates in a generation.
    generations : int
    networks : int
        Networks (seeds) that a candidate is judged by.
    check_networks : int
        Networks of other seeds that finalists and the published settings are held against each
        other with.
    title : str
    strategy : {'CMA-ES', 'random'}
        Candidates at random are a control. (Of one parameter, CMA-ES is a scan of even steps.)
    start : {'middle', 'random'}
        Where in the ranges CMA-ES begins.
    spread : float
        How wide it begins: 1 is a standard deviation of about a twentieth of the ranges.
    departures : dict of str to [low, high]
        Ranges of theta_3 and theta_b in which the strategy walks in place of their own, see
        `departures`; their own still bound them.
    """

    dataset: str
    aims: tuple[str, ...]
    parameters: dict[str, Plain]
    dimensions: tuple[Dimension, ...]
    population: int = 8
    generations: int = 8
    networks: int = 1
    check_networks: int = 5
    title: str = ""
    strategy: str = "CMA-ES"
    start: str = "middle"
    spread: float = 1.0
    departures: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, known in (("strategy", STRATEGIES), ("start", STARTS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}: choose one of {', '.join(known)}."
                )
        if self.population < 2 and self.strategy == "CMA-ES" and len(self.dimensions) > 1:
            raise ValueError("population is 1: give 2 or more, of which CMA-ES takes the best.")
        if not is_number(self.spread) or self.spread <= 0:
            raise ValueError(f"spread is {self.spread!r}: give a number above 0.")
        check_departures(self.departures, [dimension.name for dimension in self.dimensions])

    @classmethod
    def from_plain(cls, plain: Mapping) -> SearchSpec:
        """What `dataclasses.asdict` has made of one, and JSON of that."""
        dimensions = tuple(Dimension(**dimension) for dimension in plain["dimensions"])
        return cls(**{**plain, "aims": tuple(plain["aims"]), "dimensions": dimensions})

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures that the aims need; accuracy and spikes are always there."""
        return tuple(dict.fromkeys([*measures.DEFAULT, *map(measure_of, self.aims)]))

    def check(self, dataset: Dataset) -> None:
        """Raise a ValueError unless networks can be had: published, and at both ends of every range."""
        settings = resolve(self.parameters, dataset)
        for name in self.measures:
            measures.check_measure(name, dataset)
        classes = has_classes(architecture_of(settings, dataset))
        for aim in self.aims:
            if aim in measures.columns_of_classes(measure_of(aim)) and not classes:
                raise ValueError(
                    f"aim {aim!r} is what OUT says, and network {settings['network']} has none: give "
                    "another aim, or a network that has it."
                )
        middle = {dimension.name: dimension.middle for dimension in self.dimensions}
        for dimension in self.dimensions:
            for end in (dimension.low, dimension.high):
                resolve({**self.parameters, **middle, dimension.name: dimension.plain(end)}, dataset)


def read_search(path: Path) -> SearchSpec:
    """The search that a TOML or YAML file describes, or a shipped one by its name.

    Raises
    ------
    ValueError
        If the file cannot be read, or something in it is wrong.
    """
    content = read_file(path)
    try:
        return search_from(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def search_from(content: Mapping) -> SearchSpec:
    """A search from what its file says.

    Raises
    ------
    ValueError
        If a name is unknown, a range is none, or there is nothing to search.
    """
    check_keys(content, _KEYS)
    ranges = content.get("search", {})
    if not isinstance(ranges, Mapping):
        raise ValueError(f"search is {ranges!r}: give names with ranges, tau_z = ['5ms', '50ms'] say.")
    fixed = parse_parameters(content.get("parameters", {}))
    dimensions = tuple(parse_range(name, value) for name, value in ranges.items())
    for dimension in dimensions:
        if dimension.name in fixed:
            raise ValueError(f"{dimension.name} is searched and fixed: name it once.")
    numbers = {
        name: check_whole(name, content[name])
        for name in ("population", "generations", "networks", "check_networks") if name in content
    }  # fmt: skip
    return SearchSpec(
        dataset=str(content.get("dataset", "digits")),
        aims=parse_aims(content.get("aims", ["attractor"])),
        parameters=fixed,
        dimensions=dimensions,
        title=str(content.get("title", "")),
        strategy=str(content.get("strategy", STRATEGIES[0])),
        start=str(content.get("start", STARTS[0])),
        spread=content.get("spread", 1.0),
        departures=dict(content.get("departures", {})),
        **numbers,
    )


def asked_for(
    spec: Path | None = None, search: Iterable[tuple[str, str]] = (),
    fixed: Iterable[tuple[str, str]] = (), **others: Any,
) -> SearchSpec:  # fmt: skip
    """A search, and what a command line says beside it or in its place.

    Parameters
    ----------
    spec : Path, optional
        As `read_search` takes it.
    search : iterable of (str, str)
        Names of parameters with their ranges, in place of those of `spec`.
    fixed : iterable of (str, str)
        Names and values of parameters that are the same in all runs.
    **others
        In place of other attributes that `spec` has, if not None.

    Raises
    ------
    ValueError
        If something in it is wrong, or there is nothing to search.
    """
    found = read_search(spec) if spec is not None else search_from({})
    if search:
        ranges = [parse_range(name, value) for name, value in named_once(search).items()]
        found = replace(found, dimensions=tuple(ranges))
    if not found.dimensions:
        raise ValueError("there is nothing to search: give SPEC, or --search tau_z=5ms..50ms say.")
    parameters = {**found.parameters, **parse_parameters(named_once(fixed))}
    given = {name: value for name, value in others.items() if value is not None}
    if "aims" in given:
        given["aims"] = parse_aims(given["aims"])
    return replace(found, parameters=parameters, **given)


def difference(before: Mapping, plan: Mapping) -> str | None:
    """What of a search that was begun differs from another, None if nothing does."""
    if before["seed"] != plan["seed"]:
        return f"with seed {before['seed']}"
    for name, value in plan["spec"].items():
        if name != "title" and before["spec"].get(name) != value:
            return f"whose {name.replace('_', ' ')} differ"
    return None


def parse_range(name: str, value: object) -> Dimension:
    """A range: ``[low, high]``, ``{from = low, to = high, scale = 'log', step = 1}``, or 'low..high'.

    The scale is logarithmic for times and rates and linear for others, unless it is given.
    """
    parameter = find_parameter(name)
    if parameter.kind == "text":
        raise ValueError(f"{name} is a name: search numbers, times and rates.")
    scale, step = "log" if parameter.unit else "linear", 0.0
    if isinstance(value, str):
        match = re.fullmatch(r"(.+?)\.\.(.+?)(?::(\w+))?", value)
        ends: object = [match[1], match[2]] if match else None
        scale = match[3] or scale if match else scale
    elif isinstance(value, Mapping) and {"from", "to"} <= value.keys() <= _OF_RANGE:
        ends, scale = [value["from"], value["to"]], value.get("scale", scale)
        step = float(parameter.parse(value["step"])) if "step" in value else 0.0
    else:
        ends = value
    if not isinstance(ends, list) or len(ends) != 2:
        raise ValueError(f"range of {name} is {value!r}: give its two ends, ['5ms', '50ms'] say.")
    low, high = (float(parameter.parse(end)) for end in ends)
    if scale not in SCALES:
        raise ValueError(f"scale of {name} is {scale!r}: choose one of {', '.join(SCALES)}.")
    if not low < high:
        raise ValueError(f"range of {name} is {value!r}: give the lower end first.")
    if scale == "log" and low <= 0:
        raise ValueError(f"range of {name} begins at {low:g}: on a log scale give more than 0.")
    if not 0 <= step <= high - low:
        raise ValueError(f"step of {name} is {step:g}: give one that its range has room for.")
    return Dimension(name, low, high, scale, step)


def parse_aims(aims: object) -> tuple[str, ...]:
    """One or two columns of measures."""
    if not isinstance(aims, Sequence) or isinstance(aims, str) or not 1 <= len(aims) <= 2:
        raise ValueError(f"aims are {aims!r}: give one or two, ['attractor', 'hid_spikes'] say.")
    if len(set(aims)) < len(aims):
        raise ValueError(f"aim {aims[0]} is there twice: name it once.")
    for aim in aims:
        measure_of(aim)
    return tuple(aims)


def measure_of(aim: str) -> str:
    """The measure that gives a column.

    Raises
    ------
    ValueError
        If none does.
    """
    for name in measures.MEASURES:
        if aim in (*measures.columns(name), *measures.columns_of_classes(name)):
            return name
    task = re.sub("(_out)?_(ff|attractor)$", "", str(aim))
    if task != aim and measures.is_task(task):
        return task
    known = [column for name in measures.MEASURES for column in measures.columns(name)]
    raise ValueError(
        f"aim {aim!r} is unknown: choose from {', '.join(known)}, completion@0.8_attractor, …"
    )


def fewer_is_better(aim: str) -> bool:
    """Whether an aim is to be small."""
    return aim in _FEWER_IS_BETTER
