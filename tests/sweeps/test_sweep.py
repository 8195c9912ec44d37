"""Sweeps from the command line, in small on real digits: disturbed or not, the table is the same."""

from __future__ import annotations

import errno
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from brian2 import Hz
from killing_sweeps import kill_at_random, n_rows, start_sweep, table_of
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.sweeps import batch
from cortical_bcpnn.sweeps import run as sweep_run
from cortical_bcpnn.sweeps.computers import Computers
from cortical_bcpnn.sweeps.run_table import JOURNAL, RunTable, fingerprint, results_of
from cortical_bcpnn.sweeps.spec import spec_from
from protocols.draw_sweep import draw_sweep
from protocols.sweep import sweep

SMALL = ["--set", "train_images=40", "test_images=20", "epochs=1"]
GRID = ["--grid", "tau_z=5ms,20ms", "f_max=100Hz,200Hz", *SMALL]


@pytest.fixture(scope="module")
def whole(scheduler, tmp_path_factory) -> Path:
    """A sweep that nothing disturbed. Do not change it."""
    out = tmp_path_factory.mktemp("whole") / "out"
    sweep.run([*GRID, "--seeds", "2", "--scheduler", scheduler, "--out", str(out)])
    return out


def test_a_row_for_each_run(whole):
    table = table_of(whole)
    order = list(zip(table["seed"], table["tau_z_ms"], table["f_max_hz"]))
    assert order == [(s, t, f) for s in (0, 1) for t in (5, 20) for f in (100, 200)]
    assert (table["status"] == "done").all() and table["run"].is_unique
    assert table["ff"].between(0, 1).all() and (table["seconds"] > 0).all()
    assert table["epochs"].tolist() == [1] * 8 and set(table["split"]) == {"test"}
    # twice the rate, twice the spikes; 20 images with 1200 spikes each
    spikes = table.groupby("f_max_hz")["hid_spikes"].mean()
    assert spikes[200] / spikes[100] == pytest.approx(2, abs=0.05)
    assert list(pd.read_csv(whole / "runs.csv").columns) == list(table.columns)


def test_the_summary_says_what_was_run(whole):
    summary = json.loads((whole / "summary.json").read_text())
    assert summary["runs"] == {"all": 8, "done": 8} and summary["seeds"] == [0, 1]
    assert summary["results"] == fingerprint(table_of(whole))
    assert summary["provenance"]["command"].startswith("python -m protocols.sweep --grid tau_z=5ms")
    assert {"runs.csv", "runs.parquet", "runs.jsonl", "sweep.png"} <= set(summary["files"])
    assert imread(whole / "sweep.png").std() > 0.05


def test_a_finished_sweep_computes_nothing_and_needs_no_cluster(whole, monkeypatch):
    monkeypatch.setattr(Computers, "cluster", None)
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    same = sweep.run([*GRID, "--seeds", "2", "--out", str(whole)])
    resumed = sweep.run(["--resume", str(whole)])
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before
    for results in (same, resumed):
        said = sweep.report(results)
        assert f"8 of 8 runs done, results {fingerprint(table_of(whole))}" in said
        assert "means over 2 seeds" in said and not results.figures


def test_the_folder_says_what_is_resumed(whole, tmp_path, monkeypatch):
    """Not the file of the specification, which may have changed since; so with earlier versions."""
    monkeypatch.setattr(Computers, "cluster", None)
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    (out / "summary.json").unlink()
    run = json.loads((out / "run.json").read_text())
    earlier = ["gone.toml", "--seeds", "2", "--scheduler", "tcp://h:1", "--out", str(whole)]
    (out / "run.json").write_text(json.dumps({**run, "arguments": earlier}))
    monkeypatch.setattr(Computers, "check", lambda self: None)
    results = sweep.run(["--resume", str(out), "--workers", "1", "--patience=1s"])
    assert results.summary()["results"] == fingerprint(table_of(whole))
    assert results.summary()["runs"] == {"all": 8, "done": 8}
    for other, name in ((["--seeds", "3"], "--seeds"), (["time_constants"], "SPEC")):
        with pytest.raises(ValueError, match=f"--resume comes with {name}: leave it out"):
            sweep.run([*other, "--resume", str(out)])


