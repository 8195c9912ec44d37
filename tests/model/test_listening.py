"""Recurrence by how sure hypercolumns are, and over a time of its own, step by step against NumPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms, prefs
from reference import expanded
from tiny import tiny_memory

from cortical_bcpnn import RATE, AssociativeMemory, Phase
from cortical_bcpnn.experiments.ways_of_listening import WAYS_TO_LISTEN, WayToListen
from cortical_bcpnn.learned.confidence import confidence, usual_confidence
from cortical_bcpnn.listening import by_confidence
from cortical_bcpnn.model.listening import Listening, listening_by_confidence, recurrence_over
from cortical_bcpnn.other_dynamics import recalled_as

M = 5
TAU_M, TAU_Z = 2.0, 4.0  # in time steps
PHASES = [
    Phase(12 * ms, ("INP",), {"feedforward": 0.8, "feedback": 1.0}, read="feedforward"),
    Phase(15 * ms, ("INP",), {"feedforward": 0.8, "recurrent": 0.6, "feedback": 1.0}, read="attractor"),
]
CUE = np.random.default_rng(4).random((1, 9))
LISTENING = Listening(sure=0.1, unsure=1.7, threshold=-0.3, steepness=2.0)
USUAL, SPREAD = -0.2, 0.4


@pytest.fixture(scope="module", autouse=True)
def in_numpy():
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield
    prefs.codegen.target = target


def memory_of(variant="rate-calibrated", **changed) -> AssociativeMemory:
    memory = tiny_memory(variant=variant, device="runtime", **changed)
    slow = replace(memory.parameters.variant, tau_m=TAU_M * ms, tau_z=TAU_Z * ms)
    return tiny_memory(variant=slow, device="runtime", emission_min=0.0, **changed)


@pytest.fixture(scope="module")
def learned(in_numpy) -> AssociativeMemory:
    """Rates, after some patterns."""
    return memory_of().learn(np.random.default_rng(1).random((12, 9)))


def softmax(s: np.ndarray) -> np.ndarray:
    activation = np.exp(s.reshape(-1, M) - s.reshape(-1, M).max(axis=1, keepdims=True))
    return (activation / activation.sum(axis=1, keepdims=True)).ravel()


def recalled(memory, z_inp: np.ndarray, by_confidence: bool, slower: float) -> np.ndarray:
    """z of HID in every time step, from that of INP: the equations once more, in NumPy.

    What INP emits in a step is what its z has gained; projections pass on what is emitted.
    """
    parts = {}
    for name in ("feedforward", "recurrent"):
        connected = expanded(memory.connections(name), 2 if name == "feedforward" else M, M)
        parts[name] = memory.weights(name) * connected, memory.biases(name)
    epsilon, per_step = memory.parameters.epsilon, 1 / TAU_Z
    ff, rec, s, z = np.zeros(20), np.zeros(20), np.zeros(20), np.full(20, epsilon)
    before, listening, found = np.full(18, epsilon), np.zeros(4), []
    for step, now in enumerate(z_inp):
        recurrent = 0.6 if step >= 12 else 0.0
        drive = 0.8 * (parts["feedforward"][1] + ff)
        factor = np.repeat(listening, M) if by_confidence else 1.0
        drive = drive + factor * recurrent * (parts["recurrent"][1] + rec / slower)
        s = s + (drive - s) / TAU_M
        own_time = 1 - per_step / slower
        ff, rec = ff * (1 - per_step), rec * own_time
        # confidence of what has come in until now; it decides the next step
        support = (parts["feedforward"][1] + ff).reshape(4, M)
        log_partition = np.log(np.exp(support).sum(axis=1))
        given = LISTENING
        z_score = (log_partition - USUAL) / SPREAD
        listening = given.sure + (given.unsure - given.sure) / (
            1 + np.exp(given.steepness * (z_score - given.threshold))
        )
        emitted = softmax(s) * (1 - epsilon) * per_step
        gained = now - before - (epsilon - before) * per_step
        z, before = z + (epsilon - z) * per_step + emitted, now
        ff = ff + gained @ parts["feedforward"][0]
        rec = rec + emitted @ parts["recurrent"][0]
        found.append(z)
    return np.array(found)


@pytest.mark.parametrize("by_confidence, slower", [(True, 1.0), (False, 3.0)])
def test_equations_step_by_step(learned, by_confidence, slower):
    if by_confidence:
        model = listening_by_confidence(RATE, LISTENING, USUAL, SPREAD)
    else:
        model = recurrence_over(RATE, TAU_Z * ms, slower * TAU_Z * ms)
    recall = recalled_as(learned, {"HID": model}).recall(CUE, protocol=PHASES, over_time=True)
    expected = recalled(learned, recall.z_over_time["INP"][0].astype(float), by_confidence, slower)
    np.testing.assert_allclose(recall.z_over_time["HID"][0], expected, rtol=1e-4, atol=1e-6)
    plain = learned.recall(CUE, protocol=PHASES).z["attractor"]["HID"][0]
    assert np.abs(plain - expected[-1]).max() > 1e-3


def test_equal_gains_are_the_calibrated_recall():
    """Spikes for spikes; so is a time constant that is that of z."""
    memory = memory_of("spk-calibrated").learn(np.random.default_rng(2).random((2, 9)))
    plain = memory.recall(CUE, protocol=PHASES)
    equal = Listening(sure=1.0, unsure=1.0)
    model = memory.parameters.minicolumn_of("HID")
    for other in (listening_by_confidence(model, equal, USUAL, SPREAD),
                  recurrence_over(model, TAU_Z * ms, TAU_Z * ms)):  # fmt: skip
        recall = recalled_as(memory, {"HID": other}).recall(CUE, protocol=PHASES)
        for population in ("HID", "INPRC"):
            np.testing.assert_array_equal(
                recall.spike_counts["attractor"][population], plain.spike_counts["attractor"][population]
            )
            np.testing.assert_allclose(
                recall.z["attractor"][population], plain.z["attractor"][population], rtol=1e-6
            )


def test_confidence_is_the_log_partition(learned):
    """Summed up over the minicolumns of each hypercolumn, connections and all."""
    z = np.random.default_rng(3).random((7, 18))
    found = confidence(learned, z)
    weights, mask = learned.weights("feedforward"), learned.connections("feedforward")
    for h in range(4):
        total = 0.0
        for j in range(h * M, h * M + M):
            heard = sum(z[:, i] * weights[i, j] for i in range(18) if mask[i // 2, h])
            total = total + np.exp(learned.biases("feedforward")[j] + heard)
        np.testing.assert_allclose(found[:, h], np.log(total), rtol=1e-5)
    usual, spread = usual_confidence(learned, z)
    assert usual == pytest.approx(found.mean())
    assert spread == pytest.approx(np.mean([found[:, h].std() for h in range(4)]))


def test_what_cannot_be_told_is_said(learned):
    with pytest.raises(ValueError, match="z is of 1 pattern: give two or more"):
        usual_confidence(learned, np.ones((1, 18)))
    with pytest.raises(ValueError, match="as sure of one pattern as of the next"):
        usual_confidence(tiny_memory(device="runtime"), np.random.default_rng(1).random((3, 18)))


def test_ways(learned):
    """Gains are shares of the calibrated one, and a network that listens as before is the same."""
    gain = WAYS_TO_LISTEN["calibrated"].protocol(learned)[-1].gains["recurrent"]
    half = WAYS_TO_LISTEN["half the gain"].protocol(learned)[-1].gains["recurrent"]
    assert 0 < half == pytest.approx(gain / 2)
    z = np.random.default_rng(5).random((4, 18))
    assert WayToListen().network(learned, z) is learned
    own = WayToListen(listening=LISTENING).network(learned, z)
    parameters = own.parameters.minicolumn_of("HID").parameters
    assert (parameters["usual"], parameters["spread"]) == usual_confidence(learned, z)
    assert parameters["unsure"] == LISTENING.unsure
    assert own.weights("recurrent") == pytest.approx(learned.weights("recurrent"))


def test_patterns_show_what_is_usual(learned):
    patterns = np.random.default_rng(6).random((3, 9))
    z = learned.recall(patterns, until="feedforward").z["feedforward"]["INP"]
    model = by_confidence(learned, patterns, LISTENING).parameters.minicolumn_of("HID")
    assert model == listening_by_confidence(RATE, LISTENING, *usual_confidence(learned, z))


def test_files_know_the_model(learned, tmp_path):
    """Loaded with the same model it recalls the same; without, the model is named."""
    model = listening_by_confidence(RATE, LISTENING, USUAL, SPREAD)
    memory = recalled_as(learned, {"HID": model})
    memory.save(tmp_path / "own.h5")
    with pytest.raises(ValueError, match="listening by confidence"):
        AssociativeMemory.load(tmp_path / "own.h5", device="runtime")
    loaded = AssociativeMemory.load(tmp_path / "own.h5", device="runtime", minicolumn={"HID": model})
    assert loaded.parameters.minicolumn_of("HID") == model
    assert loaded.weights("feedforward") == pytest.approx(memory.weights("feedforward"))
