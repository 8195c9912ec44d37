"""Single synapses: closed forms against integrators, and the curves of both rules."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import Hz, ms, prefs, second
from reference import DenseTraces, z_trace
from scipy.integrate import solve_ivp

from cortical_bcpnn.biophysical.rules import AbstractRule, BiophysicalRule
from cortical_bcpnn.biophysical.single_synapse import weights_against_rates, weights_against_timing

pytestmark = pytest.mark.usefixtures("numpy_target")


def spike_trains(steps: int, synapses: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random spikes, of which both cells of every synapse fire one at the same time."""
    rng = np.random.default_rng(seed)
    trains = rng.random((2, steps, synapses)) < 0.06
    trains[:, steps // 2] = True
    return trains[0], trains[1]


def integrated(rule: BiophysicalRule, pre: np.ndarray, post: np.ndarray) -> np.ndarray:
    """p_i, p_j and p_ij of one synapse by an adaptive integrator, one time step at a time."""
    tau_i, tau_j, tau_p = (float(t) for t in (rule.tau_zi, rule.tau_zj, rule.tau_p))
    eps, f_max = rule.epsilon, float(rule.f_max)

    def slope(_, y):
        z = np.array([y[0], y[1], y[0] * y[1]])
        e, p = y[2:5], y[5:8]
        de = (z - e) / float(rule.tau_e) if rule.tau_e is not None else np.zeros(3)
        dp = rule.kappa * ((e if rule.tau_e is not None else z) - p) / tau_p
        return [(eps - y[0]) / tau_i, (eps - y[1]) / tau_j, *de, *dp]

    start = rule.p_start
    y = np.array([eps, eps, eps, eps, eps**2, start, start, start**2])
    for before, after in zip(pre, post):
        y = solve_ivp(slope, (0, float(rule.dt)), y, rtol=1e-10, atol=1e-14).y[:, -1]
        y[0] += before / (f_max * tau_i)
        y[1] += after / (f_max * tau_j)
    return y[5:8]


@pytest.mark.parametrize(
    "rule",
    [
        BiophysicalRule(tau_p=0.8 * second),
        BiophysicalRule(tau_zi=20 * ms, tau_zj=9 * ms, tau_p=0.5 * second, kappa=2.0),
        BiophysicalRule(tau_zi=20 * ms, tau_zj=9 * ms, tau_e=50 * ms, tau_p=0.5 * second, kappa=0.5),
        BiophysicalRule(tau_e=200 * ms, tau_p=0.8 * second),
    ],
    ids=["network", "two z", "two z and e", "e"],
)
def test_event_driven_traces_are_those_of_an_integrator(rule):
    """1e-7: the closed form is exact, the integrator is good to 1e-10 a step."""
    pre, post = spike_trains(150, 4)
    outcome = rule.run(pre, post)
    expected = np.array([integrated(rule, i, j) for i, j in zip(pre.T, post.T)]).T
    np.testing.assert_allclose([outcome.p_i, outcome.p_j, outcome.p_ij], expected, rtol=1e-7)


def test_traces_do_not_depend_on_the_time_step():
    """The same spikes on a grid five times as fine (1e-10)."""
    pre, post = spike_trains(80, 3)
    fine = [np.zeros((400, 3), bool) for _ in range(2)]
    for coarse, train in zip((pre, post), fine):
        train[4::5] = coarse
    first = BiophysicalRule(tau_e=40 * ms).run(pre, post)
    second_ = BiophysicalRule(tau_e=40 * ms, dt=0.2 * ms).run(*fine)
    np.testing.assert_allclose(first.weights, second_.weights, rtol=1e-10, atol=1e-12)


def test_without_print_now_nothing_is_learned():
    outcome = BiophysicalRule(kappa=0.0).run(*spike_trains(200, 3))
    np.testing.assert_allclose(outcome.weights, 0, atol=1e-12)
    np.testing.assert_allclose(outcome.biases, np.log(0.05), rtol=1e-12)


@pytest.mark.parametrize("step", [1, 25])
def test_abstract_rule_is_that_of_the_abstract_network(step):
    """1e-12 against dense NumPy, with p stepped every ms and every 25 ms."""
    pre, post = spike_trains(100, 3)
    rule = AbstractRule(tau_p=0.5 * second, step=step * ms)
    z = [z_trace(train, np.full(3, 1e-7), dt=1e-3, tau_z=20e-3, f_max=100.0, epsilon=1e-7)
         for train in (pre, post)]  # fmt: skip
    dense = DenseTraces(1.0, np.full(3, 0.05), np.full(3, 0.05), np.full((3, 3), 0.0025))
    for time in range(step - 1, 100, step):
        dense.step(z[0][time], z[1][time], step * 1e-3 / 0.5)
    outcome = rule.run(pre, post)
    np.testing.assert_allclose(outcome.weights, np.diag(dense.weights), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(outcome.biases, dense.bias, rtol=1e-12)


@pytest.mark.long
@pytest.mark.parametrize(
    "rule", [BiophysicalRule(), AbstractRule(step=5 * ms)], ids=["twin", "abstract"]
)
def test_rules_are_the_same_when_compiled(rule):
    """1e-12 between NumPy and Cython; protocols run them in NumPy, users may not."""
    trains = spike_trains(100, 3)
    expected = rule.run(*trains)
    prefs.codegen.target = "cython"  # until numpy_target puts back what was
    compiled = rule.run(*trains)
    for name in ("p_i", "p_j", "p_ij"):
        np.testing.assert_allclose(getattr(compiled, name), getattr(expected, name), rtol=1e-12)


RULES = pytest.mark.parametrize("rule", [BiophysicalRule(), AbstractRule()], ids=["twin", "abstract"])


@RULES
def test_weights_are_largest_for_coincident_spikes_and_symmetric(rule):
    """Equal time constants on both sides: the same weight whoever fires first.

    Up to 0.01, since a spike earlier or later is also forgotten for some ms more or less.
    """
    curve = weights_against_timing(rule, [-40, -20, -5, 0, 5, 20, 40], pairs=5)
    np.testing.assert_allclose(curve, curve[::-1], atol=0.01)
    assert (np.diff(curve[:4]) > 0).all() and curve[0] > 0


def test_a_longer_presynaptic_trace_prefers_pre_before_post():
    rule = BiophysicalRule(tau_zi=50 * ms, tau_zj=5 * ms)
    before, after = weights_against_timing(rule, [20, -20], pairs=5)
    assert before > after + 0.5


@RULES
def test_weights_grow_with_joint_rates_and_fall_with_one_sided_ones(rule):
    """At 0 and at f_max for 500 ms; means of 20 trains, whose standard error is below 0.15."""
    rates = [0, float(rule.f_max) / 2]
    weights = weights_against_rates(rule, rates, rates, 500 * ms)
    assert weights[1, 1] > 0.3
    assert weights[0, 1] < -0.3 and weights[1, 0] < -0.3


def test_trains_follow_the_seed():
    first, again, other = (
        weights_against_rates(BiophysicalRule(), [20], [20], 100 * ms, trials=3, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == again and first != other


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: BiophysicalRule(tau_e=5 * ms), "tau_e is 5. ms, which coincides"),
        (lambda: BiophysicalRule(tau_p=2.5 * ms), "tau_p is 2.5 ms, which coincides"),
        (lambda: BiophysicalRule(kappa=-1), "kappa is -1: give 0 or more"),
        (lambda: BiophysicalRule(p_start=0), "p_start is 0: give a number between 0 and 1"),
        (lambda: BiophysicalRule(f_max=0 * Hz), "f_max is 0. Hz: give one positive"),
        (lambda: AbstractRule(step=1.5 * ms), "step is 1.5 ms: give a multiple of dt"),
        (lambda: AbstractRule(tau_z=0.5 * ms), "tau_z is 0.5 ms: give at least dt"),
        (lambda: AbstractRule().run(np.zeros((5, 2)), np.zeros((5, 3))), "spike trains have shapes"),
        (lambda: weights_against_rates(AbstractRule(), [-1], [1], 1 * second), "pre are .*give rates"),
        (lambda: weights_against_timing(AbstractRule(), [300]), "differences are .*half the interval"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
