"""Categories: numbers and names, features of different sizes, what is missing or new."""

from __future__ import annotations

import numpy as np

from cortical_bcpnn.data.encoders import Categories

NAMES = np.array([["red", "s"], ["blue", "m"], ["green", "s"], ["blue", "s"]], object)
CODES = [[2, 1], [0, 0], [1, 1], [0, 1]]


def test_features_of_fewer_categories_have_silent_minicolumns():
    encoder = Categories().fit(NAMES)
    assert (encoder.hypercolumns_, encoder.minicolumns_) == (2, 3)
    np.testing.assert_array_equal(encoder.transform(NAMES), np.eye(3)[CODES])
    assert [list(found) for found in encoder.categories_] == [["blue", "green", "red"], ["m", "s"]]


def test_names_come_back_as_the_most_active():
    encoder = Categories().fit(NAMES)
    activity = 0.5 * encoder.transform(NAMES) + 0.2
    activity[..., 1, 2] = 9  # of no category: it counts for nothing
    np.testing.assert_array_equal(encoder.inverse_transform(activity), NAMES)


def test_numbers_stay_numbers():
    values = np.array([[5, 0.5], [7, 0.5], [9, 1.5]])
    back = Categories().fit(values)
    np.testing.assert_array_equal(back.inverse_transform(back.transform(values)), values)
    assert back.inverse_transform(back.transform(values)).dtype == float


def test_missing_and_new_names_are_unknown():
    encoder = Categories().fit(np.vstack([NAMES, np.array([[None, "m"], [np.nan, "m"]], object)]))
    assert encoder.minicolumns_ == 3
    activity = encoder.transform(np.array([[None, "s"], ["violet", "m"], ["red", np.nan]], object))
    np.testing.assert_array_equal(np.isnan(activity).all(axis=-1), [[1, 0], [1, 0], [0, 1]])
    assert encoder.inverse_transform(activity).tolist() == [[None, "s"], [None, "m"], ["red", None]]
