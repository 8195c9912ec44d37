"""The table of a sweep survives crashes, full disks and damage."""

from __future__ import annotations

import errno
import json

import pandas as pd
import pytest

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.sweeps.run_table import JOURNAL, RunTable, fingerprint, results_of
from cortical_bcpnn.sweeps.spec import spec_from

WHERE = {"seconds": 1.5, "ended": "2024-01-01T00:00:00+00:00", "host": "h", "process": 7,
         "processor": "p"}  # fmt: skip


@pytest.fixture(scope="module")
def runs():
    content = {"grid": {"tau_z": ["5ms", "20ms"]}, "seeds": 2, "measures": ["accuracy"]}
    return spec_from(content).runs(digits())


@pytest.fixture
def results(tmp_path):
    with Results(tmp_path / "out", "sweep", []) as results:
        yield results


def done(ff: float = 0.1 + 0.2, **where) -> dict:
    measures = {"ff": ff, "attractor": 1 / 3}
    return {"status": "done", "error": None, "measures": measures, "where": {**WHERE, **where}}


def failed(status: str = "failed") -> dict:
    return {"status": status, "error": "boom, \"quoted\"\nand more", "measures": {}, "where": WHERE}


def test_rows_are_there_again(results, runs):
    table = RunTable(results)
    assert table.missing(runs) == runs
    table.append(runs[2], done())
    table.append(runs[0], failed())
    table = RunTable(results)
    assert table.missing(runs) == [runs[1], runs[3]]
    assert table.missing(runs, ("failed",)) == [runs[0], runs[1], runs[3]]
    assert table.outcome(runs[2]) == done() and table.n_failed(runs) == 1
    assert list(table.table(runs)["run"]) == [runs[0].id, runs[2].id]


def test_lost_runs_are_run_again(results, runs):
    table = RunTable(results)
    table.append(runs[0], failed("lost"))
    assert table.missing(runs[:1]) == runs[:1]
    table.append(runs[0], done())
    assert table.missing(runs[:1]) == []
    table = RunTable(results)
    assert table.outcome(runs[0])["status"] == "done"


def test_parquet_and_csv_say_the_same(results, runs):
    table = RunTable(results)
    table.append(runs[1], done())
    table.append(runs[0], failed())
    table.write(runs)
    expected = table.table(runs)
    parquet = pd.read_parquet(results.path / "runs.parquet")
    csv = pd.read_csv(results.path / "runs.csv")
    pd.testing.assert_frame_equal(parquet, expected, check_dtype=False)
    assert list(csv.columns) == list(expected.columns)
    assert csv["ff"][1] == parquet["ff"][1] == 0.1 + 0.2, "to the last bit"
    assert csv["error"][0] == failed()["error"] and pd.isna(csv["ff"][0])
    assert parquet["tau_z_ms"].tolist() == [5.0, 20.0] and parquet["f_max_hz"].tolist() == [100, 100]


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_line_that_a_crash_cut_short(results, runs, cut):
    """It is as if the run had not ended; later lines are whole."""
    table = RunTable(results)
    table.append(runs[0], done())
    table.append(runs[1], done())
    path = results.path / JOURNAL
    path.write_bytes(path.read_bytes()[:-cut])
    table = RunTable(results)
    assert table.missing(runs[:2]) == [runs[1]]
    table.append(runs[1], done(0.5))
    table = RunTable(results)
    assert table.missing(runs[:2]) == [] and table.outcome(runs[1]) == done(0.5)


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"run": "x"}', "\x00\x00"])
def test_a_damaged_line_costs_its_own_run_only(results, runs, damage):
    table = RunTable(results)
    for run in runs[:3]:
        table.append(run, done())
    path = results.path / JOURNAL
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], damage, lines[2]]) + "\n")
    with pytest.warns(UserWarning, match="line 2 of .*is damaged"):
        table = RunTable(results)
    assert table.missing(runs[:3]) == [runs[1]]


def test_a_full_disk_leaves_whole_lines(results, runs, monkeypatch):
    """What could not be written is said, and can be written later."""
    table = RunTable(results)
    table.append(runs[0], done())

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            table.append(runs[1], done())
    assert table.missing(runs[:2]) == [runs[1]]
    lines = (results.path / JOURNAL).read_text().splitlines()
    assert len(lines) == 1 and json.loads(lines[0])[0] == runs[0].id
    table.append(runs[1], done())
    table = RunTable(results)
    assert table.missing(runs[:2]) == []


def test_the_fingerprint_is_that_of_results(results, runs):
    """Not of when, where and how fast they came, nor of their order."""
    table = RunTable(results)
    for run in runs:
        table.append(run, done())
    first = table.table(runs)
    for run in reversed(runs):
        table.append(run, done(seconds=9.0, host="other", process=1, ended="later"))
    second = table.table(runs)
    table.append(runs[3], done(0.3))
    third = table.table(runs)
    assert not first.equals(second) and results_of(first).equals(results_of(second))
    assert fingerprint(first) == fingerprint(second) != fingerprint(third)
