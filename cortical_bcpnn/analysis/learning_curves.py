"""Measures of networks after so many epochs, as means over networks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

#: Of a network after so many epochs: accuracies from 0 to 1, ratios, firing rates of HID in Hz.
MEASURES = (
    "ff", "attractor", "s_ortho_inp", "s_ortho_ff", "s_ortho_attractor", "rate_mean_hz", "rate_max_hz",
)  # fmt: skip


def over_networks(table: pd.DataFrame, curves: Sequence[str] = ("variant",)) -> pd.DataFrame:
    """Means and standard deviations of all measures, by variant and epochs.

    Parameters
    ----------
    table : DataFrame
        A row per network and number of epochs: the columns of curves, seed, epochs and `MEASURES`.
    curves : sequence of str
        Columns that say which curve a row belongs to.

    Returns
    -------
    DataFrame
        Columns of curves, epochs, networks, and MEASURE and MEASURE_sd (sample standard deviation,
        NaN of a single network) of every measure; curves in their order, epochs rising.
    """
    rows = []
    for of, curve in table.groupby(list(curves), sort=False):
        for epochs, found in curve.groupby("epochs"):
            row = {**dict(zip(curves, of)), "epochs": int(epochs), "networks": len(found)}
            for name in MEASURES:
                row |= {name: found[name].mean(), f"{name}_sd": found[name].std(ddof=1)}
            rows.append(row)
    return pd.DataFrame(rows)


def with_spread(means: pd.Series, spreads: pd.Series, form: str) -> list[str]:
    """Means as text, each with its standard deviation where it has one."""
    return [form.format(mean) + (f" ± {form.format(sd)}" if sd == sd else "")
            for mean, sd in zip(means, spreads)]  # fmt: skip
