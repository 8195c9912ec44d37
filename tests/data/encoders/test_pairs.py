"""Grey values and bits as pairs."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data.encoders import Bits, OnOff, Scaled
from cortical_bcpnn.data.patterns import minicolumn_activity

GREY = np.random.default_rng(0).random((5, 3, 4))
BITS = np.random.default_rng(1).integers(0, 2, (6, 7))


def test_grey_values_are_what_networks_make_of_images():
    activity = OnOff().fit_transform(GREY)
    assert activity.shape == (5, 12, 2)
    np.testing.assert_array_equal(activity.reshape(5, -1), minicolumn_activity(GREY.reshape(5, -1)))


def test_grey_values_come_back_in_the_shape_of_images():
    """Up to the last bit of x + (1 - x), by which rates of any scale are divided."""
    encoder = OnOff().fit(GREY)
    np.testing.assert_allclose(encoder.inverse_transform(encoder.transform(GREY)), GREY, rtol=1e-15)
    rates = 7.3 * encoder.transform(GREY).reshape(5, -1)
    np.testing.assert_allclose(encoder.inverse_transform(rates), GREY, rtol=1e-14)


def test_images_may_be_given_flat():
    encoder = OnOff().fit(GREY)
    np.testing.assert_array_equal(encoder.transform(GREY.reshape(5, 12)), encoder.transform(GREY))


def test_bits_come_back_as_the_likelier():
    encoder = Bits().fit(BITS)
    activity = encoder.transform(BITS)
    np.testing.assert_array_equal(activity, np.stack([BITS, 1 - BITS], axis=-1))
    np.testing.assert_array_equal(encoder.inverse_transform(0.6 * activity + 0.2), BITS)


def test_values_of_any_range_lie_between_those_of_training():
    encoder = Scaled().fit([[-2, 7.0], [6, 7.0], [np.nan, 7.0]])
    activity = encoder.transform([[0, 7.0], [-9, 9.0], [8, np.nan]])
    np.testing.assert_array_equal(activity[..., 0], [[0.25, 0], [0, 1], [1, np.nan]])
    np.testing.assert_array_equal(
        encoder.inverse_transform(activity), [[0, 7], [-2, 8], [6, np.nan]]
    )


def test_bytes_of_bits_become_short_floats():
    assert Bits().fit_transform(BITS.astype(np.uint8)).dtype == np.float32
    assert OnOff().fit_transform(GREY.astype(np.float32)).dtype == np.float32
    assert OnOff().fit_transform(GREY).dtype == np.float64


@pytest.mark.parametrize(
    "encoder, values, message",
    [
        (OnOff(), [[0, 0.5], [2.0, 1]], r"X holds the value 2\.0 at index \(1, 0\): give values from 0"),
        (OnOff(), [[-0.1]], r"X holds the value -0\.1 at index \(0, 0\)"),
        (Bits(), [[0, 1, 0.5]], r"X holds the value 0\.5 at index \(0, 2\): give 0 or 1"),
    ],
)
def test_values_outside_the_range_are_refused_whenever_given(encoder, values, message):
    with pytest.raises(ValueError, match=message):
        encoder.fit(values)
    encoder.fit(np.zeros_like(values))
    with pytest.raises(ValueError, match=message):
        encoder.transform(values)
