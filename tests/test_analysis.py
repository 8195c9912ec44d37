"""Similarity, orthogonality and prototypes on worked examples (1e-12)."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.analysis import orthogonality, prototype_images, prototypes, similarity

HALF = np.sqrt(0.5)
#: Directions at 0, 45, 90 and 0 degrees.
Z = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0], [5.0, 0.0]])


def test_similarity_is_the_cosine():
    expected = [[1, HALF, 0, 1], [HALF, 1, HALF, HALF], [0, HALF, 1, 0], [1, HALF, 0, 1]]
    np.testing.assert_allclose(similarity(Z), expected, rtol=0, atol=1e-12)


def test_similarity_is_sorted_by_class():
    """Labels 1, 0, 1, 0 put the vectors in the order 1, 3, 0, 2."""
    order = [1, 3, 0, 2]
    np.testing.assert_allclose(
        similarity(Z, np.array([1, 0, 1, 0])), similarity(Z)[np.ix_(order, order)], atol=1e-12
    )


def test_orthogonality_by_hand():
    """Classes {0, 3} and {1, 2}: within 1 and sqrt(1/2); all six pairs 1 + 3 sqrt(1/2)."""
    expected = ((1 + HALF) / 2) / ((1 + 3 * HALF) / 6)
    assert orthogonality(Z, np.array([4, 7, 7, 4])) == pytest.approx(expected, rel=1e-12)


def test_orthogonality_of_classes_without_overlap():
    """Two classes of two: within 1, over all pairs 2/6, the ratio is 3."""
    z = np.repeat(np.eye(2), 2, axis=0)
    assert orthogonality(z, np.array([0, 0, 1, 1])) == pytest.approx(3, rel=1e-12)


def test_orthogonality_without_classes_is_one():
    z = np.random.default_rng(0).random((10, 5))
    assert orthogonality(z, np.zeros(10, int)) == pytest.approx(1, rel=1e-12)


def degrees(*angles: float) -> np.ndarray:
    radians = np.radians(angles)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


def test_prototypes_by_hand():
    """Within 30 degrees (cosine 0.866) of a founder.

    0 founds; 20 joins it; 40 founds (20 is only a member); 25 is within 30 of both founders and
    joins the latest; 90 founds; 65 joins the latest of 40 and 90; -10 joins 0.
    """
    member = prototypes(degrees(0, 20, 40, 25, 90, 65, -10), np.cos(np.radians(30)))
    np.testing.assert_array_equal(member, [0, 0, 1, 1, 2, 2, 0])


def test_prototypes_depend_on_the_threshold():
    """The number of prototypes falls from all to one as the threshold does."""
    z = degrees(0, 10, 20, 30, 40)
    numbers = [prototypes(z, np.cos(np.radians(a))).max() + 1 for a in (5, 15, 25, 45)]
    assert numbers == [5, 3, 2, 1]
    np.testing.assert_array_equal(prototypes(z, 1.0), np.arange(5))


def test_resembling_by_exactly_the_threshold_is_not_enough():
    np.testing.assert_array_equal(prototypes(np.eye(2), 0.0), [0, 1])


def test_prototype_images_are_means_of_members():
    images = np.arange(12.0).reshape(3, 2, 2)
    mean = prototype_images(images, np.array([1, 0, 1]))
    np.testing.assert_allclose(mean, [images[1], (images[0] + images[2]) / 2], rtol=1e-12)
