"""A classifier recalled by other dynamics: OUT that is held, other models and rates, noisy weights."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import Hz, ms, prefs

from cortical_bcpnn import ACCUMULATING, ESCAPE, POISSON, AssociativeMemory
from cortical_bcpnn.analysis.deciding import (
    add_weight_noise,
    decision_protocol,
    gated,
    held_pattern,
)
from cortical_bcpnn.model.architectures import classifier
from cortical_bcpnn.model.minicolumns import ACCUMULATING_ESCAPE
from cortical_bcpnn.other_dynamics import recalled_as

IMAGES = np.random.default_rng(0).random((12, 4))


@pytest.fixture(scope="module")
def memory():
    """A classifier that has learned three classes; OUT of escape noise learns as well."""
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    network = classifier(4, 3, hidden=(4, 5), fan_in=3)
    with AssociativeMemory(architecture=network, variant="spk-ff", tau_p=12 * ms, seed=2,
                           minicolumn={"OUT": ESCAPE}, device="runtime") as memory:  # fmt: skip
        memory.learn({"INP": IMAGES, "OUT": np.arange(12) % 3})
        yield memory
    prefs.codegen.target = before


def test_models_learn_what_is_clamped(memory):
    """With escape noise of theta = 0 the minicolumn of the label fires at f_max/2: weights are real."""
    joint = memory.traces["readout"].joint().sum(axis=0) / 4  # of four hypercolumns
    assert (joint > 0.05).all() and np.ptp(memory.weights("readout")) > 1


@pytest.mark.parametrize(
    "model", [ACCUMULATING, ACCUMULATING_ESCAPE.changed(parameters={"theta": -60.0})],
    ids=lambda model: model.name,
)  # fmt: skip
def test_out_is_silent_until_it_is_opened(memory, model):
    with recalled_as(memory, {"OUT": gated(model)}) as other:
        protocol = decision_protocol(other, 10 * ms, 20 * ms, gain=2.0)
        assert [phase.gains["readout"] for phase in protocol] == [2.0] * 3
        cues = {"INP": IMAGES[:2], "OUT": held_pattern(other, 2)}
        recall = other.recall(cues, protocol=protocol, over_time=["OUT"])
    spikes = recall.spikes_over_time["OUT"]
    assert not spikes[:, :35].any() and spikes[:, 35:].any()
    if model is not ACCUMULATING:  # far above theta: f_max, a spike of each in every time step
        assert spikes[:, 37:].all()
    assert set(recall.z) == {"opening", "end"}


def test_a_population_that_is_never_held_is_given_nothing(memory):
    protocol = decision_protocol(memory, 0 * ms, 20 * ms)
    assert [phase.clamped for phase in protocol] == [(), ("INP",)]
    with pytest.raises(ValueError, match="since is 'shut', the name of no phase: choose from gap, open"):
        memory.recall({"INP": IMAGES[:1]}, protocol=protocol, over_time=["OUT"], since="shut")


def test_other_dynamics_recall_what_was_learned(memory):
    with recalled_as(memory, {"OUT": POISSON}, f_max=200 * Hz) as other:
        assert other.parameters.variant.f_max == 200 * Hz and other.n_learned == 12
        assert other.parameters.minicolumn_of("OUT") is POISSON
        np.testing.assert_array_equal(other.weights("readout"), memory.weights("readout"))
    assert memory.parameters.minicolumn_of("OUT") is ESCAPE


@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_weight_noise_is_as_large_as_it_says(memory, kind):
    """Of both ways that traces are kept; biases and the first network stay as they are."""
    before = {name: memory.weights(name).copy() for name in memory.traces}
    with recalled_as(memory, {}) as noisy, recalled_as(memory, {}) as same:
        add_weight_noise(noisy, 0.2, 5, kind)
        add_weight_noise(same, 0.2, 5, kind)
        for name, w in before.items():
            changed = noisy.weights(name)
            np.testing.assert_array_equal(changed, same.weights(name))
            xi = (changed - w) / (w if kind == "multiplicative" else 1)
            xi = xi[np.abs(w) > 0.01]
            assert xi.std() == pytest.approx(0.2, rel=4 / np.sqrt(2 * xi.size))
            assert abs(xi.mean()) < 4 * 0.2 / np.sqrt(xi.size)
            np.testing.assert_array_equal(noisy.biases(name), memory.biases(name))
            np.testing.assert_array_equal(memory.weights(name), w)
