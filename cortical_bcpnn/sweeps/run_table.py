"""The table of a sweep: one row per run, kept through crashes in a journal.

Parquet and CSV are written from it.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from brian2 import Hz, ms

from ..experiments.journal import Journal
from ..experiments.results import Results
from ..model.paper import find_variant
from .measures import columns, columns_of_classes
from .networks import WHAT_LEARNS
from .parameters import PARAMETERS
from .run import DONE, LOST, Run

JOURNAL = "runs.jsonl"
#: Columns that say where, when and how fast: all others are the same however runs were disturbed.
WHERE = ("seconds", "ended", "host", "process", "processor")
_EVERY = 2.0  # seconds between two versions of the tables


class RunTable:
    """Rows of runs in a folder of results.

    Parameters
    ----------
    results : Results
        Whose folder is locked, so that there is one writer.

    Raises
    ------
    OSError
        If the journal cannot be read or written.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        results.register("runs.csv", "runs.parquet")
        self._journal = Journal(results, JOURNAL, ("status", "error", "measures", "where"))
        self._written = 0.0

    def missing(self, runs: Iterable[Run], again: Sequence[str] = (LOST,)) -> list[Run]:
        """Runs without a row, or with one of a status that is to be run again."""
        found = {run.id: run for run in runs}
        return [
            run for key, run in found.items()
            if key not in self._journal or self._journal[key]["status"] in again
        ]  # fmt: skip

    def outcome(self, run: Run) -> dict:
        """What has become of a run: ``status``, ``error``, ``measures``, ``where``."""
        return self._journal[run.id]

    def n_failed(self, runs: Iterable[Run]) -> int:
        """Number of runs that have ended without a result."""
        ended = (self._journal.get(run.id) for run in runs)
        return sum(outcome is not None and outcome["status"] != DONE for outcome in ended)

    def append(self, run: Run, outcome: dict) -> None:
        """Note how a run has ended.

        Raises
        ------
        OSError
            If there is no disk left; what was noted before is there.
        """
        self._journal.append(run.id, outcome)

    def write(self, runs: Sequence[Run], *, now: bool = True) -> None:
        """Write Parquet and CSV, unless that was a moment ago and `now` is False."""
        if not now and time.monotonic() - self._written < _EVERY:
            return
        table = self.table(runs)
        parquet = io.BytesIO()
        table.to_parquet(parquet, index=False)
        self._results.write("runs.parquet", parquet.getvalue())
        self._results.save_table(table, "runs")
        self._written = time.monotonic()

    def table(self, runs: Sequence[Run]) -> pd.DataFrame:
        """Rows of the runs that have ended, in the order of the runs.

        What learns has columns where it is not the same as without saying so in all of them, and what
        OUT says where there is one.
        """
        rows = [_row(run, self._journal[run.id]) for run in runs if run.id in self._journal]
        measured = [
            *(c for run in runs[:1] for name in run.measures for c in columns(name)),
            *(c for run in runs[:1] for name in run.measures for c in columns_of_classes(name)
              if any(c in row for row in rows)),
        ]  # fmt: skip
        told = [p.column for p in PARAMETERS.values() if p.name not in WHAT_LEARNS
                or any(run.settings[p.name] != WHAT_LEARNS[p.name] for run in runs)]  # fmt: skip
        names = ["run", "dataset", "split", *told, "seed", *measured, "status", "error", *WHERE]
        table = pd.DataFrame(rows, columns=names)
        texts = ["run", "dataset", "split", "status", "error", "ended", "host", "processor"]
        return table.astype(dict.fromkeys(measured, float) | dict.fromkeys(texts, "object"))


def read_runs(folder: Path) -> pd.DataFrame:
    """The table of runs that a folder holds."""
    return pd.read_parquet(folder / "runs.parquet")


def described(table: pd.DataFrame) -> dict:
    """How many runs have ended how, the checksum of their results, and how long they took."""
    return {
        "runs": {"all": len(table), **table["status"].value_counts().to_dict()},
        "results": fingerprint(table),
        "seconds": round(float(table["seconds"].sum()), 1),
    }


def published_pair(table: pd.DataFrame) -> tuple[float, float] | None:
    """tau_z (ms) and f_max (Hz) of the variant, None if there are several."""
    names = table["variant"].unique()
    if len(names) != 1:
        return None
    variant = find_variant(names[0])
    return round(float(variant.tau_z / ms), 9), round(float(variant.f_max / Hz), 9)


def in_words(table: pd.DataFrame, swept: Sequence[str]) -> str:
    """Means over all in which the swept columns are the same, and what has gone wrong."""
    names, done = list(table.columns), table[table["status"] == DONE]
    parts = []
    swept = [name for name in swept if name in names]
    if len(done) and swept:
        n, measured = done["seed"].nunique(), names[names.index("seed") + 1 : names.index("status")]
        means = done.groupby(list(swept), sort=False)[measured].mean()
        parts += [f"means over {n} seed{'s' * (n > 1)}", means.to_string(float_format="{:.4g}".format)]
    for row in table[table["status"] != DONE].itertuples():
        parts.append(f"{row.status}: run {row.run}, seed {row.seed}: {row.error}")
    if len(done) < len(table):
        parts.append("--retry-failed runs these again")
    parts.append(f"\n{len(done)} of {len(table)} runs done, results {fingerprint(table)}")
    return "\n".join(parts)


def results_of(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that do not depend on where, when and how fast runs were computed."""
    return table[[name for name in table.columns if name not in WHERE]]


def fingerprint(table: pd.DataFrame) -> str:
    """Checksum of results: the same for two sweeps with the same results."""
    return hashlib.sha256(results_of(table).to_csv(index=False).encode()).hexdigest()[:16]


def _row(run: Run, outcome: dict) -> dict:
    settings = {PARAMETERS[name].column: value for name, value in run.settings.items()}
    return {
        "run": run.id, "dataset": run.dataset, "split": run.split, **settings, "seed": run.seed,
        **outcome["measures"], "status": outcome["status"], "error": outcome["error"],
        **outcome["where"],
    }  # fmt: skip
