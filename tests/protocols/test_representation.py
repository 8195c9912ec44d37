"""Representations against those of other methods: what is drawn, and the protocol in small."""

from __future__ import annotations

import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import prefs
from matplotlib.image import imread
from redrawing import assert_redrawn
from stopping import stopped

from cortical_bcpnn.analysis.baselines import scores
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.data.datasets import DATASETS, load
from cortical_bcpnn.data.encoded import encoded
from cortical_bcpnn.drawing.representation import draw_representation
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.layers import learn_in_turn
from cortical_bcpnn.model.architectures import stack
from protocols.representation import representation

# In runtime mode: five programs would take longer to compile than to run.
SMALL = ["--dataset", "wine", "--limit-train", "40", "--limit-test", "15", "--epochs", "1", "--hidden",
         "6x7", "--device", "runtime", "--variants", "rate-ff", "--layers", "2"]  # fmt: skip


# --- Figure ------------------------------------------------------------------------------


def drawn(samples: np.ndarray):
    """Two networks and one other method; accuracies of 80 and 90, and of 70 per cent."""
    table = pd.DataFrame({"name": ["rate-ff, OUT", "rate-ff, OUT", "MLP"], "seed": [0, 1, 0],
                          "accuracy": [0.8, 0.9, 0.7]})  # fmt: skip
    return draw_representation(table, samples)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_accuracies_of_networks_and_their_mean():
    ax = drawn(np.zeros((1, 2, 3))).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["rate-ff, OUT", "MLP"]
    dots, mean, other, _ = ax.lines
    np.testing.assert_allclose(dots.get_xydata(), [[80, 0], [90, 0]])
    np.testing.assert_allclose(mean.get_xydata(), [[85, 0]])
    np.testing.assert_allclose(other.get_xydata(), [[70, 1]])
    assert dots.get_color() == mean.get_color() != other.get_color()
    assert [text.get_text() for text in ax.texts] == ["85.0", "70.0"]
    low, high = ax.get_xlim()
    assert low < 70 and high > 100


@pytest.mark.parametrize("colours", [(), (3,)])
def test_preferred_images_stand_in_the_column_of_their_hypercolumn(colours):
    samples = np.random.default_rng(0).random((3, 2, 4, 4, *colours))
    samples[1, 0, 2] = np.nan
    panels = np.array(drawn(samples).axes[1:]).reshape(2, 3)
    for column, expected in zip(panels.T, samples, strict=True):
        for ax, image in zip(column, expected, strict=True):
            shown = np.ma.filled(ax.images[0].get_array(), np.nan)
            np.testing.assert_allclose(shown, image)


