"""The model in straightforward dense float64 NumPy: what the package is held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class DenseTraces:
    """p traces of one projection, all pairs of minicolumns, one Euler step at a time."""

    p: float
    p_pre: np.ndarray
    p_post: np.ndarray
    joint: np.ndarray

    @classmethod
    def of(cls, state) -> DenseTraces:
        """Those of a `ProjectionMemory`."""
        return cls(
            state.p, state.p_pre.astype(float), state.p_post.astype(float),
            state.joint().astype(float),
        )  # fmt: skip

    def step(self, z_pre: np.ndarray, z_post: np.ndarray, kappa: float) -> None:
        self.p = self.p + kappa * (1 - self.p)
        self.p_pre = self.p_pre + kappa * (z_pre - self.p_pre)
        self.p_post = self.p_post + kappa * (z_post - self.p_post)
        self.joint = self.joint + kappa * (np.outer(z_pre, z_post) - self.joint)

    @property
    def bias(self) -> np.ndarray:
        return np.log(self.p_post / self.p)

    @property
    def weights(self) -> np.ndarray:
        return np.log(self.joint * self.p / np.outer(self.p_pre, self.p_post))

    def conditional(self, side: str) -> np.ndarray:
        """p_ij/p_j or p_ij/p_i, shape (N conditioning, N conditioned)."""
        if side == "post":
            return (self.joint / self.p_post).T
        return self.joint / self.p_pre[:, None]

    def information(self, pre_minicolumns: int, post_minicolumns: int) -> np.ndarray:
        """Mutual information of every pair of hypercolumns, shape (H pre, H post)."""
        joint, p_pre, p_post = self.joint / self.p, self.p_pre / self.p, self.p_post / self.p
        information = np.zeros(
            (len(p_pre) // pre_minicolumns, len(p_post) // post_minicolumns)
        )
        for i in range(len(p_pre)):
            for j in range(len(p_post)):
                term = joint[i, j] * np.log(joint[i, j] / (p_pre[i] * p_post[j]))
                information[i // pre_minicolumns, j // post_minicolumns] += term
        return information


def softmax(support: np.ndarray, minicolumns: int) -> np.ndarray:
    """exp(s)/sum exp(s) within each hypercolumn, along the last axis."""
    s = support.reshape(*support.shape[:-1], -1, minicolumns)
    activation = np.exp(s - s.max(axis=-1, keepdims=True))
    return (activation / activation.sum(axis=-1, keepdims=True)).reshape(support.shape)


def z_trace(
    spikes: np.ndarray,
    z_start: np.ndarray,
    *,
    dt: float,
    tau_z: float,
    f_max: float,
    epsilon: float,
) -> np.ndarray:
    """z at the end of every time step, from the spikes of every time step (forward Euler)."""
    z, trace = z_start.copy(), np.empty(spikes.shape)
    for step, now in enumerate(spikes):
        z = z + dt / tau_z * (epsilon - z) + (1 - epsilon) / (f_max * tau_z) * now
        trace[step] = z
    return trace


def expanded(mask: np.ndarray, pre_minicolumns: int, post_minicolumns: int) -> np.ndarray:
    """A mask of hypercolumns as one of minicolumns, shape (N pre, N post)."""
    return np.repeat(np.repeat(mask, pre_minicolumns, axis=0), post_minicolumns, axis=1)


def rewired_one_by_one(
    connections: np.ndarray, information: np.ndarray, margin: float, max_swaps: int
) -> tuple[list[set[int]], int]:
    """Section 4 as it reads: look for the worst active and the best silent, swap, look again."""
    active = [set(row.tolist()) for row in connections]
    n_pre, n_post = information.shape
    flips = 0
    for h in range(n_post):
        fan_out = [sum(i in row for row in active) for i in range(n_pre)]
        score = [information[i, h] / (1 + fan_out[i]) for i in range(n_pre)]
        for _ in range(max_swaps):
            silent = set(range(n_pre)) - active[h]
            if not silent:
                break
            worst = min(active[h], key=score.__getitem__)
            best = max(silent, key=score.__getitem__)
            if not score[best] > margin * score[worst]:
                break
            active[h] = active[h] - {worst} | {best}
            flips += 1
    return active, flips
