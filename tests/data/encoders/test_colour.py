"""Codebooks of colours, and ZCA whitening."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data.encoders import ColourCodebook, Whitening

RNG = np.random.default_rng(8)
COLOURS = np.array([[1.0, 0, 0], [0, 0.9, 0.1], [0.2, 0.1, 0.8], [1, 1, 1]])
WHICH = RNG.integers(0, 4, (40, 5, 6))
IMAGES = COLOURS[WHICH]
METHODS = pytest.mark.parametrize("method", ["kmeans", "mixture"])


@METHODS
def test_images_of_few_colours_are_coded_and_come_back_exactly(method):
    """One hypercolumn per pixel, and pixels of one colour have one minicolumn, wherever they are."""
    encoder = ColourCodebook(4, method=method).fit(IMAGES)
    activity = encoder.transform(IMAGES)
    assert activity.shape == (40, 30, 4)
    minicolumn = activity.argmax(axis=-1).reshape(WHICH.shape)
    assert len(set(zip(WHICH.ravel(), minicolumn.ravel()))) == 4
    np.testing.assert_allclose(activity.max(axis=-1), 1, rtol=1e-6)
    np.testing.assert_allclose(encoder.inverse_transform(activity), IMAGES, atol=1e-6)


def test_kmeans_takes_the_nearest_colour():
    images = RNG.random((30, 4, 4, 3))
    encoder = ColourCodebook(6).fit(images)
    distance = np.linalg.norm(images.reshape(30, 16, 1, 3) - encoder.colours_, axis=-1)
    np.testing.assert_array_equal(encoder.transform(images), np.eye(6)[distance.argmin(axis=-1)])


def test_mixtures_give_posteriors():
    images = RNG.random((30, 4, 4, 3))
    encoder = ColourCodebook(3, method="mixture").fit(images)
    mixture = encoder._codebook
    away = images.reshape(30, 16, 1, 3) - mixture.means_
    likelihood = mixture.weights_ * np.exp(-(away**2 / mixture.covariances_).sum(axis=-1) / 2)
    likelihood /= np.sqrt(mixture.covariances_.prod(axis=-1))
    posterior = likelihood / likelihood.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(encoder.transform(images), posterior, atol=1e-6)
    np.testing.assert_allclose(
        encoder.inverse_transform(posterior).reshape(30, 16, 3), posterior @ mixture.means_
    )


def test_random_pixels_are_drawn_by_the_seed():
    images = RNG.random((30, 4, 4, 3))
    first, again, other = (
        ColourCodebook(5, pixels=50, seed=seed).fit(images).colours_ for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_unknown_pixels_are_left_out_of_the_codebook():
    images = IMAGES.copy()
    images[0, 0, 0, 1] = np.nan
    encoder = ColourCodebook(4).fit(images)
    np.testing.assert_allclose(np.sort(encoder.colours_, axis=0), np.sort(COLOURS, axis=0), atol=1e-9)


def test_whitened_codes_tell_as_much_as_the_codebook_does():
    """With a colour in the book for every pixel of every image, images come back."""
    images = RNG.random((6, 2, 2, 3))
    encoder = ColourCodebook(24, whiten=True).fit(images)
    np.testing.assert_allclose(encoder.inverse_transform(encoder.transform(images)), images, atol=1e-6)


def test_what_is_no_image_of_colours_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(4, 8, 8\): give colour images, \(n, height"):
        ColourCodebook().fit(np.zeros((4, 8, 8)))
    with pytest.raises(ValueError, match=r"the value 51\.0 at .*: give values from 0 to 1 \(divide by"):
        ColourCodebook().fit(255 * IMAGES)
    with pytest.raises(ValueError, match="training pixels have 4 colours: give at most as many minic"):
        ColourCodebook(5).fit(IMAGES)


def test_whitened_images_have_no_correlations():
    """Cov(y) = U S / (S + epsilon) U', which is the identity where epsilon is small; W = W'."""
    images = RNG.normal(size=(3000, 6)) @ RNG.normal(size=(6, 6)) + 5
    whitening = Whitening(1e-9).fit(images)
    whitened = whitening.transform(images)
    np.testing.assert_allclose(np.cov(whitened.T), np.eye(6), atol=1e-5)
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(whitening.matrix_, whitening.matrix_.T)
    np.testing.assert_allclose(whitening.inverse_transform(whitened), images)
    assert not np.shares_memory(whitened, images)


def test_epsilon_is_added_to_the_variance():
    images = np.array([[1.0, 0], [-1, 0], [0, 3], [0, -3]])  # variances 2/3 and 6
    np.testing.assert_allclose(
        Whitening(0.1).fit(images).matrix_, np.diag([(2 / 3 + 0.1) ** -0.5, 6.1**-0.5])
    )


def test_images_to_whiten_must_fit():
    with pytest.raises(ValueError, match="whitening is given 1 images: it needs two or more"):
        Whitening().fit(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="whitening is not fitted"):
        Whitening().transform(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="images have 4 values each: whitening was fitted to 3"):
        Whitening().fit(np.eye(3)).transform(np.zeros((1, 4)))
