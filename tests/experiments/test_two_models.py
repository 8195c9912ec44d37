"""Patterns and cues that two models are given, and the abstract recall."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.biophysical.recurrent import (
    EPOCHS,
    LEARNING,
    one_hot,
    recalling,
    recurrent_memory,
)
from cortical_bcpnn.experiments.two_models import conditions, draw_cues, draw_patterns


def test_one_hot():
    np.testing.assert_allclose(
        one_hot([[0, -1, 2, 1]], 4), [[[1, 0, 0, 0], [0.25] * 4, [0, 0, 1, 0], [0, 1, 0, 0]]]
    )


def test_cues_name_what_they_should():
    """Of seven hypercolumns five are cued in all patterns, two of them wrongly."""
    assert conditions(6) == [(2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (4, 1), (6, 2)]
    patterns = draw_patterns(1, 50, 7, 4)
    cues = draw_cues(patterns, 4, 5, 2, np.random.default_rng(1))
    cued = cues >= 0
    assert (cued.sum(axis=1) == 5).all() and cues.max() == 3
    assert ((cues == patterns).sum(axis=1) == 3).all() and ((cues != patterns) & cued).any(axis=0).all()


@pytest.mark.long
def test_the_recurrent_network_alone_completes():
    """Two patterns that share nothing, two of four hypercolumns cued: both come back."""
    patterns = np.array([[0, 1, 2, 0], [1, 2, 0, 1]])
    cues = np.where(np.arange(4) < 2, patterns, -1)
    with recurrent_memory(4, 3, 2, seed=1) as memory:
        memory.learn(one_hot(patterns, 3), EPOCHS, protocol=LEARNING)
        recall = memory.recall(one_hot(cues, 3), protocol=recalling())
    assert recall.pattern("REC", "attractor").argmax(axis=-1).tolist() == patterns.tolist()
    # Of the random start next to nothing is left between minicolumns 2 and 3, which are of no pattern.
    assert abs(memory.weights("recurrent")[2, 3]) < 0.05
