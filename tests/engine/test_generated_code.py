"""The code that is generated takes the fast ways, whatever the version of Brian2."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    prefs,
)
from tiny import tiny_memory

from cortical_bcpnn.circuits.circuit import build_circuit
from cortical_bcpnn.engine.circuit import Circuit
from cortical_bcpnn.engine.programs import build, generate
from cortical_bcpnn.model.parameters import Parameters


def sources(folder: Path, kind: str) -> dict[str, str]:
    """Generated code by file name, of files whose name matches."""
    return {p.stem: p.read_text() for p in folder.glob("code_objects/*.cpp") if re.search(kind, p.stem)}


@pytest.fixture(scope="module", params=[True, False], ids=["learning", "recall"])
def network(request, tmp_path_factory):
    """Folder of the generated sources of the tiny network, and its device."""
    memory = tiny_memory()
    folder = tmp_path_factory.mktemp("sources")
    device, _ = generate(
        lambda: build_circuit(
            memory.architecture, dt=Parameters().dt, plastic=request.param,
            transmitting=["feedforward"] if request.param else list(memory.traces),
        ),
        folder,
    )  # fmt: skip
    return folder, device


def test_events_take_runs_of_synapses_without_a_queue(network):
    folder, _ = network
    statements = sources(folder, r"^\w+_(transmit|learn)_codeobject$")
    statements = {n: s for n, s in statements.items() if not n.endswith("_start_codeobject")}
    assert len(statements) >= 3
    assert all("live::runs" in code and "peek" not in code for code in statements.values())
    prepared = sources(folder, r"^before_run_\w+_push_spikes$")
    assert len(prepared) == len(statements)
    assert all(re.search(r"live::(find_runs|all_pairs)\(", code) for code in prepared.values())


def test_neurons_are_taken_hypercolumn_by_hypercolumn(network):
    folder, _ = network
    for name in ("INP", "HID", "INPRC"):
        (fires,) = sources(folder, rf"^{name}_spike_thresholder").values()
        (sums,) = sources(folder, rf"^{name}_normalisation_summed").values()
        (activation,) = sources(folder, rf"^{name}_activation").values()
        assert "_indices[_idx]" not in fires + activation and "_synaptic_pre[_idx]" not in sums
        assert "live::uniform().fill(_uniform_0" in fires and "_rand(" not in fires.split("void")[-1]


def test_pairs_of_all_minicolumns_keep_no_indices(network):
    folder, device = network
    created = sources(folder, "_synapses_create_generator")
    assert created and not device.unindexed()
    assert not any("push_back" in code for code in created.values())


def test_functions_that_are_never_called_are_empty(network):
    """Long ones, of a name and a form that are Brian2's."""
    folder, _ = network
    objects = (folder / "objects.cpp").read_text()
    for name in ("_write_arrays", "_dealloc_arrays", "set_variable_by_name"):
        assert re.search(rf"^void {name}\([^)]*\)\s*\{{\s*\}}", objects, re.MULTILINE), name


def test_code_that_reads_indices_keeps_them(tmp_path):
    """A sum over synapses between all pairs, which is no pathway."""

    def make_circuit() -> Circuit:
        group = NeuronGroup(5, "x : 1\ntotal : 1", name="group", clock=defaultclock, namespace={})
        pairs = Synapses(group, group, "w : 1\ntotal_post = w*x_pre : 1 (summed)", name="pairs",
                         namespace={})  # fmt: skip
        pairs.connect()
        objects = {"group": group, "pairs": pairs}
        return Circuit(Network(*objects.values()), objects)

    device, layout = generate(make_circuit, tmp_path)
    assert "pairs._synaptic_pre" not in layout.implied
    process = build(make_circuit).start()
    process.set("group.x", np.arange(5.0))
    process.set("pairs.w", np.arange(25.0))
    process.run(1)
    sources_of = process.get("pairs._synaptic_pre")
    targets = process.get("pairs._synaptic_post")
    expected = np.bincount(targets, np.arange(25) * sources_of, 5)
    np.testing.assert_allclose(process.get("group.total"), expected)
    process.close()


