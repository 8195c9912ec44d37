"""Traces, weights and biases against a dense float64 computation from the same spike trains."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from brian2 import ms
from tiny import LEARNING, MINICOLUMNS, record_learning, tiny_memory

from cortical_bcpnn.learned.traces import Traces
from cortical_bcpnn.model.paper import associative_memory

PROJECTIONS = ("feedforward", "recurrent", "feedback")


def tolerance(learning) -> float:
    """Relative; weights and biases, which pass through 0, also absolute."""
    return {"float32": 1e-5, "float64": 1e-12}[learning.memory.parameters.precision]


@pytest.mark.parametrize("name", PROJECTIONS)
def test_traces_are_those_of_the_dense_rule(learning, name):
    state, dense, rtol = learning.memory.traces[name], learning.final(name), tolerance(learning)
    np.testing.assert_allclose(state.p, dense.p, rtol=1e-12)
    np.testing.assert_allclose(state.p_pre, dense.p_pre, rtol=1e-12)
    np.testing.assert_allclose(state.p_post, dense.p_post, rtol=1e-12)
    np.testing.assert_allclose(state.joint(), dense.joint, rtol=rtol)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_weights_and_biases_are_those_of_the_dense_rule(learning, name):
    memory, dense, tol = learning.memory, learning.final(name), tolerance(learning)
    np.testing.assert_allclose(memory.weights(name), dense.weights, rtol=tol, atol=tol)
    np.testing.assert_allclose(memory.biases(name), dense.bias, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_learning_moved_every_trace(learning, name):
    """So that the comparisons above compare what was learned, not what was there before."""
    initial, final = learning.initial[name], learning.final(name)
    for before, after in ((initial.p_pre, final.p_pre), (initial.joint, final.joint)):
        assert (np.abs(after / before - 1) > 1e-3).all()


def test_first_step_by_hand(patterns):
    """One pattern: p = kappa + kappa (1 - kappa), p_ij = (1 - kappa) p_ij + kappa z_i z_j."""
    memory = tiny_memory(precision="float64", z_min=0.0, rewire_every=0)
    recording = record_learning(memory, patterns[:1])
    kappa, state = 1 / 40, memory.traces["feedforward"]
    assert state.p == pytest.approx(kappa + kappa * (1 - kappa), rel=1e-12)
    initial = recording.initial["feedforward"]
    i, j = 3, 7
    z_i, z_j = recording["INP.z"][-1, i], recording["HID.z"][-1, j]
    expected = (1 - kappa) * initial.joint[i, j] + kappa * z_i * z_j
    assert state.joint()[i, j] == pytest.approx(expected, rel=1e-12)


def test_traces_learn_once_per_pattern_in_its_last_step(learning, patterns):
    steps = np.flatnonzero(learning.learned)
    np.testing.assert_array_equal(steps, 7 * np.arange(1, 2 * len(patterns) + 1) - 1)
    assert len(LEARNING) == 2


@pytest.mark.parametrize(
    "z_min, deferred_max", [(1e-3, 0.01), (0.3, 0.01), (0.3, 0.1), (0.3, 1e9), (1e9, 0.0)]
)
def test_columns_that_hardly_fire_learn_the_average(patterns, z_min, deferred_max):
    """Step by step as `equations` describes it (1e-12), and near the dense rule.

    A deferred step takes p_i/p for z_i or is still to be taken, so q is off by no more than the
    deferred eta times the largest z_i; the steps that follow only shrink the difference.
    """
    memory = tiny_memory(
        variant="spk-full", precision="float64", z_min=z_min, deferred_max=deferred_max,
        rewire_every=0, tau_p=200 * ms,
    )  # fmt: skip
    recording = record_learning(memory, patterns)
    kappa = memory.parameters.kappa
    q = {name: recording.initial_q[name].copy() for name in PROJECTIONS}
    waiting = {name: np.zeros(20) for name in PROJECTIONS}  # all condition on HID
    deferred = {name: np.zeros(20) for name in PROJECTIONS}
    for step in np.flatnonzero(recording.learned):
        z = {population: recording[f"{population}.z"][step] for population in MINICOLUMNS}
        firing = z["HID"] > z_min
        due, eta = firing, {}
        for name in PROJECTIONS:
            projection, dense = memory.architecture.projection(name), recording.initial[name]
            dense.step(z[projection.pre], z[projection.post], kappa)
            eta[name] = kappa * z["HID"] / getattr(dense, f"p_{projection.conditioning}")
            waiting[name] += ~firing * (1 - waiting[name]) * eta[name]
            deferred[name] += ~firing * eta[name]
            due = due | (waiting[name] > deferred_max)
        for name in PROJECTIONS:
            side = memory.architecture.projection(name).conditioned
            average = getattr(recording.initial[name], f"p_{side}") / recording.initial[name].p
            other = z[getattr(memory.architecture.projection(name), side)]
            q[name][due] += waiting[name][due, None] * (average - q[name][due])
            q[name][firing] += eta[name][firing, None] * (other - q[name][firing])
            waiting[name][due] = 0
    for name in PROJECTIONS:
        state = memory.traces[name]
        np.testing.assert_allclose(state.q, q[name], rtol=1e-12)
        np.testing.assert_allclose(state.deferred, waiting[name], rtol=1e-12, atol=1e-15)
        assert (deferred[name] > 0).any()
        largest = max(1, recording["INP.z"].max(), recording["INPRC.z"].max())
        dense = recording.initial[name].conditional(state.projection.conditioning)
        assert (np.abs(state.q - dense) <= deferred[name][:, None] * largest + 1e-12).all()


def test_deferred_steps_are_kept_between_rounds_of_learning(patterns):
    """12 patterns in two rounds: all that was deferred is still to be learned.

    With z_min and deferred_max out of reach nothing moves q, and 1 - deferred is the product of
    all 1 - kappa z_j/p_j (1e-12).
    """
    memory = tiny_memory(precision="float64", z_min=1e9, deferred_max=1e9, rewire_every=0)
    left, q = np.ones(20), memory.traces["recurrent"].q.copy()
    for part in (patterns[:5], patterns[5:]):
        recording = record_learning(memory, part)
        for step, dense in zip(np.flatnonzero(recording.learned), recording.dense("recurrent")):
            left *= 1 - memory.parameters.kappa * recording["HID.z"][step] / dense.p_post
    np.testing.assert_allclose(1 - memory.traces["recurrent"].deferred, left, rtol=1e-12)
    np.testing.assert_array_equal(memory.traces["recurrent"].q, q)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_information_is_that_of_the_joint_traces(learning, name):
    projection = learning.memory.architecture.projection(name)
    minicolumns = MINICOLUMNS[projection.pre], MINICOLUMNS[projection.post]
    expected = learning.final(name).information(*minicolumns)
    # A sum of terms of either sign, each good to the tolerance of its q.
    atol = {"float32": 3e-6, "float64": 1e-12}[learning.memory.parameters.precision]
    np.testing.assert_allclose(
        learning.memory.traces[name].information(), expected, rtol=0, atol=atol
    )


# --- Initial traces ----------------------------------------------------------------------


def initial(name: str = "feedforward", hidden=(6, 7), seed: int = 0) -> Traces:
    architecture = associative_memory(50, hidden, 20, 3)
    rng = np.random.default_rng(seed)
    return Traces.initial(
        architecture, architecture.projection(name), 0.02, "float64", rng
    )


@pytest.mark.parametrize("name", PROJECTIONS)
def test_initial_mass_is_kappa_in_every_hypercolumn(name):
    state = initial(name)
    m_pre, m_post = state.minicolumns
    assert state.p == 0.02
    np.testing.assert_allclose(state.p_pre.reshape(-1, m_pre).sum(axis=1), 0.02, rtol=1e-12)
    np.testing.assert_allclose(state.p_post.reshape(-1, m_post).sum(axis=1), 0.02, rtol=1e-12)
    joint = state.joint()
    blocks = joint.reshape(-1, m_pre, joint.shape[1] // m_post, m_post).sum(axis=(1, 3))
    np.testing.assert_allclose(blocks, 0.02, rtol=1e-12)


def test_initial_spread_is_poisson():
    """Ratio of p_ij to its hypercolumn's mean has the variance of 1 + Poisson(10) over 11.

    42 000 p_ij: variance 10/11^2 with a sampling error below 1 %, and a bias of some per cent
    because every block of 14 is normalised; within 15 %.
    """
    joint = initial().joint()
    m_pre, m_post = 2, 7
    blocks = joint.reshape(50, m_pre, 6, m_post).transpose(0, 2, 1, 3).reshape(-1, m_pre * m_post)
    ratio = blocks / blocks.mean(axis=1, keepdims=True)
    assert ratio.var(ddof=0) * 14 / 13 == pytest.approx(10 / 11**2, rel=0.15)
    # 280 p_j of 1 + Poisson(10 · 2), 100 p_i of 1 + Poisson(10 · 7): the standard errors of the
    # variances are about sqrt(2/240) = 9 % and sqrt(2/50) = 20 %.
    hidden = initial(hidden=(40, 7)).p_post.reshape(-1, 7)
    ratio = hidden / hidden.mean(axis=1, keepdims=True)
    assert ratio.var() * 7 / 6 == pytest.approx(20 / 21**2, rel=0.3)
    inputs = initial().p_pre.reshape(-1, 2)
    ratio = inputs / inputs.mean(axis=1, keepdims=True)
    assert ratio.var() * 2 == pytest.approx(70 / 71**2, rel=0.6)


def test_initial_connections_are_random_and_without_repetition():
    rows = initial().connections
    assert rows.shape == (6, 20) and rows.dtype == np.int32
    assert all(len(set(row)) == 20 for row in rows)
    assert rows.min() >= 0 and rows.max() < 50
    assert (rows[0] != rows[1]).any()
    assert (initial(seed=1).connections != rows).any()


def test_recurrent_connections_are_all_to_all():
    """The own hypercolumn included."""
    assert initial("recurrent").mask().all()


def test_mask_and_values_of_connected_pairs():
    state = initial()
    pairs = np.arange(100 * 42).reshape(100, 42)
    values = iter(state.on_synapses(pairs))
    for post in range(6):
        for pre in state.connections[post]:
            assert state.mask()[pre, post]
            for i in range(2 * pre, 2 * pre + 2):
                for j in range(7 * post, 7 * post + 7):
                    assert next(values) == pairs[i, j]
    assert next(values, None) is None
    assert state.mask().sum() == 6 * 20


def test_dense_reference_agrees_with_its_own_definition():
    """The reference's weights are 0 for independent activities (p_ij p = p_i p_j)."""
    p_pre, p_post = np.array([0.1, 0.4]), np.array([0.2, 0.3])
    traces = reference.DenseTraces(0.5, p_pre, p_post, np.outer(p_pre, p_post) / 0.5)
    np.testing.assert_allclose(traces.weights, 0, atol=1e-12)
