"""Protocols one after the other: each once, with the options that all of them share."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments import Networks, Results, experiment
from cortical_bcpnn.experiments.series import passed_on, run_protocols


@experiment
def stand_in(setup: Networks, results: Results) -> dict:
    """Makes nothing."""
    return {}


@pytest.fixture
def ran(monkeypatch) -> list:
    """Command lines that protocols of three names are given."""
    given: list = []
    for name in ("raster", "time_constants", "architecture"):
        run = SimpleNamespace(run=lambda arguments, name=name: given.append((name, arguments)),
                              more_networks=stand_in.more_networks,
                              single=name == "architecture")  # fmt: skip
        monkeypatch.setitem(sys.modules, f"protocols.{name}", SimpleNamespace(**{name: run}))
    return given


def folder(path: Path, *arguments: str, ended: bool = False) -> Path:
    """A run that has begun, or ended."""
    path.mkdir()
    run = {"protocol": path.name, "arguments": list(arguments), "began": "today", "files": []}
    (path / "run.json").write_text(json.dumps(run))
    if ended:
        (path / "summary.json").write_text("{}")
    return path


def test_each_has_a_folder_of_its_own_and_takes_the_networks_it_can(ran, tmp_path):
    arguments = passed_on(["--seeds", "3", "--out", "x", "--gallery=y", "--limit", "60", "--overwrite"])
    assert arguments == ["--seeds", "3", "--limit", "60"]
    names = ["raster", "time_constants", "architecture"]
    seconds = run_protocols(names, tmp_path, arguments, digits())
    assert ran == [
        ("raster", ["--seeds", "3", "--limit", "60", "--out", str(tmp_path / "raster")]),
        ("time_constants", ["--limit", "60", "--seeds", "1", "--out", str(tmp_path / "time_constants")]),
        ("architecture", ["--limit", "60", "--seeds", "1", "--out", str(tmp_path / "architecture")]),
    ]
    assert set(seconds) == set(names)


def test_what_has_been_run_is_not_run_and_what_was_stopped_is_resumed(ran, tmp_path):
    folder(tmp_path / "raster", "--seeds", "3", ended=True)
    path = folder(tmp_path / "time_constants", "--seeds", "1")
    run_protocols(["raster", "time_constants"], tmp_path, ["--seeds", "3"], digits())
    assert ran == [("time_constants", ["--resume", str(path)])]


def test_what_was_run_with_fewer_networks_is_resumed_with_more(ran, tmp_path):
    """But for a grid, which has one; what was published without its journal stays."""
    path = folder(tmp_path / "raster", ended=True)
    folder(tmp_path / "time_constants", "--seeds", "1", ended=True)
    names = ["raster", "time_constants"]
    run_protocols(names, tmp_path, ["--seeds", "3"], digits())
    assert ran == [("raster", ["--resume", str(path), "--seeds", "3"])]
    (path / "run.json").unlink()
    run_protocols(names, tmp_path, ["--seeds", "3"], digits())
    assert len(ran) == 1
