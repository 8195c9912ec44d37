"""Costs of recall: counted by hand, fitted where they are known, and those that are published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.analysis.costs import events, fit_costs, measure_costs, synapses
from cortical_bcpnn.experiments.folders import read_summary, read_table

PUBLISHED = Path(__file__).parents[2] / "figures" / "costs"


def test_synapses_and_events_are_counted(learned):
    """A spike of each minicolumn reaches every synapse once."""
    architecture = learned.architecture
    every = {p.name: synapses(architecture, p) for p in architecture.projections}
    for projection in architecture.projections:
        _, post = architecture.ends(projection)
        pre, _ = architecture.ends(projection)
        assert every[projection.name] == projection.fan_in * pre.minicolumns * post.size
    once = {p.name: float(p.size) for p in architecture.populations}
    assert events(architecture, once) == pytest.approx(sum(every.values()))
    assert events(architecture, dict.fromkeys(once, 0.0)) == 0


def test_known_costs_are_found():
    """2 µs a step, 7 ns a minicolumn, 0.25 ns an event, 17 bytes a synapse."""
    table = pd.DataFrame({
        "minicolumns": [1000, 2000, 2000, 5000], "events_per_step": [1e4, 1e4, 8e4, 3e4],
        "synapses": [1e6, 4e6, 4e6, 9e6],
    })  # fmt: skip
    table["us_per_step"] = 2 + 7e-3 * table["minicolumns"] + 0.25e-3 * table["events_per_step"]
    table["recall_mb"] = 30 + 17e-6 * table["synapses"]
    found = fit_costs(table)
    assert list(found.values()) == pytest.approx([2, 7, 0.25, 17, 0], abs=1e-9)
    assert fit_costs(table.assign(us_per_step=2.0))["ns_per_event"] == 0  # none is negative


def test_published_costs():
    """Are what their table comes to."""
    found, published = fit_costs(read_table(PUBLISHED, "costs")), read_summary(PUBLISHED)
    assert found == pytest.approx({name: published[name] for name in found}, rel=1e-9)


def test_a_network_is_measured(learned, patterns):
    found = measure_costs(learned, patterns[:3], 1)
    sizes = [p.size for p in learned.architecture.populations]
    assert found["minicolumns"] == sum(sizes) and 0 < found["synapses"] < found["pairs"]
    assert 0 < found["events_per_step"] < np.inf and found["us_per_step"] > 0
    assert found["recall_mb"] > 1 and found["python_mb"] > 50
