"""What came out of a search: the best against the published settings, on images that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .parameters import PARAMETERS
from .search_spec import fewer_is_better

PUBLISHED = "published"  # in place of the number of a candidate


def without_published(candidates: pd.DataFrame) -> pd.DataFrame:
    """The candidates that a search has asked for."""
    return candidates[candidates["candidate"] != PUBLISHED]


def compared(held_out: pd.DataFrame) -> pd.DataFrame:
    """Means and standard deviations over networks, and how many there are; a row for each candidate."""
    measured = list(held_out.columns[list(held_out.columns).index("seed") + 1 :])
    groups = held_out.groupby("candidate", sort=False)[measured]
    table = groups.agg(["mean", "std"])
    table.columns = [name if kind == "mean" else f"{name}_sd" for name, kind in table.columns]
    return table.assign(networks=groups.size())


def verdict(compared: pd.DataFrame, candidates: pd.DataFrame, aim: str) -> str:
    """Whether the best of the search beats the published settings, by two standard errors or more.

    Which is the best was decided on validation images.

    Parameters
    ----------
    compared : DataFrame
        See `compared`.
    candidates : DataFrame
        What each achieved on validation images, in the column of the aim.
    aim : str
    """
    sign = -1 if fewer_is_better(aim) else 1
    validated = candidates.set_index("candidate").loc[compared.index.drop(PUBLISHED), aim]
    best, published = compared.loc[(sign * validated).idxmax()], compared.loc[PUBLISHED]
    gain = sign * (best[aim] - published[aim])
    error = np.sqrt(sum(row[f"{aim}_sd"] ** 2 / row["networks"] for row in (best, published)))
    means = f"{best[aim]:.4g} against {published[aim]:.4g}"
    if np.isnan(error):
        return f"{aim}: {means}, with one network each; give --check-networks 3 or more to compare"
    outcome = "beats" if gain > 2 * error else "does not beat"
    return f"{aim}: candidate {best.name} {outcome} the published settings, {means} (± {error:.2g})"


def in_words(summary: Mapping, held_out: pd.DataFrame) -> str:
    """The best of a search, how they did on images that it has not seen, and the verdicts."""
    aims = summary["spec"]["aims"]
    names = [dimension["name"] for dimension in summary["spec"]["dimensions"]]
    front = pd.DataFrame(summary["front"], columns=["candidate", *names, *aims])
    best = front.sort_values(aims[0]).to_string(index=False, float_format="{:.4g}".format)
    title = "best in the search" if len(aims) == 1 else "Pareto front of the search"
    units = [f"{name} in {PARAMETERS[name].unit}" for name in names if PARAMETERS[name].unit]
    checked = compared(held_out).to_string(float_format="{:.4g}".format)
    return "\n".join([
        f"{title} ({'; '.join(['validation images', *([', '.join(units)] if units else [])])})", best,
        f"\non images that had no part in the search, {summary['spec']['check_networks']} networks each",
        checked, *summary["verdicts"],
    ])  # fmt: skip
