"""Minicolumn models as arguments: changed ones run, wrong ones are refused before anything runs."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from tiny import RECALL, refused, single_projection, tiny_memory

from cortical_bcpnn import (
    ACCUMULATING,
    ADAPTIVE,
    BCPNN,
    COVARIANCE,
    ELIGIBILITY,
    ESCAPE,
    GRADED_NOISY_SRC,
    LIF,
    MINICOLUMN_MODELS,
    POISSON,
    RATE,
    SRC,
    VARIANTS,
    Phase,
    Step,
)
from cortical_bcpnn.circuits import model_checks
from cortical_bcpnn.circuits.composition import at_rest

ADAPTED = POISSON.replaced("evidence - s", "evidence - a - s").added(
    equations="da/dt = -a/tau_a : 1",
    reset="a += jump_a",
    parameters={"tau_a": 200 * ms, "jump_a": 0.2},
)


def poisson(old: str, new: str):
    """The published model with one change in its equations."""
    return POISSON.replaced(old, new, where="equations").changed(name="mine")


# --- Choosing a model --------------------------------------------------------------------


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_variants_choose_spikes_or_rates(variant):
    model = tiny_memory(variant=variant).parameters.minicolumn
    assert model is (POISSON if VARIANTS[variant].spiking else RATE)


def test_shipped_models_are_found_by_name():
    assert tiny_memory(minicolumn="integrate-and-fire").parameters.minicolumn is LIF
    for name, model in MINICOLUMN_MODELS.items():
        assert model.name == name and len(model.source) > 40
    with pytest.raises(ValueError, match="minicolumn 'neuron' is unknown: choose one of Poisson"):
        tiny_memory(minicolumn="neuron")
    with pytest.raises(TypeError, match="minicolumn is 3: give a MinicolumnModel"):
        tiny_memory(minicolumn=3)


def test_changed_models_keep_the_rest():
    assert ADAPTED.name == "Poisson, changed" and ADAPTED.changed().name == ADAPTED.name
    assert ADAPTED.threshold == POISSON.threshold and not POISSON.parameters
    slower = ADAPTED.changed(parameters={"tau_a": 1 * second})
    assert slower.parameters["tau_a"] == 1 * second and slower.parameters["jump_a"] == 0.2
    with pytest.raises(TypeError):
        ADAPTED.parameters["tau_a"] = 3 * ms


def test_models_can_be_copied_and_sent():
    for model in MINICOLUMN_MODELS.values():
        assert copy.deepcopy(model) == model == pickle.loads(pickle.dumps(model))
    assert ADAPTED != ADAPTED.changed(parameters={"jump_a": 0.1})


def test_text_is_replaced_wherever_it_stands():
    """In equations, reset and steps alike, or in one attribute."""
    renamed = POISSON.replaced("activation", "share")
    assert "share" in renamed.equations and "activation" not in str(renamed.texts)
    assert renamed.steps[1].statements.startswith("share =") and renamed.steps[1].name == "activation"
    assert renamed.gathering == POISSON.gathering.replace("activation", "share")
    only = POISSON.replaced("activation", "share", where="steps")
    assert only.equations == POISSON.equations and only.steps == renamed.steps
    halved = BCPNN.replaced("log(", "0.5*log(", where="weight")
    assert halved.weight == "0.5*log(p_ij*p/(p_i*p_j))" and halved.bias == BCPNN.bias
    assert halved.name == "BCPNN, changed"


@pytest.mark.parametrize(
    "model, old, where, match",
    [
        (POISSON, "evidence -s", None,
         r"^'evidence -s' is in no text of minicolumn model 'Poisson': copy .* from .ds/dt = .* say\.$"),
        (LIF, "evidence", "reset", "'evidence' is not in reset of minicolumn .* from 'v -= afterpot"),
        (POISSON, "", None, "'' is in no text of minicolumn model 'Poisson'"),
        (POISSON, "a", "on_spike", "'a' is not in on_spike of minicolumn model 'Poisson': add it"),
        (COVARIANCE, "log", None, "'log' is in no text of plasticity rule 'covariance'"),
        (BCPNN, "Ravichandran", None, "'Ravichandran' is in no text of plasticity rule"),
    ],
)
def test_text_that_is_not_there_is_not_replaced(model, old, where, match):
    with pytest.raises(ValueError, match=match):
        model.replaced(old, "new", where)


def test_added_text_follows_what_is_there():
    added = LIF.added(
        equations="da/dt = -a/tau_a : 1", reset="a += 1", on_spike="inhibition_post += w_inh",
        steps=[Step("rise", "a += 0")], parameters={"tau_a": 3 * ms}, name="mine",
    )  # fmt: skip
    assert added.equations == LIF.equations + "da/dt = -a/tau_a : 1\n" and added.name == "mine"
    assert added.reset == LIF.reset + "; a += 1" and added.on_spike == "inhibition_post += w_inh"
    assert added.steps == (*LIF.steps, Step("rise", "a += 0"))
    assert dict(added.parameters) == {**LIF.parameters, "tau_a": 3 * ms}
    with pytest.raises(TypeError, match="nothing can be added to threshold of .*: give it by changed"):
        POISSON.added(threshold="and True")
    with pytest.raises(TypeError, match="'resets' cannot be added to in 'Poisson': choose from name"):
        POISSON.added(resets="a += 1")


# --- Changed models run ------------------------------------------------------------------


def test_a_changed_model_learns_and_recalls(make_memory, numpy_target, patterns):
    """With adaptation as strong as this, winners hand over: rates differ less than without."""
    spread = {}
    for name, model in (("published", POISSON), ("adapted", ADAPTED)):
        memory = make_memory(device="runtime", minicolumn=model, variant="spk-full")
        memory.learn(patterns[:3])
        rates = memory.recall(patterns[:4], protocol=RECALL).rates("HID", "cued")
        assert rates.reshape(4, 4, 5).sum(axis=2).mean() == pytest.approx(1000, rel=0.05)
        spread[name] = rates.std()
    assert spread["adapted"] < spread["published"]


def test_a_model_needs_no_hypercolumn(make_memory, numpy_target, patterns):
    """Minicolumns that fire independently of each other, at f_max where the support is 0."""
    alone = POISSON.replaced("activation/partition", "clip(exp(s), 0, 1)").changed(
        hypercolumn="", steps=(), gathering=""
    )
    memory = make_memory(device="runtime", minicolumn=alone)
    memory.learn(patterns[:1])
    rates = memory.recall(patterns[:1], protocol=[Phase(200 * ms, read="free")]).rates("HID", "free")
    assert rates.mean() == pytest.approx(100, rel=0.2)  # 5 standard errors of 400 spikes: 25 %


def test_models_are_checked_once(numpy_target, monkeypatch):
    mine = ADAPTED.changed(parameters={"jump_a": 0.21})
    single_projection(minicolumn=mine)
    monkeypatch.setattr(model_checks, "_miniature_fault", lambda *_: ("equations", "checked again", ""))
    single_projection(minicolumn=mine)
    refused("checked again", minicolumn=mine.changed(parameters={"jump_a": 0.22}))


def test_shipped_models_are_not_checked(monkeypatch):
    monkeypatch.setattr(model_checks, "_miniature_fault", lambda *_: ("equations", "checked", ""))
    for model in MINICOLUMN_MODELS.values():
        tiny_memory(minicolumn=model)


@pytest.mark.parametrize(
    "model, rule",
    [
        (RATE, COVARIANCE), (ADAPTIVE, ELIGIBILITY), (LIF, BCPNN), (ACCUMULATING, BCPNN),
        (ESCAPE, BCPNN), (SRC, BCPNN), (GRADED_NOISY_SRC, BCPNN),
    ],
    ids=lambda item: item.name,
)  # fmt: skip
def test_shipped_models_would_pass_the_checks(model, rule):
    refreshed = model.changed(name="as shipped")
    tiny_memory(device="runtime", minicolumn=refreshed, plasticity=rule, support_noise=1e-3)


def test_rest_is_where_recall_begins(make_memory, numpy_target, patterns):
    """Without input, and with a threshold out of reach, v stays at v_rest in every recall."""
    silent = LIF.changed(threshold="rand() < 0*rate*dt")
    memory = make_memory(device="runtime", minicolumn=silent)
    memory.recall(patterns[:1], protocol=[Phase(2 * ms, ("INP",), read="cued")])
    simulation = memory._recalling(1)[0]
    assert simulation.get("INP.v").std() > 1e-4
    memory.recall(patterns[:1], protocol=[Phase(2 * ms, read="rest")])
    np.testing.assert_allclose(simulation.get("INP.v"), -0.07, rtol=1e-12)
    resting = at_rest(memory.architecture, memory.parameters, False)
    assert resting["HID.v"] == -0.07 and resting["HID.z"] == memory.parameters.epsilon
    assert resting["HID.spike_count"] == resting["HID_hypercolumns.inhibition"] == 0
    assert resting["HID.log_stimulus"] == 0 and "HID.rate" not in resting


SHARED = POISSON.changed(
    equations=POISSON.equations.replace("evidence - s", "evidence + drive*log_stimulus - s")
    + "level : 1 (shared)\ndrive : 1\nof_user : 1 (shared)",
    hypercolumn=POISSON.hypercolumn + "\nheight : 1 (shared)",
    steps=(
        *POISSON.steps, Step("level", "level += 0.1"), Step("drive", "drive = 0.2*level"),
        Step("height", "height += 0.2", on="hypercolumn"),
    ),
)  # fmt: skip
OSCILLATING = POISSON.changed(
    equations=POISSON.equations.replace("evidence - s", "evidence + sin(t/(3*ms)) - s")
)
TWO_PHASES = [Phase(4 * ms, ("INP",), {"feedforward": 1.0}, read="cued"), Phase(5 * ms, read="free")]


@pytest.mark.parametrize("model", [SHARED, OSCILLATING])
def test_recall_does_not_depend_on_what_was_recalled_before(make_memory, numpy_target, model):
    """In this call or another: shared variables, unclamped stimuli and time start anew."""
    supports = []

    def recall(cues, protocol=TWO_PHASES):
        memory.recall(cues, protocol=protocol)
        supports.append(np.array(memory._recalling(1)[0].get("INPRC.s")))

    memory = make_memory(device="runtime", minicolumn=model, variant="spk-full")
    cues = np.random.default_rng(3).random((3, 9))
    recall(cues)
    recall(np.stack([cues[1], cues[0], cues[2]]))
    recall(cues[:1], [Phase(7 * ms, ("INP", "INPRC"), read="both")])
    recall(cues)
    np.testing.assert_array_equal(supports[1], supports[0])
    np.testing.assert_array_equal(supports[3], supports[0])
    simulation = memory._recalling(1)[0]
    if model is SHARED:
        assert simulation.get("HID.level")[0] == pytest.approx(0.9)
        assert simulation.get("HID_hypercolumns.height")[0] == pytest.approx(1.8)


def test_recall_with_shared_variables_does_not_depend_on_jobs(make_memory):
    """Nor on the time that processes have seen; what nothing in the model sets stays as it was."""
    model = SHARED.changed(equations=SHARED.equations.replace("drive*", "(drive + sin(t/(3*ms)))*"))
    memory = make_memory(minicolumn=model, variant="spk-full")
    cues = np.random.default_rng(3).random((5, 9))
    one = memory.recall(cues, protocol=TWO_PHASES)
    memory._recalling(1)[0].set("INP.of_user", 0.25)
    two = memory.recall(cues, protocol=TWO_PHASES, jobs=2)
    for moment in one.moments:
        np.testing.assert_array_equal(one.z[moment]["INP"], two.z[moment]["INP"])
    assert memory._recalling(1)[0].get("INP.of_user") == 0.25


def test_shared_variables_start_learning_at_rest(make_memory, numpy_target, patterns):
    model = SHARED.changed(rest={"level": 3.0})
    memory = make_memory(device="runtime", minicolumn=model, rewire_every=2)
    seen = []
    memory.on_build = lambda circuit: seen.append(circuit.objects["HID"])
    memory.learn(patterns[:2], protocol=[Phase(5 * ms, ("INP",))])
    assert seen[0].level == pytest.approx(3 + 0.1 * 10)


@pytest.mark.parametrize(
    "changes, error, match",
    [
        ({"parameters": {"a": np.ones(3)}}, ValueError, "a in parameters of .* give one finite value"),
        ({"parameters": {"a": np.nan}}, ValueError, "a in parameters of minicolumn model 'mine' is nan"),
        ({"parameters": {"a b": 1}}, ValueError, "names 'a b': give letters and digits"),
        ({"equations": 3}, TypeError, "equations of minicolumn model 'mine' is 3: give text"),
        ({"spiking": "yes"}, TypeError, "spiking of .* is 'yes': give True or False"),
        ({"equation": ""}, TypeError, "'equation' cannot be changed in 'Poisson': choose from name, s"),
    ],
)
def test_what_is_no_model_is_refused_at_once(changes, error, match):
    with pytest.raises(error, match=match):
        POISSON.changed(name="mine", **changes)


def test_white_noise_has_its_variance(make_memory, numpy_target, patterns):
    """s without input: forward Euler of dt = tau/5 gives sigma² / (2 - dt/tau); 80 minicolumns."""
    noisy = POISSON.replaced("(x + evidence - s)", "(sigma*xi*tau_m**0.5 - s)").added(
        parameters={"sigma": 2.0}
    )
    memory = make_memory(device="runtime", minicolumn=noisy)
    memory.recall(patterns[:1], protocol=[Phase(100 * ms, read="free")])
    simulation = memory._recalling(1)[0]
    s = np.concatenate([simulation.get(f"{name}.s") for name in ("INP", "HID", "INPRC")])
    tau = memory.parameters.variant.tau_m / memory.parameters.dt
    expected = 4 / (2 - 1 / float(tau))
    assert s.var() == pytest.approx(expected, abs=5 * expected * np.sqrt(2 / len(s)))
    assert len(s) > 40


def test_time_constants_are_not_below_the_time_step():
    """Shipped models with another time step too; what does not divide may be shorter."""
    message = "tau_inhibition of .* 'integrate-and-fire.* is 0.5 ms: forward Euler needs .* dt = 1. ms"
    refused(message, minicolumn=LIF.changed(parameters={"tau_inhibition": 0.5 * ms}))
    refused("tau_inhibition of .* is 1.1 ms: .* at least dt = 2. ms", minicolumn=LIF, dt=2 * ms)
    refused("tau_a of .* is 0. s", minicolumn=ADAPTED.changed(parameters={"tau_a": 0 * ms}))
    refused("tau_e of plasticity rule .* is 0.2 ms|200. us", plasticity=ELIGIBILITY.changed(
        parameters={"tau_e": 0.2 * ms}))  # fmt: skip
    delayed = POISSON.replaced("evidence - s", "int(t > late)*evidence - s").added(
        parameters={"late": 0.5 * ms}
    )
    single_projection(minicolumn=delayed)


# --- What is refused, and how it is said -------------------------------------------------


EULER_Z = "dz/dt = (epsilon - z)/tau_z : 1"

#: Wrong models, each with the part and the name that an error must tell.
WRONG = [
    (ADAPTED.changed(parameters={"tau_a": 200 * Hz}), "equations .*'a'.*hertz"),
    (poisson(EULER_Z, ""), "'z'"),
    (poisson(EULER_Z, "dz/dt = (epsilon - z)/tau_z : volt"), "equations .*'z'"),
    (poisson(EULER_Z, "z = s : 1").changed(reset="spike_count += 1"), "'z'"),
    (poisson("- s)/tau_m", "- s/tau_m"), r"equations .*evidence - s/tau_m"),
    (poisson("- s)/tau_m", "- s)/tau_q"), "equations .*tau_q"),
    (poisson("activation : 1", "activation : 1\nx : 1"), "equations .*'x'"),
    (poisson("activation : 1", "activation : 1\nI_feedforward : 1"), "equations .*'I_feedforward'"),
    (poisson("activation : 1", "activation : 1\npartition : 1"), "equations .*'partition'"),
    (poisson("activation : 1", "activation : 1\nds/dt = -s/tau_m : 1"), "equations .*'s'"),
    (poisson("activation : 1", "activation : 1 (share)"), "'activation' of .*'share'"),
    (poisson("s)/tau_m : 1", "s)/tau_m : 1 (unless refractory)"), "'s' of .*'unless refractory'"),
    (poisson("evidence - s", "evidence^2 - s"), r"equations .*\*\*, not \^"),
    (POISSON.changed(threshold="rand() < rate"), "threshold .*'rate'"),
    (POISSON.changed(threshold="rand() <"), "threshold .*'rand.. <'"),
    (POISSON.changed(threshold="rate*dt"), r"threshold .*'rate\*dt'"),
    (POISSON.changed(reset="z += z_per_spike"), r"reset .*'; spike_count \+= 1'"),
    (POISSON.added(reset="z += tau_z"), "reset .*'tau_z'"),
    (POISSON.changed(reset="z +; spike_count += 1"), r"reset .*z \+"),
    (POISSON.changed(reset="z += z_per_spike; spike_count =+ 1"), r"reset .*'spike_count =\+ 1'"),
    (POISSON.added(reset="tau_m = 3*ms"), "reset .*'tau_m'"),
    (POISSON.added(steps=[Step("x", "tau_m = 3*ms")]), "step 'x' .*'tau_m'"),
    (POISSON.added(reset="rate = 3*Hz"), "reset .*'rate'"),
    (POISSON.changed(emitted="tau_z"), "emitted .*tau_z_pre"),
    (POISSON.changed(input="dI_{projection}/dt = -I_{projection} : 1"), "'I_feedforward'"),
    (POISSON.changed(rest={"u": 1}), "rest .*'u'"),
    (LIF.changed(rest={"v": 1}), "rest .*'v'"),
    (LIF.changed(rest={"v": "v_reset"}), "rest .*'v_reset'"),
    (LIF.changed(rest={"v": "tau_m"}), "rest .*'tau_m'"),
    (POISSON.changed(parameters={"tau_m": 3 * ms}), "'tau_m'"),
    (POISSON.changed(parameters={"ms": 3.0}), "'ms' in parameters"),
    (POISSON.changed(parameters={"emitted": 3.0}), "'emitted' in parameters"),
    (POISSON.added(steps=[Step("x", "foo = q_0")]), "step 'x' .*q_0"),
    (POISSON.added(steps=[Step("x", "s = 1", on="cell")]), "step 'x' .*'cell'"),
    (POISSON.added(steps=[Step("x", "s = 1", when="before")]), "step 'x' .*'before'"),
    (LIF.added(on_spike="inhibition_post += 1"), "on_spike .*'inhibition_post'"),
    (LIF.changed(hypercolumn=""), "step 'inhibition' .*hypercolumn"),
    (LIF.changed(steps=(), hypercolumn=""), "gathering .*hypercolumn"),
    (LIF.added(gathering="pool_post = v_pre : volt (summed)"), "'pool_post'"),
    (POISSON.changed(gathering="partition_post = s : 1 (summed)"), 'gathering .*"s"'),
    (LIF.changed(gathering="activity_post = v_pre : 1 (summed)"), "gathering .*'activity_post'"),
    (POISSON.changed(gathering="partition += 1"), r"partition \+= 1"),
    (POISSON.changed(gathering=""), "'partition'"),
]


@pytest.mark.parametrize("model, culprit", WRONG, ids=range(len(WRONG)))
def test_wrong_models_are_refused_in_one_sentence(model, culprit):
    """Which tells the model, the part that is wrong, and the name or text in it."""
    assert f"minicolumn model '{model.name}'" in refused(culprit, minicolumn=model)


def test_currents_of_one_name_are_refused():
    """Where two projections meet in a population."""
    with pytest.raises(ValueError, match="equations of minicolumn model 'Poisson, changed' .*'I'"):
        tiny_memory(device="runtime", minicolumn=POISSON.changed(input="dI/dt = -I/tau_z : 1"))


def test_noise_is_checked_where_there_is_noise():
    wrong = POISSON.changed(noise="s += support_noise*tau_m")
    single_projection(minicolumn=wrong)
    refused("noise of .*'s'.*'support_noise", minicolumn=wrong, support_noise=1e-3)


def test_a_name_stands_for_one_thing_in_model_and_rule():
    """This model is right, but for the parameter of the same name in the covariance rule."""
    mine = LIF.changed(parameters={"v_rest": -70 * mV, "gain": 1.0})
    refused("'gain'", minicolumn=mine, plasticity=COVARIANCE)
