"""Intervals and mixtures against NumPy and against the mixtures that data are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data.encoders import Intervals, Mixture

RNG = np.random.default_rng(5)
REAL = RNG.gamma(2, [1.0, 1e-12, 1e6], (1000, 3))  # no quantile falls on a value


def test_intervals_hold_equal_numbers_of_training_values():
    activity = Intervals(8).fit_transform(REAL)
    np.testing.assert_array_equal(activity.sum(axis=0), np.full((3, 8), 125))


def test_intervals_are_those_between_quantiles():
    encoder = Intervals(7).fit(REAL)
    new = RNG.gamma(2, [2.0, 2e-12, 2e6], (500, 3))  # some beyond the training values
    edges = np.quantile(REAL, np.arange(8) / 7, axis=0)
    activity = encoder.transform(new)
    for feature in range(3):
        interval = np.searchsorted(edges[1:-1, feature], new[:, feature], side="right")
        np.testing.assert_array_equal(activity[:, feature], np.eye(7)[interval])
    np.testing.assert_allclose(encoder.values_, ((edges[:-1] + edges[1:]) / 2).T, rtol=1e-9)


def test_intervals_are_decoded_to_centres_or_their_mean():
    encoder = Intervals(4).fit(REAL)
    centres = encoder.values_
    np.testing.assert_allclose(encoder.inverse_transform(np.eye(4)[None, [0, 3, 2]])[0],
                               centres[[0, 1, 2], [0, 3, 2]])  # fmt: skip
    even = encoder.inverse_transform(np.ones((1, 3, 4)))
    np.testing.assert_allclose(even[0], centres.mean(axis=1))


@pytest.mark.parametrize("values, intervals", [
    (np.repeat(4.5, 10), [0] * 10),  # constant
    (np.r_[np.zeros(15), 1, 2, 3, 4, 5], None),  # mostly zero
    (np.tile([0.0, 1.0], 10), [0, 1] * 10),  # two values
])  # fmt: skip
def test_ties_have_fewer_intervals_and_the_other_minicolumns_are_silent(values, intervals):
    encoder = Intervals(6).fit(values[:, None])
    activity = encoder.transform(values[:, None])[:, 0]
    assert (activity.sum(axis=1) == 1).all()
    used = ~np.isnan(encoder.values_[0])
    assert not activity[:, ~used].any() and used.sum() < 6
    if intervals is not None:
        np.testing.assert_array_equal(activity.argmax(axis=1), intervals)
    # Never more than one interval for one value, and as many as there can be for different ones.
    assert len({(v, i) for v, i in zip(values, activity.argmax(axis=1))}) == len(set(values))


def test_constant_features_are_decoded_to_their_value():
    for encoder in (Intervals(3), Mixture(3)):
        encoder.fit(np.full((6, 1), 4.5))
        np.testing.assert_allclose(encoder.inverse_transform(encoder.transform([[4.5], [9.0]])), 4.5)


def test_missing_values_are_left_out_of_the_fit():
    holes = REAL.copy()
    holes[::3, 1] = np.nan
    for encoder in (Intervals(5), Mixture(3)):
        complete = type(encoder)(encoder.minicolumns).fit(REAL[np.arange(1000) % 3 > 0])
        found, expected = encoder.fit(holes).transform(REAL), complete.transform(REAL)
        np.testing.assert_array_equal(found[:, 1], expected[:, 1])


def test_mixtures_find_the_one_that_data_are_of():
    """Two far components a third and two thirds of the time: means, and posteriors, by Bayes' rule."""
    first = RNG.random(30_000) < 1 / 3
    values = np.where(first, RNG.normal(-3e4, 1e4, 30_000), RNG.normal(3e4, 2e4, 30_000))[:, None]
    encoder = Mixture(2).fit(values)
    order = encoder.values_[0].argsort()
    np.testing.assert_allclose(encoder.values_[0, order], [-3e4, 3e4], rtol=0.05)
    x = np.linspace(-6e4, 8e4, 50)
    likelihood = np.stack([np.exp(-(((x + 3e4) / 1e4) ** 2) / 2) / 3 / 1e4,
                           np.exp(-(((x - 3e4) / 2e4) ** 2) / 2) * 2 / 3 / 2e4], axis=-1)  # fmt: skip
    posterior = likelihood / likelihood.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(encoder.transform(x[:, None])[:, 0, order], posterior, atol=0.08)


def test_mixtures_are_decoded_to_the_mean_of_means():
    encoder = Mixture(2).fit(REAL)
    some = RNG.random((4, 3, 2))
    expected = (some * encoder.values_).sum(axis=-1) / some.sum(axis=-1)
    np.testing.assert_allclose(encoder.inverse_transform(some), expected)


def test_few_different_values_have_a_component_each():
    values = np.tile([1.0, 2.0, 7.0], 20)[:, None]
    encoder = Mixture(5).fit(values)
    activity = encoder.transform(values)[:, 0]
    assert np.isnan(encoder.values_[0, 3:]).all() and not activity[:, 3:].any()
    np.testing.assert_allclose(encoder.inverse_transform(encoder.transform(values)), values, rtol=1e-6)


def test_one_sample_is_enough():
    for encoder in (Intervals(3), Mixture(3)):
        np.testing.assert_array_equal(encoder.fit_transform([[3.0]]), [[[1, 0, 0]]])
