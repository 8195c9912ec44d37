"""A stand-in for the simulation, so that scikit-learn's many checks cost seconds.

Learning and recall of feedforward networks in NumPy: minicolumns are at once where rate-based ones
come to, and weights follow after ever more patterns. What is learned is in the traces of the
memory, as ever, and goes through its files.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from reference import softmax

from cortical_bcpnn import AssociativeMemory, Recall
from cortical_bcpnn.data.patterns import check_stimuli, minicolumn_activity, unknown_minicolumns
from cortical_bcpnn.learned.traces import Traces
from cortical_bcpnn.model.protocols import away_from

_BATCHES = 50  # in all, the first of one pattern


def learn(memory: AssociativeMemory, patterns, epochs: int = 1, *, shuffle=False, projections=None):
    """In the place of `AssociativeMemory.learn`."""
    stimuli = check_stimuli("patterns", patterns, memory.architecture, copied=True)
    n = len(next(iter(stimuli.values())))
    learned = projections or list(memory.traces)
    order = np.random.default_rng(memory.parameters.seed).permutation(n)
    ends = np.unique(np.geomspace(1, n * epochs, _BATCHES).astype(int))
    for batch in np.split(np.tile(order, epochs), ends[:-1]):
        shown = {name: minicolumn_activity(of[batch]) for name, of in stimuli.items()}
        z = _flow(memory, shown, {})
        for state in (memory.traces[name] for name in learned):
            _step(state, z[state.projection.pre], z[state.projection.post], memory.parameters.kappa)
    memory.n_learned += epochs * n
    return memory


def _step(state: Traces, z_pre: np.ndarray, z_post: np.ndarray, kappa: float) -> None:
    """Steps of κ by the patterns of a batch, one after the other."""
    kept, last = (1 - kappa) ** len(z_pre), kappa * (1 - kappa) ** np.arange(len(z_pre))[::-1]
    joint = kept * state.joint() + (last[:, None] * z_pre).T @ z_post
    state.p = kept * state.p + last.sum()
    state.p_pre, state.p_post = kept * state.p_pre + last @ z_pre, kept * state.p_post + last @ z_post
    by_post = state.projection.conditioning == "post"
    state.q[:] = (joint / state.p_post).T if by_post else joint / state.p_pre[:, None]


def recall(memory: AssociativeMemory, cues, *, jobs=1, populations=None) -> Recall:
    """In the place of `AssociativeMemory.recall`."""
    stimuli = check_stimuli("cues", cues, memory.architecture, unknown=True)
    sizes = {p.name: p.minicolumns for p in memory.architecture.populations}
    shown = {name: minicolumn_activity(of) for name, of in stimuli.items()}
    silent = {name: unknown_minicolumns(of, sizes[name]) for name, of in stimuli.items()}
    z = _flow(memory, shown, silent)
    return Recall({"feedforward": {n: v.astype(np.float32) for n, v in z.items()}}, {}, {}, sizes)


def _flow(memory, shown: Mapping[str, np.ndarray], silent: Mapping[str, np.ndarray]) -> dict:
    """Activity of all populations, given that of some; evidence flows away from these."""
    z = {name: v + memory.parameters.epsilon for name, v in shown.items()}
    sent = {name: np.where(silent.get(name, False), 0, v) for name, v in z.items()}
    for name in away_from(memory.architecture, shown):
        projection = memory.architecture.projection(name)
        pre, post = memory.architecture.ends(projection)
        weights, biases = memory.weights(name), memory.biases(name)
        mask = memory.connections(name).repeat(pre.minicolumns, 0).repeat(post.minicolumns, 1)
        support = sent[pre.name] @ (weights * mask) + biases
        z[post.name] = sent[post.name] = softmax(support, post.minicolumns)
    return z
