"""Readout of the label from hidden activity, after learning without labels."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression


def train_readout(z: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    """Multinomial logistic regression from z traces to labels.

    Parameters
    ----------
    z : ndarray, shape (n, minicolumns)
        z of HID at the end of the feedforward phase, of training images.
    labels : ndarray of int, shape (n,)

    Raises
    ------
    ValueError
        If there are fewer than two classes.
    """
    if len(np.unique(labels)) < 2:
        raise ValueError(
            f"labels hold {len(np.unique(labels))} class: a readout needs training images of at "
            "least 2 classes."
        )
    return LogisticRegression(max_iter=1000).fit(z, labels)
