"""Two versions measured side by side: ratios, and what cannot be measured."""

from __future__ import annotations

import pandas as pd
import pytest

from cortical_bcpnn.experiments.two_versions import (
    MEASURES,
    ROOT,
    check_checkout,
    compare_versions,
    measure_version,
)


def test_ratios_are_of_neighbouring_measurements():
    """Median 2 of 1.5, 2 and 4, though the ratio of the medians is another."""
    rows = [
        {"version": name, "variant": "spk-full", "repeat": repeat, "learn_ms": value}
        for repeat, (other, this) in enumerate([(3, 2), (4, 2), (40, 10)])
        for name, value in (("other", other), ("this", this))
    ]
    rows = pd.DataFrame(rows).assign(build_s=float("nan"), recall_us=1.0, peak_mb=5.0)
    table = compare_versions(rows).set_index("measure")
    assert "build_s" not in table.index and len(table) == 3
    row = table.loc[MEASURES["learn_ms"]]
    assert (row["other"], row["this"], row["ratio"]) == (4, 2, 2)
    assert (row["lowest"], row["highest"]) == (1.5, 4)


def test_this_version_is_a_checkout(tmp_path):
    assert check_checkout(ROOT) == ROOT.resolve()
    with pytest.raises(ValueError, match="checkout is .*: give a folder that holds cortical_bcpnn"):
        check_checkout(tmp_path)


def test_a_version_that_fails_is_said_with_its_error(tmp_path):
    (tmp_path / "cortical_bcpnn").mkdir()
    (tmp_path / "cortical_bcpnn" / "__init__.py").write_text("raise ImportError('it is too old')")
    with pytest.raises(RuntimeError, match="cannot be measured: (.|\n)*it is too old"):
        measure_version(tmp_path, {}, tmp_path / "cache")
