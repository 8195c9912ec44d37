"""The dense network to compare with: that it runs, without compiling it, and ratios to its time."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.analysis import dense_baseline
from cortical_bcpnn.engine.garbage import only_new_garbage


@only_new_garbage()
@pytest.mark.parametrize("every_step", [True, False])
def test_every_pair_learns(make_memory, numpy_target, every_step):
    """In every time step, or in the first of each presentation."""
    memory = make_memory()
    parameters, architecture = memory.parameters, memory.architecture
    network = dense_baseline._network(architecture, parameters, every_step, 0)
    synapses = {o.name: o for o in network.objects if o.name.endswith("_dense") and hasattr(o, "w")}
    assert set(synapses) == {f"{p.name}_dense" for p in architecture.projections}
    dense = synapses["feedforward_dense"]
    pre, post = architecture.ends(architecture.projection("feedforward"))
    assert len(dense) == pre.size * post.size
    assert dense.connected[:].mean() == pytest.approx(4 / 9)  # fan-in of 9 inputs
    network.run(parameters.dt, namespace={})
    first = dense.p_ij[:].copy()
    # Spikes of the first step come before the end of the step, and after dense traces are stepped.
    z = 0 if every_step else dense.z_pre[:] * dense.z_post[:]
    start = 1 / (pre.minicolumns * post.minicolumns)
    np.testing.assert_allclose(first, start + parameters.kappa * (z - start), rtol=1e-5)
    network.run(parameters.variant.feedforward - parameters.dt, namespace={})
    assert (dense.p_ij[:] != first).any() == every_step
    network.run(parameters.dt, namespace={})
    assert (dense.p_ij[:] != first).any() and np.isfinite(dense.w[:]).all()


def test_ratios_are_to_the_time_of_the_network(make_memory, monkeypatch):
    """20 µs a step where 2 ms a pattern is of 100 steps."""
    monkeypatch.setattr(dense_baseline, "microseconds_per_step",
                        lambda architecture, parameters, every, steps: 200.0 if every else steps)
    found = dense_baseline.against_dense(make_memory(), 2.0)
    assert found["ratio_to_dense_every_step"] == 10 and found["dense_every_step_us_per_step"] == 200
    assert found["ratio_to_dense_per_pattern"] == pytest.approx(dense_baseline.PRESENTATIONS * 100 / 20)
