"""Measures of representations: similarity, orthogonality, prototypes (section 2.8 of the paper)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
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


def averaged_down(matrix: np.ndarray, most: int) -> np.ndarray:
    """A matrix as a picture of it shows it: means over blocks of nearly equal size.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
    most : int
        Rows and columns of what is returned, at most.
    """
    n = len(matrix)
    if n <= most:
        return matrix
    edges = np.round(np.linspace(0, n, most + 1)).astype(int)
    sums = np.add.reduceat(np.add.reduceat(matrix, edges[:-1], axis=0), edges[:-1], axis=1)
    return sums / np.outer(np.diff(edges), np.diff(edges))


def orthogonality(z: np.ndarray, labels: np.ndarray) -> float:
    """s_ortho: mean similarity within classes over mean similarity of all pairs.

    Pairs of a vector with itself are left out of both.
    """
    mean = mean_similarities(similarity(z), labels)
    return mean["within"] / mean["all"]


def mean_similarities(matrix: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Mean similarity of pairs 'within' a class, 'between' classes, and of 'all' pairs.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
        Similarities, in the order of the labels; those of a vector with itself are left out.
    labels : ndarray of int, shape (n,)

    Returns
    -------
    dict of float
        NaN where there are no such pairs.
    """
    labels = np.asarray(labels)
    pairs = ~np.eye(len(matrix), dtype=bool)
    same = labels[:, None] == labels[None, :]
    chosen = {"within": pairs & same, "between": ~same, "all": pairs}
    return {
        name: float(matrix[which].mean()) if which.any() else np.nan
        for name, which in chosen.items()
    }


def similarity_histogram(
    matrix: np.ndarray, labels: np.ndarray, edges: np.ndarray
) -> pd.DataFrame:
    """How similarities of pairs are distributed, within classes and between them.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
        Similarities, in the order of the labels.
    labels : ndarray of int, shape (n,)
    edges : ndarray, shape (bins + 1,)

    Returns
    -------
    DataFrame
        One row per bin: its edges 'low' and 'high', and the share of the pairs 'within' and
        'between' classes that fall into it. Each pair counts once, those beyond the edges in
        the outermost bins.
    """
    labels = np.asarray(labels)
    counts = {kind: np.zeros(len(edges) - 1, int) for kind in ("within", "between")}
    for row in range(len(matrix) - 1):
        # A cosine may be above 1 by the last bit.
        values = np.clip(matrix[row, row + 1 :], edges[0], edges[-1])
        same = labels[row + 1 :] == labels[row]
        counts["within"] += np.histogram(values[same], edges)[0]
        counts["between"] += np.histogram(values[~same], edges)[0]
    shares = {kind: count / max(count.sum(), 1) for kind, count in counts.items()}
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], **shares})


def correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson's correlation of every image of one set with every one of another.

    NaN for an image whose pixels are all equal.
    """
    centred = []
    for images in (first, second):
        flat = images.reshape(len(images), -1).astype(float)
        flat = flat - flat.mean(axis=1, keepdims=True)
        length = np.linalg.norm(flat, axis=1, keepdims=True)
        centred.append(np.divide(flat, length, out=np.full_like(flat, np.nan), where=length > 0))
    return centred[0] @ centred[1].T


def mean_and_spread(values: Iterable[float]) -> dict[str, float | int | None]:
    """Mean, sample standard deviation (None of a single value) and number of values."""
    values = np.asarray(list(values), float)
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    return {"mean": float(values.mean()), "sd": spread, "n": len(values)}
