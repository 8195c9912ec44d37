"""Whether two networks are the same, bit by bit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cortical_bcpnn import AssociativeMemory, Recall

TRACES = ("p", "p_pre", "p_post", "q", "deferred", "connections")


def assert_same(first: AssociativeMemory, second: AssociativeMemory) -> None:
    """All that two networks have learned is the same: values, types and order."""
    assert first.architecture == second.architecture
    assert first.n_learned == second.n_learned
    assert first.traces.keys() == second.traces.keys()
    for name, state in first.traces.items():
        for field in TRACES:
            mine, theirs = np.asarray(getattr(state, field)), np.asarray(
                getattr(second.traces[name], field)
            )
            assert mine.dtype == theirs.dtype, f"{field} of {name}"
            np.testing.assert_array_equal(mine, theirs, err_msg=f"{field} of {name}", strict=True)
        np.testing.assert_array_equal(first.weights(name), second.weights(name))
        np.testing.assert_array_equal(first.biases(name), second.biases(name))
    pd.testing.assert_frame_equal(
        first.rewiring, second.rewiring, check_dtype=False, check_exact=True
    )
    assert list(first.connection_history) == list(second.connection_history)
    for patterns, connections in first.connection_history.items():
        assert connections.keys() == second.connection_history[patterns].keys()
        for name, values in connections.items():
            np.testing.assert_array_equal(values, second.connection_history[patterns][name])


def assert_same_recall(first: AssociativeMemory, second: AssociativeMemory, cues) -> None:
    """What they recall is the same, at every moment in every population."""
    mine, theirs = first.recall(cues), second.recall(cues)
    assert mine.moments == theirs.moments
    for moment in mine.moments:
        for population, z in mine.z[moment].items():
            np.testing.assert_array_equal(z, theirs.z[moment][population])
            np.testing.assert_array_equal(
                mine.spike_counts[moment][population], theirs.spike_counts[moment][population]
            )


def assert_sound(memory: AssociativeMemory) -> None:
    """Invariants of every network, whatever it has learned.

    Traces are positive, weights and biases are finite, and every hypercolumn has as many
    connections as at the start.
    """
    for name, state in memory.traces.items():
        projection = state.projection
        pre, post = memory.architecture.ends(projection)
        assert 0 < state.p <= 1 + 1e-9
        for values in (state.p_pre, state.p_post, state.q, state.deferred):
            assert np.isfinite(values).all()
        assert (state.p_pre > 0).all() and (state.p_post > 0).all() and (state.q > 0).all()
        assert np.isfinite(memory.weights(name)).all() and np.isfinite(memory.biases(name)).all()
        assert state.connections.shape == (post.hypercolumns, projection.fan_in)
        assert (memory.connections(name).sum(axis=0) == projection.fan_in).all()
        if not projection.rewired:
            assert memory.connections(name).sum() == post.hypercolumns * projection.fan_in


def assert_equal_recalls(first: Recall, second: Recall, moments=None) -> None:
    """What was recalled is the same, at all moments or these."""
    for moment in moments or first.moments:
        for population in first.z[moment]:
            for name in ("z", "spike_counts"):
                np.testing.assert_array_equal(
                    getattr(first, name)[moment][population],
                    getattr(second, name)[moment][population],
                )


def differ(first: Recall, second: Recall, population: str = "HID", moment: str = "attractor"):
    """Whether a population has not recalled the same."""
    return (first.z[moment][population] != second.z[moment][population]).any()