def test_indices_that_are_not_kept_are_known(network_process):
    """As Brian2 orders them: by source, and within it by target, or the other way round."""
    pre, post = (network_process.get(f"by_target._synaptic_{side}") for side in ("pre", "post"))
    np.testing.assert_array_equal(post, np.repeat(np.arange(4), 3))
    np.testing.assert_array_equal(pre, np.tile(np.arange(3), 4))
    with pytest.raises(ValueError, match="by_target._synaptic_pre follows from the place"):
        network_process.set("by_target._synaptic_pre", pre)


def test_statements_of_all_pairs_reach_all_targets(network_process):
    """Every source fires in every step and adds w of the pair."""
    w = np.arange(12.0)
    network_process.set("by_target.w", w)
    network_process.set("targets.y", 0)
    network_process.run(2)
    np.testing.assert_allclose(network_process.get("sources.seen"), 2 * w.reshape(4, 3).sum(axis=0))


@pytest.fixture(scope="module")
def network_process():
    """Three sources and four targets, whose events change the sources, in order of the targets."""

    def make_circuit() -> Circuit:
        sources = NeuronGroup(3, "seen : 1", name="sources", clock=defaultclock, namespace={})
        targets = NeuronGroup(4, "y : 1", threshold="True", reset="", name="targets",
                              clock=defaultclock, namespace={})  # fmt: skip
        pairs = Synapses(sources, targets, "w : 1", on_post="seen_pre += w", delay={"post": 0 * ms},
                         name="by_target", namespace={})  # fmt: skip
        pairs.connect(i="k for k in range(N_pre)")
        objects = {o.name: o for o in (sources, targets, pairs)}
        return Circuit(Network(*objects.values()), objects)

    process = build(make_circuit).start()
    yield process
    process.close()


# --- Random numbers ----------------------------------------------------------------------

N, STEPS = 1003, 400  # no multiple of the lanes


@pytest.fixture(scope="module")
def drawn():
    """Numbers of a user's equations: two in one statement, and those of a threshold."""

    def make_circuit() -> Circuit:
        group = NeuronGroup(
            N, "u : 1\nv : 1\ncount : 1", threshold="rand() < 0.3",
            reset="count += 1", name="group", clock=defaultclock, namespace={},
        )  # fmt: skip
        operation = group.run_regularly("u = rand(); v = rand()", when="start")
        objects = {"group": group, "operation": operation}
        return Circuit(Network(group), objects)

    program = build(make_circuit)

    def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        process = program.start()
        process.seed(seed)
        u, v = [], []
        for _ in range(STEPS):
            process.run(1)
            u.append(np.array(process.get("group.u")))
            v.append(np.array(process.get("group.v")))
        count = np.array(process.get("group.count"))
        process.close()
        return np.array(u), np.array(v), count

    return draw


def test_numbers_are_uniform_and_independent(drawn):
    """401 200 numbers: means, moments, cells and correlations within five standard errors."""
    u, v, count = drawn(1)
    n = u.size
    for values in (u, v):
        assert 0 <= values.min() < 1e-4 and 1 - 1e-4 < values.max() < 1
        assert abs(values.mean() - 1 / 2) < 5 * np.sqrt(1 / 12 / n)
        assert abs((values**2).mean() - 1 / 3) < 5 * np.sqrt((1 / 5 - 1 / 9) / n)
        cells = np.histogram(values, 1000, (0, 1))[0]
        chi_squared = ((cells - n / 1000) ** 2 / (n / 1000)).sum()
        assert abs(chi_squared - 999) < 5 * np.sqrt(2 * 999)
    pairs = {
        "two calls": (u, v),
        "next neuron": (u[:, 1:], u[:, :-1]),
        "next lane but seven": (u[:, 8:], u[:, :-8]),
        "next step": (u[1:], u[:-1]),
        "spikes of the step before": (u[1:], v[:-1]),
    }
    for name, (first, second) in pairs.items():
        correlation = 12 * ((first - 0.5) * (second - 0.5)).mean()
        assert abs(correlation) < 5 / np.sqrt(first.size), name
    assert len(np.unique(u)) == n
    expected, deviation = 0.3 * STEPS, np.sqrt(0.21 * STEPS)
    assert abs(count.mean() - expected) < 5 * deviation / np.sqrt(N)
    assert abs(count.std() - deviation) < 5 * deviation / np.sqrt(2 * N)


