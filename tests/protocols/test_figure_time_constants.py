"""Accuracy over tau_z and f_max: which networks, what is drawn, and the protocol in small."""

from __future__ import annotations

import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from redrawing import assert_redrawn
from scipy.stats import rankdata
from stopping import stopped
from threadpoolctl import threadpool_limits

from cortical_bcpnn import VARIANTS, AssociativeMemory
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.analysis.time_constants import spikes_and_accuracy
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.drawing.time_constants import cell_edges, draw_time_constants
from cortical_bcpnn.experiments import Setup
from protocols import time_constants as protocol
from protocols.time_constants import time_constants

SMALL = ["--limit", "60", "--epochs", "4", "--jobs", "2", "--seed", "5"]
GRID = ["--tau-z-grid", "20ms,5ms", "--f-max-grid", "100,1000Hz"]
TAU_Z, F_MAX = np.array([2.0, 20, 200]), np.array([20.0, 100, 500, 1000])


def cells_of(monkeypatch, tmp_path, *arguments: str) -> list[tuple[float, float]]:
    """Pairs in ms and Hz that a command line asks for."""

    class Enough(Exception):
        pass

    def stop(_, networks, *__):
        raise Enough([key[1:] for key in networks])

    with monkeypatch.context() as patch:
        patch.setattr(protocol, "side_by_side", stop)
        patch.setattr(Setup, "build", lambda *_: None)
        with pytest.raises(Enough) as found:
            time_constants.run([*arguments, "--out", str(tmp_path / "_".join(["out", *arguments]))])
    return found.value.args[0]


# --- Which networks ----------------------------------------------------------------------


def test_the_grid_of_the_paper(monkeypatch, tmp_path):
    found = cells_of(monkeypatch, tmp_path)
    assert len(found) == 48
    assert np.unique([cell[0] for cell in found]) == pytest.approx([1, 2, 5, 10, 20, 50, 100, 200])
    assert np.unique([cell[1] for cell in found]) == pytest.approx([20, 50, 100, 200, 500, 1000])


