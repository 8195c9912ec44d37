"""What minicolumns prefer to see, in terms of what they listen to."""

from __future__ import annotations

import numpy as np

from ..learned.network import LearnedNetwork


def preferred_activity(network: LearnedNetwork, projection: str, minicolumns: int) -> np.ndarray:
    """Mean activity of the population that a projection comes from, where minicolumns are active.

    Parameters
    ----------
    network : LearnedNetwork
    projection : str
    minicolumns : int
        So many of each hypercolumn, those of highest bias first.

    Returns
    -------
    ndarray, shape (H post, minicolumns, H pre, M pre)
        p_ij / p_j, which an encoder can decode; NaN where a hypercolumn is not connected.
    """
    traces = network.traces[projection]
    pre, post = network.architecture.ends(network.architecture.projection(projection))
    conditional = (traces.joint() / traces.p_post).T.reshape(
        post.hypercolumns, post.minicolumns, pre.hypercolumns, pre.minicolumns
    )
    bias = network.biases(projection).reshape(post.hypercolumns, post.minicolumns)
    busiest = np.argsort(-bias, axis=1, kind="stable")[:, :minicolumns]
    chosen = np.take_along_axis(conditional, busiest[..., None, None], axis=1)
    connected = network.connections(projection).T[:, None, :, None]
    return np.where(connected, chosen / chosen.sum(axis=-1, keepdims=True), np.nan)