def test_picture_is_drawn_again(whole, tmp_path):
    assert_redrawn(sweep, whole, tmp_path / "copy")


def test_a_sweep_from_python(whole, tmp_path, monkeypatch):
    """By the same names, and the same runs."""
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    monkeypatch.setattr(Computers, "cluster", None)
    grid = {"tau_z": "5ms,20ms", "f_max": [100 * Hz, 200 * Hz]}
    small = {"train_images": 40, "test_images": 20, "epochs": 1}
    results = sweep(grid=grid, set=small, seeds=2, out=out)
    assert results.table("runs")["run"].tolist() == table_of(whole)["run"].tolist()


def test_a_sweep_can_grow_but_not_become_another(whole, scheduler, tmp_path, monkeypatch):
    """More seeds: only what is missing is computed."""
    out = tmp_path / "out"
    one = ["--grid", "tau_z=5ms", *SMALL, "--scheduler", scheduler, "--out", str(out)]
    sweep.run(one)
    sweep.run([*one, "--seeds", "2"])
    assert n_rows(out) == 2 and table_of(out)["seed"].tolist() == [0, 1]
    summary = json.loads((out / "summary.json").read_text())
    assert summary["seeds"] == [0, 1] and "--seeds 2" in summary["provenance"]["command"]
    before = (out / JOURNAL).read_bytes()
    with pytest.raises(ValueError, match="holds another sweep, 1 of whose runs are not in this one"):
        sweep.run(one)
    with monkeypatch.context() as patch:
        patch.setattr("cortical_bcpnn.sweeps.folder.code_version", lambda: "newer")
        with pytest.raises(ValueError, match="was begun with other code"):
            sweep.run([*one, "--seeds", "2"])
    assert (out / JOURNAL).read_bytes() == before


def test_a_failed_run_is_a_row_and_others_go_on(scheduler, tmp_path):
    """Images of one class have no readout; run again only if that is asked for."""
    out = tmp_path / "out"
    arguments = ["--grid", "readout_images=1,40", *SMALL, "--scheduler", scheduler, "--out", str(out)]
    said = sweep.report(sweep.run(arguments))
    table = table_of(out)
    assert table["status"].tolist() == ["failed", "done"] and n_rows(out) == 2
    assert "a readout needs training images of at least 2 classes" in table["error"][0]
    assert np.isnan(table["ff"][0]) and table["ff"][1] >= 0
    assert "failed: run" in said and "--retry-failed runs these again" in said
    sweep.run(arguments)
    assert n_rows(out) == 2
    sweep.run([*arguments, "--retry-failed"])
    assert n_rows(out) == 3 and table_of(out)["status"].tolist() == ["failed", "done"]


def test_two_sweeps_on_one_directory(tmp_path):
    out = tmp_path / "out"
    with Results(out, "sweep", []):
        with pytest.raises(ValueError, match="in use by another run|holds a run"):
            sweep.run([*GRID, "--out", str(out), "--workers", "1"])


