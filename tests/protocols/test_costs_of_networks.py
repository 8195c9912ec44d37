"""Costs from networks of several sizes, in small."""

from __future__ import annotations

import pandas as pd
import pytest

from cortical_bcpnn.analysis.costs import fit_costs, measure_costs
from cortical_bcpnn.experiments.folders import read_table
from protocols.costs import costs


@pytest.mark.long
def test_small_networks(tmp_path, monkeypatch):
    """Of five minicolumns in each hypercolumn; a stopped run goes on."""
    measured = []
    monkeypatch.setattr("protocols.costs.CASES", ((5, 100), (6, 100)))
    monkeypatch.setattr("protocols.costs.MINICOLUMNS", 5)
    monkeypatch.setattr("protocols.costs.PATTERNS", 20)

    def stop(memory, *arguments):
        if measured:
            raise KeyboardInterrupt
        measured.append(memory)
        return measure_costs(memory, *arguments)

    out = tmp_path / "out"
    monkeypatch.setattr("protocols.costs.measure_costs", stop)
    with pytest.raises(KeyboardInterrupt):
        costs.run(["--repeats", "1", "--out", str(out)])
    first = read_table(out, "costs")
    monkeypatch.setattr("protocols.costs.measure_costs", measure_costs)
    results = costs.run(["--resume", str(out)])
    table = results.table("costs")
    pd.testing.assert_frame_equal(table[:1], first)
    assert table["hypercolumns"].tolist() == [5, 6] and (table["f_max_hz"] == 100).all()
    summary = results.summary()
    assert summary.items() >= fit_costs(table).items() and "load" in summary
    assert "us_per_step" in costs.report(results)


def test_what_is_wrong_is_said(tmp_path):
    with pytest.raises(ValueError, match="seed is -1: give a whole number of 0 or more"):
        costs.run(["--seed", "-1", "--out", str(tmp_path / "out")])
    with pytest.raises(ValueError, match="'0' is no whole number of 1 or more.*see --help"):
        costs.run(["--repeats", "0", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
