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

all of it is known from what has been learned: no labels, no patterns, no search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .learned import LearnedNetwork
from .traces import ProjectionMemory


@dataclass(frozen=True)
class EvidenceStatistics:
    """The evidence that minicolumns have from other hypercolumns, against their own.

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


def evidence_statistics(memory: ProjectionMemory) -> EvidenceStatistics:
    """Statistics of the evidence of a projection from a population to itself, from its traces.

    What a hypercolumn says to itself is left out.

    Parameters
    ----------
    memory : ProjectionMemory

    Raises
    ------
    ValueError
        If the projection joins two populations: its traces do not tell how what its presynaptic
        minicolumns say depends on one another.
    """
    projection = memory.projection
    if projection.pre != projection.post:
        raise ValueError(
            f"projection {projection.name!r} goes from {projection.pre} to {projection.post}: give "
            "one from a population to itself."
        )
    joint = memory.joint().astype(float) / memory.p
    joint = (joint + joint.T) / 2  # equal but for what is deferred and for rounding
    p = (memory.p_pre + memory.p_post) / (2 * memory.p)
    weights = np.log(joint / np.outer(p, p))
    hypercolumn = np.arange(len(p)) // memory.minicolumns[0]
    weights[hypercolumn[:, None] == hypercolumn] = 0.0
    against_others = weights / (1 - p)
    mean_active = (joint * against_others).sum(axis=0) / p
    distance = (mean_active - p @ against_others) / (1 - p)
    covariance = joint - np.outer(p, p)
    variance = np.einsum("ij,ij->j", against_others, covariance @ against_others)
    return EvidenceStatistics(p, distance, variance - p * (1 - p) * distance**2)


def calibrated_gain(network: LearnedNetwork, projection: str = "recurrent") -> float:
    """Gain at which the evidence of a recurrent projection counts once.

    Parameters
    ----------
    network : LearnedNetwork
        Whose rule has the weights of BCPNN.
    projection : str

    Returns
    -------
    float
        From 0 to 1: 1 where hypercolumns are independent, about 1/H where all H say the same.

    Raises
    ------
    ValueError
        If nothing has been learned yet, the weights are not those of BCPNN, or the projection
        does not go from a population to itself.
    """
    if not network.parameters.plasticity.logarithmic:
        raise ValueError(
            f"plasticity is {network.parameters.plasticity.name!r}, whose weights are no "
            "log-likelihood ratios: give recurrent_gain a number."
        )
    if not network.n_learned:
        raise ValueError("nothing has been learned yet: let the network learn before it is calibrated.")
    network.architecture.projection(projection)  # raises
    return float(np.clip(evidence_statistics(network.memories[projection]).gain, 0.0, 1.0))
