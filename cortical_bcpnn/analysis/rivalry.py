"""Who wins in perceptual rivalry: the image, its rival, or neither."""

from __future__ import annotations

import numpy as np

WINNERS = ("image", "rival", "neither")


def winners(found: np.ndarray, labels: np.ndarray, rival_labels: np.ndarray) -> dict[str, float]:
    """Shares of cues recognised as their image, as its rival and as something else.

    Pairs of one class, which say nothing about who wins, do not count.

    Parameters
    ----------
    found, labels, rival_labels : ndarray, shape (n,)
        Classes that were recognised, of the images, and of the images whose strips they bear.

    Returns
    -------
    dict of float
        Shares of 'image', 'rival' and 'neither', and 'pairs', how many count.

    Raises
    ------
    ValueError
        If all pairs are of one class.
    """
    differ = labels != rival_labels
    if not differ.any():
        raise ValueError("labels are those of rival_labels: give pairs of different classes.")
    image, rival = ((found == of)[differ].mean() for of in (labels, rival_labels))
    shares = (image, rival, 1 - image - rival)
    return {**{name: float(share) for name, share in zip(WINNERS, shares)},
            "pairs": int(differ.sum())}  # fmt: skip
