"""Folders of results: what goes into them, what is refused, what is deleted, what is kept."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sealing import assert_one_sentence

from cortical_bcpnn.experiments.folders import free_folder, read_run
from cortical_bcpnn.experiments.results import Results

TABLE = pd.DataFrame({"task": ["a", "b"], "accuracy": [0.1, 1 / 3]})


def results(path, *arguments: str, protocol: str = "tasks", **options) -> Results:
    return Results(path, protocol, list(arguments), **options)


def content(path: Path) -> dict[str, bytes]:
    """All files of a folder but the lock, which says nothing."""
    return {p.name: p.read_bytes() for p in path.iterdir() if p.is_file() and p.name != ".lock"}


def refused(match: str, *arguments, **options) -> str:
    with pytest.raises(ValueError, match=match) as error:
        results(*arguments, **options)
    assert_one_sentence(str(error.value))
    return str(error.value)


def run_to_its_end(path: Path) -> dict[str, bytes]:
    with results(path, "--seed", "3") as run:
        run.save_table(TABLE, "tasks")
        run.write("notes.txt", b"old")
        run.finish({"accuracy": 0.9})
    return content(path)


def stop(path: Path) -> dict[str, bytes]:
    """A run that has written one table and no summary."""
    with results(path, "--seed", "3") as run:
        run.save_table(TABLE, "tasks")
    return content(path)


# --- Where results may go ----------------------------------------------------------------


def test_a_new_folder_says_what_runs(tmp_path):
    with results(tmp_path / "new" / "folder", "--seed", "3") as run:
        assert not run.finished
        said = json.loads((run.path / "run.json").read_text())
    assert said["protocol"] == "tasks" and said["arguments"] == ["--seed", "3"]
    assert said["files"] == [] and said["began"].startswith("20")


def test_an_empty_folder_will_do(tmp_path):
    with results(tmp_path) as run:
        assert not run.finished


def test_a_folder_with_results_is_refused(tmp_path):
    before = run_to_its_end(tmp_path)
    refused("holds results: give another by --out, or replace them by --overwrite", tmp_path)
    assert content(tmp_path) == before


def test_a_folder_with_a_stopped_run_is_refused(tmp_path):
    before = stop(tmp_path)
    refused(f"holds a run that was stopped: resume it by --resume {tmp_path}", tmp_path)
    assert content(tmp_path) == before


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_other_files_is_refused(tmp_path, overwrite):
    (tmp_path / "thesis.tex").write_text("years of work")
    refused("holds other files: give an empty or a new one", tmp_path, overwrite=overwrite)
    assert content(tmp_path) == {"thesis.tex": b"years of work"}
    assert os.listdir(tmp_path) == ["thesis.tex"]  # without a lock, too


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    refused("cannot be written .*give another by --out", tmp_path / "file" / "out")


@pytest.mark.parametrize("options", [{}, {"overwrite": True}])
def test_two_runs_do_not_share_a_folder(tmp_path, options):
    with results(tmp_path) as first:
        first.save_table(TABLE, "tasks")
        before = content(tmp_path)
        refused("is in use by another run: give another by --out", tmp_path, **options)
        refused("is in use by another run: wait for its end", tmp_path, resume=True)
        assert content(tmp_path) == before
        first.finish({})
    refused("holds results", tmp_path)


def test_a_refused_run_frees_the_folder(tmp_path):
    stop(tmp_path)
    refused("holds a run that was stopped", tmp_path)
    with results(tmp_path, resume=True):
        pass


# --- Overwriting -------------------------------------------------------------------------


@pytest.mark.parametrize("old", [run_to_its_end, stop])
def test_overwriting_deletes_what_the_old_run_wrote_and_nothing_else(tmp_path, old):
    old(tmp_path)
    (tmp_path / "thesis.tex").write_text("years of work")
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "mine.h5").write_text("weeks of computing")
    with results(tmp_path, "--seed", "4", overwrite=True) as run:
        assert not run.finished
        assert set(content(tmp_path)) == {"run.json", "thesis.tex"}
    assert read_run(tmp_path)["arguments"] == ["--seed", "4"]
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    assert (tmp_path / "checkpoints" / "mine.h5").read_text() == "weeks of computing"


def test_overwriting_deletes_in_its_folder_only(tmp_path):
    """Whatever the list of files says: it is a text file that anybody can change."""
    out, outside = tmp_path / "out", tmp_path / "precious.txt"
    outside.write_text("precious")
    stop(out)
    (out / "link.txt").symlink_to(outside)
    (out / "folder").mkdir()
    run = read_run(out)
    run["files"] += ["../precious.txt", str(outside), "link.txt", "folder", "", ".", "gone.csv"]
    (out / "run.json").write_text(json.dumps(run))
    with results(out, overwrite=True):
        assert outside.read_text() == "precious"
        assert (out / "link.txt").is_symlink() and (out / "folder").is_dir()
        assert not (out / "tasks.csv").exists()


def test_results_are_overwritten_by_what_their_summary_says(tmp_path):
    """Where they were copied without run.json."""
    run_to_its_end(tmp_path)
    (tmp_path / "run.json").unlink()
    refused("holds results: give another by --out, or replace them by --overwrite", tmp_path)
    with results(tmp_path, overwrite=True):
        assert set(content(tmp_path)) == {"run.json"}


@pytest.mark.parametrize("name", ["run.json", "summary.json"])
@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"files": 3}', "\0"])
def test_nothing_is_deleted_where_nothing_says_what(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    (tmp_path / "tasks.csv").write_text("a\n1\n")
    refused("do not say which files are theirs: give another by --out", tmp_path, overwrite=True)
    assert set(content(tmp_path)) == {name, "tasks.csv"}


def test_overwriting_an_empty_folder(tmp_path):
    with results(tmp_path, overwrite=True) as run:
        assert not run.finished


# --- Going on ----------------------------------------------------------------------------


def test_a_stopped_run_goes_on(tmp_path):
    """It keeps its beginning, its files and its tables, number by number."""
    stop(tmp_path)
    began = read_run(tmp_path)
    with results(tmp_path, resume=True) as run:
        assert not run.finished
        pd.testing.assert_frame_equal(run.table("tasks"), TABLE, check_exact=True)
        run.write("notes.txt", b"new")
        summary = run.finish({"accuracy": 0.9})
    assert read_run(tmp_path) == {**began, "files": ["tasks.csv", "notes.txt"]}
    assert set(summary["files"]) == {"notes.txt", "tasks.csv"}
    assert summary["provenance"]["began"] == began["began"]
    assert summary["provenance"]["command"] == "python -m protocols.tasks --seed 3"


def test_a_finished_run_stays_as_it_is(tmp_path):
    before = run_to_its_end(tmp_path)
    with results(tmp_path, resume=True) as run:
        assert run.finished and run.summary()["accuracy"] == 0.9
    assert content(tmp_path) == before


def test_only_runs_can_be_gone_on_with(tmp_path):
    refused("holds no run that can be resumed .*start another", tmp_path / "no", resume=True)
    assert not (tmp_path / "no").exists()
    refused("holds no run that can be resumed", tmp_path, resume=True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "null", "{}", '{"protocol": "tasks", "arguments": [], "files": []}',
        '{"protocol": "tasks", "began": "now", "arguments": "--seed", "files": []}',
        '{"protocol": "tasks", "began": "now", "arguments": [3], "files": []}',
        '{"protocol": "tasks", "began": "now", "arguments": [], "files": {"a": 1}}',
        '{"protocol": 3, "began": "now", "arguments": [], "files": []}',
    ],
)  # fmt: skip
def test_damaged_runs(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    refused("holds no run that can be resumed .*start another", tmp_path, resume=True)


def test_numbers_of_a_table_come_back_exactly(tmp_path):
    values = np.array([k / n for n in (7, 60, 360, 1000) for k in range(n + 1)] + [1e-300, 1e22])
    with results(tmp_path) as run:
        run.save_table(pd.DataFrame({"x": values}), "numbers")
        np.testing.assert_array_equal(run.table("numbers")["x"], values)


def test_ctrl_c_says_how_to_go_on(tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt):
        with results(tmp_path):
            raise KeyboardInterrupt
    assert f"resume by python -m protocols.tasks --resume {tmp_path}" in capsys.readouterr().err


# --- Files -------------------------------------------------------------------------------


def test_the_summary_knows_every_file(tmp_path):
    with results(tmp_path) as run:
        run.save_table(TABLE, "tasks")
        figure = Figure()
        figure.subplots().plot([0, 1])
        run.save_figure(figure, "curve")
        run.register("never_written.h5")
        summary = run.finish({"accuracy": {"ff": 0.9}})
        assert run.finished
    assert set(summary["files"]) == {"tasks.csv", "curve.png", "curve.svg"}
    for name, checksum in summary["files"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == checksum
    assert json.loads((tmp_path / "summary.json").read_text()) == summary
    assert summary["accuracy"] == {"ff": 0.9}
    assert {"command", "commit", "date", "began", "versions"} <= set(summary["provenance"])


def test_files_are_known_before_they_are_there(tmp_path, monkeypatch):
    """Else a run that is killed meanwhile would leave files that nobody answers for."""

    def fail(*_):
        raise OSError(28, "No space left on device")

    with results(tmp_path) as run:
        run.save_table(TABLE, "tasks")
        before = content(tmp_path)
        run.register("new.csv")
        monkeypatch.setattr(os, "replace", fail)
        for name in ("tasks", "new"):
            with pytest.raises(OSError, match="cannot be written .No space left") as error:
                run.save_table(TABLE[:1], name)
            assert_one_sentence(str(error.value))
        monkeypatch.undo()
    assert read_run(tmp_path)["files"] == ["tasks.csv", "new.csv"]
    assert content(tmp_path).keys() == before.keys()
    assert content(tmp_path)["tasks.csv"] == before["tasks.csv"]


def test_a_free_folder_is_named_after_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = argparse.Namespace(dataset="digits", variant="spk-full", seed=3)
    first = free_folder("tasks", options)
    assert first == Path("results/tasks/digits_spk-full_seed3")
    first.mkdir(parents=True)
    assert free_folder("tasks", options) == Path("results/tasks/digits_spk-full_seed3_2")
    del options.variant
    assert free_folder("tasks", options) == Path("results/tasks/digits_seed3")
