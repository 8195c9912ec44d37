"""Two versions side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from protocols import beside
from protocols.beside import ROOT, compare


def test_ratios_are_of_neighbouring_measurements():
    """Median 2 of 1.5, 2 and 4, though the ratio of the medians is another."""
    rows = [
        {"version": name, "variant": "spk-full", "repeat": repeat, "learn_ms": value}
        for repeat, (other, this) in enumerate([(3, 2), (4, 2), (40, 10)])
        for name, value in (("other", other), ("this", this))
    ]
    rows = pd.DataFrame(rows).assign(build_s=float("nan"), recall_us=1.0, peak_mb=5.0)
    table = compare(rows).set_index("measure")
    assert "build_s" not in table.index and len(table) == 3
    row = table.loc[beside.MEASURES["learn_ms"]]
    assert (row["other"], row["this"], row["ratio"]) == (4, 2, 2)
    assert (row["lowest"], row["highest"]) == (1.5, 4)


def test_a_folder_without_the_package_is_refused(tmp_path):
    with pytest.raises(ValueError, match="checkout is .*: give a folder that holds cortical_bcpnn"):
        beside.main([str(tmp_path), "--out", str(tmp_path / "out")])


@pytest.mark.long
def test_this_version_beside_itself(tmp_path):
    """All is measured; what is the same takes about as long."""
    out = tmp_path / "out"
    arguments = ["--variants", "spk-full", "--patterns", "40", "--cues", "4", "--repeats", "1"]
    beside.main([str(ROOT), *arguments, "--out", str(out)])
    table = pd.read_csv(out / "beside.csv").set_index("measure")
    assert list(table.index) == list(beside.MEASURES.values())
    assert table.loc[beside.MEASURES["peak_mb"], "ratio"] == pytest.approx(1, abs=0.2)
