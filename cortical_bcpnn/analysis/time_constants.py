"""How accuracy goes with time constant and largest rate: the spikes that a trace holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

MOMENTS = ("ff", "attractor")
FEW_SPIKES = 2.0  # tau_z f_max at which `spikes_and_accuracy` parts a grid in two
CARRIED_OVER = 0.05  # share of z left of the pattern before, above which it disturbs learning


def spikes_and_accuracy(means: pd.DataFrame, dt_ms: float, shown_ms: float) -> dict:
    """Every cell of a grid, and how accuracy goes with the spikes within tau_z at f_max.

    Of all cells, and of those where z settles while a pattern is shown: in learning the next
    pattern follows at once, and a slow trace still holds the one before.

    Parameters
    ----------
    means : DataFrame
        Columns tau_z_ms, f_max_hz, ff and attractor (accuracies), one row per cell.
    dt_ms, shown_ms : float
        Time step, and how long a pattern is shown in learning.
    """
    tau_z = means["tau_z_ms"]
    carried_over = (1 - dt_ms / tau_z) ** round(shown_ms / dt_ms)
    cells = means.assign(spikes=tau_z * means["f_max_hz"] / 1000, carried_over=carried_over)
    settled = cells[carried_over <= CARRIED_OVER]
    return {
        "cells": cells.to_dict("records"),
        "few_spikes": FEW_SPIKES,
        "carried_over_max": CARRIED_OVER,
        **{
            moment: {
                "best": cells.loc[cells[moment].idxmax()].to_dict(),
                "all": _with_spikes(cells, moment),
                "settled": _with_spikes(settled, moment),
            }
            for moment in MOMENTS
        },
    }


def _with_spikes(cells: pd.DataFrame, moment: str) -> dict:
    """Mean accuracies below and above `FEW_SPIKES`, and the rank correlation with spikes."""
    few = cells["spikes"] < FEW_SPIKES
    means = {"fewer": cells[few][moment].mean(), "as_many_or_more": cells[~few][moment].mean()}
    known = cells["spikes"].nunique() > 1 and cells[moment].nunique() > 1
    return {
        "mean": {name: None if np.isnan(value) else float(value) for name, value in means.items()},
        "rank_correlation": float(spearmanr(cells["spikes"], cells[moment])[0]) if known else None,
    }
