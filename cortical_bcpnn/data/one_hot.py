"""Patterns that name the active minicolumn of each hypercolumn, drawn at random, and cues of them."""

from __future__ import annotations

import numpy as np

#: Patterns that are resampled from one prototype, and the share of hypercolumns that differ from it.
CLUSTER, CLUSTER_DISTORTION = 10, 0.5


def draw_patterns(
    kind: str, number: int, hypercolumns: int, minicolumns: int, rng: np.random.Generator
) -> np.ndarray:
    """Patterns, shape (number, H).

    Parameters
    ----------
    kind : {'random', 'skewed', 'clustered'}
        All minicolumns alike; the k-th of a hypercolumn with a probability that falls as 1/k (in an
        order of its own); or copies of prototypes, one for ten patterns, half of whose
        hypercolumns are drawn anew.
    number, hypercolumns, minicolumns : int
    rng : Generator
    """
    shape = (number, hypercolumns)
    if kind == "random":
        return rng.integers(0, minicolumns, shape)
    if kind == "skewed":
        order = rng.permuted(np.tile(np.arange(minicolumns), (hypercolumns, 1)), axis=1)
        weight = 1 / np.arange(1, minicolumns + 1)
        ranks = rng.choice(minicolumns, shape, p=weight / weight.sum())
        return order[np.arange(hypercolumns), ranks]
    prototypes = rng.integers(0, minicolumns, (max(number // CLUSTER, 1), hypercolumns))
    copies = prototypes[rng.integers(0, len(prototypes), number)]
    anew = rng.permuted(np.tile(np.arange(hypercolumns), (number, 1)), axis=1)
    drawn = rng.integers(0, minicolumns, shape)
    return np.where(anew < round(CLUSTER_DISTORTION * hypercolumns), drawn, copies)


def draw_cues(
    patterns: np.ndarray, minicolumns: int, missing: int, wrong: int, rng: np.random.Generator
) -> np.ndarray:
    """Cues: -1 in some hypercolumns, drawn for each pattern, and another minicolumn in some others.

    Parameters
    ----------
    patterns : ndarray of int, shape (n, H)
    minicolumns : int
    missing, wrong : int
        Numbers of hypercolumns, at most H together.
    rng : Generator
    """
    order = rng.permuted(np.tile(np.arange(patterns.shape[1]), (len(patterns), 1)), axis=1)
    others = (patterns + rng.integers(1, minicolumns, patterns.shape)) % minicolumns
    cues = np.where(order < missing + wrong, others, patterns)
    return np.where(order < missing, -1, cues)