def test_streams_follow_from_the_seed(drawn):
    (u, _, count), (again, _, counted), (other, _, _) = drawn(1), drawn(1), drawn(2)
    np.testing.assert_array_equal(u, again)
    np.testing.assert_array_equal(count, counted)
    assert not np.isin(u.ravel(), other.ravel()).any()


# --- What is refused, and what users may add ----------------------------------------------


def test_threads_of_openmp_are_refused():
    """Their share of the synapses would be left out."""
    prefs.devices.cpp_standalone.openmp_threads = 2
    try:
        with pytest.raises(ValueError, match="openmp_threads is 2: set it to 0"):
            tiny_memory().recall(np.zeros((1, 9)))
    finally:
        prefs.devices.cpp_standalone.openmp_threads = 0


def test_monitors_and_clocks_of_their_own():
    """Two clocks in one program, whose monitors are read as in Brian2."""
    monitors = {}

    def make_circuit() -> Circuit:
        group = NeuronGroup(3, "dx/dt = 1*Hz : 1", threshold="x > 0.0035", reset="x = 0", method="euler",
                            name="group", clock=defaultclock, namespace={"Hz": Hz})  # fmt: skip
        monitors["spikes"] = SpikeMonitor(group, name="spikes")
        slower = 2 * defaultclock.dt
        monitors["states"] = StateMonitor(group, "x", record=[0, 2], dt=slower, name="states")
        objects = {"group": group}
        return Circuit(Network(group, *monitors.values()), objects)

    defaultclock.dt = 1 * ms
    try:
        process = build(make_circuit).start()
        process.run(10)
        np.testing.assert_allclose(monitors["spikes"].t / ms, [3] * 3 + [7] * 3)
        assert monitors["states"].x.shape == (2, 5)
        np.testing.assert_allclose(monitors["states"].t / ms, [0, 2, 4, 6, 8])
        process.seek(4)
        process.run(3)
        np.testing.assert_allclose(monitors["states"].t / ms, [0, 2, 4, 6, 8, 4, 6])
        process.close()
    finally:
        defaultclock.dt = 0.1 * ms


@pytest.mark.skipif(not hasattr(NeuronGroup, "run_at"), reason="Brian2 knows no given times before 2.10")
def test_statements_at_given_times():
    """Their clock has no step, and goes on from where the time is set to."""

    def make_circuit() -> Circuit:
        group = NeuronGroup(3, "x : 1\nsteps : 1", name="group", clock=defaultclock, namespace={})
        group.run_at("x += 1", times=[0.2, 0.3, 0.7] * ms)  # 3 * 0.1 ms is more than 0.3 ms
        group.run_regularly("steps += 1")
        return Circuit(Network(group), {"group": group})

    process = build(make_circuit).start()
    seen = []
    for _ in range(9):
        process.run(1)
        seen.append(float(process.get("group.x")[0]))
    assert seen == [0, 0, 1, 2, 2, 2, 2, 3, 3]
    np.testing.assert_array_equal(process.get("group.steps"), 9)
    process.seek(3)
    process.run(2)
    np.testing.assert_array_equal(process.get("group.x"), 4)
    np.testing.assert_array_equal(process.get("group.steps"), 11)
    process.close()
