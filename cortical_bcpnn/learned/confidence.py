"""How sure hypercolumns are of what the cue says: the log-partition of their feedforward support.

log Σ_j exp(b_j + Σ_i w_ij z_i) is, in naive Bayes, log P(z)/Π P(z_i): how much more probable the cue is
as a whole that the hypercolumn knows than as independent pixels. It sinks where pixels are missing,
wrong or of something else, and what is usual follows from patterns that were learned, without labels.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from .network import LearnedNetwork
from .supports import supports_by


def confidence(
    network: LearnedNetwork, z: np.ndarray, projection: str = "feedforward"
) -> np.ndarray:
    """Log-partition of what a projection says to each hypercolumn.

    Parameters
    ----------
    network : LearnedNetwork
    z : ndarray, shape (n, N pre)
        z traces of the presynaptic minicolumns in n patterns.
    projection : str

    Returns
    -------
    ndarray, shape (n, H post)
    """
    return logsumexp(supports_by(network, projection, z), axis=-1)


def usual_confidence(
    network: LearnedNetwork, z: np.ndarray, projection: str = "feedforward"
) -> tuple[float, float]:
    """Mean confidence, and its standard deviation among patterns, both mean over hypercolumns.

    Parameters
    ----------
    network, z, projection
        See `confidence`; z of some patterns that were learned.

    Raises
    ------
    ValueError
        If there are fewer than two patterns, or confidence is the same in all.
    """
    if len(z) < 2:
        raise ValueError(f"z is of {len(z)} pattern: give two or more.")
    found = confidence(network, z, projection)
    spread = float(found.std(axis=0).mean())
    if not spread > 0:
        raise ValueError(
            "every hypercolumn is as sure of one pattern as of the next: let the network learn before "
            "it is asked how sure it is."
        )
    return float(found.mean()), spread
