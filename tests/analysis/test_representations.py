"""Similarity and orthogonality on worked examples (1e-12)."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.analysis.representations import (
    averaged_down,
    correlations,
    mean_and_spread,
    mean_similarities,
    orthogonality,
    similarity,
    similarity_histogram,
)

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


@pytest.fixture(scope="module")
def states() -> tuple[np.ndarray, np.ndarray]:
    """Similarities of 60 states of five kinds, and their labels."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 5, 60)
    return similarity(rng.random((5, 8))[labels] ** 3 + 0.3 * rng.random((60, 8))), labels


def test_mean_similarities_pair_by_pair(states):
    matrix, labels = states
    pairs = [(i, j) for i in range(60) for j in range(60) if i != j]
    within = [matrix[i, j] for i, j in pairs if labels[i] == labels[j]]
    between = [matrix[i, j] for i, j in pairs if labels[i] != labels[j]]
    expected = {"within": np.mean(within), "between": np.mean(between),
                "all": np.mean(within + between)}  # fmt: skip
    assert mean_similarities(matrix, labels) == pytest.approx(expected, rel=1e-12)


def test_mean_similarities_without_such_pairs():
    mean = mean_similarities(np.ones((2, 2)), np.array([0, 0]))
    assert mean["within"] == mean["all"] == 1 and np.isnan(mean["between"])


def test_similarity_histogram_pair_by_pair(states):
    matrix, labels = states
    edges = np.linspace(0, 1, 6)
    table = similarity_histogram(matrix, labels, edges)
    np.testing.assert_allclose(table[["low", "high"]], np.stack([edges[:-1], edges[1:]], axis=1))
    for kind, same in (("within", True), ("between", False)):
        pairs = [(i, j) for i in range(60) for j in range(i) if (labels[i] == labels[j]) == same]
        values = [matrix[pair] for pair in pairs]
        share = [np.mean([low <= v < high for v in values]) for low, high in zip(edges, edges[1:])]
        np.testing.assert_allclose(table[kind], share, atol=1e-12)


def test_similarities_beyond_the_edges_are_counted():
    matrix = np.array([[1, 1 + 1e-7, -0.1], [0, 1, 0.5], [0, 0, 1]])
    table = similarity_histogram(matrix, np.array([0, 0, 1]), np.array([0, 0.4, 1]))
    assert table["within"].tolist() == [0, 1] and table["between"].tolist() == [0.5, 0.5]


def test_correlations_are_pearsons():
    rng = np.random.default_rng(4)
    first, second = rng.random((3, 4, 5)), rng.random((2, 4, 5))
    expected = [[np.corrcoef(a.ravel(), b.ravel())[0, 1] for b in second] for a in first]
    np.testing.assert_allclose(correlations(first, second), expected, rtol=1e-12)
    assert np.isnan(correlations(np.ones((1, 4, 5)), second)).all()


def test_mean_and_spread():
    assert mean_and_spread([1, 2, 6]) == {"mean": 3, "sd": pytest.approx(np.sqrt(7)), "n": 3}
    assert mean_and_spread([4.0]) == {"mean": 4, "sd": None, "n": 1}


@pytest.mark.parametrize("most", [3, 4, 7])
def test_averaging_down_keeps_means_of_blocks(most):
    """Blocks of 7 rows are 2 or 3, or 1 or 2, in a row; with room for all nothing changes."""
    matrix = np.random.default_rng(0).random((7, 7))
    smaller = averaged_down(matrix, most)
    edges = {3: [0, 2, 5, 7], 4: [0, 2, 4, 5, 7], 7: range(8)}[most]
    for row, (top, bottom) in enumerate(zip(edges, edges[1:])):
        for column, (left, right) in enumerate(zip(edges, edges[1:])):
            block = matrix[top:bottom, left:right]
            assert smaller[row, column] == pytest.approx(block.mean())
    assert smaller.shape == (most, most)
