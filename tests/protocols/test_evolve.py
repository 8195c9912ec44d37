"""Searches from the command line, in small on real digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from cortical_bcpnn.sweeps.run_table import JOURNAL
from protocols import evolve
from protocols.evolve import verdict

pytestmark = pytest.mark.long  # clusters and networks of its own

SEARCH = [
    "--search", "recurrent_gain=0.02..2:log", "cue_gain=0..1", "--set", "train_images=40",
    "test_images=20", "epochs=1", "--population", "3", "--generations", "2", "--check-networks", "2",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(scheduler, tmp_path_factory) -> Path:
    """A search that nothing disturbed. Do not change it."""
    out = tmp_path_factory.mktemp("evolve") / "out"
    evolve.main([*SEARCH, "--scheduler", scheduler, "--out", str(out)])
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


@pytest.mark.parametrize("kept", [0, 3, 8])
def test_a_search_that_was_stopped_ends_as_if_it_had_not_been(whole, scheduler, tmp_path, kept):
    """Stopped after so many runs; the state of the strategy comes back from the table."""
    out = tmp_path / "out"
    out.mkdir()
    for name in ("run.json", "evolve.json"):
        (out / name).write_bytes((whole / name).read_bytes())
    lines = (whole / JOURNAL).read_bytes().splitlines(keepends=True)
    (out / JOURNAL).write_bytes(b"".join(lines[:kept]) + lines[kept][:20])
    evolve.main([*SEARCH, "--scheduler", scheduler, "--out", str(out)])
    for name in ("search.csv", "held_out.csv"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    assert (out / JOURNAL).read_bytes().count(b"\n") == len(lines)


def test_more_generations_need_another_folder(whole):
    with pytest.raises(ValueError, match="holds another evolve, whose generations differ"):
        evolve.main([*SEARCH, "--generations", "3", "--out", str(whole)])
    with pytest.raises(ValueError, match="with seed 0"):
        evolve.main([*SEARCH, "--seed", "1", "--out", str(whole)])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "nothing to search"), (["--search", "tau_z=5..50"], "without a unit"),
        (["--search", "tau_z=5ms..50ms", "tau_z=5ms..50ms"], "twice"),
        (["--search", "tau_z=5ms..50ms", "--aims", "speed"], "'speed' is unknown"),
        (["--search", "tau_z=0.1ms..50ms"], "time constant of at least dt"),
        (["recall_gains", "--seed", "-1"], "seed is -1"),
    ],
)  # fmt: skip
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        evolve.main([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_verdicts():
    """By twice the standard error of the difference; of several, the best on validation images."""
    candidates = pd.DataFrame({"candidate": ["published", "1", "2"], "attractor": [0.7, 0.8, 0.9],
                               "hid_spikes": [1200.0, 900, 1300]})  # fmt: skip
    compared = pd.DataFrame(
        {"attractor": [0.70, 0.95, 0.75], "attractor_sd": [0.04, 0.04, 0.04],
         "hid_spikes": [1200.0, 900, 1300], "hid_spikes_sd": [5.0, 5, 5], "networks": [4, 4, 4]},
        index=["published", "1", "2"],
    )  # fmt: skip
    # standard error sqrt(2 * 0.04² / 4) = 0.028: 0.05 is less than twice that
    assert verdict(compared, candidates, "attractor") == (
        "attractor: candidate 2 does not beat the published settings, 0.75 against 0.7 (± 0.028)"
    )
    compared.loc["2", "attractor"] = 0.76
    assert "candidate 2 beats" in verdict(compared, candidates, "attractor")
    assert "candidate 1 beats" in verdict(compared, candidates, "hid_spikes")
    compared["attractor_sd"] = np.nan
    assert "one network each" in verdict(compared, candidates, "attractor")
