"""Runs per hour against workers, in small."""

from __future__ import annotations

import os

import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.experiments.results import Results
from protocols.scaling import scaling

SMALL = {"train_images": 40, "test_images": 20, "epochs": 1}
ARGUMENTS = ["--workers", "1", "--runs", "1", "--repeats", "2"]


@pytest.mark.long  # clusters and networks of its own
def test_the_protocol_in_small(tmp_path, monkeypatch):
    """And a run that was stopped goes on."""
    monkeypatch.setattr("protocols.scaling.SETTINGS", SMALL)
    out = tmp_path / "out"
    keep = Results.save_table

    def stop(self, *arguments):
        keep(self, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Results, "save_table", stop)
        with pytest.raises(KeyboardInterrupt):
            scaling.run([*ARGUMENTS, "--out", str(out)])
    first = pd.read_csv(out / "scaling.csv")
    results = scaling.run(["--resume", str(out)])
    table = pd.read_csv(out / "scaling.csv")
    assert table["repeat"].tolist() == [0, 1] and (table["runs_per_hour"] > 0).all()
    pd.testing.assert_frame_equal(table[:1], first)
    assert results.summary()["settings"] == SMALL and "efficiency" in scaling.report(results)
    assert imread(out / "scaling.png").std() > 0.05
    assert "CORTICAL_BCPNN_STORE" in os.environ, "the store of the tests is there again"
    assert_redrawn(scaling, out, tmp_path / "copy")


def test_bad_input_is_said_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="--workers.*'0' is no whole number.*see --help"):
        scaling.run(["--workers", "1,0", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
