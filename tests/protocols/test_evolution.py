"""Evolution of rules, of connections and of both with parameters, in small on real digits."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from redrawing import assert_redrawn

from cortical_bcpnn.sweeps.computers import Computers
from protocols.coevolve import coevolve
from protocols.evolve_rules import evolve_rules
from protocols.evolve_structure import evolve_structure

SMALL = ["--train-images", "40", "--check-networks", "2"]
RULES = [*SMALL, "--others", "wine", "--fan-in", "4", "--minicolumns", "3", "--starts", "2",
         "--population", "2", "--generations", "1", "--scan-networks", "1"]  # fmt: skip
STRUCTURE = [*SMALL, "--hidden", "3x4", "--fan-in", "5", "--population", "2", "--generations", "2",
             "--networks", "1"]  # fmt: skip
TOGETHER = [*SMALL, "--hidden", "3x4", "--population", "2", "--generations", "4",
            "--searches", "1"]  # fmt: skip
ALL = [(evolve_rules, RULES), (evolve_structure, STRUCTURE), (coevolve, TOGETHER)]


@pytest.fixture(scope="module")
def made(scheduler, tmp_path_factory):
    """Folder of each, by name. Do not change them."""
    folders = {}
    for experiment, arguments in ALL:
        out = tmp_path_factory.mktemp("evolution") / "out"
        where = ["--scheduler", scheduler, "--out", str(out)]
        folders[experiment] = experiment.run([*arguments, *where]).path
    return folders


@pytest.mark.long
@pytest.mark.parametrize("experiment, arguments", ALL)
def test_it_is_drawn_again_and_finished(experiment, arguments, made, tmp_path, monkeypatch):
    assert_redrawn(experiment, made[experiment], tmp_path / "copy")
    monkeypatch.setattr(Computers, "cluster", None)
    results = experiment.run(["--resume", str(made[experiment])])
    assert results.finished and len(experiment.report(results)) > 200


@pytest.mark.long
def test_neutral_directions_are_flat_exactly(made):
    scan = pd.read_csv(made[evolve_rules] / "scan.csv")
    bcpnn = scan[scan["offset"] == 0]["out_ff"].unique()
    assert len(bcpnn) == 1
    for name in ("theta_2", "theta_4"):
        assert (scan[scan["direction"] == name]["out_ff"] == bcpnn[0]).all()
    summary = json.loads((made[evolve_rules] / "summary.json").read_text())
    assert summary["flatness"]["theta_2"]["far"] == 0 and len(summary["starts"]) == 2
    runs = pd.read_csv(made[evolve_rules] / "runs.csv")
    assert runs["status"].eq("done").all() and set(runs["dataset"]) == {"digits", "wine"}


@pytest.mark.long
def test_all_presentations_of_candidates_are_counted(made):
    search = pd.read_csv(made[evolve_structure] / "search.csv")
    assert search[search["way"] == "evolved"]["shown"].tolist() == [2, 4, 6, 8]
    curves = pd.read_csv(made[evolve_structure] / "curves.csv")
    assert set(curves["shown"]) == {2, 4, 8}, "as often as all candidates together"
    held_out = pd.read_csv(made[evolve_structure] / "held_out.csv")
    evolved = held_out[held_out["candidate"] == "evolved, 0"]["connections"].unique()
    assert len(evolved) == 1 and evolved[0] in set(search["connections"])


@pytest.mark.long
def test_budgets_are_equal(made):
    search = pd.read_csv(made[coevolve] / "search.csv")
    own = search[search["candidate"] != "published"]
    assert own.groupby("way").size().tolist() == [8, 8, 8]
    volumes = pd.read_csv(made[coevolve] / "hypervolume.csv").set_index("way")
    assert (volumes["searched"].dropna() >= 0).all() and "published" in volumes.index


@pytest.mark.parametrize(
    "experiment, arguments, message",
    [
        (evolve_rules, ["--seed", "-1"], "seed is -1"),
        (evolve_rules, ["--fan-in", "65"], "fan-in of the feedforward projection is 65"),
        (evolve_structure, ["--fan-in", "65"], "fan-in of the feedforward projection is 65"),
        (coevolve, ["--generations", "3"], "give a multiple of 4"),
    ],
)  # fmt: skip
def test_bad_input_is_said_before_anything_is_written(experiment, arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        experiment.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