def test_preferred_features_are_in_units_of_their_spread():
    """A feature that nobody listens to, and one that all prefer alike, have none."""
    samples = np.random.default_rng(0).normal(3, 5, (3, 2, 4))
    samples[..., 1], samples[..., 2] = np.nan, 7
    shown = np.ma.filled(drawn(samples).axes[1].images[0].get_array(), np.nan)
    assert shown.shape == (6, 4) and np.isnan(shown[:, 1]).all() and (shown[:, 2] == 0).all()
    np.testing.assert_allclose(shown[:, [0, 3]].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(shown[:, [0, 3]].std(axis=0), 1)


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def uncompiled():
    """Brian2 without any compiler."""
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    yield
    prefs.codegen.target = before


@pytest.fixture(scope="module")
def result(tmp_path_factory, uncompiled):
    out = tmp_path_factory.mktemp("representation") / "out"
    representation.run([*SMALL, "--seeds", "2", "--out", str(out)])
    return out


def test_tables_and_summary(result):
    networks, others = (pd.read_csv(result / f"{name}.csv") for name in ("networks", "others"))
    rows = networks[["seed", "method", "layer"]].itertuples(index=False, name=None)
    found = [("OUT", 2), ("readout", 1), ("readout", 2)]
    assert list(rows) == [(seed, *row) for seed in (0, 1) for row in found]
    assert others["method"].tolist() == 2 * ["logistic regression", "MLP", "RBM", "k-means"]
    for table in (networks, others):
        assert table[["accuracy", "auc"]].stack().between(0, 1).all()
    summary = json.loads((result / "summary.json").read_text())
    assert (summary["encoder"], summary["units"], summary["layers"]) == ("mixture", 42, 2)
    assert summary["classes"] == 3 and summary["parameters"]["populations"]["HID2"] == [6, 7]


def test_scores_are_those_of_the_network(result):
    """Learned by hand in turn, and read out again."""
    setup = Networks(dataset="wine", limit_train=40, limit_test=15, epochs=1, hidden=(6, 7),
                     device="runtime")  # fmt: skip
    shown, data = setup.data, encoded(setup.data)
    network = stack(13, 3, [(6, 7)] * 2, [5, 6], input_minicolumns=5)
    with setup.network("rate-ff", seed=1, architecture=network) as memory:
        learn_in_turn(setup.learn, memory, data.train, shown.train_labels)
        z, tested = (memory.recall({"INP": array}).z["feedforward"] for array in (data.train, data.test))
    expected = [(tested["OUT"].argmax(axis=1) == shown.test_labels).mean()]
    for name in ("HID1", "HID2"):
        readout = train_readout(z[name], shown.train_labels)
        expected.append(readout.score(tested[name], shown.test_labels))
    table = pd.read_csv(result / "networks.csv")
    assert table[table["seed"] == 1]["accuracy"].tolist() == pytest.approx(expected)


def test_other_methods_have_as_many_units_and_the_samples_themselves(result):
    shown = load("wine").limited(40, 15)
    found = scores(shown.train_images, shown.train_labels, shown.test_images, shown.test_labels, 42, 1)
    table = pd.read_csv(result / "others.csv")
    rows = table[table["seed"] == 1].set_index("method")["accuracy"].to_dict()
    assert rows == pytest.approx({name: score["accuracy"] for name, score in found})


def test_picture_is_drawn_again(result, tmp_path):
    picture = imread(result / "representation.png")
    assert min(picture.shape[:2]) > 300 and picture[..., :3].std() > 0.05
    assert_redrawn(representation, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    """With the second network only; the tables come out the same."""
    folder = stopped(result, tmp_path / "stopped", "networks", lambda number: number == 0)
    results = representation.run(["--resume", str(folder)])
    for name in ("networks.csv", "others.csv"):
        assert (folder / name).read_bytes() == (result / name).read_bytes()
    said = representation.report(results)
    assert "wine by mixture, 42 units a layer" in said and "rate-ff, layer 2" in said


def test_without_other_methods(tmp_path, uncompiled):
    """The networks come from the store."""
    out = tmp_path / "out"
    results = representation.run([*SMALL, "--no-baselines", "--out", str(out)])
    assert not (out / "others.csv").exists() and "MLP" not in representation.report(results)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--encoder", "none"], "encoder 'none' is unknown: choose one of on-off"),
        (["--encoder", "colour-kmeans"], "give colour images"),
        (["--layers", "0"], "--layers.*'0' is no whole number of 1 or more.*see --help"),
        (["--variants", "rate"], "--variants.*'rate' is no published variant"),
        (["--fan-in", "14"], "fan-in of the feedforward projection is 14: .* from 1 to 13"),
        (["--dataset", "strange"], "strange has the label -1, which is no class"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path, monkeypatch):
    wine = load("wine")
    strange = replace(wine, name="strange", train_labels=wine.train_labels - 1)
    monkeypatch.setitem(DATASETS, "strange", lambda directory: strange)
    out = tmp_path / "out"
    given = arguments if "--dataset" in arguments else ["--dataset", "wine", *arguments]
    small = ["--limit-train", "40", "--hidden", "6x7"]
    with pytest.raises(ValueError, match=message):
        representation.run([*small, *given, "--out", str(out)])
    assert not out.exists()
