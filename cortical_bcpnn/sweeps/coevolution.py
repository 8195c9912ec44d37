"""Many parameters at once against one at a time: equal budgets, and fronts held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..data.datasets import Dataset
from .batch import Batches
from .parameters import Plain
from .search import finalists, hypervolume_of
from .search_spec import SearchSpec
from .tuning import Tuning
from .verdicts import PUBLISHED, without_published

#: All at once, each with the others as published, and all at random.
WAYS = ("together", "one at a time", "at random")
#: Of hypervolumes: nothing is known, with so many spikes. A point that is worse in one aim adds nothing.
REFERENCE = {"out_ff": 0.1, "hid_spikes": 1e4}
_FRONT = 5  # points of a front that are tested


def divided(spec: SearchSpec, way: str, groups: Mapping[str, Mapping]) -> dict[str, SearchSpec]:
    """The searches of a way, by what they search; together they evaluate as many candidates.

    Parameters
    ----------
    spec : SearchSpec
        Of all parameters.
    way : {'together', 'one at a time', 'at random'}
    groups : mapping of str to mapping
        Parameters that are searched apart, by a name for them.
    """
    if way == "at random":
        return {"all": replace(spec, strategy="random")}
    if way == "together":
        return {"all": spec}
    generations = spec.generations // len(groups)
    return {
        name: replace(spec, generations=generations,
                      dimensions=tuple(d for d in spec.dimensions if d.name in group),
                      departures={n: span for n, span in spec.departures.items() if n in group})
        for name, group in groups.items()
    }  # fmt: skip


def check_divisible(generations: int, groups: Mapping[str, Mapping]) -> None:
    """Raise a ValueError unless one at a time can have as many generations as all at once."""
    if generations % len(groups):
        raise ValueError(
            f"generations is {generations}: give a multiple of {len(groups)}, so that each of "
            f"{', '.join(groups)} has as many."
        )


def all_ways(
    spec: SearchSpec, groups: Mapping[str, Mapping], searches: int, seed: int, dataset: Dataset,
    batches: Batches,
) -> pd.DataFrame:  # fmt: skip
    """Candidates of all ways, and of several searches of each: columns way, search and part besides."""
    found: list[pd.DataFrame] = []
    for number in range(searches):
        for way in WAYS:
            for part, (name, own) in enumerate(divided(spec, way, groups).items()):
                tuning = Tuning(own, seed + 100 * number + part, dataset, batches)
                table = tuning.evolve().assign(way=way, search=number, part=name)
                found.append(without_published(table) if found else table)
    return pd.concat(found, ignore_index=True)


def named(held_out: pd.DataFrame) -> pd.DataFrame:
    """Way, search and number of what was tested, as columns of their own, see `chosen_fronts`."""
    names = pd.DataFrame(held_out["candidate"].tolist(), columns=["way", "search", "candidate"])
    return pd.concat([names, held_out.drop(columns="candidate")], axis=1)


def chosen_fronts(spec: SearchSpec, candidates: pd.DataFrame) -> dict[tuple, dict[str, Plain]]:
    """Settings of up to five points of the front of every search, by way, search and a number.

    Parameters that a search did not have are left as published.
    """
    chosen: dict[tuple, dict[str, Plain]] = {(PUBLISHED, 0, 0): {}}
    own = without_published(candidates)
    for (way, search), rows in own.groupby(["way", "search"], sort=False):
        for number, row in enumerate(finalists(rows, spec.aims, _FRONT).to_dict("records")):
            chosen[way, search, number] = {
                d.name: d.plain(row[d.name]) for d in spec.dimensions if not np.isnan(row[d.name])
            }
    return chosen


def volumes(candidates: pd.DataFrame, held_out: pd.DataFrame, aims: Sequence[str]) -> pd.DataFrame:
    """Hypervolume of every search: of all candidates, and of its front on unseen images.

    Losses are the error, and the decadic logarithm of the spikes; so the unit is accuracy times decades
    of spikes.

    Returns
    -------
    DataFrame
        Columns way, search, searched, tested, tested_sd (over networks: noise floor), best_aim.
    """
    rows = []
    for (way, search), found in without_published(candidates).groupby(["way", "search"], sort=False):
        tested = held_out[(held_out["way"] == way) & (held_out["search"] == search)]
        means = tested.groupby("candidate")[list(aims)].mean()
        each = [hypervolume_of(of, aims, REFERENCE) for _, of in tested.groupby("seed")]
        rows.append({
            "way": way, "search": search, "searched": hypervolume_of(found, aims, REFERENCE),
            "tested": hypervolume_of(means, aims, REFERENCE),
            "tested_sd": float(np.std(each, ddof=1)) if len(each) > 1 else np.nan,
            f"best_{aims[0]}": float(means[aims[0]].max()),
        })  # fmt: skip
    published = held_out[held_out["way"] == PUBLISHED][list(aims)].mean().to_frame().T
    rows.append({"way": PUBLISHED, "search": 0, "tested": hypervolume_of(published, aims, REFERENCE),
                 f"best_{aims[0]}": float(published[aims[0]].iloc[0])})  # fmt: skip
    return pd.DataFrame(rows)


def coevolution_in_words(summary: Mapping, volumes: pd.DataFrame) -> str:
    """Hypervolumes, their reference point, and the noise floor."""
    floor = "; ".join(f"{aim} {mean:.4g} ± {sd:.2g}" for aim, (mean, sd) in summary["floor"].items())
    point = ", ".join(f"{aim} {value:g}" for aim, value in summary["reference"].items())
    return "\n".join([
        f"hypervolume (accuracy times decades of spikes, up to {point}), {summary['evaluations']} "
        "evaluations each",
        volumes.to_string(index=False, float_format="{:.4f}".format),
        f"published settings with fresh seeds, validation images: {floor}",
    ])  # fmt: skip
