"""Protocols run one after the other, each in a folder of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from ..data.datasets import Dataset
from ..provenance import without_options
from .folders import has_begun, has_finished
from .importing import experiment_named

#: What learns most networks does so for one seed; a grid of 48 with fewer images where they are many.
_FEWER = {"time_constants": {"--seeds": "1"}, "presentation_order": {"--seeds": "1"}}
_FEWER_OF_MANY = {
    **_FEWER,
    "time_constants": {"--seeds": "1", "--limit-train": "2000", "--readout-images": "2000",
                       "--limit-test": "500", "--epochs": "1"}
}  # fmt: skip
_MANY = 5000  # training images

#: Options that are not passed on, and the number of values that each takes.
_OWN = {"--out": 1, "--resume": 1, "--overwrite": 0, "--gallery": 1}


def run_protocols(
    names: Sequence[str], folder: Path, arguments: list[str], dataset: Dataset
) -> dict[str, float]:
    """Run protocols one after the other, each in a folder of its own, unless it has been run.

    One that was run with fewer networks is resumed with more.

    Parameters
    ----------
    names : sequence of str
    folder : Path
        In which each has a folder of its name.
    arguments : list of str
        Options for all of them; a grid of networks takes fewer networks and images.
    dataset : Dataset
        That they ask for.

    Returns
    -------
    dict of float
        Seconds that each took.
    """
    seconds = {}
    fewer = _FEWER_OF_MANY if len(dataset.train_images) > _MANY else _FEWER
    for name in names:
        path, experiment = folder / name, experiment_named(name)
        own = {"--seeds": "1"} if experiment.single else fewer.get(name, {})
        given = [*without_options(arguments, dict.fromkeys(own, 1)), *chain.from_iterable(own.items())]
        begun = has_begun(path)
        more = experiment.more_networks(path, given) if begun else []
        if has_finished(path) and not more:
            continue
        print(f"\n{name}", file=sys.stderr)
        started = time.perf_counter()
        where = ["--resume", str(path), *more] if begun else [*given, "--out", str(path)]
        experiment.run(where)
        seconds[name] = round(time.perf_counter() - started, 1)
    return seconds


def passed_on(arguments: Sequence[str]) -> list[str]:
    """Options that a protocol passes on to others: all but those that say where results go."""
    return without_options(arguments, _OWN)
