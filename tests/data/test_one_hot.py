"""Patterns over hypercolumns, drawn at random, and their cues."""

from __future__ import annotations

import numpy as np

from cortical_bcpnn.data.one_hot import draw_cues, draw_patterns

H, M, N = 6, 5, 4000


def drawn(kind: str) -> np.ndarray:
    return draw_patterns(kind, N, H, M, np.random.default_rng(3))


def frequencies(patterns: np.ndarray) -> np.ndarray:
    return (patterns[..., None] == np.arange(M)).mean(axis=0)


def test_minicolumns_of_random_patterns_are_alike():
    assert abs(frequencies(drawn("random")) - 1 / M).max() < 5 * np.sqrt(0.16 / N)


def test_skewed_frequencies_fall_as_1_over_rank():
    weight = 1 / np.arange(1, M + 1)
    found = frequencies(drawn("skewed"))
    ranked = -np.sort(-found, axis=1)
    assert abs(ranked - weight / weight.sum()).max() < 5 * np.sqrt(0.25 / N)
    assert len(set(found.argmax(axis=1))) > 1


def test_clustered_patterns_share_half_of_a_prototype():
    """Two of a cluster agree in 3 of 6 hypercolumns of each, so in a quarter of them by design."""
    patterns = draw_patterns("clustered", 400, 10, 50, np.random.default_rng(5))
    alike = (patterns[:, None] == patterns).mean(axis=2)[np.triu_indices(400, 1)]
    others = draw_patterns("random", 400, 10, 50, np.random.default_rng(5))
    random = (others[:, None] == others).mean(axis=2)[np.triu_indices(400, 1)]
    same = 1 / 40  # of 40 clusters
    assert abs(alike.mean() - random.mean() - same * 0.25) < 0.002


def test_cues_have_as_many_missing_and_wrong_hypercolumns():
    patterns = drawn("random")
    cues = draw_cues(patterns, M, 2, 1, np.random.default_rng(1))
    assert ((cues < 0).sum(axis=1) == 2).all()
    assert (((cues >= 0) & (cues != patterns)).sum(axis=1) == 1).all() and cues.max() < M
    assert abs((cues < 0).mean(axis=0) - 2 / H).max() < 0.05
    assert (draw_cues(patterns, M, 0, 0, np.random.default_rng(1)) == patterns).all()