def test_no_disk_left_on_a_worker(monkeypatch):
    """That ends a sweep: other runs would fail as well."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sweep_run, "learn_or_load", full)
    (run,) = spec_from({"parameters": {"train_images": 40}}).runs(digits())
    outcome = sweep_run.compute(run)
    assert outcome["status"] == "no disk" and "No space left" in outcome["error"]


def test_no_disk_left_is_said_and_rows_are_kept(tmp_path, monkeypatch):
    def compute(self, function, calls):
        for number, key in enumerate(calls):
            status = "done" if number < 2 else "no disk"
            yield key, {"status": status, "error": "full", "measures": {},
                        "where": {"host": "h", "seconds": 1.0}}  # fmt: skip

    class Here:
        def __enter__(self):
            return type("Cluster", (), {"compute": compute})()

        def __exit__(self, *_):
            pass

    out = tmp_path / "out"
    monkeypatch.setattr(Computers, "cluster", lambda *_: Here())
    with pytest.raises(OSError, match="no disk left on h .*start again by the same command"):
        sweep.run([*GRID, "--out", str(out)])
    assert n_rows(out) == 2 and len(table_of(out)) == 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "the grid is empty"), (["--grid", "tau_z="], "'tau_z=' sets nothing"),
        (["--grid", "tau_z=5"], "without a unit"), (["--grid", "tau_z=5Hz"], "in the wrong unit"),
        (["--grid", "tau=5ms"], "'tau' is unknown"), (["nothing"], "cannot be read"),
        (["time_constants", "--set", "tau_z=4ms"], "in the grid and among the parameters"),
        (["time_constants", "--scheduler", "tcp://127.0.0.1:9", "--patience", "1s"], "not answer"),
        (["time_constants", "--dataset", "letters"], "'letters' is unknown"),
        (["time_constants", "--measures", "speed"], "'speed' is unknown"),
        (["time_constants", "--scheduler", "tcp://h:1", "--workers", "2"], "cluster has its own"),
        (["time_constants", "--seeds", "0"], "--seeds.*'0' is no whole number.*see --help"),
    ],
)  # fmt: skip
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    with pytest.raises((ValueError, OSError), match=message):
        sweep.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_a_figure_from_the_table(whole, tmp_path, capsys):
    path = tmp_path / "figure.png"
    draw_sweep(whole, over=["f_max"], measures=["hid_spikes"], out=path)
    assert imread(path).std() > 0.05 and path.with_suffix(".svg").exists()
    assert capsys.readouterr().out.strip() == str(path)
    with pytest.raises(ValueError, match="has nothing to draw"):
        draw_sweep(whole, over=["tau_m"])
    with pytest.raises(ValueError, match="holds no sweep"):
        draw_sweep(tmp_path)


# --- Kills -------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("seed", [2])
def test_killing_at_random_changes_nothing(whole, tmp_path, seed):
    """Sweep, worker or program, after every row or two and a random time on top."""
    rng = np.random.default_rng(seed)
    out, kills = tmp_path / "out", []
    arguments = [*GRID, "--workers", "2", "--out", str(out)]
    process = start_sweep(arguments, tmp_path / "store")
    while process.poll() is None:
        due = n_rows(out) + int(rng.integers(1, 3))
        while n_rows(out) < due and process.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        if process.poll() is None and len(kills) < 3:
            kills.append(kill_at_random(rng, process))
            if kills[-1] == "sweep":
                process = start_sweep(arguments, tmp_path / "store")
    assert process.returncode == 0, process.stderr.read()
    assert kills
    found, expected = (results_of(table_of(path)) for path in (out, whole))
    pd.testing.assert_frame_equal(found, expected[expected["seed"] == 0])


def test_a_program_that_is_killed_again_and_again_is_given_up(tmp_path, monkeypatch):
    """Three times it is begun again."""

    def killed(*_):
        raise RuntimeError("the simulation process ended with status -9: it printed nothing.")

    class Here:
        def compute(self, function, calls):
            yield from ((key, function(*call)) for key, call in calls.items())

    monkeypatch.setattr(sweep_run, "learn_or_load", killed)
    runs = spec_from({"parameters": {"train_images": 40}}).runs(digits())
    with Results(tmp_path / "out", "sweep", []) as results:
        table = RunTable(results)
        attempts = []
        monkeypatch.setattr(batch, "compute", lambda *c: attempts.append(1) or sweep_run.compute(*c))
        batch.compute_missing(table, runs, runs, Here(), None)
        assert table.outcome(runs[0])["status"] == "lost" and len(attempts) == 4
