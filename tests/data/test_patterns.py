"""Checks and ON/OFF coding of patterns."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn import Population
from cortical_bcpnn.data.patterns import check_patterns, minicolumn_activity

INPUT = Population("INP", 3, 2)
GREY = [[0.0, 0.25, 1.0]]


def test_pixels_are_coded_by_on_and_off():
    np.testing.assert_array_equal(
        minicolumn_activity(np.array(GREY)), [[0.0, 1.0, 0.25, 0.75, 1.0, 0.0]]
    )


def test_activities_of_minicolumns_are_taken_as_they_are():
    activity = np.random.default_rng(0).random((4, 3, 5))
    checked = check_patterns("patterns", activity, Population("INP", 3, 5))
    np.testing.assert_array_equal(minicolumn_activity(checked), activity.reshape(4, 15))


@pytest.mark.parametrize("patterns", [GREY, np.array(GREY, np.float32), [[0, 1, 1]], [[True] * 3]])
def test_numbers_of_any_type_become_float(patterns):
    checked = check_patterns("patterns", patterns, INPUT)
    assert np.issubdtype(checked.dtype, np.floating)
    np.testing.assert_array_equal(checked, np.asarray(patterns, float))
    assert minicolumn_activity(checked).dtype == np.float64


@pytest.mark.parametrize(
    "patterns, message",
    [
        ([[0, np.nan, 1]], r"cues hold the value nan at index \(0, 1\): give finite values"),
        ([GREY[0], [0, 0, 1.5]], r"cues hold the value 1\.5 at index \(1, 2\): .*from 0 to 1"),
        ([[-0.1, 0, 0]], r"cues hold the value -0\.1 at index \(0, 0\): give .*divide grey levels"),
        ([[np.inf, 0, 0]], r"cues hold the value inf at index \(0, 0\)"),
        ([[0, 0]], r"cues have shape \(1, 2\): population INP .* takes \(n, 3\) or \(n, 3, 2\)"),
        ([0, 0, 0], r"cues have shape \(3,\): .* takes \(n, 3\)"),
        (0.5, r"cues have shape \(\): .* takes \(n, 3\)"),
        (np.zeros((2, 3, 3)), r"cues have shape \(2, 3, 3\): .* takes \(n, 3\)"),
        (np.zeros((0, 3)), r"cues are empty: give at least one pattern"),
        ([], r"cues have shape \(0,\): .* takes \(n, 3\)"),
        ([[0, 0, 0], [0, 0]], r"cues are not numbers in rows of equal length .*: give an array"),
        ([["a", "b", "c"]], r"cues are not numbers .*: give an array of shape .*3\)"),
    ],
)
def test_bad_patterns_are_refused(patterns, message):
    with pytest.raises(ValueError, match=message):
        check_patterns("cues", patterns, INPUT)


def test_images_without_on_and_off_need_activities():
    with pytest.raises(ValueError, match=r"shape \(2, 3\): .* takes \(n, 3, 5\), n patterns"):
        check_patterns("patterns", np.zeros((2, 3)), Population("INP", 3, 5))
