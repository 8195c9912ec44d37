"""A search under way: candidates become runs, runs become rows, rows are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..data.datasets import Dataset
from .batch import Batches, memory_of
from .computers import Computers
from .parameters import Plain, resolve
from .run import DONE, Run
from .run_table import RunTable
from .search import Search, finalists
from .search_spec import SearchSpec, fewer_is_better
from .verdicts import PUBLISHED, without_published

FINALISTS = 4
CHECK_SEEDS = 1000  # seeds of the networks that finalists are checked with begin here


class Tuning:
    """A search, and the check of the best that it has found.

    Parameters
    ----------
    spec : SearchSpec
    seed : int
        Of the strategy.
    dataset : Dataset
    batches : Batches
        Those of other searches may go on in the same, see `open_batches`.
    """

    def __init__(self, spec: SearchSpec, seed: int, dataset: Dataset, batches: Batches) -> None:
        self._spec, self._seed, self._dataset, self._batches = spec, seed, dataset, batches

    def evolve(self) -> pd.DataFrame:
        """All generations: a row for each candidate, and one for the published settings."""
        spec = self._spec
        search = Search(spec, self._seed, resolve(spec.parameters, self._dataset)["fan_in"])
        seeds = range(spec.networks)
        (published,) = self._measure([{}], seeds, "validation", "published settings")
        rows = [{"candidate": PUBLISHED, "generation": -1, **self._published(), **(published or {})}]
        for generation in range(spec.generations):
            candidates = search.ask()
            desc = f"generation {generation + 1} of {spec.generations}"
            settings = [candidate.settings for candidate in candidates]
            achieved = self._measure(settings, seeds, "validation", desc)
            search.tell(achieved)
            for candidate, result in zip(candidates, achieved):
                rows.append({"candidate": str(candidate.number), "generation": generation,
                             **candidate.settings, **(result or {})})  # fmt: skip
        table = pd.DataFrame(rows)
        for aim in spec.aims:
            table[aim] = table.get(aim, np.nan)
        return table

    def check(self, candidates: pd.DataFrame) -> pd.DataFrame:
        """The best, and the published settings, on the test images: a row for each network.

        Of one aim the best of a few finalists is taken, by fresh networks and validation; of two
        all finalists on the front are shown. The test images have no part in the choice.
        """
        seeds = self.check_seeds
        settings = {PUBLISHED: {}, **self._chosen(candidates, seeds)}
        return self.networks(settings, seeds, "test", "unseen images")

    def networks(
        self, settings: Mapping[Any, Mapping[str, Plain]], seeds: Iterable[int], split: str,
        desc: str = "networks",
    ) -> pd.DataFrame:  # fmt: skip
        """What networks of some settings achieve: a row for each, and for each seed.

        Parameters
        ----------
        settings : mapping of str to mapping
            Values in place of those of the specification, by the name of a candidate.
        seeds : iterable of int
        split : {'test', 'validation'}
        desc : str
            What the progress bar says.
        """
        seeds = list(seeds)
        self._measure(list(settings.values()), seeds, split, desc)
        rows = []
        for name, values in settings.items():
            shown = {**self._published(), **values}
            for run in self._runs_of(values, seeds, split):
                measured = self._batches.table.outcome(run)["measures"]
                rows.append({"candidate": name, **shown, "seed": run.seed, **measured})
        return pd.DataFrame(rows)

    def floor(self) -> pd.DataFrame:
        """The published settings with fresh seeds, on validation images: what chance alone does."""
        return self.networks({PUBLISHED: {}}, self.check_seeds, "validation", "noise floor")

    def _chosen(self, candidates: pd.DataFrame, seeds: Sequence[int]) -> dict[str, dict[str, Plain]]:
        """Settings of the candidates that are shown the test images, by number."""
        spec = self._spec
        best = finalists(without_published(candidates), spec.aims, FINALISTS)
        names = [dimension.name for dimension in spec.dimensions]
        chosen = {str(row["candidate"]): {d.name: d.plain(row[d.name]) for d in spec.dimensions}
                  for row in best[["candidate", *names]].to_dict("records")}  # fmt: skip
        if len(spec.aims) > 1 or len(chosen) <= 1:
            return chosen
        achieved = self._measure(list(chosen.values()), seeds, "validation", "finalists")
        aim = spec.aims[0]
        sign = -1 if fewer_is_better(aim) else 1
        ranked = [sign * result[aim] if result else -np.inf for result in achieved]
        name = list(chosen)[int(np.argmax(ranked))]
        return {name: chosen[name]}

    def _measure(
        self, settings: Sequence[Mapping[str, Plain]], seeds: Iterable[int], split: str, desc: str
    ) -> list[dict[str, float] | None]:
        """Means over networks for each settings, None where one failed."""
        groups = [self._runs_of(values, seeds, split) for values in settings]
        self._batches.compute([run for group in groups for run in group], desc=desc)
        return [_means([self._batches.table.outcome(run) for run in group]) for group in groups]

    def _runs_of(self, values: Mapping[str, Plain], seeds: Iterable[int], split: str) -> list[Run]:
        settings = resolve({**self._spec.parameters, **values}, self._dataset)
        return [Run.make(self._dataset, settings, seed, self._spec.measures, split) for seed in seeds]

    def _published(self) -> dict[str, Plain]:
        """Values of the tuned parameters in the published settings."""
        settings = resolve(self._spec.parameters, self._dataset)
        return {dimension.name: settings[dimension.name] for dimension in self._spec.dimensions}

    @property
    def check_seeds(self) -> range:
        """Seeds that no search uses."""
        return range(CHECK_SEEDS, CHECK_SEEDS + self._spec.check_networks)


def open_batches(
    table: RunTable, computers: Computers, *searches: tuple[SearchSpec, Dataset]
) -> Batches:
    """Batches with the memory that the largest networks of some searches need."""
    needed = [memory_of(_largest(spec, dataset), dataset) for spec, dataset in searches]
    return Batches(table, computers, max(needed))


def _largest(spec: SearchSpec, dataset: Dataset) -> list[Run]:
    """A run at the upper end of all ranges, where there is one."""
    for values in ({d.name: d.plain(d.high) for d in spec.dimensions}, {}):
        try:
            settings = resolve({**spec.parameters, **values}, dataset)
        except ValueError:
            if not values:
                raise
        else:
            return [Run.make(dataset, settings, 0, spec.measures)]
    return []


def _means(outcomes: list[dict]) -> dict[str, float] | None:
    if any(outcome["status"] != DONE for outcome in outcomes):
        return None
    return {
        name: float(np.mean([outcome["measures"][name] for outcome in outcomes]))
        for name in outcomes[0]["measures"]
    }
