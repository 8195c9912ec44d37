"""Minicolumns of rates among spiking ones, and a rule of its own for one projection, step by step.

INP and OUT spike, HID has rates. HID learns by BCPNN, OUT by covariances, of other gains from HID
and from INP, which both rules call gain.
"""

from __future__ import annotations

import numpy as np
import pytest
import reference
from brian2 import ms, second
from comparing import assert_same, assert_same_recall
from reference import DenseTraces
from tiny import Recording, RecordingSimulation, record

from cortical_bcpnn import (
    COVARIANCE,
    RATE,
    Architecture,
    AssociativeMemory,
    Phase,
    Population,
    Projection,
    store,
)
from cortical_bcpnn.learned.checkpoints import NoCheckpoints
from cortical_bcpnn.learning import Learner
from cortical_bcpnn.recall import _empty_result, _State

LAYERS = Architecture(
    (Population("INP", 9, 2), Population("HID", 4, 5), Population("OUT", 1, 3)),
    (Projection("up", "INP", "HID", 5, True), Projection("readout", "HID", "OUT", 4, False),
     Projection("direct", "INP", "OUT", 9, False)),
)  # fmt: skip
FAINT = COVARIANCE.changed(name="faint", bias="log(gain*p_j/p)", parameters={"gain": 7.0})
MIXED = {"minicolumn": {"HID": "rate"}, "plasticity": {"readout": COVARIANCE, "direct": FAINT}}
TRANSMITTING = {"up": 1.0, "readout": 0.5, "direct": 0.3}
LEARNING = [Phase(6 * ms, ("INP",), TRANSMITTING)]
RECALL = [Phase(40 * ms, ("INP",), TRANSMITTING, read="end")]
EXACT = {"rtol": 1e-9, "atol": 1e-11}
SPIKING = ("INP", "OUT")


def network(**parameters) -> AssociativeMemory:
    given = {"variant": "spspk-full", "tau_p": 40 * ms, "rewire_every": 0, "seed": 3, "z_min": 0.0}
    given |= {"emission_min": 0.0, "precision": "float64", **MIXED}
    return AssociativeMemory(architecture=LAYERS, **{**given, **parameters})


def state_of(memory: AssociativeMemory) -> list[str]:
    names = [f"{p.name}.{v}" for p in LAYERS.populations for v in ("s", "z", "spike_count")]
    names += [f"{p.post}.{v}_{p.name}" for p in LAYERS.projections for v in "Ib"]
    return names


@pytest.fixture(scope="module")
def learned(patterns):
    """Learning step by step, and dense traces before it. Do not change it."""
    memory = network()
    initial = {name: DenseTraces.of(state) for name, state in memory.traces.items()}
    (simulation,) = memory._start(LEARNING, plastic=True)
    stimuli = {"INP": patterns}
    run = memory.plan(stimuli, epochs=2, protocol=LEARNING)
    try:
        recording = RecordingSimulation(simulation, state_of(memory))
        Learner(memory, recording, run, NoCheckpoints()).learn(stimuli, False, None)
    finally:
        simulation.close()
    (values,), (steps,) = recording.values, recording.learned
    yield Recording(memory, values, steps), initial
    memory.close()


@pytest.fixture(scope="module")
def recalled(learned, patterns) -> Recording:
    """Recall step by step, after that learning."""
    memory = learned[0].memory
    simulation = memory._recalling(1)[0]
    simulation.seed(8)
    arguments = simulation, memory.architecture, memory.parameters, RECALL
    result = _empty_result(*arguments[1:], 1, ["INP", "HID", "OUT"], ())
    cued = _State(*arguments).recall({"INP": patterns[:1]}, 0, result, ())
    return Recording(memory, *record(simulation, cued, 40, state_of(memory)))


@pytest.fixture(params=["learned", "recalled"])
def recording(request) -> Recording:
    found = request.getfixturevalue(request.param)
    return found[0] if isinstance(found, tuple) else found


def per_spike(memory: AssociativeMemory) -> float:
    """What a spike adds to z."""
    variant = memory.parameters.variant
    return (1 - memory.parameters.epsilon) / float(variant.f_max * variant.tau_z)


def test_some_emit_spikes_and_others_their_expectation(recording):
    """f_max dt times the softmax of the support, in every time step; z filters what is emitted."""
    memory = recording.memory
    variant, epsilon = memory.parameters.variant, memory.parameters.epsilon
    expected = float(variant.f_max) * 1e-3 * reference.softmax(recording["HID.s"], 5)
    np.testing.assert_allclose(recording.spikes("HID"), expected, **EXACT)
    for name in SPIKING:
        assert recording[f"{name}.spike_count"].dtype == np.int32
        assert set(np.unique(recording.spikes(name))) == {0, 1}
    for population in LAYERS.populations:
        spikes = recording.spikes(population.name)
        expected = reference.z_trace(
            spikes, np.full(spikes.shape[1], epsilon), dt=1e-3, tau_z=float(variant.tau_z),
            f_max=float(variant.f_max), epsilon=epsilon,
        )  # fmt: skip
        np.testing.assert_allclose(recording[f"{population.name}.z"], expected, **EXACT)


