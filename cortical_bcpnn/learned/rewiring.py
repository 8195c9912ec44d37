"""Structural plasticity: mutual information, scores and swaps, in plain NumPy."""

from __future__ import annotations

import numpy as np


def mutual_information(
    q: np.ndarray,
    p_conditioning: np.ndarray,
    p_conditioned: np.ndarray,
    p: float,
    minicolumns: tuple[int, int],
) -> np.ndarray:
    """Mutual information between hypercolumns, from BCPNN traces.

    With probabilities P = trace/p and P_ij = q_ij P_j, the sum of P_ij log(P_ij/(P_i P_j))
    over the minicolumns of two hypercolumns is that of P_j q_ij log(q_ij/P_i).

    Parameters
    ----------
    q : ndarray, shape (N conditioning, N conditioned)
        Conditional traces, row by row of the conditioning side.
    p_conditioning, p_conditioned : ndarray
        Traces of the minicolumns of both sides.
    p : float
        Trace of the total mass.
    minicolumns : (int, int)
        Minicolumns per hypercolumn of the conditioning and the conditioned side.

    Returns
    -------
    ndarray, shape (H conditioning, H conditioned)
        In nats.
    """
    per_row, per_column = minicolumns
    log_prior = np.log(p_conditioned / p).astype(q.dtype)
    weight = (p_conditioning / p).astype(q.dtype).reshape(-1, per_row)
    information = np.empty((len(weight), len(p_conditioned) // per_column))
    for h, rows in enumerate(q.reshape(len(weight), per_row, -1)):
        terms = np.log(rows)
        terms -= log_prior
        terms *= rows
        information[h] = (weight[h] @ terms).reshape(-1, per_column).sum(axis=1)
    return information


def rewire(
    connections: np.ndarray,
    information: np.ndarray,
    margin: float = 1.1,
    max_swaps: int = 100,
) -> tuple[np.ndarray, int, np.ndarray]:
    """Swap active connections for silent ones of higher score.

    The score of a connection is its mutual information over one plus the number of
    postsynaptic hypercolumns that its presynaptic hypercolumn is connected to. For each
    postsynaptic hypercolumn in turn, with fan-out and scores as they then are, the active
    connection of lowest score makes room for the silent one of highest, as long as the
    latter exceeds `margin` times the former.

    Parameters
    ----------
    connections : ndarray of int, shape (H post, fan-in)
        Presynaptic hypercolumns of the active connections.
    information : ndarray, shape (H pre, H post)
        Mutual information of every pair.
    margin : float
    max_swaps : int
        Per postsynaptic hypercolumn.

    Returns
    -------
    connections : ndarray of int, shape (H post, fan-in)
        A swapped connection takes the place of the one that it replaces.
    flips : int
        Number of swaps.
    scores : ndarray, shape (H post,)
        Summed score of the active connections afterwards.
    """
    connections = connections.copy()
    n_pre, n_post = information.shape
    fan_out = np.bincount(connections.ravel(), minlength=n_pre)
    flips = 0
    for h in range(n_post):
        score = information[:, h] / (1 + fan_out)
        is_silent = np.ones(n_pre, bool)
        is_silent[connections[h]] = False
        silent = np.flatnonzero(is_silent)
        slots = np.argsort(score[connections[h]], kind="stable")[:max_swaps]
        best = silent[np.argsort(-score[silent], kind="stable")]
        for slot, candidate in zip(slots, best):
            active = connections[h, slot]
            if not score[candidate] > margin * score[active]:
                break
            connections[h, slot] = candidate
            fan_out[active] -= 1
            fan_out[candidate] += 1
            flips += 1
    return connections, flips, total_scores(connections, information)


def total_scores(connections: np.ndarray, information: np.ndarray) -> np.ndarray:
    """Summed score of the active connections of each postsynaptic hypercolumn."""
    fan_out = np.bincount(connections.ravel(), minlength=len(information))
    score = information / (1 + fan_out)[:, None]
    return np.take_along_axis(score.T, connections, axis=1).sum(axis=1)
