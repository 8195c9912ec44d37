"""The family of rules with a factor for each logarithm: BCPNN in it, and directions that do nothing."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import ms, prefs

from cortical_bcpnn import Architecture, AssociativeMemory, Phase, Population, Projection
from cortical_bcpnn.model.plasticity import LOGARITHMS

FAN_IN = 3
PATTERNS = np.random.default_rng(2).random((6, 4))


@pytest.fixture(scope="module", autouse=True)
def numpy_target():
    """Nothing is compiled."""
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield
    prefs.codegen.target = before


def learned(rule) -> AssociativeMemory:
    """Four pixels, of which each of two hidden hypercolumns sees three."""
    architecture = Architecture(
        (Population("INP", 4, 2), Population("HID", 2, 3)),
        (Projection("feedforward", "INP", "HID", FAN_IN, False, "post"),),
        learning=(Phase(5 * ms, ("INP",), {"feedforward": 1.0}),),
    )
    memory = AssociativeMemory(
        architecture=architecture, device="runtime", variant="rate-ff", plasticity=rule, tau_p=8 * ms,
        seed=4,
    )
    return memory.learn(PATTERNS, epochs=2)


def recalled(memory: AssociativeMemory) -> np.ndarray:
    """z of HID in recall of the patterns."""
    return memory.recall(PATTERNS, until="feedforward").z["feedforward"]["HID"]


def hidden(rule) -> np.ndarray:
    """The same, of a network that has learned by a rule."""
    return recalled(learned(rule))


def family(**factors: float):
    return LOGARITHMS.changed(parameters=factors)


@pytest.fixture(scope="module")
def published() -> AssociativeMemory:
    return learned("BCPNN")


@pytest.fixture(scope="module")
def bcpnn(published) -> np.ndarray:
    return recalled(published)


def test_at_the_factors_of_bcpnn_it_is_bcpnn(published, bcpnn):
    same = learned(LOGARITHMS)
    rule = same.parameters.rule_of("feedforward")
    assert not rule.logarithmic
    q, expected = (memory.traces["feedforward"].q for memory in (same, published))
    np.testing.assert_allclose(q, expected, rtol=1e-5)
    np.testing.assert_allclose(same.weights("feedforward"), published.weights("feedforward"), rtol=1e-4,
                               atol=1e-5)  # fmt: skip
    np.testing.assert_allclose(same.biases("feedforward"), published.biases("feedforward"), rtol=1e-6)
    np.testing.assert_allclose(recalled(same), bcpnn, rtol=1e-4, atol=1e-9)
    assert np.ptp(bcpnn, axis=1).max() > 0.1, "HID is not indifferent"


def test_what_all_of_a_hypercolumn_have_is_cancelled_by_softmax(bcpnn):
    np.testing.assert_allclose(hidden(family(theta_2=1.5, theta_4=-2)), bcpnn, rtol=1e-3, atol=1e-8)


def test_the_factor_of_log_p_j_and_that_of_the_bias_are_one(bcpnn):
    """As z of every input hypercolumn sum to 1, but for the floor and where emission is cut off."""
    merged = hidden(family(theta_3=-0.5, theta_b=1 - 0.5 * FAN_IN))
    np.testing.assert_allclose(merged, bcpnn, atol=2e-3)
    alone = hidden(family(theta_3=-0.5))
    assert np.abs(alone - bcpnn).max() > 0.05, "which one of them is not"


def test_weights_and_biases_are_what_they_say(published):
    """Against NumPy, of all pairs."""
    traces = published.traces["feedforward"]
    rule = family(theta_1=0.7, theta_2=-0.2, theta_3=-1.1, theta_4=0.4, theta_b=0.9)
    p_ij, p_i, p_j = traces.joint(), traces.p_pre[:, None], traces.p_post
    w = 0.7 * np.log(p_ij) - 0.2 * np.log(p_i) - 1.1 * np.log(p_j) + 0.4 * np.log(traces.p)
    np.testing.assert_allclose(traces.weights(rule), w, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(traces.biases(rule), 0.9 * np.log(p_j / traces.p), rtol=1e-9)
