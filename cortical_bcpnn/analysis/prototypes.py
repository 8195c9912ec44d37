"""Prototypes: attractor states that resemble each other, and what they look like (section 2.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from sklearn.metrics.pairwise import cosine_similarity

from .representations import correlations, mean_and_spread

LOOKS = ("purity", "own", "others", "closest_other", "members_own", "most_like_own")


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
    return group(cosine_similarity(z), s_min)


def group(matrix: np.ndarray, s_min: float) -> np.ndarray:
    """`prototypes` of states whose similarities are known, shape (n, n)."""
    member = np.full(len(matrix), -1)
    founder, number = 0, 0
    while founder < len(matrix):
        # A later prototype takes over the states that match earlier ones as well.
        member[founder] = number
        member[founder + 1 :][matrix[founder, founder + 1 :] > s_min] = number
        free = np.flatnonzero(member[founder + 1 :] < 0)
        founder = founder + 1 + free[0] if len(free) else len(matrix)
        number += 1
    return member


def count_prototypes(matrix: np.ndarray, thresholds: Iterable[float]) -> pd.DataFrame:
    """Number of 'prototypes' for each 's_min', from the similarities of states."""
    rows = [(s_min, group(matrix, s_min).max() + 1) for s_min in thresholds]
    return pd.DataFrame(rows, columns=["s_min", "prototypes"])


def prototype_images(images: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Mean reconstruction of the members of each prototype, shape (prototypes, …)."""
    return np.stack([images[member == k].mean(axis=0) for k in range(member.max() + 1)])


def class_means(images: np.ndarray, labels: np.ndarray) -> dict[int, np.ndarray]:
    """Mean image of each class."""
    return {int(label): images[labels == label].mean(axis=0) for label in np.unique(labels)}


def describe_prototypes(
    reconstructions: np.ndarray, images: np.ndarray, labels: np.ndarray, member: np.ndarray
) -> pd.DataFrame:
    """What prototypes stand for, and whether they look like averages of classes.

    Parameters
    ----------
    reconstructions, images : ndarray, shape (n, …)
        What the memory makes of images, and the images.
    labels, member : ndarray of int, shape (n,)
        Class and prototype of each.

    Returns
    -------
    DataFrame
        One row per prototype: its number, members, majority 'label' (the lowest, if several)
        and its share, 'purity'. Then correlations over pixels of the prototype's image with
        the mean image of its majority class ('own'), and with those of other classes: their
        mean ('others') and largest ('closest_other'). 'members_own' is the correlation with
        'own' of the mean of its members' images, which is what averaging alone would give.
    """
    means = class_means(images, labels)
    classes, references = np.array(list(means)), np.stack(list(means.values()))
    correlation = correlations(prototype_images(reconstructions, member), references)
    averaged = correlations(prototype_images(images, member), references)
    rows = []
    for number in range(member.max() + 1):
        counts = (labels[member == number][:, None] == classes).sum(axis=0)
        own = counts.argmax()
        others = np.delete(correlation[number], own)
        rows.append({
            "prototype": number, "members": int(counts.sum()), "label": int(classes[own]),
            "purity": counts[own] / counts.sum(), "own": correlation[number, own],
            "others": others.mean() if len(others) else np.nan,
            "closest_other": others.max() if len(others) else np.nan,
            "members_own": averaged[number, own],
        })  # fmt: skip
    return pd.DataFrame(rows)


def lowest_threshold(counts: pd.DataFrame, number: int) -> float:
    """Of `count_prototypes`, the lowest s_min at which there are nearest to so many prototypes."""
    return float(counts["s_min"].iloc[(counts["prototypes"] - number).abs().argmin()])


def summarise_prototypes(tables: Sequence[pd.DataFrame]) -> dict:
    """Number of prototypes, and what they look like, over networks.

    Parameters
    ----------
    tables : sequence of DataFrame
        What `describe_prototypes` says of each network.

    Returns
    -------
    dict
        'number' and 'singletons', and means of what they look like: 'by_prototype' every prototype
        counts the same, 'by_member' every image does; 'most_like_own' is the share of prototypes
        whose image is most like the average of their majority class.
    """
    found: dict[str, list] = {"by_prototype": [], "by_member": []}
    for table in tables:
        values = table.assign(most_like_own=table["own"] > table["closest_other"])[list(LOOKS)]
        found["by_prototype"].append(values.mean())
        found["by_member"].append(values.mul(table["members"], axis=0).sum() / table["members"].sum())
    return {
        "number": mean_and_spread(len(table) for table in tables),
        "singletons": mean_and_spread((table["members"] == 1).sum() for table in tables),
        **{
            weighting: {name: mean_and_spread(mean[name] for mean in means) for name in LOOKS}
            for weighting, means in found.items()
        },
    }
