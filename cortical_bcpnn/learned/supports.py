"""What a projection that has learned brings to the supports of minicolumns."""

from __future__ import annotations

import numpy as np

from .calibration import connected_minicolumns
from .network import LearnedNetwork


def supports_by(network: LearnedNetwork, projection: str, z: np.ndarray) -> np.ndarray:
    """b_j + Σ_i w_ij z_i over connected pairs, in nats, without filtering or noise.

    Parameters
    ----------
    network : LearnedNetwork
    projection : str
    z : ndarray, shape (..., N pre)
        z traces of the presynaptic minicolumns.

    Returns
    -------
    ndarray, shape (..., H post, M post)
    """
    weights = network.weights(projection) * connected_minicolumns(network.traces[projection])
    _, post = network.architecture.ends(network.architecture.projection(projection))
    supports = z @ weights.astype(float) + network.biases(projection)
    return supports.reshape(*z.shape[:-1], *post.shape)
