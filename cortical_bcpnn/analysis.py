"""Measures of representations: similarity, orthogonality, prototypes (section 2.8 of the paper)."""

from __future__ import annotations

import numpy as np
from sklearn.metrics.pairwise import cosine_similarity


def similarity(z: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Cosine similarity between z vectors.

    Parameters
    ----------
    z : ndarray, shape (n, minicolumns)
    labels : ndarray of int, shape (n,), optional
        If given, rows and columns are sorted by them.

    Returns
    -------
    ndarray, shape (n, n)
    """
    if labels is not None:
        z = z[np.argsort(labels, kind="stable")]
    return cosine_similarity(z)


def orthogonality(z: np.ndarray, labels: np.ndarray) -> float:
    """s_ortho: mean similarity within classes over mean similarity of all pairs.

    Pairs of a vector with itself are left out of both.
    """
    labels = np.asarray(labels)
    matrix = similarity(z)
    pairs = ~np.eye(len(matrix), dtype=bool)
    within = pairs & (labels[:, None] == labels[None, :])
    return float(matrix[within].mean() / matrix[pairs].mean())


def prototypes(z: np.ndarray, s_min: float) -> np.ndarray:
    """Group attractor states into prototypes.

    States are taken in order. One joins the latest prototype whose first member it
    resembles by more than `s_min` (cosine), else it founds a new one.

    Parameters
    ----------
    z : ndarray, shape (n, minicolumns)
    s_min : float

    Returns
    -------
    ndarray of int, shape (n,)
        Number of the prototype of each state.
    """
    matrix = cosine_similarity(z)
    founders: list[int] = []
    member = np.empty(len(z), int)
    for state in range(len(z)):
        matching = np.flatnonzero(matrix[state, founders] > s_min)
        if len(matching):
            member[state] = matching[-1]
        else:
            member[state] = len(founders)
            founders.append(state)
    return member


def prototype_images(images: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Mean reconstruction of the members of each prototype, shape (prototypes, …)."""
    return np.stack([images[member == k].mean(axis=0) for k in range(member.max() + 1)])
