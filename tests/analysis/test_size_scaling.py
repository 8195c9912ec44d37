"""Networks of other sizes: which there are, and how cost grows with size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.size_scaling import cases, exponents, measure_scaled


def test_sizes_that_there_can_be():
    """64 pixels, of which each hypercolumn listens to 24: not to twice as many of a quarter of them."""
    found = cases(AssociativeMemory(64, (30, 30), 24))
    every = {kind: [s for k, s in found if k == kind] for kind, _ in found}
    assert every == {
        "hidden minicolumns": [0.25, 0.5, 1, 2], "fan-in": [0.25, 0.5, 1, 2], "input": [0.5, 1]
    }  # fmt: skip


def test_exponents_of_powers():
    size = np.array([10.0, 20.0, 40.0])
    table = pd.concat([
        pd.DataFrame({"varied": kind, "size": size, "learn_ms_per_pattern": 3 * size**power})
        for kind, power in (("input", 2), ("fan-in", 0.5))
    ])  # fmt: skip
    found = exponents(table.assign(recall_us_per_step=5.0))
    assert list(found) == ["input", "fan-in"]
    assert [costs["learn_ms_per_pattern"] for costs in found.values()] == pytest.approx([2, 0.5])
    assert [costs["recall_us_per_step"] for costs in found.values()] == pytest.approx([0, 0], abs=1e-9)


def test_one_size_is_varied(patterns, monkeypatch):
    memory, made = AssociativeMemory(9, (5, 4), 4, seed=3), []

    def learning(scaled, images):
        made.append((scaled.architecture, images.shape))
        return {"learn_ms_per_pattern": 3.0, "learn_split_ms": {"startup": 1.0}}

    monkeypatch.setattr("cortical_bcpnn.analysis.size_scaling.measure_learning", learning)
    monkeypatch.setattr("cortical_bcpnn.analysis.size_scaling.measure_recall",
                        lambda scaled, cues, jobs: {"recall_us_per_step": len(cues) + jobs})  # fmt: skip
    hidden = memory.architecture.population("HID")
    row = measure_scaled(memory, "hidden minicolumns", 2.0, patterns, 4)
    assert row == {"varied": "hidden minicolumns", "size": 2 * hidden.minicolumns,
                   "learn_ms_per_pattern": 2, "recall_us_per_step": 5}  # fmt: skip
    row = measure_scaled(memory, "input", 1.0, patterns, 4)
    (wide, shape), (same, _) = made
    assert shape == patterns.shape and row["size"] == patterns.shape[1]
    assert wide.population("HID").minicolumns == 2 * same.population("HID").minicolumns
    assert wide.projection("feedforward").fan_in == memory.architecture.projection("feedforward").fan_in
