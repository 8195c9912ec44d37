"""Folders of sweeps and searches say what is to be computed: the same command resumes that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pandas as pd

from ..experiments.results import Finished, Results
from .batch import Batches
from .run import code_version
from .run_table import fingerprint


class Spec(Protocol):
    """What can be read back from a plan."""

    @classmethod
    def from_plain(cls, plain: Mapping) -> Any: ...


T = TypeVar("T", bound=Spec)


def begin(results: Results, plan: dict, difference: Callable[[dict, dict], str | None]) -> None:
    """Take a folder for a plan; what it holds has to be a part of that.

    Parameters
    ----------
    results : Results
        It has not begun.
    plan : dict
        What is to be computed, as plain values.
    difference : callable
        Given the plan that the folder holds and this one, says what of it is not in this one, or
        None.

    Raises
    ------
    ValueError
        If the folder holds something else, or was made by other code; nothing is changed then.
    """
    plan = json.loads(json.dumps({**plan, "code": code_version()}))
    path = _path(results.path, results.protocol)
    results.begin()  # of a folder that goes on it changes nothing
    before = read_plan(results.path, results.protocol) if results.goes_on and path.exists() else None
    if before is not None:
        _check(results, before, plan, difference)
    if plan != before:
        results.write(path.name, (json.dumps(plan, indent=1) + "\n").encode())


def _check(
    results: Results, before: dict, plan: dict, difference: Callable[[dict, dict], str | None]
) -> None:
    if before["code"] != plan["code"]:
        raise ValueError(
            f"{results.path} was begun with other code ({before['code']}, now {plan['code']}): results "
            "of both would not go together, so give another folder by --out."
        )
    other = difference(before, plan)
    if other is not None:
        raise ValueError(
            f"{results.path} holds another {results.protocol}, {other}: give another folder by --out, "
            "or replace what it holds by --overwrite."
        )


def resumed_spec(results: Results, kind: type[T]) -> T | None:
    """What a run that is resumed by its folder was asked for; None if the command has to say it."""
    if not results.resumed or not _path(results.path, results.protocol).exists():
        return None
    return kind.from_plain(read_plan(results.path, results.protocol)["spec"])


def rows_of(results: Results, spec: Any, batches: Batches) -> pd.DataFrame:
    """Rows of all runs of batches, which are written.

    Raises
    ------
    Finished
        If the summary that the folder has is of this specification and these rows.
    """
    rows = batches.table.table(batches.runs)
    if results.finished and not batches.computed:
        summary = results.summary()
        known = summary.get("spec"), summary.get("results")
        if known == (json.loads(json.dumps(asdict(spec))), fingerprint(rows)):
            raise Finished
    batches.table.write(batches.runs)
    return rows


def read_plan(folder: Path, protocol: str) -> dict:
    """What a folder says is to be computed.

    Raises
    ------
    ValueError
        If it says nothing.
    """
    try:
        plan = json.loads(_path(folder, protocol).read_text())
        return {"code": plan["code"], "spec": plan["spec"], **plan}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} holds no {protocol} ({error}): give another folder.") from None


def _path(folder: Path, protocol: str) -> Path:
    return folder / f"{protocol}.json"
