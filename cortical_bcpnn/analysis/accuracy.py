"""Accuracies of several networks and variants: what recurrence adds, and means over networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

_CONDITION = ["variant", "task", "difficulty"]


def recurrence_gain(table: pd.DataFrame) -> pd.DataFrame:
    """What recurrence adds, network by network.

    Parameters
    ----------
    table : DataFrame
        Columns variant, seed, task, difficulty and accuracy.

    Returns
    -------
    DataFrame
        In the same columns, with NAME as variant: accuracy of NAME-full minus that of NAME-ff,
        where both are there.
    """
    network, _, kind = (table["variant"].str.rpartition("-")[part] for part in range(3))
    wide = table.assign(variant=network, kind=kind).pivot_table(
        index=["variant", "seed", "task", "difficulty"], columns="kind", values="accuracy", sort=False
    )
    if not {"full", "ff"} <= set(wide.columns):
        wide = wide.reindex(columns=["full", "ff"])
    gain = (wide["full"] - wide["ff"]).dropna()
    return gain.rename("accuracy").reset_index()


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Mean of `accuracy` over seeds, its standard deviation (NaN for one seed) and their number."""
    return (
        table.groupby(_CONDITION, sort=False)["accuracy"]
        .agg(mean="mean", sd="std", seeds="count")
        .reset_index()
    )


def by_condition(means: pd.DataFrame) -> dict:
    """Mean and standard deviation by variant, task and difficulty, as plain values for a summary."""
    nested: dict = {}
    for row in means.itertuples():
        of_task = nested.setdefault(row.variant, {}).setdefault(row.task, {})
        of_task[str(row.difficulty)] = {"mean": row.mean, "sd": None if np.isnan(row.sd) else row.sd}
    return nested
