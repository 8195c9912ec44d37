"""Runs per hour of workers."""

from __future__ import annotations

import pandas as pd

from cortical_bcpnn.sweeps import speed
from cortical_bcpnn.sweeps.speed import efficiency, powers_of_two


def test_medians_and_efficiency():
    table = pd.DataFrame(
        {"workers": [1] * 3 + [2] * 3, "runs_per_hour": [90, 100, 140, 150, 180, 400],
         "load_before": range(6)}
    )  # fmt: skip
    found = efficiency(table)
    assert found["median"].tolist() == [100, 180]
    assert found["efficiency"].tolist() == [1.0, 0.9]
    assert found["load_before"].tolist() == [1, 4]


def test_numbers_of_workers(monkeypatch):
    """Powers of two, and all cores if they are none."""
    for cores, expected in ((1, [1]), (4, [1, 2, 4]), (6, [1, 2, 4, 6])):
        monkeypatch.setattr(speed, "CPU_COUNT", cores)
        assert powers_of_two() == expected
