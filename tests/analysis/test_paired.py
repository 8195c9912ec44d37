"""Means and differences of two simulators, network by network, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.analysis.paired import PAIRED, by_network, paired


@pytest.fixture(scope="module")
def networks():
    """Two networks of two trials: NEST recalls half of what Brian2 does in one, and all in the other."""
    rows = []
    for seed, model, recalled, ms in ((1, "Brian2", (1, 1), (20, 30)), (1, "NEST", (1, 0), (20, np.nan)),
                                      (2, "Brian2", (1, 0), (25, 35)), (2, "NEST", (1, 1), (35, 45))):
        rows += [{"stored": 4, "seed": seed, "model": model, "cued": 4, "wrong": 0, "recalled": bool(r),
                  "correct": r, "complete_ms": t, "attractor_ms": t, "outlasts": False, "mean_hz": 2.0,
                  "winners_hz": 20.0, "peak_hz": 40.0, "cv_isi": 0.3, "synchrony": 0.1}
                 for r, t in zip(recalled, ms)]  # fmt: skip
    return by_network(pd.DataFrame(rows), ("Brian2", "NEST"))


def test_every_network_has_a_row_for_every_measure(networks):
    assert len(networks) == 2 * len(PAIRED)
    rows = networks[networks["measure"] == "time to complete"].set_index("seed")
    assert rows.loc[1, ["Brian2", "NEST"]].tolist() == [25, 20]  # of trials that complete
    assert rows.loc[2, ["Brian2", "NEST"]].tolist() == [30, 40]


def test_differences_are_those_within_networks(networks):
    rows = paired(networks, ("Brian2", "NEST")).set_index("measure")
    recalled = rows.loc["patterns recalled"]
    assert recalled["Brian2"] == recalled["NEST"] == 0.75 and recalled["difference"] == 0
    assert recalled["difference_sd"] == pytest.approx(np.std([-0.5, 0.5], ddof=1))
    assert rows.loc["time to complete", "difference"] == pytest.approx((-5 + 10) / 2)
    assert rows.loc["synchrony", "NEST_sd"] == 0
