"""The benchmark as an experiment: what it keeps and draws; what is measured is tested elsewhere."""

from __future__ import annotations

import json

import pytest
from redrawing import assert_redrawn

from protocols.benchmark import benchmark

SMALL = ["--limit", "60", "--patterns", "70", "--jobs", "2", "--seed", "5"]
LEARNING = {"learn_ms_per_pattern": 2.0, "learn_split_ms": {"simulation": 1.5, "startup": 0.5},
            "real_time_factor": 50.0, "peak_memory_mb": 300.0}  # fmt: skip
RECALL = {"recall_us_per_step": 4.0, "recall_speedup": {"1": 1.0, "2": 1.9}}


@pytest.fixture
def asked(monkeypatch) -> list:
    """What is measured, in order; no time is taken."""
    asked: list = []

    def fake(name, found):
        def measure(*arguments):
            asked.append(name(*arguments) if callable(name) else name)
            return found(*arguments) if callable(found) else found

        return measure

    def scaled(memory, kind, scale, images, n_cues):
        return {"varied": kind, "size": 10 * scale, "learn_ms_per_pattern": 3 * scale**2,
                "recall_us_per_step": 7 * scale}  # fmt: skip

    for name, found in (
        ("learning", LEARNING), ("recall", RECALL), ("build", {"build_s": 20.0, "rebuild_s": 1.0}),
    ):  # fmt: skip
        monkeypatch.setattr(f"protocols.benchmark.measure_{name}", fake(name, found))
    dense = {"ratio_to_dense_every_step": 170.0, "ratio_to_dense_per_pattern": 16.0}
    monkeypatch.setattr("protocols.benchmark.against_dense", fake("dense", dense))
    monkeypatch.setattr("protocols.benchmark.measure_scaled", fake(lambda _, k, s, *__: (k, s), scaled))
    return asked


def test_figures_are_written_and_drawn(asked, tmp_path):
    path, out = tmp_path / "new" / "figures.json", tmp_path / "out"
    results = benchmark.run([*SMALL, "--json", str(path), "--out", str(out)])
    assert asked[:4] == ["learning", "recall", "build", "dense"] and len(asked) == 4 + 4 + 4 + 2
    figures = json.loads(path.read_text())
    assert figures == json.loads((out / "benchmark.json").read_text())
    assert list(figures)[:4] == ["variant", "dataset", "patterns", "machine"]
    assert figures["patterns"] == 70 and set(figures["machine"]) == {"processor", "cores", "system"}
    assert figures["command"] == f"python -m protocols.benchmark {' '.join(SMALL)}"
    exponents = {"learn_ms_per_pattern": 2, "recall_us_per_step": 1}
    assert figures["scaling_exponents"] == dict.fromkeys(
        ("hidden minicolumns", "fan-in", "input"), exponents
    )
    assert results.summary().items() >= figures.items()
    report = benchmark.report(results)
    assert "170.0 times faster than dense traces, every step" in report and "exponents of" in report
    assert_redrawn(benchmark, out, tmp_path / "copy")


def test_a_stopped_run_keeps_what_it_has_measured(asked, tmp_path, monkeypatch):
    """And writes it at once; where the figures go as well may change."""
    out, path = tmp_path / "out", tmp_path / "figures.json"

    def stop(memory):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("protocols.benchmark.measure_build", stop)
        with pytest.raises(KeyboardInterrupt):
            benchmark.run([*SMALL, "--no-scaling", "--no-dense", "--out", str(out)])
    assert json.loads((out / "benchmark.json").read_text())["learn_ms_per_pattern"] == 2
    results = benchmark.run(["--resume", str(out), "--json", str(path)])
    assert asked == ["learning", "recall", "build"] and not results.figures
    assert json.loads(path.read_text())["build_s"] == 20
    assert "exponents" not in benchmark.report(results) and "dense" not in benchmark.report(results)


def test_what_is_wrong_is_said_before_anything_is_measured(asked, tmp_path):
    with pytest.raises(ValueError, match="'0' is no whole number of 1 or more.*see --help"):
        benchmark.run(["--patterns", "0", "--out", str(tmp_path / "out")])
    assert not asked and not (tmp_path / "out").exists()
