"""Searches from the command line, in small on real digits."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.sweeps.computers import Computers
from cortical_bcpnn.sweeps.run_table import JOURNAL
from protocols.evolve import evolve

pytestmark = pytest.mark.long  # clusters and networks of its own

SEARCH = [
    "--search", "recurrent_gain=0.02..2:log", "cue_gain=0..1", "--set", "train_images=40",
    "test_images=20", "epochs=1", "--population", "3", "--check-networks", "2", "--generations", "2",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(scheduler, tmp_path_factory) -> Path:
    """A search that nothing disturbed. Do not change it."""
    out = tmp_path_factory.mktemp("evolve") / "out"
    evolve.run([*SEARCH, "--scheduler", scheduler, "--out", str(out)])
    return out


def test_tables(whole):
    search = pd.read_csv(whole / "search.csv")
    assert search["candidate"].tolist() == ["published", *map(str, range(6))]
    assert search["generation"].tolist() == [-1, 0, 0, 0, 1, 1, 1]
    assert search["recurrent_gain"][0] == 1 and search["cue_gain"][0] == 0
    assert search["recurrent_gain"][1:].between(0.02, 2).all() and search["attractor"].notna().all()
    held_out = pd.read_csv(whole / "held_out.csv")
    assert held_out["candidate"].nunique() == 2 and "published" in set(held_out["candidate"])
    assert held_out["seed"].tolist() == [1000, 1001] * 2, "networks that the search has not seen"
    assert imread(whole / "evolve.png").std() > 0.05


def test_the_search_sees_no_test_image(whole):
    """Runs on them are the last, of the published settings and of the one that was chosen before."""
    runs = pd.read_parquet(whole / "runs.parquet")
    assert runs["split"].tolist() == ["validation"] * (len(runs) - 4) + ["test"] * 4
    summary = json.loads((whole / "summary.json").read_text())
    assert [row["candidate"] for row in summary["held_out"]][0] == "published"
    assert len(summary["verdicts"]) == 1 and "published settings" in summary["verdicts"][0]


def test_picture_is_drawn_again(whole, tmp_path):
    assert_redrawn(evolve, whole, tmp_path / "copy")


def test_a_finished_search_computes_nothing_and_needs_no_cluster(whole, monkeypatch):
    monkeypatch.setattr(Computers, "cluster", None)
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    for results in (evolve.run([*SEARCH, "--out", str(whole)]), evolve.run(["--resume", str(whole)])):
        said = evolve.report(results)
        assert results.summary()["verdicts"][0] in said and "best in the search (validation" in said
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before


@pytest.mark.parametrize("kept", [0, 3, 8])
def test_a_search_that_was_stopped_ends_as_if_it_had_not_been(whole, scheduler, tmp_path, kept):
    """Stopped after so many runs; the state of the strategy comes back from the table."""
    out = tmp_path / "out"
    out.mkdir()
    for name in ("run.json", "evolve.json"):
        (out / name).write_bytes((whole / name).read_bytes())
    lines = (whole / JOURNAL).read_bytes().splitlines(keepends=True)
    (out / JOURNAL).write_bytes(b"".join(lines[:kept]) + lines[kept][:20])
    evolve.run([*SEARCH, "--scheduler", scheduler, "--out", str(out)])
    for name in ("search.csv", "held_out.csv"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    assert (out / JOURNAL).read_bytes().count(b"\n") == len(lines)


def test_more_generations_need_another_folder(whole):
    with pytest.raises(ValueError, match="holds another evolve, whose generations differ"):
        evolve.run([*SEARCH[:-1], "3", "--out", str(whole)])
    with pytest.raises(ValueError, match="with seed 0"):
        evolve.run([*SEARCH, "--seed", "1", "--out", str(whole)])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "nothing to search"), (["--search", "tau_z=5..50"], "without a unit"),
        (["--search", "tau_z=5ms..50ms", "tau_z=5ms..50ms"], "twice"),
        (["--search", "tau_z=5ms..50ms", "--aims", "speed"], "'speed' is unknown"),
        (["--search", "tau_z=0.1ms..50ms"], "time constant of at least dt"),
        (["recall_gains", "--seed", "-1"], "seed is -1"),
        (["--search", "recurrent_gain=0..1", "--set", "variant=spk-calibrated"], "give recurrent_gain"),
    ],
)  # fmt: skip
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        evolve.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
