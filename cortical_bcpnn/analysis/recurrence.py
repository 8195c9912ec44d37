"""What recurrence adds to the feedforward response, with its confidence, and at which gain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm, t

CONFIDENCE = 0.95
FF, END, MEAN = "ff", "attractor", "attractor, mean"  #: what is read


def won_and_lost(right: Mapping[str, np.ndarray], reference: str) -> list[dict]:
    """For each reading its accuracy, and images that it gets right where a reference fails, or wrong.

    Parameters
    ----------
    right : mapping of ndarray of bool, shape (n,)
        Whether an image is put into its class, by reading.
    reference : str
        One of the readings.

    Returns
    -------
    list of dict
        reading, accuracy, won, lost and images.
    """
    return [
        {
            "reading": name, "accuracy": float(correct.mean()),
            "won": int((correct & ~right[reference]).sum()),
            "lost": int((~correct & right[reference]).sum()), "images": len(correct),
        }
        for name, correct in right.items()
    ]  # fmt: skip


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Each reading of the attractor less the feedforward response, with a confidence interval.

    Over networks by Student's t; for a single network over images, paired (won and lost).
    """
    rows = []
    keys = ["kind", "way", "reading", "task", "difficulty"]
    for key, group in table[table["reading"] != FF].groupby(keys, sort=False):
        difference = (group["won"] - group["lost"]) / group["images"]
        n = len(difference)
        if n > 1:
            error = difference.std() / np.sqrt(n) * t.ppf((1 + CONFIDENCE) / 2, n - 1)
        else:
            images = group["images"].item()
            variance = (group["won"] + group["lost"]).item() / images - difference.item() ** 2
            error = np.sqrt(variance / images) * norm.ppf((1 + CONFIDENCE) / 2)
        accuracy = group["accuracy"]
        rows.append(
            {
                **dict(zip(keys, key)),
                "recurrent_gain": group["recurrent_gain"].mean(),
                "accuracy": accuracy.mean(), "accuracy_sd": accuracy.std(),
                "ff": (accuracy - difference).mean(), "ff_sd": (accuracy - difference).std(),
                "difference": difference.mean(), "half_width": error, "seeds": n,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def extremes(found: pd.DataFrame) -> list[dict]:
    """For every kind, way and reading: the largest loss, and the least gain where most is missing."""
    rows = []
    for (kind, way, reading), group in found.groupby(["kind", "way", "reading"], sort=False):
        worst = group.loc[group["difference"].idxmin()]
        hard = group[(group["task"] == "completion") & (group["difficulty"] >= 0.8)]
        rows.append(
            {
                "kind": kind, "way": way, "reading": reading,
                "worst_points": 100 * worst["difference"],
                "where": f"{worst['task']} {worst['difficulty']:g}",
                "least_in_hard_completion": 100 * hard["difference"].min() if len(hard) else None,
            }
        )  # fmt: skip
    return rows


def best_gains(gains: pd.DataFrame) -> pd.DataFrame:
    """For each network the gain of the highest accuracy, and those that come within a point.

    Accuracies are means over conditions and seeds at the end of recall, the cue being kept.
    """
    kept = gains[gains["cue_kept"]]
    rows = []
    for name, group in kept.groupby("network", sort=False):
        means = group.groupby("gain")["attractor"].mean()
        close = means.index[means >= means.max() - 0.01]
        first = group.iloc[0]
        rows.append(
            {
                "network": name, "series": first["series"], "hypercolumns": first["hypercolumns"],
                "tau_z_ms": first["tau_z_ms"], "best_gain": float(means.idxmax()),
                "from": float(close.min()), "to": float(close.max()),
                "calibrated_gain": group.groupby("seed")["calibrated_gain"].first().mean(),
                "ff": group["ff"].mean(), "at_0": means[0.0], "at_best": means.max(),
                "at_1": means[1.0],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
