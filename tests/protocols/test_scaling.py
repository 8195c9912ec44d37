"""Runs per hour against workers, in small."""

from __future__ import annotations

import os

import pandas as pd
import pytest
from matplotlib.image import imread

from protocols import scaling

pytestmark = pytest.mark.long  # clusters and networks of its own


def test_medians_and_efficiency():
    table = pd.DataFrame(
        {"workers": [1] * 3 + [2] * 3, "runs_per_hour": [90, 100, 140, 150, 180, 400],
         "load_before": range(6)}
    )  # fmt: skip
    found = scaling.summarise(table)
    assert found["median"].tolist() == [100, 180]
    assert found["efficiency"].tolist() == [1.0, 0.9]
    assert found["load_before"].tolist() == [1, 4]


def test_the_protocol_in_small(tmp_path, monkeypatch):
    """And a run that was stopped goes on."""
    monkeypatch.setattr(scaling, "SETTINGS", {"train_images": 40, "test_images": 20, "epochs": 1})
    arguments = ["--workers", "1", "--runs", "1", "--repeats", "2"]
    scaling.main([*arguments, "--out", str(tmp_path / "out")])
    table = pd.read_csv(tmp_path / "out" / "scaling.csv")
    assert table["repeat"].tolist() == [0, 1] and (table["runs_per_hour"] > 0).all()
    assert imread(tmp_path / "out" / "scaling.png").std() > 0.05
    assert "CORTICAL_BCPNN_STORE" in os.environ, "the store of the tests is there again"
