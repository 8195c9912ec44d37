"""What all encoders have in common: scikit-learn's rules, sums of 1, missing values, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import ms
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from cortical_bcpnn import AssociativeMemory, Population, associative_memory
from cortical_bcpnn.data.encoders import ENCODERS, Encoder, make_encoder
from cortical_bcpnn.data.patterns import check_patterns, unknown_minicolumns

RNG = np.random.default_rng(3)
REAL = RNG.normal(size=(40, 3)) * [1, 100, 1e-9]
COLOUR = RNG.random((30, 2, 3, 3))
SAMPLES = {
    "on-off": RNG.random((20, 4, 4)),
    "scaled": REAL,
    "bits": RNG.integers(0, 2, (20, 6)).astype(float),
    "intervals": REAL,
    "mixture": REAL,
    "categories": RNG.integers(0, 4, (20, 5)).astype(float),
    **{name: COLOUR for name in ENCODERS if name.startswith("colour")},
}
WHITENED = [name for name in ENCODERS if name.endswith("whitened")]
each = pytest.mark.parametrize("name", ENCODERS)


@pytest.fixture(scope="module", params=ENCODERS)
def fitted(request) -> tuple[Encoder, np.ndarray]:
    samples = SAMPLES[request.param]
    return make_encoder(request.param).fit(samples), samples


def test_every_hypercolumn_sums_to_1_and_fits_a_population(fitted):
    encoder, samples = fitted
    activity = encoder.transform(samples)
    assert activity.shape == (len(samples), encoder.hypercolumns_, encoder.minicolumns_)
    np.testing.assert_allclose(activity.sum(axis=-1), 1, rtol=1e-6)
    check_patterns("x", activity, Population("INP", encoder.hypercolumns_, encoder.minicolumns_))


def test_what_comes_back_has_the_shape_of_samples(fitted):
    encoder, samples = fitted
    assert encoder.inverse_transform(encoder.transform(samples)).shape == samples.shape


@pytest.mark.parametrize(
    "name", ["on-off", "scaled", "bits", "intervals", "categories", "colour-kmeans"]
)
def test_what_comes_back_has_the_same_code(name):
    encoder = make_encoder(name).fit(SAMPLES[name])
    activity = encoder.transform(SAMPLES[name])
    again = encoder.transform(encoder.inverse_transform(activity))
    np.testing.assert_allclose(again, activity, atol=1e-15)


def test_a_missing_value_is_an_unknown_hypercolumn(fitted):
    encoder, samples = fitted
    some = np.array(samples[:2], float)
    some[1].ravel()[-1] = np.nan
    activity = encoder.transform(some)
    unknown = unknown_minicolumns(activity, encoder.minicolumns_)
    expected = np.zeros((2, encoder.hypercolumns_, encoder.minicolumns_), bool)
    expected[1, -1] = True
    np.testing.assert_array_equal(unknown, expected.reshape(2, -1))
    assert np.isnan(activity[expected]).all()
    back = encoder.inverse_transform(activity)
    assert np.isnan(back[1].ravel()[-1]) and not np.isnan(back[0]).any()


@pytest.mark.parametrize("name", [name for name in ENCODERS if name not in WHITENED])
def test_an_unknown_value_leaves_the_others_as_they_are(name):
    samples = SAMPLES[name]
    encoder = make_encoder(name).fit(samples)
    some = np.array(samples[:3], float)
    some[:, ..., -1] = np.nan
    activity, whole = encoder.transform(some), encoder.transform(samples[:3])
    known = ~np.isnan(activity)
    np.testing.assert_array_equal(activity[known], whole.astype(activity.dtype)[known])


def test_silent_hypercolumns_are_decoded_as_missing(fitted):
    encoder, samples = fitted
    activity = encoder.transform(samples[:1])
    activity[0, 0] = 0
    assert np.isnan(encoder.inverse_transform(activity)[0].ravel()[0])


@each
def test_clones_and_pipelines(name):
    """A clone has the parameters and not the fit, and fitted to the same it does the same."""
    encoder = make_encoder(name).fit(SAMPLES[name])
    copy = clone(encoder)
    assert copy.get_params() == encoder.get_params() and not hasattr(copy, "hypercolumns_")
    piped = make_pipeline(copy).fit_transform(SAMPLES[name])
    np.testing.assert_array_equal(piped, encoder.transform(SAMPLES[name]))


@each
def test_not_fitted(name):
    for method in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError, match="is not fitted: call fit with training data first"):
            getattr(make_encoder(name), method)(SAMPLES[name])


def test_other_numbers_of_features_are_refused(fitted):
    encoder, samples = fitted
    with pytest.raises(ValueError, match=r"X has samples of shape .* was fitted to .*, so give \(n, "):
        encoder.transform(samples[:, 1:])
    with pytest.raises(ValueError, match=r"activities have shape \(4, 1\): .* made \(n, \d+, \d+\)"):
        encoder.inverse_transform(np.ones((4, 1)))
    with pytest.raises(ValueError, match="activities are as low as -1.0: give 0 or more"):
        encoder.inverse_transform(-np.ones((1, encoder.hypercolumns_, encoder.minicolumns_)))


@pytest.mark.parametrize("name", [name for name in ENCODERS if name != "categories"])
@pytest.mark.parametrize(
    "values, message",
    [
        ([1.0, 2.0], r"X has shape \(2,\): give \(n, features\)"),
        ([[1, 2], [3]], "X does not hold numbers in rows of equal length"),
        ([["a", "b"]], "X does not hold numbers .* encoder 'categories'"),
        ([[np.inf, 0]], "X holds infinite values: give finite ones, or NaN"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(name, values, message):
    with pytest.raises(ValueError, match=message):
        make_encoder(name).fit(values)


@each
def test_nothing_to_learn_from_is_refused(name):
    with pytest.raises(ValueError, match=r"X has shape \(0, .*: give at least one sample"):
        make_encoder(name).fit(SAMPLES[name][:0])


@pytest.mark.parametrize("name", ["intervals", "mixture", "categories"])
def test_features_that_are_never_known_are_refused(name):
    values = np.array(SAMPLES[name])
    values[:, 1] = np.nan
    with pytest.raises(ValueError, match="feature 1 is missing in all .* samples: leave it out"):
        make_encoder(name).fit(values)


@pytest.mark.parametrize("name", WHITENED)
def test_whitening_is_not_learned_from_incomplete_images(name):
    images = COLOUR.copy()
    images[3, 0, 0] = np.nan
    with pytest.raises(ValueError, match="3 missing values: encoder ColourCodebook is fitted to compl"):
        make_encoder(name).fit(images)


def test_unknown_names_and_parameters_are_refused():
    with pytest.raises(ValueError, match="encoder 'onoff' is unknown: choose one of on-off, scaled"):
        make_encoder("onoff")
    with pytest.raises(ValueError, match="'intervals' has no parameter 'bins': it has minicolumns"):
        make_encoder("intervals", bins=3)
    with pytest.raises(ValueError, match="'bits' has no parameter 'bins': it has no parameters"):
        make_encoder("bits", bins=3)
    assert make_encoder("intervals", minicolumns=3).minicolumns == 3


@pytest.mark.parametrize(
    "name, settings, message",
    [
        ("intervals", {"minicolumns": 1}, "minicolumns is 1: give a whole number of 2 or more"),
        ("mixture", {"minicolumns": 2.5}, r"minicolumns is 2\.5: give a whole number of 1 or more"),
        ("colour-kmeans", {"minicolumns": 0}, "minicolumns is 0: give a whole number of 1 or more"),
        ("colour-kmeans", {"pixels": 0}, "pixels is 0"),
        ("colour-kmeans", {"method": "som"}, "method 'som' is unknown: choose one of kmeans, mixture"),
        ("colour-kmeans-whitened", {"epsilon": 0}, "epsilon is 0: give a number above 0"),
    ],
)
def test_bad_parameters_are_refused_when_fitted(name, settings, message):
    with pytest.raises(ValueError, match=message):
        make_encoder(name, **settings).fit(SAMPLES[name])


def test_networks_learn_and_recall_what_encoders_make(numpy_target):
    """A feature that the cue lacks comes back as one that was learned, in the units of the data."""
    encoder = make_encoder("intervals", minicolumns=3).fit(REAL)
    learned = encoder.inverse_transform(encoder.transform(REAL[:1]))
    cue = learned.copy()
    cue[:, 1] = np.nan
    architecture = associative_memory(
        encoder.hypercolumns_, (2, 3), fan_in=3, feedback_fan_in=2,
        input_minicolumns=encoder.minicolumns_,
    )  # fmt: skip
    memory = AssociativeMemory(
        architecture=architecture, variant="spspk-ff", tau_p=100 * ms, device="runtime", seed=1
    )
    memory.learn(encoder.transform(REAL[:1]), epochs=3)
    recall = memory.recall(encoder.transform(cue))
    recalled = encoder.inverse_transform(recall.shares("INPRC", recall.moments[-1]))
    assert np.abs(recalled - learned)[0, 1] < np.ptp(encoder.values_[1]) / 4
