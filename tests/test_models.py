"""Shipped minicolumn models and plasticity rules against NumPy, step by step, in C++.

Two networks cover them: one of adapting minicolumns whose E traces learn in every time step by a
print-now signal, one of integrate-and-fire minicolumns under the covariance rule. (The published
model and rule are tested in test_population, test_projection and test_traces.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from brian2 import ms, mV
from tiny import MINICOLUMNS, RecordingSimulation, record, teach, tiny_memory

from cortical_bcpnn import ADAPTIVE, COVARIANCE, ELIGIBILITY, LIF, AssociativeMemory, Phase
from cortical_bcpnn.recall import _empty_result, _State

EXACT = {"rtol": 1e-9, "atol": 1e-12}
DT = 1e-3
#: The print-now signal is off at first, and on in two strengths.
LEARNING = [
    Phase(3 * ms, ("INP", "INPRC"), {"feedforward": 0.3}, print_now=0.0),
    Phase(4 * ms, ("INP", "INPRC"), {"feedforward": 1.0}, print_now=0.5),
    Phase(2 * ms, ("INP", "INPRC"), {"feedforward": 1.0}, print_now=0.2),
]
#: Integrate-and-fire minicolumns whose spikes inhibit their hypercolumn as well.
INHIBITED = LIF.changed(
    on_spike="inhibition_post += inhibition_per_spike",
    parameters={"inhibition_per_spike": 0.2 * mV},
)

pytestmark = pytest.mark.long
CUED = [Phase(300 * ms, ("INP",), {"feedforward": 0.5, "recurrent": 0.2}, read="cued")]


@dataclass
class Recorded:
    """State variables at the end of every time step, and traces before and after."""

    memory: AssociativeMemory
    values: dict[str, np.ndarray]
    learned: np.ndarray
    initial: dict

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def spikes(self, population: str) -> np.ndarray:
        return np.diff(self[f"{population}.spike_count"], axis=0, prepend=0)

    def before(self, name: str, start: float = 0.0) -> np.ndarray:
        return np.concatenate([np.full((1, self[name].shape[1]), start), self[name][:-1]])

    def parameter(self, name: str) -> float:
        parameters = self.memory.parameters
        for values in (parameters.minicolumn.parameters, parameters.plasticity.parameters):
            if name in values:
                return float(values[name])
        return float(getattr(parameters.variant, name))

    def stimulus(self, population: str) -> np.ndarray:
        return self[f"{population}.clamped"] * self[f"{population}.log_stimulus"]

    def evidence(self) -> np.ndarray:
        """g (b + I) of HID, from before the step."""
        total = 0.0
        for name in ("feedforward", "recurrent"):
            if f"HID.g_{name}" in self.values:
                bias = self.before(f"HID.b_{name}") if self.learned.any() else self[f"HID.b_{name}"]
                total = total + self[f"HID.g_{name}"] * (bias + self.before(f"HID.I_{name}"))
        return total


def learn(patterns, **models) -> Recorded:
    """Learn with the dense rule in float64, noting everything."""
    memory = tiny_memory(precision="float64", z_min=0.0, rewire_every=0, **models)
    initial = {
        name: (state.p, state.p_pre.copy(), state.p_post.copy(), state.joint().copy())
        for name, state in memory.traces.items()
    }
    (simulation,) = memory._start(LEARNING, plastic=True)
    owned = {"s", "v", "a", "z", "e_i", "e_j", "z_j", "spike_count", "clamped", "log_stimulus", "p",
             "g_feedforward", "b_feedforward", "I_feedforward", "p_pre_feedforward",
             "p_post_feedforward", "inhibition", "activity"}  # fmt: skip
    groups = [*MINICOLUMNS, *(f"{name}_hypercolumns" for name in MINICOLUMNS)]
    names = [name for name in simulation.state(groups) if name.split(".")[1] in owned]
    try:
        recording = RecordingSimulation(simulation, names)
        teach(memory, recording, patterns, LEARNING)
    finally:
        simulation.close()
    values = {n: np.concatenate([part[n] for part in recording.values]) for n in names}
    return Recorded(memory, values, np.concatenate(recording.learned), initial)


def recall(memory: AssociativeMemory, cue: np.ndarray) -> Recorded:
    """One cue from rest, noting everything."""
    simulation = memory._recalling(1)[0]
    simulation.seed(8)
    names = [f"HID.{name}" for name in ("v", "z", "spike_count", "clamped", "log_stimulus")]
    names += [f"HID.{v}_{p}" for v in "Igb" for p in ("feedforward", "recurrent")]
    names += [f"HID_hypercolumns.{name}" for name in ("inhibition", "activity")]
    arguments = simulation, memory.architecture, memory.parameters, CUED
    result = _empty_result(*arguments[1:], 1, list(MINICOLUMNS), ())
    cued = _State(*arguments).recall({"INP": cue[None]}, 0, result, ())
    values, learned = record(simulation, cued, 300, names)
    return Recorded(memory, values, learned, {})


@pytest.fixture(scope="module")
def adaptive(patterns) -> Recorded:
    rule = ELIGIBILITY.changed(name="continuous E traces", continuous=True)
    return learn(patterns, minicolumn=ADAPTIVE, plasticity=rule)


@pytest.fixture(scope="module")
def firing(patterns) -> Recorded:
    recording = learn(patterns, minicolumn=INHIBITED, plasticity=COVARIANCE)
    yield recording
    recording.memory.close()


@pytest.fixture(scope="module")
def recalled(firing, patterns) -> Recorded:
    return recall(firing.memory, patterns[1])


# --- Spike-frequency adaptation ----------------------------------------------------------


def test_adaptation_rises_with_spikes_and_decays(adaptive):
    before, spikes = adaptive.before("HID.a"), adaptive.spikes("HID")
    expected = before * (1 - DT / adaptive.parameter("tau_a")) + adaptive.parameter("jump_a") * spikes
    np.testing.assert_allclose(adaptive["HID.a"], expected, **EXACT)
    assert spikes.sum() > 30


def test_adaptation_opposes_the_evidence(adaptive):
    s = adaptive.before("HID.s")
    drive = adaptive.stimulus("HID") + adaptive.evidence() - adaptive.before("HID.a")
    expected = s + DT / adaptive.parameter("tau_m") * (drive - s)
    np.testing.assert_allclose(adaptive["HID.s"], expected, **EXACT)
    assert np.ptp(expected) > 0.1


# --- E traces, learned continuously ------------------------------------------------------


def chain(spikes, taus, epsilon, per_spike):
    """Traces that filter each other, the first of which filters spikes (forward Euler)."""
    state = [np.full(spikes.shape[1], epsilon) for _ in taus]
    history = np.empty((len(taus), *spikes.shape))
    for step, now in enumerate(spikes):
        source = [np.full(spikes.shape[1], epsilon), *state[:-1]]
        state = [x + DT / tau * (y - x) for x, y, tau in zip(state, source, taus)]
        state[0] = state[0] + per_spike * now
        history[:, step] = state
    return history


@pytest.mark.parametrize("population", list(MINICOLUMNS))
def test_e_traces_filter_z(adaptive, population):
    """e_i follows z with tau_z, e_j a z with tau_zj; sustained firing gives 1 in all of them."""
    epsilon, spikes = adaptive.memory.parameters.epsilon, adaptive.spikes(population)
    f_max, tau_e = adaptive.parameter("f_max"), adaptive.parameter("tau_e")
    for names, tau in ((("z", "e_i"), "tau_z"), (("z_j", "e_j"), "tau_zj")):
        tau = adaptive.parameter(tau)
        expected = chain(spikes, (tau, tau_e), epsilon, (1 - epsilon) / (f_max * tau))
        for name, trace in zip(names, expected):
            np.testing.assert_allclose(adaptive[f"{population}.{name}"], trace, **EXACT)
    constant, per_spike = np.full((2000, 1), f_max * DT), (1 - epsilon) / (f_max * tau)
    sustained = chain(constant, (tau, tau_e), epsilon, per_spike)
    np.testing.assert_allclose(sustained[:, -1], 1, rtol=1e-6)


def kappas(recorded: Recorded) -> np.ndarray:
    """κ times print-now, step by step."""
    steps = [(round(float(p.duration) / DT), p.print_now) for p in LEARNING]
    once = np.concatenate([np.full(n, signal) for n, signal in steps])
    if not recorded.memory.parameters.plasticity.continuous:
        once = np.append(np.zeros(len(once) - 1), once[-1])
    return np.tile(once, len(recorded.learned) // len(once)) * recorded.memory.parameters.kappa


def dense(recorded: Recorded, pre: str, post: str):
    """p, p_i, p_j, p_ij of the feedforward projection after every step, from the traces."""
    p, p_pre, p_post, joint = recorded.initial["feedforward"]
    for step, kappa in enumerate(kappas(recorded)):
        x, y = recorded[f"INP.{pre}"][step], recorded[f"HID.{post}"][step]
        p, p_pre = p + kappa * (1 - p), p_pre + kappa * (x - p_pre)
        p_post, joint = p_post + kappa * (y - p_post), joint + kappa * (np.outer(x, y) - joint)
        yield p, p_pre, p_post, joint


@pytest.mark.parametrize("name, traces", [("adaptive", ("e_i", "e_j")), ("firing", ("z", "z"))])
def test_traces_learn_what_the_rule_names(name, traces, request):
    """In every time step by the print-now signal, or once a pattern; 1e-9 after all of them."""
    recorded = request.getfixturevalue(name)
    assert recorded.learned.sum() == np.count_nonzero(kappas(recorded)) > 10
    for step, (p, p_pre, p_post, _) in enumerate(dense(recorded, *traces)):
        np.testing.assert_allclose(recorded["HID.p"][step], p, **EXACT)
        np.testing.assert_allclose(recorded["INP.p_pre_feedforward"][step], p_pre, **EXACT)
        np.testing.assert_allclose(recorded["HID.p_post_feedforward"][step], p_post, **EXACT)
    *_, (_, _, _, joint) = dense(recorded, *traces)
    np.testing.assert_allclose(recorded.memory.traces["feedforward"].joint(), joint, rtol=1e-8)


def weight_and_bias(name: str, p, p_pre, p_post, joint):
    independent = np.outer(p_pre, p_post)
    if name == "adaptive":
        return np.log(joint * p / independent), np.log(p_post / p)
    return 100 * (joint / p - independent / p**2), np.zeros_like(p_post)


@pytest.mark.parametrize("name, traces", [("adaptive", ("e_i", "e_j")), ("firing", ("z", "z"))])
def test_transmitted_weights_are_those_of_the_rule(name, traces, request):
    """I from spikes and from the weights of the moment; b after every step."""
    recorded = request.getfixturevalue(name)
    connected = recorded.memory.connections("feedforward")
    mask = np.repeat(np.repeat(connected, 2, axis=0), 5, axis=1)
    per_spike = (1 - recorded.memory.parameters.epsilon) / (
        recorded.parameter("f_max") * recorded.parameter("tau_z")
    )
    decay = 1 - DT / recorded.parameter("tau_z")
    weights, _ = weight_and_bias(name, *recorded.initial["feedforward"])
    current = np.zeros(20)
    spikes = recorded.spikes("INP")
    for step, after in enumerate(dense(recorded, *traces)):
        current = current * decay + per_spike * spikes[step] @ (weights * mask)
        np.testing.assert_allclose(recorded["HID.I_feedforward"][step], current, rtol=1e-8, atol=1e-9)
        weights, bias = weight_and_bias(name, *after)
        if recorded.learned[step]:
            np.testing.assert_allclose(recorded["HID.b_feedforward"][step], bias, **EXACT)
    np.testing.assert_allclose(recorded.memory.weights("feedforward"), weights, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(recorded.memory.biases("feedforward"), bias, **EXACT)


def test_covariance_of_independent_activity_is_zero(firing):
    """p_ij p = p_i p_j; and twice the joint trace makes it gain times P_i P_j."""
    state = firing.memory.traces["feedforward"]
    independent = np.outer(state.p_pre, state.p_post) / state.p
    for factor in (1, 2):
        q = (factor * independent / state.p_post).T
        state = type(state)(**{**vars(state), "q": q})
        expected = 100 * (factor - 1) * independent / state.p
        np.testing.assert_allclose(state.weights(COVARIANCE), expected, rtol=1e-9, atol=1e-12)
    assert not state.biases(COVARIANCE).any()


# --- Leaky integrate-and-fire ------------------------------------------------------------


@pytest.mark.parametrize("name", ["firing", "recalled"])
def test_membrane_potential_integrates_leaks_and_is_reset(name, request):
    recorded = request.getfixturevalue(name)
    v, width = recorded.before("HID.v", -0.07), recorded.parameter("escape_width")
    drive = recorded.parameter("v_rest") + width * (recorded.stimulus("HID") + recorded.evidence()) - v
    expected = v + DT / recorded.parameter("tau_m") * drive
    expected -= recorded.parameter("afterpotential") * recorded.spikes("HID")
    np.testing.assert_allclose(recorded["HID.v"], expected, **EXACT)


@pytest.mark.parametrize("name", ["firing", "recalled"])
def test_inhibition_is_the_logarithm_of_a_pool_and_counts_spikes(name, request):
    recorded = request.getfixturevalue(name)
    inhibition, width = "HID_hypercolumns.inhibition", recorded.parameter("escape_width")
    pool = np.exp(recorded.before(inhibition) / width)
    drive = recorded["HID_hypercolumns.activity"] * pool
    pool = pool + DT / recorded.parameter("tau_inhibition") * (drive - pool)
    counts = recorded.spikes("HID").reshape(-1, 4, 5).sum(axis=2)
    expected = width * np.log(pool) + recorded.parameter("inhibition_per_spike") * counts
    np.testing.assert_allclose(recorded[inhibition], expected, **EXACT)


def activation(recorded: Recorded) -> np.ndarray:
    """Rate of each minicolumn of HID over f_max, from potential and inhibition."""
    potential = recorded["HID.v"] + recorded.parameter("afterpotential") * recorded.spikes("HID")
    inhibition = np.repeat(recorded.before("HID_hypercolumns.inhibition"), 5, axis=1)
    drive = potential - recorded.parameter("v_threshold") - inhibition
    return np.exp(drive / recorded.parameter("escape_width"))


def test_activity_is_summed_over_the_hypercolumn(recalled):
    expected = activation(recalled).reshape(-1, 4, 5).sum(axis=2)
    np.testing.assert_allclose(recalled["HID_hypercolumns.activity"], expected, rtol=1e-8)


def test_spikes_escape_with_the_rate_of_the_potential(recalled):
    """Sum of spikes minus probabilities within 5 standard deviations, in bins of probability."""
    spikes = recalled.spikes("HID")
    probability = recalled.parameter("f_max") * DT * np.minimum(activation(recalled), 1)
    for low, high in ((0, 0.01), (0.01, 0.05), (0.05, 0.11)):
        within = (probability >= low) & (probability < high)
        p = probability[within]
        assert abs((spikes[within] - p).sum()) < 5 * np.sqrt((p * (1 - p)).sum()) + 1
    assert (probability > 0.05).sum() > 300


def test_inhibition_stands_in_for_the_softmax(recalled):
    """Once inhibition has settled, a hypercolumn is about as active as one minicolumn at f_max."""
    activity = recalled["HID_hypercolumns.activity"][100:]
    assert np.median(activity) == pytest.approx(1, abs=0.1)
