"""Learning curves: means over networks, what is drawn, and the protocol in small."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from stopping import stopped

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.learning_curves import MEASURES, over_networks, with_spread
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.analysis.representations import orthogonality
from cortical_bcpnn.drawing.learning_curve import draw_learning_curve
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.reference import references
from protocols.learning_curve import learning_curve

SMALL = ["--limit-train", "40", "--limit-test", "30", "--variants", "spk-full", "--jobs", "1"]
SETUP = {"limit_train": 40, "limit_test": 30, "jobs": 1}


def table(networks: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame([
        {"variant": variant, "seed": seed, "epochs": epochs, **{m: rng.random() for m in MEASURES}}
        for seed in range(networks) for variant in ("spk-full", "rate-full") for epochs in (1, 5)
    ])  # fmt: skip


# --- Means, references and the figure ------------------------------------------------------


def test_means_over_networks():
    """Those that have been learned: here one more of one epoch than of five."""
    given = table().iloc[:-1]
    means = over_networks(given).set_index(["variant", "epochs"])
    assert list(means.index) == [("spk-full", 1), ("spk-full", 5), ("rate-full", 1), ("rate-full", 5)]
    assert means["networks"].tolist() == [3, 3, 3, 2]
    for (variant, epochs), row in means.iterrows():
        of = given[(given["variant"] == variant) & (given["epochs"] == epochs)]
        for name in MEASURES:
            assert row[name] == pytest.approx(np.mean(of[name]))
            assert row[f"{name}_sd"] == pytest.approx(np.std(of[name], ddof=1))


def test_one_network_has_no_spread():
    means = over_networks(table(1))
    assert means["ff_sd"].isna().all()
    assert with_spread(means["ff"][:1], means["ff_sd"], "{:.1%}") == [f"{means['ff'][0]:.1%}"]
    assert with_spread(pd.Series([0.5]), pd.Series([0.02]), "{:.1%}") == ["50.0% ± 2.0%"]


def test_references_of_the_same_images_and_size_alone():
    found = references(Networks(), ["rate-full", "spspk-full"])
    (row,) = found.itertuples()
    assert (row.variant, row.epochs, row.ff, row.attractor) == ("spspk-full", 10, 0.900, 0.721)
    larger = references(Networks(hidden=(30, 50)), ["spk-full", "spspk-full"])
    assert larger["variant"].tolist() == ["spk-full"]
    for other in ({"limit_train": 100}, {"hidden": (20, 30)}, {"f_max": "50"}, {"shuffle": True}):
        none = references(Networks(**other), ["spspk-full"])
        assert none.empty and {"variant", "epochs", "ff", "attractor"} <= set(none.columns)


def test_lines_are_means_with_their_spread():
    given = table()
    reference = pd.DataFrame({"variant": ["spk-full"], "epochs": [2], "ff": [0.9], "attractor": [0.7]})
    figure = draw_learning_curve(given, reference)
    accuracy, _, rates = figure.axes
    lines = accuracy.lines
    assert len(lines) == 4 + 2 and len(accuracy.collections) == 4
    mean = given[given["variant"] == "spk-full"].groupby("epochs")["ff"].mean()
    np.testing.assert_allclose(lines[0].get_xydata(), np.c_[[1, 5], 100 * mean])
    assert [float(line.get_ydata()[0]) for line in lines[4:]] == pytest.approx([90, 70])
    looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines[:4]}
    assert len(looks) == 4
    assert [text.get_text() for text in accuracy.get_xticklabels()] == ["1", "2", "5"]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["spk-full", "rate-full", "reference, feedforward", "reference, attractor"]
    assert figure.legends[0].get_title().get_text() == "mean ± SD of 3 networks"
    assert "Hz" in rates.get_ylabel()


def test_one_network_is_drawn_without_band():
    figure = draw_learning_curve(table(1), references(Networks(limit_train=10), ["spk-full"]))
    assert not any(ax.collections for ax in figure.axes)
    assert figure.legends[0].get_title().get_text() == "one network each"


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("learning_curve") / "out"
    learning_curve.run([*SMALL, "--seeds", "2", "--epochs", "2", "--out", str(out)])
    return out


def test_table_and_summary(result):
    found = pd.read_csv(result / "curve.csv")
    keys = list(found[["variant", "seed", "epochs"]].itertuples(index=False, name=None))
    assert keys == [("spk-full", seed, epochs) for seed in (0, 1) for epochs in (1, 2)]
    summary = json.loads((result / "summary.json").read_text())
    assert summary["epochs_at"] == [1, 2] and summary["not_learned_yet"] == []
    assert (summary["readout_images"], summary["compared_images"]) == (40, 30)
    assert summary["means"][0]["ff"] == pytest.approx(found[found["epochs"] == 1]["ff"].mean())
    # f_max / M; a standard error is below 0.2 %
    np.testing.assert_allclose(found["rate_mean_hz"], 1000 / 30, rtol=0.01)


def test_measures_are_those_of_the_staged_network(result):
    """Learned by hand, epoch by epoch, and measured by other means."""
    setup = Networks(**SETUP)
    data = setup.data
    train, test = (images.reshape(len(images), -1) for images in (data.train_images, data.test_images))
    with setup.network("spk-full", seed=1) as memory:
        memory.learn(train).learn(train)
        z = memory.recall(train).z["feedforward"]["HID"]
        recall = memory.recall(test)
    readout = train_readout(z, data.train_labels)
    found = pd.read_csv(result / "curve.csv").set_index(["seed", "epochs"]).loc[(1, 2)]
    for name, moment in (("ff", "feedforward"), ("attractor", "attractor")):
        z = recall.z[moment]["HID"]
        assert found[name] == pytest.approx((readout.predict(z) == data.test_labels).mean())
        assert found[f"s_ortho_{name}"] == pytest.approx(orthogonality(z, data.test_labels), rel=1e-6)
    expected = orthogonality(recall.z["feedforward"]["INP"], data.test_labels)
    assert found["s_ortho_inp"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    folder = stopped(result, tmp_path / "stopped", "curve", lambda number: number == 0)
    results = learning_curve.run(["--resume", str(folder)])
    for name in ("curve.csv", "means.csv"):
        assert (folder / name).read_bytes() == (result / name).read_bytes()
    said = learning_curve.report(results)
    assert "digits, 40 images, readout of 40" in said and "wait" not in said


@pytest.mark.usefixtures("undrawn")
def test_only_what_is_learned_is_measured_and_the_folder_grows(tmp_path, monkeypatch):
    """First one network after one epoch, then what has been learned since; nothing is learned."""
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path / "store"))
    out = tmp_path / "out"
    given = [*SMALL, "--epochs-at", "2,1", "--seeds", "2", "--only-learned", "--out", str(out)]
    with pytest.raises(ValueError, match="the store has none of these networks: leave out"):
        learning_curve.run(given)
    setup = Networks(**SETUP, stages=True)
    setup.learned("spk-full", epochs=1).close()
    results = learning_curve.run(given)
    assert len(results.table("curve")) == 1
    assert "3 measures wait for networks" in learning_curve.report(results)
    setup.learned("spk-full", seed=1, epochs=2).close()
    with monkeypatch.context() as patch:
        patch.setattr(AssociativeMemory, "learn", lambda *_, **__: pytest.fail("it learns"))
        results = learning_curve.run(given)
    found = results.table("curve")[["seed", "epochs"]].itertuples(index=False, name=None)
    assert list(found) == [(0, 1), (1, 1), (1, 2)]
    assert results.summary()["not_learned_yet"] == [["spk-full", 0, 2]]
    with pytest.raises(ValueError, match=r"measures of other networks \(shuffle differ\)"):
        learning_curve.run([*given, "--shuffle"])


def test_picture_is_drawn_again(result, tmp_path):
    picture = imread(result / "learning_curve.png")
    assert min(picture.shape[:2]) > 300 and picture[..., :3].std() > 0.05
    copy = shutil.copytree(result, tmp_path / "published")
    (copy / "run.json").unlink()
    assert_redrawn(learning_curve, copy, tmp_path / "copy")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--epochs-at", "0"], "'0' is no whole number of 1 or more"),
        (["--variants", "rate"], "'rate' is no published variant"),
        (["--compared-images", "3"], "3 test images of 3 classes are too few"),
        (["--fan-in", "65"], "fan-in of the feedforward projection is 65"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=message):
        learning_curve.run([*arguments, "--out", str(out)])
    assert not out.exists()
