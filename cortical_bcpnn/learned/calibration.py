"""How much recurrence is worth: the gain at which its evidence counts once.

A minicolumn adds up log P(i|j)/P(i) over the hypercolumns that it hears as if they were
independent given j (naive Bayes). They are not: they see the same pattern, and what they say in
common is counted as often as there are hypercolumns. How often can be read from the traces. Let
e_j = Σ w_ij z_i / (1 − p_j) be the recurrent evidence for minicolumn j against the others of its
hypercolumn (to first order; Σ w_ij z_i is that against all, j included), d_j the distance
between its means where j is active and where it is not, v_j its variance within the two. A
log-likelihood ratio from independent, weak pieces of evidence has v = d; the same piece counted n
times has n d and n² v. So d/v is what the evidence has to be multiplied with to be a
log-likelihood ratio again (the slope of Fisher's linear discriminant), and with the p traces

    d_j = (Σ_i p_ij w_ij / p_j − Σ_i p_i w_ij) / (1 − p_j)²
    v_j = Σ_ik w_ij (p_ik − p_i p_k) w_kj / (1 − p_j)² − p_j (1 − p_j) d_j²

all of it is known from what has been learned: no labels, no patterns, no search. (For a projection
between two populations p_ik, of presynaptic minicolumns, is no trace; patterns give it.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..data.patterns import check_patterns, minicolumn_activity
from .network import LearnedNetwork
from .traces import Traces

# Minicolumns whose hypercolumn has less than this left for others: the little that would be
# weighed against them is rounding.
_LEFT_OVER = 1e-4


@dataclass(frozen=True)
class EvidenceStatistics:
    """The evidence that a projection brings to minicolumns, against others of their hypercolumn.

    There is none for minicolumns that are certain, nor for those that hear nothing: distance and
    variance are 0.

    Attributes
    ----------
    probability : ndarray, shape (N,)
        p_j, how often a minicolumn is active.
    distance : ndarray, shape (N,)
        d_j, mean evidence where the minicolumn is active less that where it is not.
    variance : ndarray, shape (N,)
        v_j, variance of the evidence within the two.
    """

    probability: np.ndarray
    distance: np.ndarray
    variance: np.ndarray

    @property
    def gain(self) -> float:
        """Distance over variance, minicolumns weighted by how often they are active."""
        return float((self.probability @ self.distance) / (self.probability @ self.variance))


def connected_minicolumns(traces: Traces) -> np.ndarray:
    """Which pairs of minicolumns a projection connects, bool of shape (N pre, N post)."""
    return np.kron(traces.mask(), np.ones(traces.minicolumns, bool))


def evidence_statistics(
    traces: Traces, activity: np.ndarray | None = None
) -> EvidenceStatistics:
    """Statistics of the evidence that a projection brings, from its traces.

    Only what is transmitted counts, and what a hypercolumn says to itself does not.

    Parameters
    ----------
    traces : Traces
    activity : ndarray, shape (n, N pre), optional
        Of presynaptic minicolumns, in n patterns. Only where the projection joins two
        populations: its traces do not tell how presynaptic minicolumns depend on one another.
    """
    joint = traces.joint().astype(float) / traces.p
    pre, post = traces.p_pre / traces.p, traces.p_post / traces.p
    transmitted = connected_minicolumns(traces)
    if activity is None:
        joint = (joint + joint.T) / 2  # equal but for what is deferred and for rounding
        pre = post = (pre + post) / 2
        together = joint
        hypercolumn = np.arange(len(pre)) // traces.minicolumns[0]
        transmitted &= hypercolumn[:, None] != hypercolumn
        mean = pre
    else:
        together, mean = activity.T @ activity / len(activity), activity.mean(axis=0)
    of_hypercolumn = post.reshape(-1, traces.minicolumns[1])
    share = (of_hypercolumn / of_hypercolumn.sum(axis=1, keepdims=True)).ravel()
    certain = (share > 1 - _LEFT_OVER) | (post > 1 - _LEFT_OVER)
    transmitted &= ~certain
    others = np.where(certain, 1.0, 1 - post)
    weights = np.where(transmitted, np.log(joint / np.outer(pre, post)), 0.0)
    against_others = weights / others
    mean_active = (joint * against_others).sum(axis=0) / post
    distance = (mean_active - pre @ against_others) / others
    covariance = together - np.outer(mean, mean)
    variance = np.einsum("ij,ij->j", against_others, covariance @ against_others)
    return EvidenceStatistics(post, distance, variance - post * (1 - post) * distance**2)


def calibrated_gain(
    network: LearnedNetwork, projection: str = "recurrent", patterns: ArrayLike | None = None
) -> float:
    """Gain at which the evidence of a projection counts once.

    Parameters
    ----------
    network : LearnedNetwork
        Whose rule has the weights of BCPNN.
    projection : str
        From a population to itself, or from the population that patterns are shown to.
    patterns : array_like, shape (n, n_inputs), optional
        In the second case: some that were learned.

    Returns
    -------
    float
        From 0 to 1: 1 where hypercolumns are independent, about 1/H where all H say the same.

    Raises
    ------
    ValueError
        If nothing has been learned yet, the weights are not those of BCPNN, the projection brings
        no evidence, or it starts elsewhere, or from the stimulated population with no patterns
        given.
    """
    rule = network.parameters.rule_of(projection)
    if not rule.logarithmic:
        raise ValueError(
            f"plasticity is {rule.name!r}, whose weights are no "
            "log-likelihood ratios: give recurrent_gain a number."
        )
    if not network.has_learned(projection):
        raise ValueError("nothing has been learned yet: let the network learn before it is calibrated.")
    ends = network.architecture.projection(projection)
    stimulated, activity = network.architecture.populations[0], None
    if ends.pre != ends.post:
        if ends.pre != stimulated.name or patterns is None:
            raise ValueError(
                f"projection {projection!r} goes from {ends.pre} to {ends.post}: give one from a "
                f"population to itself, or from {stimulated.name} and patterns that were learned."
            )
        patterns = check_patterns("patterns", patterns, stimulated)
        activity = np.maximum(minicolumn_activity(patterns), network.parameters.epsilon)
    statistics = evidence_statistics(network.traces[projection], activity)
    if not statistics.variance.any():
        raise ValueError(
            f"projection {projection!r} brings no evidence that could be weighed, as every minicolumn "
            f"of {ends.post} is certain or hears no other hypercolumn: give recurrent_gain a number."
        )
    return float(np.clip(statistics.gain, 0.0, 1.0))
