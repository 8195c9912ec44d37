"""A classifier that decides by first spikes: the protocol in small, and what is drawn."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms, prefs
from matplotlib.image import imread
from redrawing import assert_redrawn
from stopping import stopped

from cortical_bcpnn.analysis.deciding import decision_protocol, held_pattern
from cortical_bcpnn.drawing.first_to_spike import draw_first_to_spike
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.first_spikes import OUTPUTS, applies, conditions, model_of
from cortical_bcpnn.experiments.layers import learn_in_turn
from cortical_bcpnn.model.architectures import classifier
from cortical_bcpnn.other_dynamics import recalled_as
from protocols.first_to_spike import first_to_spike

# In runtime mode: four programs would take longer to compile than to run.
SMALL = ["--limit-train", "20", "--limit-test", "5", "--epochs", "1", "--hidden", "3x4", "--jobs", "1",
         "--device", "runtime", "--variant", "spk-ff", "--outputs", "stochastic,escape", "--opened",
         "5ms", "--window", "10ms", "--openings", "5ms", "--thetas", "5", "--gains", "1",
         "--difficulties", "0.5", "--rates", "500", "--noises", "0"]  # fmt: skip
VARIED = [("base", 0.0), ("distortion", 0.5), ("f_max", 500.0)]


def test_one_thing_is_varied_at_a_time():
    found = conditions(50, 5, openings=[20, 50], thetas=[0, 5], gains=[1, 2], difficulties=[0.5],
                       rates=[500 * Hz], noises=[0, 0.3])  # fmt: skip
    assert [c.key for c in found] == [("base", 0), ("opened", 20), ("theta", 0), ("gain", 2),
                                      ("distortion", 0.5), ("f_max", 500), ("weight noise", 0.3)]
    usual = {"opened": 50, "theta": 5, "gain": 1, "difficulty": 0, "noise": 0, "f_max": None}
    for condition in found[1:]:
        assert {n for n in usual if getattr(condition, n) != usual[n]} == {
            {"distortion": "difficulty", "weight noise": "noise"}.get(condition.varied, condition.varied)
        }
    assert [applies("stochastic", c) for c in found[1:3]] == [True, False]
    assert [applies("escape", c) for c in found[1:3]] == [False, True]
    assert model_of("escape", found[2]).parameters["theta"] == 0


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("first_to_spike") / "out"
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    first_to_spike.run([*SMALL, "--out", str(out)])
    yield out
    prefs.codegen.target = before


def test_tables_and_summary(result):
    decisions, costs = (pd.read_csv(result / f"{name}.csv") for name in ("decisions", "costs"))
    keys = decisions[["varied", "value", "out"]].drop_duplicates().itertuples(index=False, name=None)
    assert list(keys) == [(*varied, out) for varied in VARIED for out in ("stochastic", "escape")]
    assert decisions[["accuracy", "undecided", "tied"]].stack().between(0, 1).all()
    held = decisions.loc[decisions["readout"] == "support at the opening", "out"]
    assert set(held) == {"stochastic"}
    by_spikes = decisions[decisions["readout"] == "first spike"]
    assert by_spikes["latency_ms"].between(1, 15).all()
    assert by_spikes.loc[by_spikes["out"] == "stochastic", "latency_ms"].min() > 5
    assert set(costs["varied"]) == {"base"} and set(costs["of"]) == {"INP", "HID", "OUT", "feedforward",
                                                                    "readout"}  # fmt: skip
    summary = json.loads((result / "summary.json").read_text())
    assert summary["opened_ms"] == 5 and summary["f_max_hz"] == 1000 and summary["theta"] == 5


def test_first_spikes_are_those_of_the_network(result):
    """Learned and recalled again, by hand: accuracy, latency, and what a decision costs."""
    setup = Networks(limit_train=20, limit_test=5, epochs=1, hidden=(3, 4), jobs=1, device="runtime")
    images, cues = (array.reshape(len(array), -1) for array in (setup.data.train_images,
                                                                setup.data.test_images))  # fmt: skip
    with setup.network("spk-ff", architecture=classifier(64, 10, (3, 4), 24)) as memory:
        learn_in_turn(setup.learn, memory, images, setup.data.train_labels)
        with recalled_as(memory, {"OUT": OUTPUTS["stochastic"]}) as other:
            protocol = decision_protocol(other, 5 * ms, 10 * ms)
            recall = other.recall({"INP": cues, "OUT": held_pattern(other, 5)}, protocol=protocol,
                                  over_time=True)  # fmt: skip
    spikes = recall.spikes_over_time
    steps = spikes["OUT"][:, 30:].any(axis=2).argmax(axis=1) + 1
    first = spikes["OUT"][np.arange(5), 29 + steps]
    assert spikes["OUT"][:, 30:].any(axis=(1, 2)).all() and not spikes["OUT"][:, :30].any()
    keys = ["varied", "out", "readout", "amount"]
    rows = pd.read_csv(result / "decisions.csv").set_index(keys).sort_index()
    row = rows.loc["base", "stochastic", "first spike", 1.0]
    assert row["latency_ms"] == pytest.approx(5 + steps.mean()) and row["undecided"] == 0
    assert row["tied"] == pytest.approx((first.sum(axis=1) > 1).mean())
    right = first[np.arange(5), setup.data.test_labels]
    assert row["accuracy"] <= right.mean() and row["accuracy"] >= (right & (first.sum(1) == 1)).mean()
    costs = pd.read_csv(result / "costs.csv").set_index([*keys[1:], "what", "of"]).sort_index()
    spent = costs.loc["stochastic", "first spike", 1.0]["number"]
    of_hidden = [spikes["HID"][cue, 25 : 30 + n].sum() for cue, n in enumerate(steps)]
    assert spent["spikes", "HID"] == pytest.approx(np.mean(of_hidden))
    assert spent["operations", "readout"] == pytest.approx(10 * np.mean(of_hidden))


def test_pictures_are_drawn_again(result, tmp_path):
    picture = imread(result / "first_to_spike.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05
    assert_redrawn(first_to_spike, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    folder = stopped(result, tmp_path / "stopped", "decisions", lambda number: number < 4)
    results = first_to_spike.run(["--resume", str(folder)])
    for name in ("decisions.csv", "costs.csv"):
        assert (folder / name).read_bytes() == (result / name).read_bytes()
    assert "stochastic first spike" in " ".join(first_to_spike.report(results).split())


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--rates", "2000"], "f_max is 2. kHz: f_max . dt must not exceed 1"),
        (["--openings", "0.5ms"], "duration of phase 2 is 0.5 ms|500. us: give a multiple of dt"),
        (["--outputs", "loud"], "output 'loud' is unknown: choose from stochastic, deterministic"),
        (["--noise", "pink"], "noise 'pink' is unknown: choose from multiplicative, additive"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        first_to_spike.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_curves_are_means_over_networks(result):
    """Two networks, of which one is right on 20 per cent more images."""
    decisions, costs = (pd.read_csv(result / f"{name}.csv") for name in ("decisions", "costs"))
    decisions["accuracy"] = 0.5
    better = decisions.assign(seed=1, accuracy=0.7)
    summary = json.loads((result / "summary.json").read_text())
    figure = draw_first_to_spike(pd.concat([decisions, better]), costs, summary)
    distortion = figure.axes[3]
    assert len(distortion.lines) == 6  # two outputs by two readouts, two controls
    for line in distortion.lines:
        np.testing.assert_allclose(np.array(line.get_xydata(), float), [[0, 60], [0.5, 60]])
    assert [ax.get_xscale() for ax in figure.axes[2:5]] == ["log", "linear", "log"]
    plt.close(figure)
