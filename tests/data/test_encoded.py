"""Data sets as networks take them: encoders that see training samples alone."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data.datasets import Dataset, load
from cortical_bcpnn.data.encoded import encoded
from cortical_bcpnn.data.encoders import Intervals

RNG = np.random.default_rng(9)
LABELS = np.zeros(20, int)
TABLE = Dataset("own", RNG.normal(size=(20, 3)), LABELS, 100 * RNG.normal(size=(20, 3)), LABELS,
                encoder="intervals")  # fmt: skip


def test_the_encoder_is_fitted_to_training_samples_alone():
    """Ten intervals of two training values each, whatever the test values are."""
    data = encoded(TABLE)
    assert (data.hypercolumns, data.minicolumns) == (3, 10)
    np.testing.assert_array_equal(data.train.sum(axis=0), np.full((3, 10), 2))
    by_hand = Intervals().fit(TABLE.train_images)
    np.testing.assert_array_equal(data.test, by_hand.transform(TABLE.test_images))


def test_encoders_of_ones_own_are_left_as_they_are():
    own = Intervals(4)
    data = encoded(TABLE, own)
    assert data.minicolumns == 4 and data.encoder is not own and not hasattr(own, "hypercolumns_")
    assert encoded(TABLE, "mixture").minicolumns == 5


def test_grey_images_are_pairs():
    dataset = load("digits").limited(30, 10)
    data = encoded(dataset)
    np.testing.assert_array_equal(data.train[..., 0], dataset.train_images.reshape(30, 64))
    np.testing.assert_allclose(data.encoder.inverse_transform(data.test), dataset.test_images)


def test_unknown_encoders_are_refused():
    with pytest.raises(ValueError, match="encoder 'none' is unknown: choose one of"):
        encoded(TABLE, "none")
