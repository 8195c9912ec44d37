"""Evolution strategy over the parameters of a network: ask for candidates, tell what they achieved.

The strategy is CMA-ES as Nevergrad has it, or its random search as a control. The state is never
saved: the same seed and the same results, told in the same order, make the same candidates again.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .departures import expressed
from .extra import missing_extra
from .parameters import Plain
from .search_spec import Dimension, SearchSpec, fewer_is_better

try:
    import nevergrad
except ModuleNotFoundError as error:
    raise missing_extra(error) from None

_SPIKES = 1e6  # per recall, loss of a candidate that failed
_START = 1  # stream of random numbers, apart from that of the strategy


@dataclass(frozen=True)
class Candidate:
    """Settings that the strategy asks for."""

    number: int
    generation: int
    settings: dict[str, Plain]


class Search:
    """The strategy.

    Parameters
    ----------
    spec : SearchSpec
    seed : int
        Of its random numbers.
    fan_in : int
        H of the networks where it is not searched; only departures of rules need it.
    """

    def __init__(self, spec: SearchSpec, seed: int, fan_in: int = 1) -> None:
        self._spec, self._fan_in = spec, fan_in
        self._asked: list = []
        self._generation = 0
        start = np.random.default_rng([seed, _START]) if spec.start == "random" else None
        walked = map(self._walked, spec.dimensions)
        parameters = nevergrad.p.Dict(**{d.name: _variable(d, start) for d in walked})
        parameters.random_state.seed(seed)
        strategy = _strategy(spec)
        self._strategy = strategy(
            parameters, budget=spec.population * spec.generations, num_workers=spec.population
        )
        if len(spec.aims) > 1:
            worst = [loss(aim, None) for aim in spec.aims]
            self._strategy.tell(nevergrad.p.MultiobjectiveReference(), worst)

    def ask(self) -> list[Candidate]:
        """The next generation."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._asked = [self._strategy.ask() for _ in range(self._spec.population)]
        first = self._generation * self._spec.population
        found = []
        for number, asked in enumerate(self._asked):
            settings = self._settings(asked.value)
            found.append(Candidate(first + number, self._generation, settings))
        self._generation += 1
        return found

    def tell(self, achieved: Sequence[dict[str, float] | None]) -> None:
        """What the candidates of the last generation achieved, None for those that failed."""
        for asked, result in zip(self._asked, achieved):
            losses = [loss(aim, result) for aim in self._spec.aims]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._strategy.tell(asked, losses if len(losses) > 1 else losses[0])

    def _walked(self, dimension: Dimension) -> Dimension:
        """A dimension as the strategy has it."""
        if dimension.name not in self._spec.departures:
            return dimension
        low, high = self._spec.departures[dimension.name]
        return replace(dimension, low=low, high=high)

    def _settings(self, value: Mapping[str, float]) -> dict[str, Plain]:
        """What a place of the strategy stands for."""
        plain = {d.name: self._walked(d).plain(value[d.name]) for d in self._spec.dimensions}
        fan_in = int(plain.get("fan_in", self._fan_in))
        factors = expressed(plain, self._spec.departures, fan_in)
        return {d.name: d.plain(factors[d.name]) if d.name in self._spec.departures else plain[d.name]
                for d in self._spec.dimensions}  # fmt: skip


def loss(aim: str, achieved: dict[str, float] | None) -> float:
    """What the strategy makes small: errors, and the decadic logarithm of spikes."""
    if fewer_is_better(aim):
        return float(np.log10(max(achieved[aim], 1.0) if achieved else _SPIKES))
    return float(1 - achieved[aim] if achieved else 1.0)


def pareto_front(table: pd.DataFrame, aims: Sequence[str]) -> np.ndarray:
    """Which rows no other is better than in one aim without being worse in the others.

    Parameters
    ----------
    table : DataFrame
        A column for each aim; rows with NaN are on no front.
    aims : sequence of str

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    signs = [1 if fewer_is_better(aim) else -1 for aim in aims]
    values = table[list(aims)].to_numpy() * signs
    front = np.zeros(len(values), bool)
    for row in np.flatnonzero(~np.isnan(values).any(axis=1)):
        not_worse = (values <= values[row]).all(axis=1)
        better = (values < values[row]).any(axis=1)
        front[row] = not (not_worse & better).any()
    return front


def finalists(table: pd.DataFrame, aims: Sequence[str], most: int) -> pd.DataFrame:
    """The best candidates: of one aim by rank, of two spread over the front; each settings once."""
    rows = table.dropna(subset=list(aims)).drop_duplicates(subset=list(aims))
    if len(aims) == 1:
        return rows.sort_values(aims[0], ascending=fewer_is_better(aims[0]), kind="stable").head(most)
    front = rows[pareto_front(rows, aims)].sort_values(list(aims), kind="stable")
    if len(front) <= most:
        return front
    return front.iloc[np.unique(np.linspace(0, len(front) - 1, most).round().astype(int))]


def hypervolume(points: np.ndarray, reference: Sequence[float]) -> float:
    """What a front dominates, up to a reference point: of two losses an area.

    Parameters
    ----------
    points : ndarray, shape (n, aims)
        Losses, see `loss`; those that are worse than the reference in some aim count for nothing.
    reference : sequence of float
    """
    bound, points = np.asarray(reference, float), np.asarray(points, float)
    inside = points[(points < bound).all(axis=1)]  # the library takes others for negative volumes
    indicator = nevergrad.optimization.multiobjective.HypervolumeIndicator(bound)
    return float(indicator.compute(inside)) if len(inside) else 0.0


def hypervolume_of(table: pd.DataFrame, aims: Sequence[str], reference: Mapping[str, float]) -> float:
    """That of rows of a table, and of a reference point in the units of the aims; NaN is left out."""
    rows = table[list(aims)].dropna().to_dict("records")
    points = np.array([[loss(aim, row) for aim in aims] for row in rows]).reshape(-1, len(aims))
    return hypervolume(points, [loss(aim, dict(reference)) for aim in aims])


def _strategy(spec: SearchSpec):
    """The optimiser of Nevergrad, which has no CMA-ES of one parameter: there, points evenly spread."""
    if spec.strategy == "random":
        return nevergrad.optimizers.RandomSearch
    if len(spec.dimensions) == 1:
        return nevergrad.optimizers.ScrHammersleySearch
    return nevergrad.optimizers.ParametrizedCMA(popsize=spec.population, scale=spec.spread)


def _variable(dimension: Dimension, start: np.random.Generator | None):
    """A dimension for Nevergrad, from its middle or from a place at random."""
    low, high = dimension.low, dimension.high
    if dimension.scale == "log":
        init = None if start is None else float(np.exp(start.uniform(np.log(low), np.log(high))))
        return nevergrad.p.Log(init=init, lower=low, upper=high)
    init = None if start is None else float(start.uniform(low, high))
    return nevergrad.p.Scalar(init=init, lower=low, upper=high)
