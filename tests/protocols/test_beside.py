"""Two versions side by side: what is refused, and the protocol in small."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cortical_bcpnn.experiments.two_versions import MEASURES, ROOT
from protocols.beside import beside


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nowhere"], "checkout is nowhere: give a folder that holds cortical_bcpnn"),
        ([], "checkout is missing: give a folder that holds cortical_bcpnn"),
        ([str(ROOT), "--variants", "spk"], "'spk' is unknown: choose one of rate-ff.*see --help"),
        ([str(ROOT), "--dataset", "letters"], "'letters' is unknown: choose one of breast-cancer"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        beside.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_a_stopped_run_knows_its_checkout(tmp_path, monkeypatch):
    """And measures by turns, from empty caches where programs are built."""
    seen = []

    def measure(checkout, asked, cache):
        if len(seen) == 3:
            seen.append("stopped")
            raise KeyboardInterrupt
        seen.append((checkout, asked["variant"], asked["build"], cache.name))
        return {**({"build_s": 2.0} if asked["build"] else {}), "learn_ms": 1.0, "recall_us": 1.0,
                "peak_mb": 1.0}  # fmt: skip

    monkeypatch.setattr("protocols.beside.measure_version", measure)
    other, out = tmp_path / "other" / "cortical_bcpnn", tmp_path / "out"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    with pytest.raises(KeyboardInterrupt):
        beside.run([str(other.parent), "--variants", "spk-full,rate-ff", "--repeats", "1",
                    "--out", str(out)])  # fmt: skip
    results = beside.run(["--resume", str(out)])
    assert [part for part in seen if part != "stopped"] == [
        (other.parent, "spk-full", True, "other_0"), (ROOT, "spk-full", True, "this_0"),
        (other.parent, "rate-ff", False, "other_rate-ff"), (ROOT, "rate-ff", False, "this_rate-ff"),
    ]  # fmt: skip
    assert len(results.table("beside")) == 4 + 3 and "s, building both" in beside.report(results)
    summary = results.summary()
    assert summary["other"] is None and summary["asked"]["hidden"] == [30, 30]
    assert summary["command"] == summary["provenance"]["command"]


@pytest.mark.long
def test_this_version_beside_itself(tmp_path):
    """All is measured; what is the same takes about as long."""
    out = tmp_path / "out"
    arguments = ["--variants", "spk-full", "--patterns", "40", "--cues", "4", "--repeats", "1"]
    beside.run([str(ROOT), *arguments, "--out", str(out)])
    table = pd.read_csv(out / "beside.csv").set_index("measure")
    assert list(table.index) == list(MEASURES.values())
    assert table.loc[MEASURES["peak_mb"], "ratio"] == pytest.approx(1, abs=0.2)
    assert json.loads((out / "summary.json").read_text())["asked"]["fan_in"] == 24
