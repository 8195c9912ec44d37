"""The abstract network against its biophysical twin: the protocol in small."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn.analysis.comparison_tables import MODELS
from cortical_bcpnn.experiments.two_models import conditions
from protocols.compare_biophysical import compare_biophysical

SMALL = ["--patterns", "2,3", "--hypercolumns", "4", "--minicolumns", "3", "--seeds", "1", "--seed", "1"]
PICTURES = ("learned", "recall", "dynamics", "spikes", "single_synapses")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "out"
    compare_biophysical.run([*SMALL, "--out", str(out)])
    return out


@pytest.mark.long
def test_tables_and_summary(result):
    trials, weights, recall = (pd.read_csv(result / f"{n}.csv") for n in ("trials", "weights", "recall"))
    assert len(trials) == (2 + 3) * 2 * len(conditions(4))
    assert set(trials["model"]) == set(MODELS) and set(trials["stored"]) == {2, 3}
    assert len(weights) == 2 * 12 * 9
    row = recall[(recall["model"] == "abstract") & (recall["cued"] == 3)].iloc[0]
    trials, weights = trials[trials["stored"] == 2], weights[weights["stored"] == 2]
    rows = trials[(trials["model"] == "abstract") & (trials["cued"] == 3)]
    assert row["stored"] == 2 and row["recalled"] == rows["recalled"].mean()
    table = pd.read_csv(result / "comparison.csv").set_index("quantity")
    table = table[table["stored"] == 2]
    found = json.loads((result / "summary.json").read_text())["comparison"]
    assert set(found) == {"2", "3"}
    found = found["2"]
    assert list(found) == list(table.index)
    assert found["patterns recalled, 3 cued"]["abstract"] == row["recalled"]
    assert "patterns recalled, 4 cued, 1 of them wrongly" in found
    half = trials[(trials["model"] == "biophysical") & (trials["cued"] == 2) & (trials["wrong"] == 0)]
    assert found["mean firing rate"]["biophysical"] == pytest.approx(half["mean_hz"].mean())
    assert found["mean firing rate"]["unit"] == "Hz" and found["mean firing rate"]["abstract_sd"] is None
    r = found["correlation of weights, AMPA against abstract"]["biophysical"]
    used = weights[weights["used"]]
    assert r == pytest.approx(used["abstract"].corr(used["fast"]))


@pytest.mark.long
def test_pictures(result):
    for name in PICTURES:
        picture = imread(result / f"{name}.png")
        assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.05


@pytest.mark.long
def test_pictures_are_drawn_again(result, tmp_path):
    assert_redrawn(compare_biophysical, result, tmp_path / "copy")


@pytest.mark.long
def test_a_run_goes_on_without_running_a_seed_again(result, monkeypatch):
    before = (result / "comparison.csv").read_bytes()
    (result / "summary.json").unlink()
    monkeypatch.setattr("protocols.compare_biophysical.run_seed", None)
    again = compare_biophysical.run(["--resume", str(result)])
    assert (result / "comparison.csv").read_bytes() == before
    assert "3 patterns in 4 x 3, seeds [1]; 2 hypercolumns cued" in compare_biophysical.report(again)


@pytest.mark.parametrize(
    "given, message",
    [
        (["--hypercolumns", "3"], "--hypercolumns is 3: give 4 or more"),
        (["--minicolumns", "2"], "--minicolumns is 2: give 3 or more"),
        (["--seed", "-1"], "--seed is -1: give 0 or more"),
        (["--patterns", "4,0"], "'0' is no whole number of 1 or more.*see --help"),
    ],
)
def test_sizes_that_do_not_work(given, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        compare_biophysical.run([*given, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
