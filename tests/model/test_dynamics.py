"""Models by population and rules by projection: how they are given, held, checked and compared."""

from __future__ import annotations

import copy
import pickle

import pytest
from brian2 import ms
from tiny import tiny_memory

from cortical_bcpnn import (
    ADAPTIVE,
    BCPNN,
    CONTINUOUS,
    COVARIANCE,
    ELIGIBILITY,
    LIF,
    POISSON,
    RATE,
    AssociativeMemory,
    Parameters,
)
from cortical_bcpnn.circuits.own_names import rules_of
from cortical_bcpnn.files.sealed import read_sealed

NAMES = ("feedforward", "recurrent", "feedback")
#: E traces twice as slow, under the names of the shipped ones.
SLOW = ELIGIBILITY.changed(name="slow", parameters={"tau_e": 40 * ms})
#: Learns the adaptation of presynaptic minicolumns, which only adaptive ones have.
OF_ADAPTATION = BCPNN.changed(name="of adaptation", presynaptic="a")


def made(**given) -> Parameters:
    return tiny_memory(device="runtime", **given).parameters


def test_a_mapping_names_some_and_the_others_have_the_default():
    given = made(minicolumn={"HID": LIF, "INP": "adaptive"}, plasticity={"feedback": "covariance"})
    models = [given.minicolumn_of(name) for name in ("INP", "HID", "INPRC")]
    assert models == [ADAPTIVE, LIF, POISSON]
    assert [given.rule_of(name) for name in NAMES] == [BCPNN, BCPNN, COVARIANCE]
    assert made(variant="rate-ff", minicolumn={"HID": "Poisson"}).minicolumn_of("INP") is RATE


@pytest.mark.parametrize(
    "given, same",
    [
        ({"minicolumn": {}, "plasticity": {}}, {}),
        ({"minicolumn": {"HID": POISSON}, "plasticity": {"feedback": "BCPNN"}}, {}),
        ({"minicolumn": dict.fromkeys(("INP", "HID", "INPRC"), LIF)}, {"minicolumn": LIF}),
        ({"plasticity": dict.fromkeys(NAMES, CONTINUOUS)}, {"plasticity": CONTINUOUS}),
        ({"minicolumn": {"HID": LIF}},
         {"minicolumn": LIF, "models": {"INP": "Poisson", "INPRC": POISSON}}),
    ],
    ids=range(5),
)  # fmt: skip
def test_networks_are_compared_by_what_their_parts_have(given, same):
    """However it was given: files, stores and programs are those of the same network."""
    assert made(**given) == made(**same)


def test_they_can_be_copied_and_sent_but_not_changed():
    given = made(minicolumn={"HID": LIF}, plasticity={"feedback": COVARIANCE})
    assert copy.deepcopy(given) == pickle.loads(pickle.dumps(given)) == given
    for one in (given, copy.copy(given), pickle.loads(pickle.dumps(given))):
        with pytest.raises(TypeError):
            one.models["INP"] = LIF


@pytest.mark.parametrize(
    "given, message",
    [
        ({"minicolumn": {"HDI": LIF}}, "minicolumn names the population 'HDI': choose from INP, "),
        ({"plasticity": {"HID": BCPNN}}, "plasticity names the projection 'HID': choose from feed"),
        ({"minicolumn": {"HID": "rat"}}, "minicolumn of HID 'rat' is unknown: choose one of Poisson"),
        ({"minicolumn": {"HID": "dv/dt = 0 : 1"}}, "minicolumn of HID is equations as text"),
        ({"plasticity": {"feedback": "continuous BCPNN"}},
         "lets feedback learn in every time step and feedforward, recurrent once a pattern: give con"),
        ({"plasticity": {"recurrent": OF_ADAPTATION}}, "'of adaptation' needs 'a' as a variable"),
        ({"minicolumn": {"INP": LIF, "HID": LIF.changed(name="mine", threshold="rand() < rat*dt")}},
         r"^threshold of minicolumn model 'mine' cannot be simulated \(.*rat. could not be"),
    ],
    ids=range(7),
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(given, message):
    with pytest.raises(ValueError, match=message) as caught:
        made(**given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"minicolumn": {"HID": None}}, {"plasticity": {"feedback": LIF}}])
def test_other_things_than_models_and_rules_are_refused(wrong):
    with pytest.raises(TypeError, match="(minicolumn of HID|plasticity of feedback) is .*: give a "):
        Parameters(**wrong)


def test_rules_that_mean_different_things_by_one_name_get_names_of_their_own():
    """In the circuit, where both are kept; what they share stays one."""
    dynamics = made(plasticity={"feedforward": ELIGIBILITY, "recurrent": SLOW, "feedback": COVARIANCE})
    architecture = tiny_memory().architecture
    rules = rules_of(architecture, dynamics)
    assert rules["feedforward"] is ELIGIBILITY and rules["feedback"] is COVARIANCE
    slow = rules["recurrent"]
    assert (slow.presynaptic, slow.postsynaptic) == ("e_i_2", "e_j_2") and slow.weight == SLOW.weight
    assert slow.parameters == {"tau_e_2": 40 * ms, "tau_zj": 10 * ms}
    assert slow.rest == dict.fromkeys(("e_i_2", "z_j_2", "e_j_2"), "epsilon")
    assert "dz_j_2/dt = (epsilon - z_j_2)/tau_zj : 1" in slow.equations
    assert slow.reset == "z_j_2 += emitted*tau_z/tau_zj"
    assert rules_of(architecture, made(plasticity=SLOW))["feedback"] is SLOW


def test_a_rule_needs_its_variables_only_where_it_learns_them():
    """The adaptation of HID, by which INPRC, which has none, is taught."""
    made(minicolumn={"HID": ADAPTIVE}, plasticity={"feedback": OF_ADAPTATION})


def test_files_hold_models_and_rules_by_name(tmp_path):
    """Shipped ones are found, others are given again; and what is another is refused."""
    mine = COVARIANCE.changed(name="mine", parameters={"gain": 7.0})
    path = tmp_path / "network.h5"
    made = tiny_memory(minicolumn={"HID": LIF}, plasticity={"feedback": mine, "recurrent": COVARIANCE},
                       device="runtime")  # fmt: skip
    made.save(path)

    def load(**given) -> AssociativeMemory:
        return AssociativeMemory.load(path, device="runtime", **given)

    assert read_sealed(path).count("version") == 5  # which no older version takes for one it knows
    loaded = load(plasticity={"feedback": mine})
    assert loaded.parameters == made.parameters and loaded.parameters.minicolumn_of("HID") is LIF
    assert load(plasticity={"feedback": mine, "recurrent": "covariance"}).parameters == made.parameters
    for given, message in (
        ({}, r"made with the plasticity rule 'mine' of feedback, which is not shipped: give it to load "
             r"as plasticity=\{'feedback': …\}"),
        ({"plasticity": mine}, "rule 'BCPNN' of feedforward, whose weight, .* are not those of"),
        ({"minicolumn": {"INP": LIF}, "plasticity": {"feedback": mine}},
         "the minicolumn model 'Poisson' of INP, whose .* 'integrate-and-fire' given"),
        ({"plasticity": {"back": mine}}, "made with no 'back', which plasticity names: choose"),
        ({"plasticity": {"feedback": "mine"}}, "plasticity of feedback 'mine' is unknown: choose"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            load(**given)
