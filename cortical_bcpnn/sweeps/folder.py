"""Folders of sweeps and searches: the same command resumes what is there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from ..experiments.options import open_results
from ..experiments.results import Results, has_begun
from .run import code_version


def open_folder(
    protocol: str, options: argparse.Namespace, plan: dict, check: Callable[[dict], str | None]
) -> Results:
    """The folder that the options ask for; one that holds a part of the same plan is resumed.

    Parameters
    ----------
    protocol : str
    options : argparse.Namespace
    plan : dict
        What is to be computed, as plain values.
    check : callable
        Given the plan that a folder holds, says what of it is not in this one, or None.

    Raises
    ------
    ValueError
        If the folder holds something else, or was made by other code.
    """
    plan = {**plan, "code": code_version()}
    out = options.resume or options.out
    goes_on = out is not None and not options.overwrite and has_begun(out)
    if goes_on and plan_path(out, protocol).exists():
        before = read_plan(out, protocol)
        if before["code"] != plan["code"]:
            raise ValueError(
                f"{out} was begun with other code ({before['code']}, now {plan['code']}): results of "
                "both would not go together, so give another folder by --out."
            )
        difference = check(before)
        if difference is not None:
            raise ValueError(
                f"{out} holds another {protocol}, {difference}: give another folder by --out, or "
                "replace what it holds by --overwrite."
            )
        options.resume = options.out = out
    results = open_results(protocol, options)
    text = json.dumps(plan, indent=1) + "\n"
    results.write(plan_path(results.path, protocol).name, text.encode())
    return results


def plan_path(folder: Path, protocol: str) -> Path:
    """Where a folder says what is to be computed."""
    return folder / f"{protocol}.json"


def read_plan(folder: Path, protocol: str) -> dict:
    """What a folder says is to be computed.

    Raises
    ------
    ValueError
        If it says nothing.
    """
    try:
        plan = json.loads(plan_path(folder, protocol).read_text())
        return {"code": plan["code"], "spec": plan["spec"], **plan}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} holds no {protocol} ({error}): give another folder.") from None
