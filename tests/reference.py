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
        """Those of a `Traces`."""
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


class RateNetwork:
    """A rate-based network in dense arrays, one Euler step of the equations at a time.

    Parameters
    ----------
    memory : AssociativeMemory
        The network to start from: its architecture, parameters, traces and connections.
    """

    def __init__(self, memory) -> None:
        architecture, self.parameters = memory.architecture, memory.parameters
        self.minicolumns = {p.name: p.minicolumns for p in architecture.populations}
        self.sizes = {p.name: p.size for p in architecture.populations}
        self.projections = {p.name: (p.pre, p.post) for p in architecture.projections}
        self.rewired = [p.name for p in architecture.projections if p.rewired]
        self.traces = {name: DenseTraces.of(state) for name, state in memory.traces.items()}
        self.connections = {name: m.connections.copy() for name, m in memory.traces.items()}
        self.weights: dict[str, np.ndarray] = {}
        self.biases: dict[str, np.ndarray] = {}
        self.learned = 0
        self._set_weights()
        self.rest()

    def rest(self) -> None:
        """No support, no current, z at its floor."""
        self.s = {name: np.zeros(size) for name, size in self.sizes.items()}
        self.z = {name: np.full(size, self.parameters.epsilon) for name, size in self.sizes.items()}
        self.count = {name: np.zeros(size) for name, size in self.sizes.items()}
        self.current = {n: np.zeros(self.sizes[post]) for n, (_, post) in self.projections.items()}

    def step(self, activity: np.ndarray, clamped: tuple[str, ...], gains: dict) -> None:
        """One time step with some populations clamped to the activity of their minicolumns."""
        p, v = self.parameters, self.parameters.variant
        decay_m, decay_z = float(p.dt / v.tau_m), float(p.dt / v.tau_z)
        gain_z = (1 - p.epsilon) / float(v.f_max * v.tau_z)
        emitted = {}
        for name in self.sizes:
            drive = np.log(activity + p.epsilon) if name in clamped else np.zeros(self.sizes[name])
            for projection, (_, post) in self.projections.items():
                if post == name:
                    both = self.biases[projection] + self.current[projection]
                    drive = drive + gains.get(projection, 0.0) * both
            self.s[name] = self.s[name] + decay_m * (drive - self.s[name])
            rate = float(v.f_max * p.dt) * softmax(self.s[name], self.minicolumns[name])
            emitted[name] = np.where(rate > p.emission_min, rate, 0)
        for name, now in emitted.items():
            self.z[name] = self.z[name] + decay_z * (p.epsilon - self.z[name]) + gain_z * now
            self.count[name] = self.count[name] + now
        for name, (pre, _) in self.projections.items():
            self.current[name] = (1 - decay_z) * self.current[name] + gain_z * (
                emitted[pre] @ self.weights[name]
            )

    def learn(self, patterns: np.ndarray) -> None:
        """Present patterns by the variant's protocol; traces and connections learn at the end."""
        for pattern in patterns:
            activity = np.stack([pattern, 1 - pattern], axis=1).ravel()
            for phase in self.parameters.variant.learning_protocol():
                gains = dict(phase.gains) if self.learned else {}
                for _ in range(self.parameters.steps(phase.duration)):
                    self.step(activity, phase.clamped, gains)
            for name, (pre, post) in self.projections.items():
                self.traces[name].step(self.z[pre], self.z[post], self.parameters.kappa)
            self.learned += 1
            every = self.parameters.rewire_every
            if every and self.learned % every == 0:
                for name in self.rewired:
                    self._rewire(name)
            self._set_weights()

    def recall(self, cue: np.ndarray) -> list[dict[str, np.ndarray]]:
        """z of every population at every step of the variant's protocol of recall."""
        self.rest()
        activity, z = np.stack([cue, 1 - cue], axis=1).ravel(), []
        for phase in self.parameters.variant.recall_protocol():
            for _ in range(self.parameters.steps(phase.duration)):
                self.step(activity, phase.clamped, dict(phase.gains))
                z.append(self.z.copy())
        return z

    def mask(self, projection: str) -> np.ndarray:
        """Which hypercolumns are connected, shape (H pre, H post)."""
        pre, _ = self.projections[projection]
        rows = self.connections[projection]
        mask = np.zeros((self.sizes[pre] // self.minicolumns[pre], len(rows)), bool)
        for post, row in enumerate(rows):
            mask[row, post] = True
        return mask

    def _rewire(self, name: str) -> None:
        m = [self.minicolumns[end] for end in self.projections[name]]
        rows, _ = rewired_one_by_one(
            self.connections[name], self.traces[name].information(*m),
            self.parameters.rewire_margin, self.parameters.max_swaps,
        )  # fmt: skip
        self.connections[name] = np.array([sorted(row) for row in rows])

    def _set_weights(self) -> None:
        for name, ends in self.projections.items():
            connected = expanded(self.mask(name), *(self.minicolumns[end] for end in ends))
            self.weights[name] = self.traces[name].weights * connected
            self.biases[name] = self.traces[name].bias


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
