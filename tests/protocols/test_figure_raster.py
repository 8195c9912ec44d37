"""The raster: what is drawn, and the protocol end to end in small."""

from __future__ import annotations

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import Hz
from matplotlib.image import imread
from redrawing import assert_redrawn
from small import SMALL

from cortical_bcpnn import VARIANTS, Parameters, Recall
from cortical_bcpnn.drawing.raster import SPIKES, draw_raster
from cortical_bcpnn.drawing.style import PHASE_COLOURS
from cortical_bcpnn.experiments.recalls import over_time, recall_of
from protocols.raster import raster

SPK = VARIANTS["spk-full"]
PARAMETERS = Parameters(variant=SPK)


def make_recall(spiking: bool = True, hypercolumns: int = 6, rate: float = 0.2) -> Recall:
    """Random activity of two cues; hypercolumn 4 of INP tells them apart."""
    rng = np.random.default_rng(1)
    shape = {"INP": (2, 125, 2 * hypercolumns), "HID": (2, 125, 15)}
    spikes = {name: rng.random(s) < rate for name, s in shape.items()}
    z = {name: 0.1 * rng.random(s, np.float32) for name, s in shape.items()}
    z["INP"][0, :, 8] = z["INP"][1, :, 9] = 0.9
    return Recall({}, {}, {}, {"INP": 2, "HID": 5}, z, spikes if spiking else {})


@pytest.fixture
def panels():
    """Axes of a raster: spikes and rates of INP, spikes and rates of HID."""

    def draw(recall: Recall, **options):
        figure = draw_raster(recall, SPK.recall_protocol(), PARAMETERS, **options)
        return figure.axes[0], figure.axes[1:]

    yield draw
    plt.close("all")


def test_spikes_are_where_they_happened(panels):
    recall = make_recall()
    _, (inp, _, hid, _) = panels(recall)
    for ax, name in ((inp, "INP"), (hid, "HID")):
        steps, neurons = np.nonzero(np.concatenate(recall.spikes_over_time[name]))
        expected = np.stack([steps + 0.5, neurons], axis=1)
        np.testing.assert_array_equal(ax.collections[0].get_offsets(), expected)
    assert inp.get_xlim() == hid.get_xlim() == (0, 250)


def test_large_populations_are_thinned_out(panels):
    recall = make_recall(hypercolumns=60, rate=0.5)
    _, (inp, *_) = panels(recall)
    offsets = inp.collections[0].get_offsets()
    assert 0.8 * SPIKES < len(offsets) < 1.2 * SPIKES
    low, high = np.ceil(inp.get_ylim()[0]), np.floor(inp.get_ylim()[1])
    first, last, n = int(low) // 2, int(high) // 2, 60
    assert abs(first - (n - 1 - last)) <= 1  # in the middle
    assert inp.get_title(loc="right") == f"spikes of hypercolumns {first} to {last} of 60"
    spikes = np.concatenate(recall.spikes_over_time["INP"])[:, int(low) : int(high) + 1]
    assert len(offsets) == spikes.sum()


def test_rates_are_z_times_f_max(panels):
    recall = make_recall()
    _, (_, rates, *_) = panels(recall)
    assert "hypercolumn 4" in rates.get_title(loc="right")
    z = np.concatenate(recall.z_over_time["INP"])
    for line, minicolumn, label in zip(rates.lines, (8, 9), ("ON", "OFF")):
        assert line.get_label() == label
        np.testing.assert_allclose(line.get_ydata(), z[:, minicolumn] * float(SPK.f_max / Hz))
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 251))


def test_rate_based_variants_show_traces(panels):
    recall = make_recall(spiking=False)
    _, (inp, *_) = panels(recall)
    z = np.concatenate(recall.z_over_time["INP"])
    np.testing.assert_array_equal(
        inp.collections[0].get_offsets()[:, 1], np.nonzero(z > 0.05)[1]
    )
    widths = np.array(inp.collections[0].get_linewidths())
    np.testing.assert_allclose(widths / widths.max(), z[z > 0.05] / z.max(), rtol=1e-5)
    assert inp.get_title(loc="right").startswith("z traces of")


