"""Images in order and at random, and traces that remember more or fewer of them."""

import numpy as np
import pandas as pd
import pytest
from brian2 import ms, second
from redrawing import assert_redrawn
from stopping import stopped

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.learning_curves import MEASURES, over_networks
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.analysis.representations import orthogonality
from cortical_bcpnn.drawing.presentation_order import draw_presentation_order
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.presentation_order import ways
from protocols.presentation_order import CURVES, presentation_order

SMALL = ["--limit-train", "40", "--limit-test", "30", "--variants", "spk-full", "--jobs", "1"]
WAYS = [("in order", 0.1), ("in order", 0.04), ("random", 0.1)]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("presentation_order") / "out"
    presentation_order.run([*SMALL, "--epochs", "2", "--tau-p", "0.1s", "--out", str(out)])
    return out


def test_ways_differ_in_order_and_time_constant_alone():
    setup = Networks(limit_train=1000, fan_in=20)
    assert list(ways(setup)) == [("in order", 1), ("random", 1)]  # 1000 images of 1 ms each
    given = [3 * second, 500 * ms, 3 * second]
    found = ways(setup, given)
    assert list(found) == [("in order", 3), ("in order", 0.5), ("random", 3)]
    for (order, tau_p), networks in found.items():
        assert networks == setup.changed(tau_p=networks.tau_p, shuffle=order == "random")
        assert float(networks.tau_p / second) == pytest.approx(tau_p)


def test_each_is_measured_at_the_end(result):
    found = pd.read_csv(result / "networks.csv")
    keys = found[[*CURVES, "seed", "epochs"]].itertuples(index=False, name=None)
    assert list(keys) == [("spk-full", *way, 0, 2) for way in WAYS]
    assert found[["ff", "s_ortho_attractor"]].drop_duplicates().shape == (3, 2)


@pytest.mark.parametrize("way", WAYS[1:])
def test_measures_are_those_of_networks_that_learned_so(way, result):
    """Learned by hand, epoch by epoch, and measured by other means."""
    setup = Networks(limit_train=40, limit_test=30, jobs=1, tau_p=way[1] * second)
    data = setup.data
    train, test = (images.reshape(len(images), -1) for images in (data.train_images, data.test_images))
    with setup.network("spk-full") as memory:
        for _ in range(2):
            memory.learn(train, shuffle=way[0] == "random")
        readout = train_readout(memory.recall(train).z["feedforward"]["HID"], data.train_labels)
        z = memory.recall(test).z["attractor"]["HID"]
    found = pd.read_csv(result / "networks.csv").set_index(["order", "tau_p_s"]).loc[way]
    assert found["attractor"] == pytest.approx((readout.predict(z) == data.test_labels).mean())
    assert found["s_ortho_attractor"] == pytest.approx(orthogonality(z, data.test_labels), rel=1e-6)


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed_and_grows(result, tmp_path, monkeypatch):
    folder = stopped(result, tmp_path / "stopped", "networks", lambda number: number != 1)
    presentation_order.run(["--resume", str(folder)])
    for name in ("networks.csv", "means.csv"):
        assert (folder / name).read_bytes() == (result / name).read_bytes()
    monkeypatch.setattr(AssociativeMemory, "learn", lambda *_, **__: pytest.fail("it learns"))
    more = ["--tau-p", "0.1s", "--epochs-at", "1,2", "--only-learned", "--out", str(folder)]
    results = presentation_order.run([*SMALL, *more])
    epochs = results.table("networks").groupby(["order", "tau_p_s"])["epochs"].agg(list)
    assert epochs.tolist() == 3 * [[1, 2]]
    assert "networks" in presentation_order.report(results) and len(results.table("means")) == 6
    with pytest.raises(ValueError, match="measures of other networks .tau_p differ"):
        presentation_order.run([*SMALL, "--tau-p", "0.2s", "--out", str(folder)])


def test_lines_are_means_over_networks():
    rng = np.random.default_rng(3)
    table = pd.DataFrame([
        {"variant": variant, "order": order, "tau_p_s": tau_p, "seed": seed, "epochs": epochs,
         **{m: rng.random() for m in MEASURES}}
        for seed in (0, 1) for variant in ("spk-full", "rate-full") for order, tau_p in WAYS
        for epochs in (5, 20)
    ])  # fmt: skip
    means = over_networks(table, CURVES)
    figure = draw_presentation_order(table)
    assert [ax.get_title() for ax in figure.axes] == ["spk-full", "rate-full"]
    for ax in figure.axes:
        of_variant = means[means["variant"] == ax.get_title()]
        for number, way in enumerate(WAYS):
            expected = of_variant[(of_variant["order"] == way[0]) & (of_variant["tau_p_s"] == way[1])]
            for line, name in zip(ax.lines[2 * number :], ("ff", "attractor")):
                np.testing.assert_allclose(line.get_xydata(), np.c_[[5, 20], 100 * expected[name]])
        assert len({line.get_color() for line in ax.lines}) == 3 and len(ax.collections) == 6
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][1] == "in order, τ_p = 0.04 s"
    assert legend.get_title().get_text() == "mean ± SD of 2 networks"


def test_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(presentation_order, result, tmp_path / "copy")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--shuffle"], "--shuffle is given where images in order and at random are compared: leave it"),
        (["--tau-p-grid", "5s,0s"], "0s"),
        (["--compared-images", "3"], "3 test images of 3 classes are too few"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(arguments, message, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=message):
        presentation_order.run([*arguments, "--out", str(out)])
    assert not out.exists()
