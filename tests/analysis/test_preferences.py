"""What minicolumns prefer, against the traces that it follows from."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import tiny_memory

from cortical_bcpnn.analysis.preferences import preferred_activity


@pytest.mark.parametrize(
    "projection, shape", [("feedforward", (4, 5, 9, 2)), ("feedback", (9, 2, 4, 5))]
)
def test_activity_where_a_minicolumn_is_active(learned, projection, shape):
    """p_ij / p_j within each hypercolumn that is connected, NaN where none is; busiest first."""
    traces = learned.traces[projection]
    h_post, m_post, h_pre, m_pre = shape
    found = preferred_activity(learned, projection, m_post)
    assert found.shape == shape
    bias = learned.biases(projection).reshape(h_post, m_post)
    joint, mask = traces.joint(), learned.connections(projection)
    for h in range(h_post):
        order = sorted(range(m_post), key=lambda m: -bias[h, m])
        for rank, m in enumerate(order):
            column = (joint[:, h * m_post + m] / traces.p_post[h * m_post + m]).reshape(h_pre, m_pre)
            expected = column / column.sum(axis=1, keepdims=True)
            expected[~mask[:, h]] = np.nan
            np.testing.assert_allclose(found[h, rank], expected, rtol=1e-6)


def test_the_busiest_alone(learned):
    every = preferred_activity(learned, "feedforward", 5)
    np.testing.assert_array_equal(preferred_activity(learned, "feedforward", 2), every[:, :2])


def test_shares_sum_to_one_where_there_is_a_connection(learned):
    """Each hypercolumn listens to four of nine."""
    sums = preferred_activity(learned, "feedforward", 1).sum(axis=-1)
    assert (np.isfinite(sums).sum(axis=-1) == 4).all()
    np.testing.assert_allclose(sums[np.isfinite(sums)], 1, rtol=1e-6)


def test_minicolumns_prefer_patterns_that_they_won(learned, patterns):
    """Of a single pattern learned often, its very grey values."""
    with tiny_memory(z_min=0.0, rewire_every=0) as memory:
        memory.learn(patterns[:1], epochs=200)
        preferred = preferred_activity(memory, "feedforward", 1)[:, 0, :, 0]
    listened = np.isfinite(preferred)
    grey = np.broadcast_to(patterns[0], preferred.shape)
    np.testing.assert_allclose(preferred[listened], grey[listened], atol=0.05)
