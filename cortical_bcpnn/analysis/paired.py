"""Recall of the same networks by two simulators, network by network."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from .comparison_tables import MEASURES, recall_by_condition

#: What two simulators of one model are compared by: name, text, unit.
PAIRED = (("recalled", "patterns recalled", ""), ("correct", "hypercolumns right", ""),
          *(row for row in MEASURES if row[0] not in ("outlasts", "attractor_ms")))  # fmt: skip


def by_network(trials: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """Means over trials of each network and condition, a row each, one column for each model.

    Parameters
    ----------
    trials : DataFrame
        See `recall_by_condition`.
    models : sequence of str

    Returns
    -------
    DataFrame
        'stored', 'seed', 'cued', 'wrong', 'measure', 'unit', and the models.
    """
    means = recall_by_condition(trials)
    parts = []
    for name, text, unit in PAIRED:
        wide = means.pivot_table(
            index=["stored", "seed", "cued", "wrong"], columns="model", values=name, dropna=False
        )
        wide = wide.reindex(columns=list(models)).dropna(how="all").reset_index()
        wide.insert(4, "measure", text)
        wide.insert(5, "unit", unit)
        parts.append(wide)
    return pd.concat(parts, ignore_index=True)


def paired(networks: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """Mean and standard deviation over networks of each model, and of their difference.

    Parameters
    ----------
    networks : DataFrame
        See `by_network`.
    models : sequence of str
        Two.

    Returns
    -------
    DataFrame
        One row for 'stored', 'cued', 'wrong' and 'measure': for each model its mean, NAME, and
        standard deviation, NAME_sd; 'difference' of the second to the first, mean over networks,
        and 'difference_sd'.
    """
    first, second = models
    rows = []
    keys = ["stored", "cued", "wrong", "measure", "unit"]
    for key, found in networks.groupby(keys, sort=False):
        row = dict(zip(keys, key))
        differences = found[second] - found[first]
        columns = {first: found[first], second: found[second], "difference": differences}
        for name, values in columns.items():
            row |= {name: float(values.mean()), f"{name}_sd": float(values.std())}
        rows.append(row)
    return pd.DataFrame(rows)
