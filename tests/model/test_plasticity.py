"""Plasticity rules as arguments, the print-now signal, and files of networks made with them."""

from __future__ import annotations

import copy
import os
import pickle

import numpy as np
import pytest
from brian2 import ms
from tiny import LEARNING, ScriptedSimulation, refused, teach, tiny_memory

from cortical_bcpnn import (
    BCPNN,
    CONTINUOUS,
    COVARIANCE,
    ELIGIBILITY,
    LIF,
    PLASTICITY_RULES,
    POISSON,
    AssociativeMemory,
    Phase,
)
from cortical_bcpnn.learned.checkpoints import identity
from cortical_bcpnn.model.expressions import evaluate
from cortical_bcpnn.model.plain import protocol_from_plain, protocol_to_plain

SAME_WEIGHT = BCPNN.changed(name="written differently", weight="log(p_ij) - log(p_i*p_j/p)")


# --- Rules -------------------------------------------------------------------------------


def test_shipped_rules_are_found_by_name():
    assert tiny_memory().parameters.plasticity is BCPNN
    assert tiny_memory(plasticity="covariance").parameters.plasticity is COVARIANCE
    for name, rule in PLASTICITY_RULES.items():
        assert rule.name == name and len(rule.source) > 40
        assert copy.deepcopy(rule) == rule == pickle.loads(pickle.dumps(rule))
    with pytest.raises(ValueError, match="plasticity 'STDP' is unknown: choose one of BCPNN"):
        tiny_memory(plasticity="STDP")


#: Wrong rules, each with the part and the name that an error must tell.
WRONG = [
    (BCPNN.changed(presynaptic="y"), "'y'"),
    (BCPNN.changed(postsynaptic="rate"), "'rate'"),
    (BCPNN.changed(weight="log(p_ij*foo)"), "weight .*foo"),
    (BCPNN.changed(weight="log(p_ij"), r"weight .*'log\(p_ij'"),
    (BCPNN.changed(weight="p_ij*tau", parameters={"tau": 3 * ms}), "weight .*tau_post"),
    (BCPNN.changed(weight="log(p_ij, p)"), "weight .*'log'|weight .*Function log"),
    (BCPNN.changed(bias="log(p_i/p)"), "bias .*p_i"),
    (BCPNN.changed(bias="log(s/p)"), "bias .*names s"),
    (BCPNN.changed(equations="dz/dt = -z/tau_z : 1"), "'z'"),
    (BCPNN.changed(equations="p : 1"), "'p'"),
    (BCPNN.changed(parameters={"kappa": 1.0}), "'kappa'"),
    (BCPNN.changed(parameters={"p_j": 1.0}), "'p_j' in parameters"),
    (ELIGIBILITY.changed(parameters={"tau_e": 3.0}), "equations .*'e_i'"),
    (ELIGIBILITY.added(reset="z_j += tau_e"), "reset .*'tau_e'"),
    (ELIGIBILITY.added(reset="tau_e = 3*ms"), "reset .*'tau_e'"),
    (ELIGIBILITY.changed(rest={"y": 1.0}), "rest .*'y'"),
]


@pytest.mark.parametrize("rule, culprit", WRONG, ids=range(len(WRONG)))
def test_wrong_rules_are_refused_in_one_sentence(rule, culprit):
    """Which tells the rule, the part that is wrong, and the name or text in it."""
    assert f"plasticity rule '{rule.name}'" in refused(culprit, plasticity=rule)


def test_weights_are_evaluated_without_running_python(tmp_path):
    """What is no arithmetic in the traces is refused, and does nothing."""
    proof = tmp_path / "proof"
    for text in (f"__import__('os').mkdir('{proof}')", "p_ij.__class__", "(lambda: p_ij)()", "[p_ij]"):
        with pytest.raises((SyntaxError, ValueError, NotImplementedError)):
            evaluate(text, {"p_ij": 0.5})
        with pytest.raises(ValueError):
            tiny_memory(plasticity=BCPNN.changed(weight=text))
    assert not os.path.exists(proof)


