"""The abstract network against its twin: cues, the abstract recall, and the protocol in small."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from cortical_bcpnn.biophysical.recurrent import (
    EPOCHS,
    LEARNING,
    one_hot,
    recalling,
    recurrent_memory,
)
from cortical_bcpnn.experiments.two_models import conditions, draw_cues, draw_patterns
from protocols import compare_biophysical as protocol

pytestmark = pytest.mark.long

SMALL = ["--patterns", "2,3", "--hypercolumns", "4", "--minicolumns", "3", "--seeds", "1", "--seed", "1"]
PICTURES = ("learned", "recall", "dynamics", "spikes", "single_synapses")


def test_one_hot():
    np.testing.assert_allclose(
        one_hot([[0, -1, 2, 1]], 4), [[[1, 0, 0, 0], [0.25] * 4, [0, 0, 1, 0], [0, 1, 0, 0]]]
    )


def test_cues_name_what_they_should():
    """Of seven hypercolumns five are cued in all patterns, two of them wrongly."""
    assert conditions(6) == [(2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (4, 1), (6, 2)]
    patterns = draw_patterns(1, 50, 7, 4)
    cues = draw_cues(patterns, 4, 5, 2, np.random.default_rng(1))
    cued = cues >= 0
    assert (cued.sum(axis=1) == 5).all() and cues.max() == 3
    assert ((cues == patterns).sum(axis=1) == 3).all() and ((cues != patterns) & cued).any(axis=0).all()


def test_the_recurrent_network_alone_completes():
    """Two patterns that share nothing, two of four hypercolumns cued: both come back."""
    patterns = np.array([[0, 1, 2, 0], [1, 2, 0, 1]])
    cues = np.where(np.arange(4) < 2, patterns, -1)
    with recurrent_memory(4, 3, 2, seed=1) as memory:
        memory.learn(one_hot(patterns, 3), EPOCHS, protocol=LEARNING)
        recall = memory.recall(one_hot(cues, 3), protocol=recalling())
    assert recall.pattern("REC", "attractor").argmax(axis=-1).tolist() == patterns.tolist()
    # Of the random start next to nothing is left between minicolumns 2 and 3, which are of no pattern.
    assert abs(memory.weights("recurrent")[2, 3]) < 0.05


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "out"
    protocol.main([*SMALL, "--out", str(out)])
    return out


def test_tables_and_summary(result):
    trials, weights, recall = (pd.read_csv(result / f"{n}.csv") for n in ("trials", "weights", "recall"))
    assert len(trials) == (2 + 3) * 2 * len(conditions(4))
    assert set(trials["model"]) == set(protocol.MODELS) and set(trials["stored"]) == {2, 3}
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


def test_pictures(result):
    for name in PICTURES:
        picture = imread(result / f"{name}.png")
        assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.05


def test_a_run_goes_on_without_running_a_seed_again(result, monkeypatch, capsys):
    before = (result / "comparison.csv").read_bytes()
    (result / "summary.json").unlink()
    monkeypatch.setattr(protocol, "run_seed", None)
    protocol.main(["--resume", str(result)])
    assert (result / "comparison.csv").read_bytes() == before
    assert "3 patterns in 4 x 3, seeds [1]; 2 hypercolumns cued" in capsys.readouterr().out


@pytest.mark.parametrize(
    "given, message",
    [
        (["--hypercolumns", "3"], "--hypercolumns is 3: give 4 or more"),
        (["--minicolumns", "2"], "--minicolumns is 2: give 3 or more"),
        (["--seed", "-1"], "--seed is -1: give 0 or more"),
    ],
)
def test_sizes_that_do_not_work(given, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        protocol.main([*given, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
