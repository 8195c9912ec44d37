"""What a projection has learned: its traces and its connections, as arrays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from ..model.architecture import Architecture, Projection
from ..model.expressions import evaluate
from ..model.plasticity import BCPNN, PlasticityRule
from .rewiring import mutual_information


@dataclass
class Traces:
    """Traces and connections of a projection.

    Attributes
    ----------
    projection : Projection
    minicolumns : (int, int)
        Minicolumns per hypercolumn, pre- and postsynaptic.
    p : float
        Trace of the total mass, p.
    p_pre, p_post : ndarray of float64, shape (N pre,) and (N post,)
        Traces p_i and p_j.
    q : ndarray, shape (N conditioning, N conditioned)
        Conditional traces of all pairs, p_ij/p_j (or p_ij/p_i), see `equations`.
    deferred : ndarray of float64, shape (N conditioning,)
        Step towards the average that each column of q has yet to take.
    connections : ndarray of int32, shape (H post, fan-in)
        Presynaptic hypercolumn of each active connection.
    """

    projection: Projection
    minicolumns: tuple[int, int]
    p: float
    p_pre: np.ndarray
    p_post: np.ndarray
    q: np.ndarray
    deferred: np.ndarray
    connections: np.ndarray

    @classmethod
    def initial(
        cls,
        architecture: Architecture,
        projection: Projection,
        kappa: float,
        precision: str,
        rng: np.random.Generator,
    ) -> Traces:
        """Traces as if one pattern had been seen, and random connections.

        The total mass κ is spread over p_i by 1 + Poisson(10 M_j), over p_j by
        1 + Poisson(10 M_i) and over p_ij by 1 + Poisson(10), normalised within each
        hypercolumn or pair of hypercolumns.
        """
        pre, post = architecture.ends(projection)

        def spread(lam: float, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
            counts = 1.0 + rng.poisson(lam, shape)
            return kappa * counts / counts.sum(axis=axes, keepdims=True)

        p_pre = spread(10 * post.minicolumns, (pre.hypercolumns, pre.minicolumns), (1,)).ravel()
        p_post = spread(10 * pre.minicolumns, (post.hypercolumns, post.minicolumns), (1,)).ravel()
        conditioning, conditioned, divisor = post, pre, p_post
        if projection.conditioning == "pre":
            conditioning, conditioned, divisor = pre, post, p_pre
        q = np.empty((conditioning.size, conditioned.size), precision)
        blocks = q.reshape(conditioning.hypercolumns, conditioning.minicolumns, -1)
        divisor = divisor.reshape(conditioning.hypercolumns, conditioning.minicolumns, 1)
        shape = (conditioning.minicolumns, conditioned.hypercolumns, conditioned.minicolumns)
        for h in range(conditioning.hypercolumns):  # one at a time: float64 of all is large
            blocks[h] = spread(10, shape, (0, 2)).reshape(conditioning.minicolumns, -1) / divisor[h]
        connections = np.stack(
            [
                np.sort(rng.choice(pre.hypercolumns, projection.fan_in, replace=False))
                for _ in range(post.hypercolumns)
            ]
        ).astype(np.int32)
        minicolumns = (pre.minicolumns, post.minicolumns)
        deferred = np.zeros(conditioning.size)
        return cls(projection, minicolumns, kappa, p_pre, p_post, q, deferred, connections)

    def copy(self) -> Traces:
        """A copy that shares no array with this one."""
        arrays = ("p_pre", "p_post", "q", "deferred", "connections")
        return replace(self, **{name: getattr(self, name).copy() for name in arrays})

    def checksum(self) -> str:
        """SHA-256 of all that weights, biases and transmitting synapses follow from."""
        digest = hashlib.sha256(repr(float(self.p)).encode())
        for values in (self.p_pre, self.p_post, self.q, self.connections):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()

    @property
    def bias(self) -> np.ndarray:
        """b_j = log(p_j/p), shape (N post,)."""
        return np.log(self.p_post / self.p)

    def joint(self) -> np.ndarray:
        """p_ij of all pairs, shape (N pre, N post)."""
        if self.projection.conditioning == "post":
            return (self.q * self.p_post[:, None]).T
        return self.q * self.p_pre[:, None]

    def weights(self, rule: PlasticityRule = BCPNN) -> np.ndarray:
        """Weights w_ij of all pairs under a rule, shape (N pre, N post)."""
        if not rule.logarithmic:
            traces = {"p_ij": self.joint(), "p_i": self.p_pre[:, None], "p_j": self.p_post}
            values = evaluate(rule.weight, {**_numbers(rule), **traces, "p": self.p})
            shape = (len(self.p_pre), len(self.p_post))
            return np.broadcast_to(values, shape).astype(self.q.dtype)
        w = np.log(self.q)
        if self.projection.conditioning == "post":
            w -= np.log(self.p_pre / self.p).astype(w.dtype)
            return w.T
        w -= np.log(self.p_post / self.p).astype(w.dtype)
        return w

    def biases(self, rule: PlasticityRule = BCPNN) -> np.ndarray:
        """Biases b_j under a rule, shape (N post,)."""
        values = evaluate(rule.bias, {**_numbers(rule), "p_j": self.p_post, "p": self.p})
        return np.broadcast_to(values, self.p_post.shape).astype(float)

    def information(self) -> np.ndarray:
        """Mutual information of every pair of hypercolumns, shape (H pre, H post)."""
        if self.projection.conditioning == "post":
            return mutual_information(
                self.q, self.p_post, self.p_pre, self.p, self.minicolumns[::-1]
            ).T
        return mutual_information(self.q, self.p_pre, self.p_post, self.p, self.minicolumns)

    def on_synapses(self, pairs: np.ndarray) -> np.ndarray:
        """Values of the connected pairs, in the order of the transmitting synapses.

        That is the order of `projection.synapse_indices`, or by pre, then post minicolumn
        where all hypercolumns are connected.

        Parameters
        ----------
        pairs : ndarray, shape (N pre, N post)
            Values of all pairs.

        Returns
        -------
        ndarray, shape (H post * fan-in * M pre * M post,)
        """
        pre_minicolumns, post_minicolumns = self.minicolumns
        if self.projection.fan_in * pre_minicolumns == len(pairs):
            return pairs.ravel()
        n_post = len(self.connections)
        blocks = pairs.reshape(-1, pre_minicolumns, n_post, post_minicolumns)
        return blocks[self.connections, :, np.arange(n_post)[:, None], :].ravel()

    def mask(self) -> np.ndarray:
        """Which pairs of hypercolumns are connected, shape (H pre, H post)."""
        n_pre = len(self.p_pre) // self.minicolumns[0]
        connected = np.zeros((n_pre, len(self.connections)), bool)
        connected[self.connections, np.arange(len(self.connections))[:, None]] = True
        return connected


def _numbers(rule: PlasticityRule) -> dict[str, float]:
    """Parameters of a rule in base units."""
    return {name: float(value) for name, value in rule.parameters.items()}
