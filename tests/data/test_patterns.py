"""Checks and ON/OFF coding of patterns."""

from __future__ import annotations

import numpy as np
import pytest
from sealing import assert_one_sentence

from cortical_bcpnn import Architecture, Population, Projection
from cortical_bcpnn.data.patterns import (
    check_patterns,
    check_stimuli,
    checksum_of,
    minicolumn_activity,
    shown_to,
)

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


# --- By population ---------------------------------------------------------------------

TWO = [[0.0, 0.25, 1.0], [1.0, 0.5, 0.0]]
NETWORK = Architecture(
    (Population("INP", 3, 2), Population("HID", 2, 4), Population("OUT", 1, 5),
     Population("INPRC", 3, 2)),
    (Projection("up", "INP", "HID", 2, True), Projection("back", "HID", "INPRC", 1, True)),
)  # fmt: skip


def test_patterns_alone_are_those_of_the_first_population():
    """And where they are to be learned, of those that reconstruct it."""
    assert set(check_stimuli("cues", TWO, NETWORK)) == {"INP"}
    found = check_stimuli("patterns", TWO, NETWORK, copied=True)
    assert set(found) == {"INP", "INPRC"} and found["INP"] is found["INPRC"]


def test_classes_are_minicolumns_of_a_single_hypercolumn():
    found = check_stimuli("patterns", {"INP": TWO, "OUT": [4, 0]}, NETWORK)
    np.testing.assert_array_equal(found["OUT"], np.eye(5)[[4, 0]][:, None])
    np.testing.assert_array_equal(minicolumn_activity(found["OUT"]), np.eye(5)[[4, 0]])


@pytest.mark.parametrize(
    "patterns, message",
    [
        ({}, "patterns are empty"),
        ({"IN": TWO}, "population 'IN' is unknown: choose one of INP, HID, OUT, INPRC"),
        ({"INP": TWO, "OUT": [1]}, "patterns are 2 of INP, 1 of OUT: give as many for each"),
        ({"OUT": [1, 5]}, "patterns of OUT hold the label 5: give classes, whole numbers from 0 to 4"),
        ({"OUT": [0.5, 1]}, "hold the label 0.5"), ({"OUT": [-1]}, "hold the label -1"),
        ({"HID": [1, 0]}, r"patterns of HID have shape \(2,\): population HID .* takes \(n, 2, 4\)"),
        ({"OUT": ["a"]}, "patterns of OUT are not numbers"),
    ],
)  # fmt: skip
def test_bad_patterns_by_population_are_refused(patterns, message):
    with pytest.raises(ValueError, match=message) as error:
        check_stimuli("patterns", patterns, NETWORK)
    assert_one_sentence(str(error.value))


def test_what_a_protocol_clamps():
    alone = check_stimuli("cues", TWO, NETWORK)
    assert set(shown_to(["INP", "INPRC"], TWO, alone, NETWORK)) == {"INP", "INPRC"}
    named = {"INP": TWO}
    assert set(shown_to(["INP", "INPRC", "OUT"], named, alone, NETWORK)) == {"INP"}, "others are free"
    with pytest.raises(ValueError, match="clamps OUT, of 1 x 5 .* patterns of 3 x 2: give patterns by"):
        shown_to(["OUT"], TWO, alone, NETWORK)


def test_checksums_tell_what_goes_where():
    one, two = np.eye(3)[:2], np.eye(3)[1:]
    assert checksum_of({"A": one}) == checksum_of({"A": one, "B": one})
    assert checksum_of({"A": one, "B": two}) != checksum_of({"A": two, "B": one})
