"""Parameters of sweeps: units, defaults, and the protocols that they make."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import Hz, ms
from threadpoolctl import threadpool_limits

from cortical_bcpnn import VARIANTS
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.experiments import Setup
from cortical_bcpnn.model.paper import CALIBRATED_VARIANTS
from cortical_bcpnn.sweeps.parameters import (
    PARAMETERS,
    architecture_of,
    find_parameter,
    parameters_of,
    recall_protocol,
    resolve,
)
from cortical_bcpnn.sweeps.run import Run, compute
from protocols import time_constants


@pytest.fixture(scope="module")
def dataset():
    return digits()


def phases(settings):
    """Of recall."""
    return recall_protocol(settings, architecture_of(settings, digits()))


@pytest.mark.parametrize(
    "name, value, plain",
    [
        ("tau_z", "5ms", 5.0), ("tau_z", "0.005 s", 5.0), ("tau_z", "5000us", 5.0),
        ("f_max", "100Hz", 100.0), ("f_max", "0.1 kHz", 100.0), ("tau_p", "1.437s", 1437.0),
        ("recurrent_gain", 0.1, 0.1), ("recurrent_gain", "1e-1", 0.1), ("recurrent_gain", 1, 1.0),
        ("fan_in", 24, 24), ("fan_in", "24", 24), ("variant", "spk-ff", "spk-ff"),
        ("recurrent_gain", "-0.5", -0.5),
    ],
)  # fmt: skip
def test_values_with_their_units(name, value, plain):
    found = find_parameter(name).parse(value)
    assert found == plain and type(found) is type(plain)


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("tau_z", 5, "tau_z is '5', without a unit: give a time, 5ms say"),
        ("tau_z", "5", "without a unit"), ("tau_z", "5Hz", "'5Hz', in the wrong unit"),
        ("f_max", "100ms", "in the wrong unit: give a rate"), ("f_max", 100, "without a unit"),
        ("fan_in", "5ms", "in the wrong unit: give a whole number"), ("fan_in", 2.5, "whole number"),
        ("tau_z", "fast", "give a time"), ("tau_z", True, "give a time"), ("tau_z", None, "give a"),
        ("tau_z", "nan ms", "give a time"), ("variant", 3, "give a name"), ("tau_z", "", "give a"),
    ],
)  # fmt: skip
def test_values_that_mean_nothing(name, value, message):
    with pytest.raises(ValueError, match=message):
        find_parameter(name).parse(value)


def test_unknown_parameters_are_named():
    with pytest.raises(ValueError, match="'tau_x' is unknown: choose from variant, .*tau_z"):
        find_parameter("tau_x")


def test_columns_have_units():
    assert PARAMETERS["tau_z"].column == "tau_z_ms" and PARAMETERS["f_max"].column == "f_max_hz"
    assert PARAMETERS["fan_in"].column == "fan_in"
    assert PARAMETERS["tau_z"].show(5.0) == "5ms"
    assert PARAMETERS["f_max"].parse(PARAMETERS["f_max"].show(123.0)) == 123.0


def test_a_run_by_default_is_the_network_that_other_protocols_have(dataset):
    """The same architecture and parameters as without a sweep, so that its network is found again."""
    memory = Setup(seed=4).network()
    settings = resolve({}, dataset)
    assert settings.keys() == PARAMETERS.keys()
    assert architecture_of(settings, dataset) == memory.architecture
    assert parameters_of(settings, 4) == memory.parameters
    assert phases(settings) == VARIANTS["spspk-full"].recall_protocol()


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants(dataset, variant):
    settings = resolve({"variant": variant}, dataset)
    assert parameters_of(settings, 0).variant == VARIANTS[variant]
    assert settings["minicolumn"] == ("rate" if variant.startswith("rate") else "Poisson")


def test_given_values_are_those_of_the_network(dataset):
    given = {"tau_z": 7.0, "f_max": 50.0, "hypercolumns": 6, "minicolumns": 5, "fan_in": 3,
             "feedback_fan_in": 2, "rewire_every": 9, "support_noise": 1e-3,
             "plasticity": "covariance", "train_images": 100}  # fmt: skip
    settings = resolve(given, dataset)
    parameters = parameters_of(settings, 3)
    assert float(parameters.variant.tau_z / ms) == pytest.approx(7)
    assert float(parameters.variant.f_max / Hz) == pytest.approx(50)
    assert float(parameters.tau_p / ms) == pytest.approx(100), "a time step per training image"
    assert parameters.plasticity.name == "covariance" and parameters.rewire_every == 9
    architecture = architecture_of(settings, dataset)
    hidden = architecture.population("HID")
    assert (hidden.hypercolumns, hidden.minicolumns) == (6, 5)
    assert [p.fan_in for p in architecture.projections] == [3, 6, 2]


def test_gains_of_recall(dataset):
    """The cue stays in the recurrent phase where its gain is not 0, and only there anything changes."""
    settings = resolve({"recurrent_gain": 0.1, "cue_gain": 0.5}, dataset)
    published = VARIANTS["spspk-full"].recall_protocol()
    gap, cue, overlap, recurrent = phases(settings)
    assert [gap, cue] == published[:2]
    assert overlap.gains == {"feedforward": 1, "feedback": 1, "recurrent": 0.1}
    assert recurrent.gains == {"feedforward": 0.5, "feedback": 1, "recurrent": 0.1}
    assert recurrent.clamped == ("INP",) and published[3].clamped == ()
    withdrawn = phases(resolve({"cue_gain": 0.0}, dataset))
    assert withdrawn == published


def test_variants_that_keep_the_cue(dataset):
    """Their gain is given; the cue can be withdrawn all the same."""
    settings = resolve({"variant": "spk-calibrated", "recurrent_gain": 0.2}, dataset)
    kept = CALIBRATED_VARIANTS["spk-calibrated"].recall_protocol(0.2)
    assert settings["cue_gain"] == 1 and phases(settings) == kept
    withdrawn = phases({**settings, "cue_gain": 0.0})
    assert withdrawn[-1].clamped == () and "feedforward" not in withdrawn[-1].gains
    with pytest.raises(ValueError, match="spk-calibrated takes its recurrent gain from"):
        resolve({"variant": "spk-calibrated"}, dataset)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"variant": "spk"}, "'spk' is unknown"),
        ({"f_max": 1001.0}, "f_max \\* dt must not exceed 1"),
        ({"tau_z": 0.5}, "time constant of at least dt"),
        ({"gap": 0.5}, "give a multiple of dt"),
        ({"fan_in": 65}, "fan-in of the feedforward projection is 65"),
        ({"train_images": 2000}, "limit of training images is 2000"),
        ({"train_images": 10, "readout_images": 11}, "there are 10 training images"),
        ({"epochs": 0}, "epochs is 0"),
        ({"variant": "spk-ff", "cue_gain": 0.1}, "spk-ff has no recurrent phase"),
        ({"plasticity": "magic"}, "plasticity 'magic' is unknown"),
        ({"hypercolumns": 0}, "0"),
    ],
)
def test_networks_that_cannot_be(dataset, given, message):
    with pytest.raises((ValueError, TypeError), match=message):
        resolve(given, dataset)


@pytest.mark.long
def test_a_run_measures_what_the_time_constants_protocol_does(dataset):
    """Number by number: the same network, readout and recall."""
    setup = Setup(limit=60, epochs=1, seed=5, jobs=1)
    with threadpool_limits(1):
        ((expected,),) = time_constants.measure(setup, 5, 20 * ms, 200 * Hz, 60)
    given = {"tau_z": 20.0, "f_max": 200.0, "epochs": 1, "train_images": 60, "test_images": 60}
    run = Run.make(dataset, resolve(given, dataset), 5, ("accuracy", "spikes"))
    outcome = compute(run)
    assert outcome["status"] == "done" and outcome["error"] is None
    found = outcome["measures"]
    assert (found["ff"], found["attractor"]) == (expected["ff"], expected["attractor"])
    # 200 Hz in each of 30 hypercolumns for 0.4 s, 60 images; 5 standard errors
    assert found["hid_spikes"] == pytest.approx(2400, abs=5 * np.sqrt(2400 / 60))
    assert found["all_spikes"] > found["hid_spikes"]
