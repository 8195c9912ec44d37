"""Tables of two models side by side: by hand, and those that are published."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.analysis.comparison_tables import (
    MEASURES,
    by_quantity,
    compare_two_models,
    recall_by_condition,
    rightly_cued,
)
from cortical_bcpnn.experiments.folders import read_summary, read_table

PUBLISHED = Path(__file__).parents[2] / "figures" / "comparison"
MEASURED = {name: 1.0 for name, _, _ in MEASURES}


def tables(seeds: int = 2) -> dict[str, pd.DataFrame]:
    """Abstract networks recall all, biophysical ones a half in each network; their speeds are 2 and 1.

    Seconds to complete are those of trials that complete; weights of pairs in use are alike.
    """
    trials, speed, weights, biases = [], [], [], []
    for seed in range(seeds):
        for model in ("abstract", "biophysical"):
            speed.append({"model": model, "learning": 2.0 - (model != "abstract"), "recall": 1.0 + seed})
            for wrong in (0, 1):
                for trial in range(2):
                    recalled = model == "abstract" or trial == 0
                    ms = 50.0 + 10 * seed if recalled else np.nan
                    trials.append({"model": model, "cued": 4, "wrong": wrong, "recalled": recalled,
                                   "correct": 1.0, **MEASURED, "complete_ms": ms})  # fmt: skip
            weights += [{"used": used, "abstract": n, "fast": n if used else -n, "slow": -n}
                        for n in range(4) for used in (True, False)]  # fmt: skip
            biases += [{"patterns": n, "abstract": n, "fast": n, "slow": n * n} for n in range(3)]
    found = {"trials": trials, "speed": speed, "weights": weights, "biases": biases}
    sizes = {name: len(rows) // seeds for name, rows in found.items()}
    return {name: pd.DataFrame(rows).assign(stored=3, seed=np.repeat(np.arange(seeds), sizes[name]))
            for name, rows in found.items()}  # fmt: skip


def test_means_are_of_networks():
    table = compare_two_models(tables(), 4).set_index("quantity")
    assert (table["stored"] == 3).all() and table.loc["time to complete", "unit"] == "ms"
    for text in ("patterns recalled, 4 cued", "patterns recalled, 4 cued, 1 of them wrongly"):
        assert table.loc[text, ["abstract", "biophysical", "abstract_sd"]].tolist() == [1, 0.5, 0]
    completes = table.loc["time to complete"]
    assert completes["abstract"] == completes["biophysical"] == 55
    assert completes["abstract_sd"] == pytest.approx(np.std([50, 60], ddof=1))
    assert table.loc["simulated seconds per wall second, learning", "abstract"] == 2
    assert table.loc["simulated seconds per wall second, recall", "biophysical"] == 1.5
    for receptor, sign in (("AMPA", 1), ("NMDA", -1)):  # of pairs in use alone
        row = table.loc[f"correlation of weights, {receptor} against abstract"]
        assert row["biophysical"] == pytest.approx(sign) and np.isnan(row["abstract"])
    assert table.loc["rank correlation of biases, NMDA against abstract", "biophysical"] == 1


def test_one_network_has_no_deviation():
    found = by_quantity(compare_two_models(tables(1), 4))["3"]["mean firing rate"]
    assert found == {"unit": "Hz", "abstract": 1, "abstract_sd": None, "biophysical": 1,
                     "biophysical_sd": None}  # fmt: skip


def test_trials_that_are_cued_rightly():
    trials = tables()["trials"]
    assert len(rightly_cued(trials, 4)) == len(trials) / 2 and rightly_cued(trials, 5).empty


def test_published_tables():
    """Are what their trials come to."""
    names = ("trials", "weights", "biases", "speed")
    found = {name: read_table(PUBLISHED, name) for name in names}
    comparison, recall = (read_table(PUBLISHED, name) for name in ("comparison", "recall"))
    summary = read_summary(PUBLISHED)
    table = compare_two_models(found, summary["cued_half"])
    pd.testing.assert_frame_equal(table, comparison.fillna({"unit": ""}), rtol=1e-12)
    pd.testing.assert_frame_equal(recall_by_condition(found["trials"]), recall, rtol=1e-12)
    assert by_quantity(table).keys() == summary["comparison"].keys()
    assert json.loads(json.dumps(by_quantity(table)))["4"].keys() == summary["comparison"]["4"].keys()