@pytest.mark.parametrize(
    "expression, expected",
    [("log(a*b/2)", np.log([0.5, 1.0])), ("clip(a, 0, 1.5) + b**2", [2.0, 2.5]), ("3", 3.0)],
)
def test_expressions_have_the_value_of_numpy(expression, expected):
    values = {"a": np.array([1.0, 2.0]), "b": 1.0}
    np.testing.assert_allclose(evaluate(expression, values), expected, rtol=1e-15)


def test_parameters_may_have_names_of_python():
    assert evaluate("is_not*lambda_x + None_", {"is_not": 2.0, "lambda_x": 3.0, "None_": 1.0}) == 7


# --- Weights by any string ---------------------------------------------------------------


def test_weights_and_biases_follow_the_strings(learned):
    """1e-5 in float32."""
    for state in learned.traces.values():
        np.testing.assert_allclose(state.weights(SAME_WEIGHT), state.weights(), rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(state.biases(SAME_WEIGHT), state.bias)
        halved = BCPNN.changed(bias="k*log(p_j/p)", parameters={"k": 0.5})
        np.testing.assert_allclose(state.biases(halved), state.bias / 2, rtol=1e-14)
        constant = BCPNN.changed(weight="2", bias="1")
        assert (state.weights(constant) == 2).all() and state.weights(constant).dtype == state.q.dtype
        np.testing.assert_array_equal(state.biases(constant), np.ones(len(state.p_post)))


def test_learning_by_a_string_is_learning_by_the_fast_path(make_memory, numpy_target, patterns):
    """The published weight, written differently: the same spikes, traces to 1e-9 (float64)."""
    memories = [
        make_memory(device="runtime", plasticity=rule, precision="float64", variant="spk-full")
        .learn(patterns[:5], protocol=LEARNING)
        for rule in (BCPNN, SAME_WEIGHT)
    ]  # fmt: skip
    for name in memories[0].traces:
        published, other = (memory.traces[name] for memory in memories)
        np.testing.assert_allclose(other.q, published.q, rtol=1e-9)
        np.testing.assert_allclose(memories[1].weights(name), memories[0].weights(name), rtol=1e-8)


# --- The print-now signal ----------------------------------------------------------------


def script(rule, protocol, patterns):
    """Time steps, whether traces learn in them, and κ."""
    memory = tiny_memory(plasticity=rule, rewire_every=0)
    simulation, kappas = ScriptedSimulation(memory), []
    drive = simulation.drive

    def noting(experiment, n_steps):
        def noted():
            for steps in experiment:
                kappas.append(float(simulation.values["HID.kappa"][0]))
                yield steps

        drive(noted(), n_steps)

    simulation.drive = noting
    teach(memory, simulation, patterns, protocol)
    return memory, [(s.steps, s.learning, k) for s, k in zip(simulation.steps, kappas)]


PRINTED = [
    Phase(3 * ms, ("INP", "INPRC"), {"feedforward": 1.0}, print_now=0.0),
    Phase(4 * ms, ("INP", "INPRC"), {"feedforward": 1.0}, print_now=0.5),
    Phase(2 * ms, ("INP", "INPRC"), {"feedforward": 1.0}, print_now=2.0),
]


def test_continuous_rules_learn_while_print_now_is_on(patterns):
    memory, noted = script(CONTINUOUS, PRINTED, patterns[:2])
    kappa = memory.parameters.kappa
    on = [(steps, k / kappa) for steps, learning, k in noted if learning]
    assert on == [(4, 0.5), (2, 2.0)] * 2
    assert [steps for steps, learning, _ in noted if not learning] == [3, 3]


def test_other_rules_learn_at_the_end_of_the_last_phase(patterns):
    memory, noted = script(BCPNN, PRINTED, patterns[:1])
    assert [(steps, learning) for steps, learning, _ in noted] == [
        (3, False), (4, False), (1, False), (1, True)
    ]  # fmt: skip
    assert noted[-1][2] == 2 * memory.parameters.kappa


def test_by_default_continuous_rules_learn_a_pattern_by_kappa_in_all(patterns):
    memory = tiny_memory(plasticity=CONTINUOUS)
    (phase,) = memory.plan(patterns).protocol
    assert phase.print_now * memory.parameters.steps(phase.duration) == pytest.approx(1)
    assert tiny_memory().plan(patterns).protocol[0].print_now == 1


@pytest.mark.parametrize("signal", [-1, np.nan, "on", None])
def test_wrong_print_now_is_refused(patterns, signal):
    with pytest.raises(ValueError, match="print_now of phase 1 is .*: give a number of 0 or more"):
        tiny_memory().plan(patterns, protocol=[Phase(5 * ms, print_now=signal)])


def test_print_now_must_leave_forward_euler_stable(patterns):
    with pytest.raises(ValueError, match=r"print_now of phase 1 is 50: .* at most 40"):
        tiny_memory().plan(patterns, protocol=[Phase(5 * ms, print_now=50)])  # tau_p = 40 dt


def test_protocols_keep_print_now_in_files():
    assert protocol_from_plain(protocol_to_plain(PRINTED)) == PRINTED
    plain = protocol_to_plain(PRINTED[:1])
    del plain[0]["print_now"]  # written before there was such a signal
    assert protocol_from_plain(plain)[0].print_now == 1


# --- Files -------------------------------------------------------------------------------


def test_shipped_models_and_rules_are_loaded_by_name(tmp_path):
    memory = tiny_memory(minicolumn=LIF, plasticity=COVARIANCE)
    memory.save(tmp_path / "network.h5")
    loaded = AssociativeMemory.load(tmp_path / "network.h5")
    assert loaded.parameters == memory.parameters
    assert loaded.parameters.minicolumn is LIF and loaded.parameters.plasticity is COVARIANCE


def test_other_models_and_rules_are_given_again_and_compared(tmp_path, numpy_target):
    model = POISSON.changed(name="mine", threshold="rand() < 0.5*rate*dt")
    path = tmp_path / "network.h5"
    tiny_memory(minicolumn=model, plasticity=SAME_WEIGHT, device="runtime").save(path)

    def load(**models):
        return AssociativeMemory.load(path, device="runtime", **models)

    loaded = load(minicolumn=model, plasticity=SAME_WEIGHT).parameters
    assert loaded.minicolumn == model and loaded.plasticity == SAME_WEIGHT
    for models, match in (
        ({}, "network.h5 was made with the minicolumn model 'mine', which is not shipped: give it to "
             "load as minicolumn=…"),
        ({"minicolumn": model}, "rule 'written differently', which is not shipped: .* plasticity=…"),
        ({"minicolumn": POISSON}, "'mine', whose threshold are not those of .* 'Poisson' given"),
        ({"minicolumn": model, "plasticity": BCPNN}, "whose weight are not those of .* 'BCPNN' given"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=match):
            load(**models)


def test_a_changed_model_under_a_shipped_name_is_not_taken_for_it(tmp_path, numpy_target):
    impostor = POISSON.changed(name="Poisson", threshold="rand() < 0.5*rate*dt")
    tiny_memory(minicolumn=impostor, device="runtime").save(tmp_path / "network.h5")
    with pytest.raises(ValueError, match="whose threshold are not those of .* 'Poisson' shipped"):
        AssociativeMemory.load(tmp_path / "network.h5", device="runtime")


def test_what_is_learned_depends_on_the_equations(patterns, numpy_target):
    """But not on what they are called."""
    def known(**models):
        memory = tiny_memory(device="runtime", **models)
        return identity(memory, memory.plan(patterns, protocol=LEARNING))

    assert known() == known(minicolumn=POISSON, plasticity=BCPNN)
    assert known() == known(minicolumn=POISSON.changed(name="other", source="me"))
    different = [known(), known(minicolumn=LIF), known(plasticity=COVARIANCE),
                 known(minicolumn=LIF.changed(rest={"v": LIF.parameters["v_rest"] * 1.1})),
                 known(plasticity=COVARIANCE.changed(parameters={"gain": 7.0}))]  # fmt: skip
    assert all(a != b for i, a in enumerate(different) for b in different[:i])
