"""Whether z estimates probability: curves of cells, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from brian2 import ms, prefs

from cortical_bcpnn import NOISY_SRC, POISSON, RATE, SRC
from cortical_bcpnn.analysis.transfer import against_noise, calibration, saturated, transfer_curve
from cortical_bcpnn.drawing.transfer import draw_transfer

SMALL = {"posteriors": (0.1, 0.5, 1.0), "minicolumns": 4, "hypercolumns": 30, "settling": 100 * ms,
         "duration": 200 * ms, "device": "runtime"}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def numpy_target():
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    yield
    prefs.codegen.target = before


def curve(z) -> pd.DataFrame:
    return pd.DataFrame({"posterior": np.linspace(0, 1, len(z)), "z": z, "spread": 0.1})


def test_calibration_of_known_curves():
    perfect = calibration(curve(np.linspace(0, 1, 5)))
    assert perfect == pytest.approx({"slope": 1, "calibration_error": 0, "largest_error": 0,
                                     "spread": 0.1}, abs=1e-12)  # fmt: skip
    halved = calibration(curve(np.linspace(0, 0.5, 5)))
    assert halved == pytest.approx({"slope": 0.5, "calibration_error": 0.25, "largest_error": 0.5,
                                    "spread": 0.1})  # fmt: skip
    on_and_off = calibration(curve((np.linspace(0, 1, 10_000) > 0.5).astype(float)))
    assert on_and_off["calibration_error"] == pytest.approx(0.25, abs=1e-3)
    assert calibration(saturated(curve(np.linspace(0, 0.5, 5))))["slope"] == pytest.approx(1)


def test_published_cells_estimate_probability():
    """Rates exactly; 30 hypercolumns of Poisson cells for 200 ms within 4 standard errors."""
    rates = transfer_curve(RATE, "spspk-full", **SMALL)
    np.testing.assert_allclose(rates["z"], [0.1, 0.5, 1.0], atol=0.01)  # z settles with tau_z
    np.testing.assert_allclose(rates["rate_hz"], [10, 50, 100], rtol=1e-3)
    poisson = transfer_curve(POISSON, "spspk-full", **SMALL)
    spikes = 100 * poisson["posterior"] * 0.2 * 30
    error = (poisson["rate_hz"] - 100 * poisson["posterior"]) * 0.2 * 30
    assert (error.abs() < 4 * np.sqrt(spikes)).all()
    assert poisson["spread"].iloc[1] == pytest.approx(np.sqrt(0.5 / (2 * 0.1 * 20)), rel=0.2)


def test_a_cell_without_noise_is_on_or_off_and_noise_grades_it():
    still = transfer_curve(SRC, "spspk-full", **{**SMALL, "posteriors": (0.1, 0.5, 0.9, 1.0)})
    assert still["z"].iloc[:2].max() < 1e-6 and still["z"].iloc[2] > 0.9
    table = against_noise(NOISY_SRC, (0.0, 0.5), "spspk-full", **SMALL)
    assert list(table["noise"]) == [0.0, 0.5]
    assert table["calibration_error"].iloc[1] < table["calibration_error"].iloc[0] - 0.05
    again = against_noise(NOISY_SRC, (0.5,), "spspk-full", **SMALL)
    assert again.iloc[0].to_dict() == table.iloc[1].to_dict()


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"posteriors": (0.5, 1.2)}, r"posteriors are \(0.5, 1.2\): give numbers from 0 to 1"),
        ({"posteriors": ()}, r"posteriors are \(\): give numbers from 0 to 1"),
        ({"minicolumns": 1}, "minicolumns is 1: give 2 or more"),
    ],
)
def test_what_cannot_be_measured_is_said(wrong, message):
    with pytest.raises(ValueError, match=message):
        transfer_curve(POISSON, "spspk-full", **{**SMALL, **wrong})


def test_picture_shows_curves_noise_and_halves():
    curves = pd.concat([curve([0, 0.5, 1]).assign(model="a"), curve([0, 0, 1]).assign(model="b")])
    accuracies = pd.DataFrame({"model": ["a", "a", "b"], "ff_broad": [0.6, 0.8, 0.5],
                               "ff_sharp": [0.9, 0.9, 0.8]})  # fmt: skip
    noise = pd.DataFrame({"noise": [0, 0.5], "calibration_error": [0.2, 0.1], "spread": [0.1, 0.3]})
    left, middle, right = draw_transfer(curves, accuracies, noise).axes
    np.testing.assert_allclose(left.lines[2].get_xydata(), [[0, 0], [0.5, 0], [1, 1]])
    np.testing.assert_allclose(middle.lines[0].get_ydata(), [0.2, 0.1])
    assert [label.get_text() for label in right.get_yticklabels()] == ["a", "b"]
    assert right.lines[1].get_xydata().tolist() == [[pytest.approx(70), 0]]
    assert len(draw_transfer(curves, accuracies).axes) == 2
