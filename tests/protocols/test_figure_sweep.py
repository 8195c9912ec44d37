"""Figures of sweeps, searches and scaling: what is shown is what the tables say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.drawing.evolve import draw_evolve
from cortical_bcpnn.drawing.scaling import draw_scaling_of_sweeps
from cortical_bcpnn.drawing.sweep import draw_sweep


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def table_of(first: str, values: list, second: str, others: list) -> pd.DataFrame:
    """Three seeds of all pairs, the last run failed."""
    rng = np.random.default_rng(1)
    rows = [
        {first: a, second: b, "seed": seed, "ff": rng.random(), "attractor": rng.random(),
         "hid_spikes": 1000 + 100 * seed, "status": "done"}
        for a in values for b in others for seed in range(3)
    ]  # fmt: skip
    rows[-1] |= {"status": "failed", "ff": np.nan, "attractor": np.nan, "hid_spikes": np.nan}
    return pd.DataFrame(rows)


def numbers_in(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_two_numbers_make_maps_of_means():
    table = table_of("recurrent_gain", [0.1, 1.0], "tau_m_ms", [5.0, 10.0])
    figure = draw_sweep(table, ["recurrent_gain", "tau_m_ms"], title="gains")
    left = figure.axes[0]
    expected = 100 * table.pivot_table(index="recurrent_gain", columns="tau_m_ms", values="ff")
    np.testing.assert_allclose(left.images[0].get_array(), expected)
    assert numbers_in(left) == [f"{value:.3g}" for value in expected.to_numpy().ravel()]
    assert left.get_title() == "accuracy, feedforward" or left.get_title() == "feedforward"
    assert left.get_xlabel() == "$\\tau_m$ (ms)" and left.get_ylabel() == "recurrent gain"
    assert figure._supxlabel.get_text() == "mean of 2 to 3 runs"


def test_the_grid_of_the_paper_is_drawn_as_ever():
    table = table_of("tau_z_ms", [5.0, 20.0], "f_max_hz", [100.0, 200.0])
    figure = draw_sweep(table, ["tau_z_ms", "f_max_hz"], ["accuracy", "ff", "attractor"],
                        framed=(20.0, 100.0))  # fmt: skip
    assert [ax.get_title() for ax in figure.axes[:2]] == ["feedforward", "attractor"]
    assert len(figure.axes[0].patches) == 1, "the published pair is framed"


def test_one_number_makes_curves():
    table = table_of("recurrent_gain", [0.1, 1.0], "variant", ["spk-full"])
    (ax,) = draw_sweep(table, ["recurrent_gain"]).axes
    means = table[table["status"] == "done"].groupby("recurrent_gain")["ff"].mean()
    np.testing.assert_allclose(ax.containers[0].lines[0].get_xydata()[:, 1], 100 * means)
    assert ax.get_ylim() == (0, 100)


def test_names_make_points():
    table = table_of("variant", ["spk-full", "rate-full"], "tau_z_ms", [5.0])
    figure = draw_sweep(table, ["variant"], ["hid_spikes"])
    (ax,) = figure.axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["spk-full", "rate-full"]
    np.testing.assert_allclose(ax.containers[0].lines[0].get_xydata()[:, 1], [1100, 1050])


def test_nothing_to_draw():
    table = table_of("tau_z_ms", [5.0], "f_max_hz", [100.0])
    assert draw_sweep(table, ["tau_z_ms", "f_max_hz"]) is None
    assert draw_sweep(table.assign(status="failed"), ["seed"]) is None


def candidates() -> pd.DataFrame:
    return pd.DataFrame(
        {"candidate": ["published", "0", "1", "2"], "generation": [-1, 0, 0, 1],
         "attractor": [0.7, 0.6, 0.8, 0.9], "hid_spikes": [1200.0, 500, 900, 2000]}
    )  # fmt: skip


def held_out() -> pd.DataFrame:
    return pd.DataFrame(
        {"candidate": ["published", "published", "2", "2"], "seed": [0, 1, 0, 1],
         "ff": [0.9, 0.92, 0.9, 0.9], "attractor": [0.7, 0.72, 0.88, 0.9],
         "hid_spikes": [1200.0, 1200, 2000, 2000]}
    )  # fmt: skip


def test_the_plane_of_two_aims():
    aims, front = ("attractor", "hid_spikes"), np.array([1, 1, 1], bool)
    figure = draw_evolve(candidates(), held_out(), aims, front)
    left, right = figure.axes[:2]
    front, published = left.lines
    np.testing.assert_allclose(front.get_xydata(), [[500, 60], [900, 80], [2000, 90]])
    np.testing.assert_allclose(published.get_xydata(), [[1200, 70]])
    np.testing.assert_allclose(right.containers[1].lines[0].get_xydata()[:, 1], [71, 89])
    assert left.get_xscale() == "linear" and "2 networks" in right.get_title()


def test_the_course_of_one_aim():
    figure = draw_evolve(candidates(), held_out(), ("attractor",), np.array([0, 0, 1], bool))
    dots, best, published = figure.axes[0].lines
    np.testing.assert_allclose(dots.get_ydata(), [60, 80, 90])
    np.testing.assert_allclose(best.get_xydata(), [[1, 80], [2, 90]])
    assert published.get_ydata()[0] == pytest.approx(70)


def test_scaling_against_the_ideal():
    table = pd.DataFrame({"workers": [1, 2, 2], "runs_per_hour": [100.0, 180, 170]})
    medians = pd.DataFrame({"workers": [1, 2], "median": [100.0, 175]})
    (ax,) = draw_scaling_of_sweeps(table, medians).axes
    ideal, points, median = ax.lines
    np.testing.assert_allclose(ideal.get_xydata(), [[0, 0], [2, 200]])
    np.testing.assert_allclose(points.get_xydata(), table)
    np.testing.assert_allclose(median.get_xydata(), medians)