def test_grids_of_ones_own(monkeypatch, tmp_path):
    expected = [(20, 100), (20, 1000), (5, 100), (5, 1000)]
    np.testing.assert_allclose(cells_of(monkeypatch, tmp_path, *GRID), expected)
    found = cells_of(monkeypatch, tmp_path, "--tau-z", "7ms", "--f-max-grid", "30,60")
    np.testing.assert_allclose(found, [(7, 30), (7, 60)])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--f-max-grid", "100,1001Hz"], "f_max is .*f_max \\* dt must not exceed 1"),
        (["--tau-z-grid", "0.5ms,5ms"], "tau_z is .*needs a time constant of at least dt"),
    ],
)
def test_values_that_no_network_can_have(arguments, message, tmp_path):
    """Said before anything is learned or written."""
    with pytest.raises(ValueError, match=message):
        time_constants.run([*arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [["--tau-z-grid", "5ms,5ms"], ["--tau-z-grid", "100Hz"], ["--f-max-grid", ""]]
)
def test_grids_that_mean_nothing(arguments):
    with pytest.raises(ValueError, match="grid.*see --help"):
        time_constants.run(arguments)


# --- Figure ------------------------------------------------------------------------------


@pytest.fixture
def grid() -> pd.DataFrame:
    """All but one pair, in any order."""
    rng = np.random.default_rng(2)
    rows = [(t, f, rng.random(), rng.random()) for t in TAU_Z for f in F_MAX]
    table = pd.DataFrame(rows, columns=["tau_z_ms", "f_max_hz", "ff", "attractor"])
    return table.drop(index=3).sample(frac=1, random_state=1)


@pytest.fixture
def figure(grid):
    figure = draw_time_constants(grid, framed=(20, 100), settled=33.0, note="phases")
    figure.canvas.draw()
    yield figure
    plt.close(figure)


def value(grid: pd.DataFrame, tau_z: float, f_max: float, column: str) -> float:
    rows = grid[(grid["tau_z_ms"] == tau_z) & (grid["f_max_hz"] == f_max)]
    return 100 * rows[column].item() if len(rows) else np.nan


@pytest.mark.parametrize("panel, column", enumerate(["ff", "attractor"]))
def test_cells_are_the_accuracies(figure, grid, panel, column):
    """Their colour and the number written in them, in per cent; what is missing is blank."""
    ax = figure.axes[panel]
    expected = np.array([[value(grid, t, f, column) for f in F_MAX] for t in TAU_Z])
    shown = np.ma.filled(ax.collections[0].get_array().astype(float), np.nan).reshape(3, 4)
    np.testing.assert_allclose(shown, expected)
    numbers = {t.get_position(): t.get_text() for t in ax.texts if "spike" not in t.get_text()}
    assert numbers == {
        (f, t): f"{value(grid, t, f, column):.0f}"
        for t in TAU_Z for f in F_MAX if np.isfinite(value(grid, t, f, column))
    }  # fmt: skip
    assert ax.get_title() == ["feedforward", "attractor"][panel]
    assert ax.collections[0].norm.vmin == 0 and ax.collections[0].norm.vmax == 100


def test_axes_are_logarithmic_and_name_their_values(figure):
    for ax in figure.axes[:2]:
        assert ax.get_xscale() == ax.get_yscale() == "log"
        assert [t.get_text() for t in ax.get_xticklabels()] == ["20", "100", "500", "1000"]
        np.testing.assert_array_equal(ax.get_yticks(), TAU_Z)
    assert "ms" in figure.axes[0].get_ylabel() and "Hz" in figure.axes[0].get_xlabel()
    assert "%" in figure.axes[2].get_ylabel()


def test_lines_join_equal_numbers_of_spikes(figure):
    """Each is labelled where it ends."""
    for ax in figure.axes[:2]:
        labels = {t.get_text(): t.xy for t in ax.texts if "spike" in t.get_text()}
        dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
        assert len(labels) == len(dashed) >= 2
        for line in dashed:
            f_max, tau_z = line.get_xydata().T
            spikes = f_max * tau_z / 1000
            np.testing.assert_allclose(spikes, spikes[0])
            end = labels[f"{spikes[0]:g} spikes" if spikes[0] > 1.001 else "1 spike"]
            assert any(np.allclose(end, point) for point in line.get_xydata())


def test_a_line_says_up_to_where_traces_settle(figure, grid):
    for ax in figure.axes[:2]:
        (line,) = (line for line in ax.lines if line.get_linestyle() == ":")
        assert set(line.get_ydata()) == {33.0}
    elsewhere = draw_time_constants(grid, settled=3000.0)
    assert not [line for line in elsewhere.axes[0].lines if line.get_linestyle() == ":"]
    plt.close(elsewhere)


def test_a_cell_is_framed(figure):
    (frame,) = figure.axes[0].patches
    x, y = frame.get_xy()
    assert x < 100 < x + frame.get_width() and y < 20 < y + frame.get_height()
    assert x > 20 and x + frame.get_width() < 500 and y > 2 and y + frame.get_height() < 200


def test_numbers_can_be_read_on_their_colours(figure):
    """Light on dark and dark on light."""
    for text in (t for t in figure.axes[0].texts if "spike" not in t.get_text()):
        behind = np.dot(to_rgb(text.get_bbox_patch().get_facecolor()), (0.299, 0.587, 0.114))
        written = np.dot(to_rgb(text.get_color()), (0.299, 0.587, 0.114))
        assert abs(behind - written) > 0.44


def test_edges_of_cells():
    """Half-way on a logarithmic axis, and as far beyond the ends."""
    np.testing.assert_allclose(cell_edges(np.array([1.0, 100, 1000])), [0.1, 10, 10**2.5, 10**3.5])
    low, high = cell_edges(np.array([5.0]))
    assert low < 5 < high


@pytest.mark.parametrize("tau_z, f_max", [((20,), (100,)), ((1, 2), (20,)), ((5,), (20, 100))])
def test_small_grids(tau_z, f_max):
    rows = [(t, f, 0.5, 0.4) for t in tau_z for f in f_max]
    table = pd.DataFrame(rows, columns=["tau_z_ms", "f_max_hz", "ff", "attractor"])
    figure = draw_time_constants(table)
    figure.canvas.draw()
    plt.close(figure)


# --- Summary -----------------------------------------------------------------------------


def test_summary_against_numpy(grid):
    """Of a trace of 200 ms much is left after 100 ms, of 20 ms next to nothing."""
    said = spikes_and_accuracy(grid.reset_index(drop=True), 1.0, 100.0)
    tau_z, f_max = grid["tau_z_ms"].to_numpy(), grid["f_max_hz"].to_numpy()
    spikes = tau_z * f_max / 1000
    cells = pd.DataFrame(said["cells"])
    assert said["few_spikes"] == 2 and said["carried_over_max"] == 0.05 and len(cells) == 11
    np.testing.assert_allclose(cells["spikes"], spikes)
    np.testing.assert_allclose(cells["carried_over"], np.exp(-100 / tau_z), rtol=0.2, atol=1e-20)
    for moment in ("ff", "attractor"):
        accuracy = grid[moment].to_numpy()
        for which, chosen in (("all", tau_z > 0), ("settled", tau_z < 30)):
            found, few = said[moment][which], spikes < 2
            assert found["mean"]["fewer"] == pytest.approx(accuracy[chosen & few].mean())
            assert found["mean"]["as_many_or_more"] == pytest.approx(accuracy[chosen & ~few].mean())
            ranks = rankdata(spikes[chosen]), rankdata(accuracy[chosen])
            assert found["rank_correlation"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
        best = said[moment]["best"]
        assert best[moment] == accuracy.max() and best["tau_z_ms"] == tau_z[accuracy.argmax()]
    json.dumps(said, allow_nan=False)


@pytest.mark.parametrize("tau_z", [20.0, 200.0])
def test_summary_of_a_single_cell(tau_z):
    one = pd.DataFrame([(tau_z, 5.0, 0.5, 0.4)], columns=["tau_z_ms", "f_max_hz", "ff", "attractor"])
    said = spikes_and_accuracy(one, 1.0, 100.0)
    assert said["ff"]["all"] == {
        "mean": {"fewer": 0.5, "as_many_or_more": None}, "rank_correlation": None,
    }  # fmt: skip
    assert said["ff"]["settled"]["mean"]["fewer"] == (0.5 if tau_z == 20 else None)
    json.dumps(said, allow_nan=False)


# --- The protocol ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("time_constants") / "out"
    time_constants.run([*SMALL, *GRID, "--out", str(out)])
    return out


def test_every_network_is_measured_once(result):
    found = pd.read_csv(result / "grid.csv")
    assert list(found.columns) == ["seed", "tau_z_ms", "f_max_hz", "ff", "attractor", "images"]
    keys = found[["seed", "tau_z_ms", "f_max_hz"]].to_numpy().tolist()
    assert keys == [[5, 5, 100], [5, 5, 1000], [5, 20, 100], [5, 20, 1000]]
    assert (found["images"] == 60).all()


def test_accuracies_are_those_of_the_networks(result):
    """One of them learned again by itself, from the parameters, in this process."""
    variant = replace(VARIANTS["spspk-full"], tau_z=5 * ms, f_max=1000 * Hz)
    dataset = digits().limited(60, 60)
    images = dataset.train_images.reshape(60, 64)
    memory = AssociativeMemory(64, (30, 30), 24, variant=variant, tau_p=60 * ms, seed=5)
    with memory.learn(images, 4), threadpool_limits(1):
        z = memory.recall(images).z["feedforward"]["HID"]
        readout = train_readout(z, dataset.train_labels)
        recalled = memory.recall(dataset.test_images.reshape(60, 64)).z
    row = pd.read_csv(result / "grid.csv").query("tau_z_ms == 5 and f_max_hz == 1000")
    for column, moment in (("ff", "feedforward"), ("attractor", "attractor")):
        right = (readout.predict(recalled[moment]["HID"]) == dataset.test_labels).mean()
        assert row[column].item() == pytest.approx(right)
    assert row["ff"].item() > 0.4  # chance is 10 %, with an error of 4 %


def test_summary_says_what_the_figure_shows(result):
    summary = json.loads((result / "summary.json").read_text())
    found = pd.read_csv(result / "grid.csv")
    assert summary["seeds"] == [5] and summary["variant"] == "spspk-full"
    assert summary["parameters"]["variant"]["tau_m"] == "5.0 ms"
    assert not {"tau_z", "f_max"} & set(summary["parameters"]["variant"])
    cells = pd.DataFrame(summary["cells"])
    for column in ("tau_z_ms", "f_max_hz", "ff", "attractor"):
        np.testing.assert_allclose(cells[column], found[column])
    np.testing.assert_allclose(cells["spikes"], [0.5, 5, 2, 20])
    assert summary["ff"]["best"]["ff"] == found["ff"].max()
    assert set(summary["files"]) == {
        "grid.csv", "grid.jsonl", "time_constants.png", "time_constants.svg"
    }


def test_the_picture_is_not_blank(result):
    picture = imread(result / "time_constants.png")
    assert min(picture.shape[:2]) > 250 and picture[..., :3].std() > 0.05


def test_the_picture_is_drawn_again(result, tmp_path):
    assert_redrawn(time_constants, result, tmp_path / "copy")


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_run_measures_what_is_missing(result, tmp_path, monkeypatch):
    """In one process instead of two, with the same numbers."""
    lines = (result / "grid.jsonl").read_text().splitlines()
    gone = next(number for number, line in enumerate(lines) if line.startswith("[[5, 5.0, 1000.0]"))
    out = stopped(result, tmp_path / "out", "grid", lambda number: number != gone)
    measured, measure = [], protocol.measure

    def noted(setup, *which):
        measured.append(which[:3])
        return measure(setup, *which)

    monkeypatch.setattr(protocol, "measure", noted)
    resumed = time_constants.run(["--resume", str(out), "--jobs", "1"])
    assert measured == [(5, 5 * ms, 1000 * Hz)]
    assert (out / "grid.csv").read_bytes() == (result / "grid.csv").read_bytes()
    assert "best at" in time_constants.report(resumed)


def test_networks_are_averaged_over_seeds(tmp_path, monkeypatch):
    """Means of two seeds, whose accuracies are made up here."""

    def made_up(setup, seed, tau_z, f_max, readout_images):
        scores = {"ff": 0.1 * seed + float(tau_z), "attractor": 0.05 * seed}
        return ([{"seed": seed, "tau_z_ms": float(tau_z / ms), "f_max_hz": float(f_max / Hz),
                  **scores, "images": 60}],)  # fmt: skip

    monkeypatch.setattr(protocol, "measure", made_up)
    monkeypatch.setattr(Setup, "build", lambda *_: None)
    out = tmp_path / "out"
    small = ["--limit", "60", "--seed", "5", "--jobs", "1", "--seeds", "2"]
    time_constants.run([*small, *GRID, "--out", str(out)])
    cells = pd.DataFrame(json.loads((out / "summary.json").read_text())["cells"])
    np.testing.assert_allclose(cells["ff"], 0.55 + cells["tau_z_ms"] / 1000)
    np.testing.assert_allclose(cells["attractor"], 0.275)
    assert len(pd.read_csv(out / "grid.csv")) == 8