def formulas(name: str, traces: DenseTraces) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of a projection, from its traces."""
    if name == "up":
        return traces.weights, traces.bias
    covariance = traces.joint / traces.p - np.outer(traces.p_pre, traces.p_post) / traces.p**2
    if name == "readout":
        return 100 * covariance, np.zeros_like(traces.p_post)
    return 7 * covariance, np.log(7) + traces.bias


@pytest.mark.parametrize("projection", LAYERS.projections, ids=lambda p: p.name)
def test_each_projection_learns_by_its_rule(learned, projection):
    """Transmission by the weights of the moment, biases after every step, traces at the end."""
    recording, initial = learned
    memory, name, traces = recording.memory, projection.name, initial[projection.name]
    z = [recording[f"{end}.z"] for end in (projection.pre, projection.post)]
    mask = reference.expanded(memory.connections(name), *memory.traces[name].minicolumns)
    emitted = per_spike(memory) * recording.spikes(projection.pre)
    decay, current = 1 - 1e-3 / float(memory.parameters.variant.tau_z), 0.0
    weights, bias = formulas(name, traces)
    weights = weights * mask
    for step, learns in enumerate(recording.learned):
        current = current * decay + emitted[step] @ weights
        np.testing.assert_allclose(recording[f"{projection.post}.I_{name}"][step], current, **EXACT)
        if learns:
            traces.step(z[0][step], z[1][step], memory.parameters.kappa)
            weights, bias = formulas(name, traces)
            weights = weights * mask
            np.testing.assert_allclose(recording[f"{projection.post}.b_{name}"][step], bias, **EXACT)
    np.testing.assert_allclose(memory.traces[name].joint(), traces.joint, **EXACT)
    weights, bias = formulas(name, traces)
    np.testing.assert_allclose(memory.weights(name), weights, **EXACT)
    np.testing.assert_allclose(memory.biases(name), bias, **EXACT)
    assert recording.learned.sum() == 24 and np.abs(weights).max() > 0.3


@pytest.mark.parametrize("projection", LAYERS.projections, ids=lambda p: p.name)
def test_recall_transmits_what_the_source_emits(recalled, projection):
    memory, name = recalled.memory, projection.name
    mask = reference.expanded(memory.connections(name), *memory.traces[name].minicolumns)
    emitted = per_spike(memory) * recalled.spikes(projection.pre) @ (memory.weights(name) * mask)
    decay, current = 1 - 1e-3 / float(memory.parameters.variant.tau_z), 0.0
    for step, now in enumerate(emitted):
        current = current * decay + now
        np.testing.assert_allclose(recalled[f"{projection.post}.I_{name}"][step], current, **EXACT)


def test_recall_has_spikes_of_those_that_spike(learned, patterns):
    recall = learned[0].memory.recall(patterns[:2], protocol=RECALL, over_time=True)
    kinds = {name: counts.dtype for name, counts in recall.spike_counts["end"].items()}
    assert kinds == {"INP": np.int32, "HID": np.float32, "OUT": np.int32}
    assert set(recall.spikes_over_time) == set(SPIKING) and set(recall.z_over_time) == set(kinds)
    for name in SPIKING:
        spikes = recall.spikes_over_time[name].sum(axis=1)
        np.testing.assert_array_equal(spikes, recall.spike_counts["end"][name])
    np.testing.assert_allclose(recall.rates("HID", "end").reshape(2, 4, 5).sum(axis=2), 100, rtol=1e-5)


def test_files_and_checkpoints_bring_all_back(learned, patterns, tmp_path):
    """Loaded, and resumed in the midst of learning, bit by bit."""
    memory = learned[0].memory
    memory.save(tmp_path / "network.h5")
    with AssociativeMemory.load(
        tmp_path / "network.h5", plasticity={"direct": FAINT}
    ) as loaded:
        assert_same(loaded, memory)
        assert loaded.parameters == memory.parameters
        assert_same_recall(loaded, memory, {"INP": patterns[:2]})

    def stop(memory):
        if memory.n_learned == 8:
            raise KeyboardInterrupt

    arguments = {"patterns": {"INP": patterns}, "epochs": 2, "protocol": LEARNING}
    kept = {"checkpoints": tmp_path / "kept", "checkpoint_every": 0 * second}
    often = {"rewire_every": 4}
    with network(**often) as stopped, network(**often) as whole, network(**often) as resumed:
        with pytest.raises(KeyboardInterrupt):
            stopped.learn(**arguments, **kept, on_segment=stop)
        with pytest.raises(ValueError, match="model 'rate' of HID, whose .* are not those of"):
            network(**often, minicolumn="Poisson").learn(**arguments, **kept, resume=True)
        with pytest.raises(ValueError, match="rule 'covariance' of readout, whose .*weight"):
            network(**often, plasticity="BCPNN").learn(**arguments, **kept, resume=True)
        assert_same(resumed.learn(**arguments, **kept, resume=True), whole.learn(**arguments))


def test_the_store_tells_them_apart(monkeypatch, tmp_path, patterns):
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path))
    monkeypatch.setattr(AssociativeMemory, "learn", lambda self, *_, **__: self)
    mixed = {"minicolumn": {"HID": RATE}, "plasticity": {"readout": COVARIANCE}}
    spelled = {"minicolumn": {"INP": "Poisson", "HID": RATE}, "plasticity": {"readout": "covariance"}}
    others = [{}, {"minicolumn": "Poisson"}, {"minicolumn": "rate"}, {"plasticity": "BCPNN"},
              {"minicolumn": {"OUT": RATE}}, {"plasticity": {"direct": COVARIANCE}}]  # fmt: skip
    for parameters in (*others, {}, spelled):
        given = network(**{**mixed, **parameters})
        assert store.learn_or_load(given, {"INP": patterns}).n_learned == 0
    assert len(store.stored_networks()) == len(others)
