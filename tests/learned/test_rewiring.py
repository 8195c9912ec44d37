"""Mutual information and swaps, against hand computations, scikit-learn and a slow rewrite.

Mutual information (nats, float64) is compared to 1e-12.
"""

from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from cortical_bcpnn.learned.rewiring import mutual_information, rewire, total_scores


def frequencies(labels_i: np.ndarray, labels_j: np.ndarray) -> tuple[np.ndarray, ...]:
    """p_ij, p_i and p_j of two label sequences."""
    joint = np.zeros((labels_i.max() + 1, labels_j.max() + 1))
    np.add.at(joint, (labels_i, labels_j), 1 / len(labels_i))
    return joint, joint.sum(axis=1), joint.sum(axis=0)


def test_mutual_information_by_hand():
    """Two binary variables: P = 3/8 on the diagonal, 1/8 beside it."""
    joint = np.array([[3, 1], [1, 3]]) / 8
    half = np.array([0.5, 0.5])
    expected = 2 * 3 / 8 * np.log(3 / 2) + 2 * 1 / 8 * np.log(1 / 2)
    information = mutual_information((joint / half).T, half, half, 1.0, (2, 2))
    assert information.shape == (1, 1)
    assert information[0, 0] == pytest.approx(expected, rel=1e-12)


def test_mutual_information_of_independent_hypercolumns_is_zero():
    p_i, p_j = np.array([0.2, 0.8]), np.array([0.1, 0.3, 0.6])
    q = np.tile(p_i, (3, 1))
    assert mutual_information(q, p_j, p_i, 1.0, (3, 2))[0, 0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("p", [1.0, 0.3])
@pytest.mark.parametrize("swapped", [False, True])
def test_mutual_information_is_that_of_scikit_learn(p, swapped):
    """Traces are exact frequencies of label sequences, times the total mass p.

    Two hypercolumns of 3 minicolumns condition two of 4; labels depend on each other to
    different degrees. `swapped` conditions on the other side.
    """
    rng = np.random.default_rng(2)
    pre = [rng.integers(0, 3, 5000) for _ in range(2)]
    post = [
        np.where(rng.random(5000) < 0.7, labels, rng.integers(0, 4, 5000)) for labels in pre
    ]
    expected = np.array([[mutual_info_score(a, b) for b in post] for a in pre])
    assert expected.max() > 0.2 and expected.min() < 0.01
    joint = np.block([[frequencies(a, b)[0] for b in post] for a in pre]) * p
    p_pre = p * np.concatenate([frequencies(a, a)[1] for a in pre])
    p_post = p * np.concatenate([frequencies(b, b)[1] for b in post])
    if swapped:
        information = mutual_information((joint / p_post).T, p_post, p_pre, p, (4, 3)).T
    else:
        information = mutual_information(joint / p_pre[:, None], p_pre, p_post, p, (3, 4))
    np.testing.assert_allclose(information, expected, rtol=0, atol=1e-12)
    traces = reference.DenseTraces(p, p_pre, p_post, joint)
    np.testing.assert_allclose(traces.information(3, 4), expected, rtol=0, atol=1e-12)


def test_swaps_by_hand():
    """Five pre, two post hypercolumns, fan-in 2, margin 1.1.

    Fan-out is 2, 1, 1, 0, 0. First post hypercolumn, active 0 and 1: scores are
    0.9/3 = 0.3, 0.2/2 = 0.1, 0.4/2 = 0.2, 0.5/1 and 0.1/1: 1 makes room for 3 (0.1 -> 0.5);
    then 0 (0.3) stays, as the best that is left is 2 (0.2).
    Fan-out is now 2, 0, 1, 1, 0. Second, active 0 and 2: 0.3/3 = 0.1, 0.6/1, 0.8/2 = 0.4,
    0.1/2 and 0.42/1: 0 makes room for 1 (0.1 -> 0.6); then 2 (0.4) stays, as 4 (0.42) is
    higher, but not 1.1 times so.
    Fan-out ends at 1, 1, 1, 1, 0: sums are 0.9/2 + 0.5/2 and 0.6/2 + 0.8/2.
    """
    information = np.array([[0.9, 0.3], [0.2, 0.6], [0.4, 0.8], [0.5, 0.1], [0.1, 0.42]])
    before = np.array([[0, 1], [0, 2]])
    connections, flips, scores = rewire(before, information, margin=1.1, max_swaps=100)
    np.testing.assert_array_equal(connections, [[0, 3], [1, 2]])
    np.testing.assert_array_equal(before, [[0, 1], [0, 2]])
    assert flips == 2
    np.testing.assert_allclose(scores, [0.7, 0.7], rtol=1e-12)
    np.testing.assert_allclose(total_scores(connections, information), scores, rtol=1e-12)
    # With a margin of 1 the last pair is swapped too.
    connections, flips, _ = rewire(before, information, margin=1.0, max_swaps=100)
    assert flips == 3 and set(connections[1]) == {1, 4}


def test_a_tie_is_no_reason_to_swap():
    connections, flips, _ = rewire(np.array([[0]]), np.array([[0.4], [0.2]]), margin=1.0)
    assert flips == 0 and connections[0, 0] == 0  # 0.4 / 2 against 0.2 / 1


@st.composite
def networks(draw):
    n_pre, n_post = draw(st.integers(1, 8)), draw(st.integers(1, 5))
    fan_in = draw(st.integers(1, n_pre))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    connections = np.stack([rng.permutation(n_pre)[:fan_in] for _ in range(n_post)])
    return connections, rng.random((n_pre, n_post))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(networks(), st.sampled_from([1.0, 1.1, 2.0]), st.sampled_from([0, 1, 2, 100]))
def test_swaps_are_those_of_looking_again_after_each(network, margin, max_swaps):
    """Section 4 word by word; connection counts are conserved and nothing is connected twice."""
    connections, information = network
    after, flips, _ = rewire(connections, information, margin, max_swaps)
    expected, expected_flips = reference.rewired_one_by_one(
        connections, information, margin, max_swaps
    )
    assert [set(row) for row in after.tolist()] == expected
    assert flips == expected_flips <= max_swaps * len(connections)
    assert after.shape == connections.shape
    assert all(len(set(row)) == after.shape[1] for row in after.tolist())
    kept = after == connections
    assert (~kept).sum() == flips  # a swapped connection takes the place of the one it replaces


def test_no_swaps_where_everything_is_connected():
    information = np.random.default_rng(0).random((4, 4))
    everything = np.tile(np.arange(4), (4, 1))
    connections, flips, _ = rewire(everything, information)
    assert flips == 0
    np.testing.assert_array_equal(connections, everything)


def test_largest_number_of_swaps_is_per_post_hypercolumn():
    information = np.repeat(np.arange(1.0, 21.0)[:, None], 3, axis=1) ** 3
    connections = np.tile(np.arange(10), (3, 1))
    for max_swaps, expected in ((0, 0), (2, 6), (100, None)):
        _, flips, _ = rewire(connections, information, 1.1, max_swaps)
        assert flips == expected if expected is not None else flips > 6
