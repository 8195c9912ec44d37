"""Transmission: event-driven currents against sums of weights and z, through connected pairs.

Tolerances are relative to the largest sum: 1e-5 with float32 weights, 1e-10 with float64.
"""

from __future__ import annotations

import numpy as np
import pytest
import reference
from tiny import MINICOLUMNS, present

from cortical_bcpnn.circuits.projection import placeholder_connections, synapse_indices
from cortical_bcpnn.model.paper import associative_memory

PROJECTIONS = ("feedforward", "recurrent", "feedback")
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


def connected_weights(memory, name: str, weights: np.ndarray) -> np.ndarray:
    projection = memory.architecture.projection(name)
    minicolumns = MINICOLUMNS[projection.pre], MINICOLUMNS[projection.post]
    return weights * reference.expanded(memory.connections(name), *minicolumns)


def assert_currents(actual: np.ndarray, expected: np.ndarray, precision: str) -> None:
    scale = np.abs(expected).max()
    assert scale > 0.1
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE[precision] * scale)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_current_of_recall_is_the_weighted_sum_of_z(learning, recalling, name):
    """I_j = sum_i w_ij (z_i - epsilon) at every step, with the weights of the dense rule."""
    memory = recalling.memory
    projection = memory.architecture.projection(name)
    w = connected_weights(memory, name, learning.final(name).weights)
    expected = (recalling[f"{projection.pre}.z"] - memory.parameters.epsilon) @ w
    assert_currents(
        recalling[f"{projection.post}.I_{name}"], expected, memory.parameters.precision
    )


def test_current_of_learning_has_the_weights_of_the_moment(learning):
    """Between updates w is constant: I decays with tau_z and each spike adds w z_per_spike."""
    memory = learning.memory
    variant, epsilon = memory.parameters.variant, memory.parameters.epsilon
    tau_z, f_max = float(variant.tau_z), float(variant.f_max)
    spikes, current = learning.spikes("INP"), np.zeros(20)
    w = connected_weights(memory, "feedforward", learning.initial["feedforward"].weights)
    dense = learning.dense("feedforward")
    expected = np.empty_like(learning["HID.I_feedforward"])
    for step, learned in enumerate(learning.learned):
        current = current * (1 - 1e-3 / tau_z) + (1 - epsilon) / (f_max * tau_z) * spikes[step] @ w
        expected[step] = current
        if learned:
            w = connected_weights(memory, "feedforward", next(dense).weights)
    assert_currents(learning["HID.I_feedforward"], expected, memory.parameters.precision)


def test_transmitting_synapses_hold_the_traces_of_connected_pairs(learning):
    memory = learning.memory
    state = memory.traces["feedforward"]
    sources, targets = synapse_indices(memory.architecture, state.projection, state.connections)
    np.testing.assert_array_equal(learning.synapses["feedforward._synaptic_pre"], sources)
    np.testing.assert_array_equal(learning.synapses["feedforward._synaptic_post"], targets)
    q = learning.final("feedforward").conditional("post")[targets, sources]
    rtol = {"float32": 1e-5, "float64": 1e-12}[memory.parameters.precision]
    np.testing.assert_allclose(learning.synapses["feedforward.q"], q, rtol=rtol)
    # Where q is near 1, what counts for its logarithm is the absolute error of q.
    np.testing.assert_allclose(learning.synapses["feedforward.log_q"], np.log(q), rtol=rtol, atol=rtol)


def test_nothing_comes_through_a_silent_connection(make_memory, patterns):
    """All weights 1: each HID minicolumn gets z of the connected INP hypercolumns, no other."""
    memory = make_memory()
    simulation = memory._recalling(1)[0]
    simulation.seed(5)
    simulation.set("feedforward.w", np.ones(4 * 4 * 2 * 5))
    protocol = memory.parameters.variant.recall_protocol()[1:2]
    experiment = present(simulation, memory, patterns[1], protocol)
    simulation.drive(experiment, 100)
    z = simulation.get("INP.z").reshape(9, 2).sum(axis=1) - 2e-7
    expected = np.repeat(z @ memory.connections("feedforward"), 5)
    np.testing.assert_allclose(simulation.get("HID.I_feedforward"), expected, rtol=1e-9)
    assert len(set(np.round(expected[::5], 6))) > 1


def test_synapse_indices_by_hand():
    """3 inputs, 2 × 2 hidden, fan-in 2: post hypercolumn, connection, pre, post minicolumn."""
    architecture = associative_memory(3, (2, 2), 2, 1)
    projection = architecture.projection("feedforward")
    sources, targets = synapse_indices(architecture, projection, np.array([[2, 0], [1, 2]]))
    np.testing.assert_array_equal(sources, [4, 4, 5, 5, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    np.testing.assert_array_equal(targets, [0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3])
    assert sources.dtype == targets.dtype == np.int32


@pytest.mark.parametrize("name", PROJECTIONS)
def test_placeholder_connections_are_valid(name):
    architecture = associative_memory(9, (4, 5), 4, 2)
    projection = architecture.projection(name)
    pre, post = architecture.ends(projection)
    connections = placeholder_connections(architecture, projection)
    assert connections.shape == (post.hypercolumns, projection.fan_in)
    assert all(len(set(row)) == projection.fan_in for row in connections.tolist())
    assert connections.min() >= 0 and connections.max() < pre.hypercolumns