def test_phases_are_shaded_and_images_shown(panels):
    images = {"image": np.random.default_rng(0).random((2, 3, 3)), "cue": np.zeros((2, 3, 3))}
    top, (inp, *_) = panels(make_recall(), images=images)
    spans = [patch for patch in inp.patches if patch.get_width() < 100]
    assert [(round(p.get_x()), round(p.get_width())) for p in spans] == [
        (start + x, width) for start in (0, 125)
        for x, width in ((0, 25), (25, 25), (50, 25), (75, 50))
    ]  # fmt: skip
    assert plt.matplotlib.colors.to_hex(spans[5].get_facecolor()).upper() == PHASE_COLOURS["feedforward"]
    shown = [(ax.get_title(), ax.images[0].get_array()) for ax in top.child_axes]
    assert [name for name, _ in shown] == ["image", "cue"] * 2
    np.testing.assert_array_equal(shown[2][1], images["image"][1])


@pytest.mark.parametrize("spiking", [True, False])
def test_what_is_kept_of_a_recall_is_drawn_the_same(panels, spiking):
    """But for the precision of z."""
    recall = make_recall(spiking)
    kept = over_time(recall)
    assert spiking == ((kept["z_INP"] > 0).any(axis=(0, 1)).sum() == 2)
    for before, after in zip(panels(recall)[1], panels(recall_of(kept))[1], strict=True):
        assert after.get_title(loc="right") == before.get_title(loc="right")
        for lines in zip(before.lines, after.lines, strict=True):
            np.testing.assert_allclose(*(line.get_ydata() for line in lines), rtol=1e-3, atol=1e-3)
        for dots in zip(before.collections, after.collections, strict=True):
            np.testing.assert_array_equal(*(each.get_offsets() for each in dots))


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("raster")
    raster.run([*SMALL, "--task", "completion", "--images", "3,7", "--rate-images", "12",
                "--seeds", "2", "--out", str(out)])  # fmt: skip
    return out


def test_protocol(result):
    summary = json.loads((result / "summary.json").read_text())
    assert summary["task"] == "completion" and summary["difficulty"] == 0.6
    assert summary["shown_images"] == [3, 7] and summary["rate_images"] == 12
    rates = pd.read_csv(result / "rates.csv")
    assert len(rates) == 2 * 3 * 5 and rates["seed"].unique().tolist() == [5, 6]
    assert (rates["mean_hz"] <= rates["max_hz"]).all() and (rates["max_hz"] <= rates["largest_hz"]).all()
    # Softmax: f_max / M, here within 5 standard errors of 12 cues, 30 or 64 hypercolumns, 400 ms
    for name, minicolumns in (("INP", 2), ("HID", 30), ("INPRC", 2)):
        assert summary["rate_hz"][name]["mean"] == pytest.approx(100 / minicolumns, rel=0.05)
        rows = rates[(rates["population"] == name) & (rates["phase"] != "all")]
        assert summary["rate_hz"][name]["largest"] == rows["largest_hz"].max()
        feedforward = rows[rows["phase"] == "feedforward"]["max_hz"].mean()
        assert summary["rate_hz"][name]["phases"]["feedforward"]["max"] == pytest.approx(feedforward)
    picture = imread(result / "raster.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05


def test_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(raster, result, tmp_path / "copy")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images", "0,60"], "--images names test image 60: digits has 60 here, so give.*0 to 59"),
        (["--difficulty", "0.5"], "--difficulty is given without a task: add --task"),
        (["--limit-test", "1", "--task", "rivalry"], "rivalry needs another image"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        raster.run([*SMALL, *arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value"), [("--images", "1,x"), ("--task", "guess"), ("--difficulty", "1.5")]
)
def test_bad_options_are_named(option, value):
    with pytest.raises(ValueError, match=f"{option}.*{value}"):
        raster.run([option, value])
