"""Prototypes on worked examples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.analysis.prototypes import (
    class_means,
    count_prototypes,
    describe_prototypes,
    group,
    lowest_threshold,
    prototype_images,
    prototypes,
    summarise_prototypes,
)
from cortical_bcpnn.analysis.representations import similarity


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


@pytest.fixture(scope="module")
def states() -> tuple[np.ndarray, np.ndarray]:
    """Similarities of 60 states of five kinds, and their labels."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 5, 60)
    return similarity(rng.random((5, 8))[labels] ** 3 + 0.3 * rng.random((60, 8))), labels


@pytest.mark.parametrize("s_min", [0.0, 0.6, 0.8, 0.9, 0.95, 0.99, 1.0])
def test_prototypes_one_state_after_the_other(states, s_min):
    """The definition, word for word."""
    matrix, _ = states
    founders, expected = [], []
    for state in range(len(matrix)):
        matching = [k for k, first in enumerate(founders) if matrix[state, first] > s_min]
        expected.append(matching[-1] if matching else len(founders))
        if not matching:
            founders.append(state)
    np.testing.assert_array_equal(group(matrix, s_min), expected)
    counts = count_prototypes(matrix, [s_min])
    assert counts.to_dict("records") == [{"s_min": s_min, "prototypes": len(founders)}]


def test_prototypes_are_described():
    """Prototype 0 has members of classes 3, 3 and 7, prototype 1 one of class 7."""
    rng = np.random.default_rng(5)
    images, made = rng.random((4, 2, 3)), rng.random((4, 2, 3))
    labels, member = np.array([3, 7, 3, 7]), np.array([0, 0, 0, 1])
    first, second = describe_prototypes(made, images, labels, member).to_dict("records")
    three, seven = images[[0, 2]].mean(axis=0), images[[1, 3]].mean(axis=0)

    def correlation(a, b):
        return pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1], rel=1e-12)

    assert first == {
        "prototype": 0, "members": 3, "label": 3, "purity": pytest.approx(2 / 3),
        "own": correlation(made[:3].mean(axis=0), three),
        "others": correlation(made[:3].mean(axis=0), seven),
        "closest_other": correlation(made[:3].mean(axis=0), seven),
        "members_own": correlation(images[:3].mean(axis=0), three),
    }  # fmt: skip
    assert (second["members"], second["label"], second["purity"]) == (1, 7, 1)
    assert second["own"] == correlation(made[3], seven)
    means = class_means(images, labels)
    assert list(means) == [3, 7]
    np.testing.assert_allclose(means[7], seven)


def test_correlation_with_other_classes():
    """Their mean and their largest, of three classes."""
    images = np.array([[0.0, 1, 0, 0], [0, 0, 1, 0.5], [1, 0, 0.2, 0]])
    table = describe_prototypes(images, images, np.arange(3), np.arange(3))
    matrix = np.corrcoef(images)
    np.testing.assert_allclose(table["own"], 1)
    np.testing.assert_allclose(table["others"], (matrix.sum(axis=1) - 1) / 2)
    np.testing.assert_allclose(table["closest_other"], (matrix - 2 * np.eye(3)).max(axis=1))


def test_the_lowest_threshold_with_about_so_many_prototypes():
    counts = pd.DataFrame({"s_min": [0.1, 0.2, 0.3, 0.4], "prototypes": [5, 23, 27, 90]})
    assert lowest_threshold(counts, 25) == 0.2


def test_summary_of_prototypes():
    """Two networks; means over prototypes and over members."""
    table = pd.DataFrame({"members": [1, 3], "purity": [1.0, 0.5], "own": [0.2, 0.6],
                          "others": [0.0, 0.4], "closest_other": [0.3, 0.5],
                          "members_own": [0.5, 0.9]})  # fmt: skip
    summary = summarise_prototypes([table, table.iloc[1:]])
    assert summary["number"]["mean"] == 1.5 and summary["singletons"]["mean"] == 0.5
    assert summary["by_prototype"]["own"]["mean"] == pytest.approx((0.4 + 0.6) / 2)
    assert summary["by_member"]["own"]["mean"] == pytest.approx((0.5 + 0.6) / 2)
    assert summary["by_prototype"]["most_like_own"]["mean"] == pytest.approx((0.5 + 1) / 2)
