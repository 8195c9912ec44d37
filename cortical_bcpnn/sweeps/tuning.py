"""A search under way: candidates become runs, runs become rows, rows are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
    table : RunTable
    computers : Computers

    Attributes
    ----------
    batches : Batches
        All runs, and how many had to be computed.
    """

    def __init__(
        self, spec: SearchSpec, seed: int, dataset: Dataset, table: RunTable, computers: Computers
    ) -> None:
        self._spec, self._seed, self._dataset, self._table = spec, seed, dataset, table
        self.batches = Batches(table, computers, memory_of(self._largest(), dataset))

    def __enter__(self) -> Tuning:
        return self

    def __exit__(self, *error: object) -> None:
        self.batches.__exit__(*error)

    def evolve(self) -> pd.DataFrame:
        """All generations: a row for each candidate, and one for the published settings."""
        spec, search = self._spec, Search(self._spec, self._seed)
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
        seeds = range(CHECK_SEEDS, CHECK_SEEDS + self._spec.check_networks)
        settings = {PUBLISHED: {}, **self._chosen(candidates, seeds)}
        self._measure(list(settings.values()), seeds, "test", "unseen images")
        rows = []
        for name, values in settings.items():
            for run in self._runs_of(values, seeds, "test"):
                outcome = self._table.outcome(run)
                shown = values or self._published()
                rows.append({"candidate": name, **shown, "seed": run.seed, **outcome["measures"]})
        return pd.DataFrame(rows)

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
        self.batches.compute([run for group in groups for run in group], desc=desc)
        return [_means([self._table.outcome(run) for run in group]) for group in groups]

    def _runs_of(self, values: Mapping[str, Plain], seeds: Iterable[int], split: str) -> list[Run]:
        settings = resolve({**self._spec.parameters, **values}, self._dataset)
        return [Run.make(self._dataset, settings, seed, self._spec.measures, split) for seed in seeds]

    def _published(self) -> dict[str, Plain]:
        """Values of the tuned parameters in the published settings."""
        settings = resolve(self._spec.parameters, self._dataset)
        return {dimension.name: settings[dimension.name] for dimension in self._spec.dimensions}

    def _largest(self) -> list[Run]:
        """A run at the upper end of all ranges, where there is one."""
        try:
            return self._runs_of({d.name: d.plain(d.high) for d in self._spec.dimensions}, [0], "test")
        except ValueError:
            return self._runs_of({}, [0], "test")


def _means(outcomes: list[dict]) -> dict[str, float] | None:
    if any(outcome["status"] != DONE for outcome in outcomes):
        return None
    return {
        name: float(np.mean([outcome["measures"][name] for outcome in outcomes]))
        for name in outcomes[0]["measures"]
    }
