"""Runtime mode runs the same model; without a compiler it takes over."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from brian2 import get_device, ms, prefs
from brian2.devices.device import reset_device, set_device
from tiny import LEARNING, record, record_learning, record_recall, teach, tiny_memory

from cortical_bcpnn import Phase
from cortical_bcpnn.circuits.simulation import check_device

SHORT = [Phase(4 * ms, ("INP", "INPRC"), {"feedforward": 1.0})]


# --- Runtime mode against NumPy ----------------------------------------------------------


@pytest.fixture(scope="module")
def runtime(patterns):
    """Learning and recall in runtime mode, recorded step by step."""
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    memory = tiny_memory(device="runtime", variant="spk-full", precision="float64", z_min=0.0)
    learning = record_learning(memory, patterns)
    yield learning, record_recall(memory, patterns[0])
    prefs.codegen.target = before


@pytest.mark.parametrize("name", ["feedforward", "recurrent", "feedback"])
def test_runtime_traces_are_those_of_the_dense_rule(runtime, name):
    """1e-12, as in C++ standalone."""
    learning, _ = runtime
    state, dense = learning.memory.traces[name], learning.final(name)
    np.testing.assert_allclose(state.p_pre, dense.p_pre, rtol=1e-12)
    np.testing.assert_allclose(state.p_post, dense.p_post, rtol=1e-12)
    np.testing.assert_allclose(state.joint(), dense.joint, rtol=1e-12)
    np.testing.assert_allclose(state.weights(), dense.weights, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("population", ["INP", "HID", "INPRC"])
def test_runtime_z_and_rates_are_those_of_the_equations(runtime, population):
    for recording in runtime:
        variant = recording.memory.parameters.variant
        spikes, z = recording.spikes(population), recording[f"{population}.z"]
        expected = reference.z_trace(
            spikes, np.full(z.shape[1], 1e-7), dt=1e-3, tau_z=float(variant.tau_z),
            f_max=float(variant.f_max), epsilon=1e-7,
        )  # fmt: skip
        assert spikes.any()
        np.testing.assert_allclose(z, expected, rtol=1e-12, atol=1e-12)
        m = 5 if population == "HID" else 2
        share = recording[f"{population}.activation"] / np.repeat(
            recording[f"{population}_hypercolumns.partition"], m, axis=1
        )
        softmax = reference.softmax(recording[f"{population}.s"], m)
        np.testing.assert_allclose(share, softmax, rtol=1e-12, atol=1e-12)


def test_runtime_currents_are_weighted_sums_of_z(runtime):
    """1e-10 of the largest."""
    learning, recall = runtime
    weights = learning.final("feedforward").weights
    weights = weights * reference.expanded(learning.memory.connections("feedforward"), 2, 5)
    expected = (recall["INP.z"] - 1e-7) @ weights
    np.testing.assert_allclose(
        recall["HID.I_feedforward"], expected, rtol=0, atol=1e-10 * np.abs(expected).max()
    )


def test_runtime_rewires_the_running_simulation(patterns, numpy_target):
    """The transmitted current is the sum over the new connections (1e-10 of the largest)."""
    memory = tiny_memory(
        device="runtime", variant="spk-full", precision="float64", rewire_every=6, rewire_margin=1.0
    )
    state = memory.traces["feedforward"]
    (simulation,) = memory._start(SHORT, plastic=True)
    before, looks = state.connections, []

    def look(_):
        simulation.set("INP.z", 1e-7)
        simulation.set("HID.I_feedforward", 0)
        values, _ = record(simulation, iter([(10, False)]), 10, ["INP.z", "HID.I_feedforward"])
        weights = state.weights() * reference.expanded(state.mask(), 2, 5)
        expected = (values["INP.z"] - 1e-7) @ weights
        scale = np.abs(expected).max()
        np.testing.assert_allclose(
            values["HID.I_feedforward"], expected, rtol=0, atol=1e-10 * scale
        )
        looks.append(scale > 0.1 and (state.connections != before).any())

    teach(memory, simulation, patterns, SHORT, on_segment=look)
    assert len(looks) == 2 and all(looks)
    assert memory.n_learned == 12 and len(memory.rewiring) == 4


def test_runtime_and_standalone_fire_alike(patterns, numpy_target, learned, tmp_path):
    """Spike counts of each population after the same learning.

    4 hypercolumns × 200 steps × 4 cues at 0.1 spikes per step: 320 ± 18 in HID, 720 ± 27 in INP
    and INPRC, so that two of them differ by less than 5 sqrt(2) standard deviations.
    """
    learned.save(tmp_path / "network.h5")
    runtime = type(learned).load(tmp_path / "network.h5", device="runtime")
    protocol = [Phase(200 * ms, ("INP",), {"feedforward": 1.0, "feedback": 1.0}, read="end")]
    recalls = [m.recall(patterns[:4], protocol=protocol) for m in (runtime, learned)]
    for population, expected, deviation in (("HID", 320, 18), ("INP", 720, 27), ("INPRC", 720, 27)):
        mine, theirs = (r.spike_counts["end"][population].sum() for r in recalls)
        assert abs(mine - theirs) < 5 * np.sqrt(2) * deviation
        assert abs(mine - expected) < 5 * deviation


def test_runtime_is_reproducible(patterns, numpy_target):
    """Same seed, same memory and recall; the number of jobs does not matter."""
    protocol = [Phase(8 * ms, ("INP",), {"feedforward": 1.0, "feedback": 1.0}, read="end")]
    results = []
    for jobs in (1, 3):
        memory = tiny_memory(device="runtime").learn(patterns[:4], protocol=SHORT)
        recall = memory.recall(patterns[:3], protocol=protocol, jobs=jobs)
        results.append((memory.weights("feedforward"), recall.z["end"]["HID"]))
    for first, second in zip(*results):
        np.testing.assert_array_equal(first, second)


def test_other_time_steps(patterns, numpy_target):
    """dt = 0.5 ms: twice the steps, kappa = dt/tau_p, z of the same decay (1e-12)."""
    memory = tiny_memory(
        device="runtime", variant="spk-full", precision="float64", z_min=0.0, dt=0.5 * ms
    )
    recording = record_learning(memory, patterns[:3])
    assert len(recording.learned) == 3 * 14
    assert sum(phase.duration for phase in LEARNING) == 7 * ms
    assert memory.traces["feedforward"].p == pytest.approx(1 - (1 - 1 / 80) ** 4, rel=1e-12)
    spikes = recording.spikes("HID")
    expected = reference.z_trace(
        spikes, np.full(20, 1e-7), dt=5e-4, tau_z=5e-3, f_max=1000.0, epsilon=1e-7
    )
    np.testing.assert_allclose(recording["HID.z"], expected, rtol=1e-12, atol=1e-12)
    dense = recording.final("recurrent")
    np.testing.assert_allclose(memory.traces["recurrent"].joint(), dense.joint, rtol=1e-12)


# --- The interface -----------------------------------------------------------------------


@pytest.mark.parametrize("announced", [2, 5])
def test_runtime_holds_an_experiment_to_the_steps_announced(numpy_target, announced):
    simulation = tiny_memory(device="runtime")._recalling(1)[0]
    with pytest.raises(RuntimeError, match="did not yield the number of steps announced"):
        simulation.drive(iter([(3, False)]), announced)


def test_runtime_has_no_process(numpy_target):
    simulation = tiny_memory(device="runtime")._recalling(1)[0]
    assert simulation.peak_memory() == 0
    simulation.close()


def test_runtime_needs_the_runtime_device(patterns):
    memory = tiny_memory(device="runtime")
    set_device("cpp_standalone", build_on_run=False)
    try:
        with pytest.raises(RuntimeError, match=r"another Brian2 device .*set_device\('runtime'\)"):
            memory.recall(patterns)
    finally:
        reset_device()


def test_standalone_leaves_the_active_device_alone(make_memory, patterns):
    before, target = get_device(), prefs.codegen.target
    make_memory().recall(patterns[:1])
    assert get_device() is before and prefs.codegen.target == target


def test_unknown_device_is_refused():
    with pytest.raises(ValueError, match="device 'cuda' is unknown: choose .*cpp_standalone"):
        check_device("cuda")


# --- Without a compiler ------------------------------------------------------------------


def test_without_a_compiler_runtime_mode_takes_over(monkeypatch, patterns, numpy_target):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.warns(UserWarning, match=r"No C\+\+ compiler found .*runtime mode.*Install g\+\+"):
        memory = tiny_memory()
    assert memory.device == "runtime"
    memory.learn(patterns[:2], protocol=SHORT)
    recall = memory.recall(
        patterns[:1], protocol=[Phase(3 * ms, ("INP",), {"feedforward": 1.0}, read="end")]
    )
    assert memory.n_learned == 2 and recall.reconstruction.shape == (1, 9)


def test_a_compiler_that_does_not_exist_is_none(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.warns(UserWarning, match=r"No C\+\+ compiler found"):
        assert check_device("cpp_standalone") == "runtime"


def test_with_a_compiler_there_is_no_warning(recwarn):
    assert check_device("cpp_standalone") == "cpp_standalone"
    assert check_device("runtime") == "runtime"
    assert not recwarn.list
