"""What files say of themselves, in Python and by ``python -m cortical_bcpnn``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from brian2 import second
from sealing import assert_one_sentence
from tasks import names
from tiny import tiny_memory

from cortical_bcpnn.__main__ import main
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.files.checksums import checksum
from cortical_bcpnn.learned.info import describe
from cortical_bcpnn.store import learn_or_load


@pytest.fixture
def finished_run(tmp_path):
    """A folder of results: a table and a summary."""
    with Results(tmp_path / "out", "tasks", ["--seed", "3", "--out", "somewhere"]) as results:
        results.save_table(pd.DataFrame({"accuracy": [0.5]}), "tasks")
        results.finish({"variant": "spk-full", "accuracy": 0.9})
    return results.path


def unknown(path, match: str) -> None:
    with pytest.raises(ValueError, match=match) as error:
        describe(path)
    assert str(path.parent) in str(error.value)
    assert_one_sentence(str(error.value))


# --- Networks ----------------------------------------------------------------------------


def test_networks(learned, patterns, tmp_path):
    learned.save(tmp_path / "network.h5")
    said = describe(tmp_path / "network.h5")
    assert said["patterns learned"] == 48 and "checkpoint" not in said
    assert said["parameters"]["tau_p"] == "40.0 ms" and said["parameters"]["seed"] == 3
    assert said["parameters"]["variant"]["name"] == "spspk-full"
    assert [p["name"] for p in said["architecture"]["populations"]] == ["INP", "HID", "INPRC"]
    (learning,) = said["history"]
    assert learning["patterns"] == checksum(patterns) and learning["epochs"] == 4
    assert learning["versions"]["brian2"] and learning["commit"] and learning["date"]
    json.dumps(said)


def test_networks_that_have_not_learned(tmp_path):
    tiny_memory().save(tmp_path / "network.hdf5")
    said = describe(str(tmp_path / "network.hdf5"))
    assert said["patterns learned"] == 0 and said["history"] == []


def test_checkpoints(half_learned):
    said = describe(half_learned / names(half_learned)[-1])
    assert said["checkpoint"] == "12 of 24 shown" and said["patterns learned"] == 12


def test_damaged_networks(learned, tmp_path):
    path = tmp_path / "network.h5"
    learned.save(path)
    os.truncate(path, 5000)
    unknown(path, "does not match its checksum")


# --- Results -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "summary.json"])
def test_folders_of_results(finished_run, name):
    said = describe(finished_run / name)
    assert said["variant"] == "spk-full" and said["accuracy"] == 0.9
    assert said["provenance"]["command"] == "python -m protocols.tasks --seed 3"
    assert "files" not in said


def test_files_of_results(finished_run):
    said = describe(finished_run / "tasks.csv")
    assert said["file"] == "tasks.csv" and said["unchanged"] is True
    assert said["provenance"]["command"] == "python -m protocols.tasks --seed 3"
    (finished_run / "tasks.csv").write_text("accuracy\n0.99\n")
    assert describe(finished_run / "tasks.csv")["unchanged"] is False


def test_unfinished_runs(tmp_path):
    with Results(tmp_path / "out", "tasks", ["--seed", "3"]) as results:
        results.save_table(pd.DataFrame({"accuracy": [0.5]}), "tasks")
    for path in (results.path, results.path / "tasks.csv"):
        said = describe(path)
        assert said["unfinished"] is True and said["protocol"] == "tasks"
        assert said["arguments"] == ["--seed", "3"] and said["files"] == ["tasks.csv"]


def test_files_of_others(finished_run, tmp_path):
    (finished_run / "mine.txt").write_text("")
    unknown(finished_run / "mine.txt", "nothing is known of .*does not list it")
    (tmp_path / "mine.txt").write_text("")
    unknown(tmp_path / "mine.txt", "nothing is known of .*there is no summary.json beside it")


def test_missing_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist: give a network") as error:
        describe(tmp_path / "nothing.csv")
    assert_one_sentence(str(error.value))


@pytest.mark.parametrize("text", ["{", "[]", "3", "\0", '{"files": 3}', '{"files": ["tasks.csv"]}'])
def test_damaged_summaries(finished_run, text):
    (finished_run / "summary.json").write_text(text)
    unknown(finished_run / "tasks.csv", "summary.json is damaged .*: run the protocol again")


# --- Command line ------------------------------------------------------------------------


def test_info(finished_run, capsys):
    main(["info", str(finished_run / "tasks.csv")])
    assert json.loads(capsys.readouterr().out) == describe(finished_run / "tasks.csv")


def test_errors_are_one_line(tmp_path):
    with pytest.raises(SystemExit, match="^error: .*nothing.csv does not exist") as stop:
        main(["info", str(tmp_path / "nothing.csv")])
    assert_one_sentence(str(stop.value.code))


def test_networks_are_listed_and_cleared(patterns, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path))
    main(["networks"])
    assert f"0 learned networks, 0.0 MB, in {tmp_path}" in capsys.readouterr().out
    learn_or_load(tiny_memory(), patterns, 2, checkpoint_every=0 * second)
    learn_or_load(tiny_memory(seed=4, variant="spk-full"), patterns)
    next(tmp_path.glob("*/network.h5")).unlink()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "description.json").write_text("{")
    main(["networks"])
    *rows, total = capsys.readouterr().out.splitlines()
    assert total.startswith("3 learned networks") and len(rows) == 3
    assert sum(" learned " in row for row in rows) == 1
    assert sum(" unfinished " in row for row in rows) == 2
    assert any("spspk-full, HID 4x5, seed 3, 12 patterns x 2" in row for row in rows)
    assert any("spk-full, HID 4x5, seed 4, 12 patterns x 1" in row for row in rows)
    main(["networks", "--clear"])
    assert f"3 learned networks deleted from {tmp_path}" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_programs_and_networks_are_cleared_apart(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CORTICAL_BCPNN_CACHE", str(tmp_path))
    monkeypatch.delenv("CORTICAL_BCPNN_STORE", raising=False)
    for name in ("program/main", "networks/entry/network.h5", "networks/entry/description.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    main(["cache"])
    assert "1 compiled networks" in capsys.readouterr().out
    main(["cache", "--clear"])
    assert not (tmp_path / "program").exists()
    assert (tmp_path / "networks" / "entry" / "network.h5").exists()
    main(["networks", "--clear"])
    assert "1 learned networks deleted" in capsys.readouterr().out


def test_as_a_program(tmp_path):
    """``python -m cortical_bcpnn`` as users start it."""
    program = [sys.executable, "-m", "cortical_bcpnn", "info", str(tmp_path / "nothing")]
    failed = subprocess.run(program, capture_output=True, text=True, check=False)
    assert failed.returncode == 1 and failed.stdout == ""
    assert failed.stderr.startswith("error: ") and failed.stderr.count("\n") == 1
