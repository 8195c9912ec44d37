"""Who wins in rivalry: what is drawn, and the protocol in small."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn
from small import SMALL
from stopping import stopped

from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.data.stimuli import make_cues
from cortical_bcpnn.drawing.rivalry import draw_rivalry
from cortical_bcpnn.experiments import Networks
from protocols.rivalry import rivalry

MOMENTS = ("feedforward", "attractor")

# --- Figure ------------------------------------------------------------------------------


@pytest.fixture
def figure():
    """Two networks of two variants; the second is never recalled to an attractor."""
    rows = [
        {"variant": variant, "seed": seed, "difficulty": d, "moment": moment,
         "image": 0.6 - d / 2 + 0.1 * seed, "rival": d / 4, "neither": 0.4 + d / 4 - 0.1 * seed}
        for variant, moments in (("spk-full", MOMENTS), ("rate-ff", MOMENTS[:1]))
        for moment in moments for seed in (0, 1) for d in (0.5, 1.0)
    ]  # fmt: skip
    cues = np.stack([np.full((3, 3), level) for level in (0.2, 0.7)])
    figure = draw_rivalry(pd.DataFrame(rows), cues, np.array([0.5, 1.0]))
    yield figure
    plt.close(figure)


def test_lines_are_means_over_networks(figure):
    panels = [ax for ax in figure.axes if ax.lines]
    assert [ax.get_title() for ax in panels] == ["spk-full", "rate-ff"]
    assert [len(ax.lines) for ax in panels] == [6, 3]
    image, rival, neither = panels[0].lines[:3]
    np.testing.assert_allclose(image.get_xydata(), [[0.5, 40], [1, 15]], atol=1e-9)
    np.testing.assert_allclose(rival.get_xydata(), [[0.5, 12.5], [1, 25]])
    corners = panels[0].collections[0].get_paths()[0].vertices
    at_1 = corners[corners[:, 0] == 1, 1]
    sd = np.std([10, 20], ddof=1)
    assert (at_1.min(), at_1.max()) == (pytest.approx(15 - sd), pytest.approx(15 + sd))


def test_cues_are_shown_with_their_difficulty(figure):
    shown = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in shown] == ["0.5", "1"]
    assert [float(ax.images[0].get_array()[0, 0]) for ax in shown] == [0.2, 0.7]


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("rivalry") / "out"
    rivalry.run([*SMALL, "--seeds", "2", "--variants", "spk-full", "--difficulties", "0.6,1", "--out",
                 str(out)])  # fmt: skip
    return out


def test_shares_are_those_of_the_network(result):
    """Recalled again; rivals are found by comparing pixels."""
    table = pd.read_csv(result / "rivalry.csv")
    keys = table[["variant", "seed", "difficulty", "moment"]].itertuples(index=False, name=None)
    assert list(keys) == [("spk-full", s, d, m) for s in (5, 6) for d in (0.6, 1.0) for m in MOMENTS]

    dataset = digits().limited(60, 60)
    images, labels = dataset.test_images, dataset.test_labels
    cues = make_cues("rivalry", images, 1.0, 6)
    halves = [np.s_[:4], np.s_[4:], np.s_[:, :4], np.s_[:, 4:]]  # rivals', top to right in turn
    differ, image, rival = 0, 0, 0
    with Networks(limit=60, epochs=4, seed=5).learned("spk-full", seed=6) as memory:
        z = memory.recall(dataset.train_images.reshape(60, 64)).z["feedforward"]["HID"]
        readout = train_readout(z, dataset.train_labels)
        found = readout.predict(memory.recall(cues.reshape(60, 64)).z["attractor"]["HID"])
    for number, (cue, label, answer) in enumerate(zip(cues, labels, found)):
        half = halves[number % 4]
        (other,) = {labels[k] for k in range(60) if k != number and (images[k][half] == cue[half]).all()}
        differ, image = differ + (other != label), image + (answer == label != other)
        rival += answer == other != label
    row = table.set_index(["seed", "difficulty", "moment"]).loc[(6, 1.0, "attractor")]
    assert row["pairs"] == differ > 40
    assert (row["image"], row["rival"]) == pytest.approx((image / differ, rival / differ))
    assert row["neither"] == pytest.approx(1 - (image + rival) / differ)


def test_picture_is_drawn_again(result, tmp_path):
    picture = imread(result / "rivalry.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05
    assert_redrawn(rivalry, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_is_resumed(result, tmp_path):
    folder = stopped(result, tmp_path / "stopped", "rivalry", lambda number: number < 3)
    results = rivalry.run(["--resume", str(folder)])
    for name in ("rivalry.csv", "means.csv"):
        assert (folder / name).read_bytes() == (result / name).read_bytes()
    assert "its rival or neither, in per cent" in rivalry.report(results)


def test_one_image_has_no_rival(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="rivalry needs another image: give .*2 or more"):
        rivalry.run(["--task-images", "1", "--out", str(out)])
    assert not out.exists()
