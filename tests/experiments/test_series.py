"""Protocols one after the other: each once, with the options that all of them share."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments.series import passed_on, run_protocols


@pytest.fixture
def ran(monkeypatch) -> list:
    """Command lines that protocols of two names are given."""
    given: list = []
    for name in ("raster", "time_constants"):
        run = SimpleNamespace(run=lambda arguments, name=name: given.append((name, arguments)))
        monkeypatch.setitem(sys.modules, f"protocols.{name}", SimpleNamespace(**{name: run}))
    return given


def test_each_has_a_folder_of_its_own_and_a_grid_fewer_networks(ran, tmp_path):
    arguments = passed_on(["--seeds", "3", "--out", "x", "--gallery=y", "--limit", "60", "--overwrite"])
    assert arguments == ["--seeds", "3", "--limit", "60"]
    seconds = run_protocols(["raster", "time_constants"], tmp_path, arguments, digits())
    assert ran == [
        ("raster", ["--seeds", "3", "--limit", "60", "--out", str(tmp_path / "raster")]),
        ("time_constants", ["--limit", "60", "--seeds", "1", "--out", str(tmp_path / "time_constants")]),
    ]
    assert set(seconds) == {"raster", "time_constants"}


def test_what_has_been_run_is_not_run_and_what_was_stopped_is_resumed(ran, tmp_path):
    for name, file in (("raster", "summary.json"), ("time_constants", "run.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text("{}")
    run_protocols(["raster", "time_constants"], tmp_path, ["--seeds", "3"], digits())
    assert ran == [("time_constants", ["--resume", str(tmp_path / "time_constants")])]
