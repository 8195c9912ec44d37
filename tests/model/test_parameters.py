"""Published variants and their protocols, and what is refused, with which words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brian2 import DimensionMismatchError, Hz, ms, mV, second

from cortical_bcpnn import VARIANTS, Parameters, Phase
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.model.protocol_checks import check_protocol

#: τ_m, τ_z (ms), f_max (Hz), gap, feedforward, overlap, recurrent (ms), from the paper.
PUBLISHED = {
    "rate-ff": (1, 1, 1000, 0, 5, 0, 0),
    "rate-full": (1, 1, 1000, 0, 5, 0, 20),
    "spk-ff": (1, 5, 1000, 25, 25, 0, 0),
    "spk-full": (1, 5, 1000, 25, 25, 25, 50),
    "spspk-ff": (5, 20, 100, 100, 100, 0, 0),
    "spspk-full": (5, 20, 100, 100, 100, 50, 150),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_variants(name):
    tau_m, tau_z, f_max, *phases = PUBLISHED[name]
    variant = find_variant(name)
    assert variant.name == name
    assert variant.tau_m == tau_m * ms and variant.tau_z == tau_z * ms
    assert variant.f_max == f_max * Hz
    assert [variant.gap, variant.feedforward, variant.overlap, variant.recurrent] == [
        phase * ms for phase in phases
    ]


def test_published_variants_are_all_there():
    assert PUBLISHED.keys() <= VARIANTS.keys()
    assert {name for name in PUBLISHED if not VARIANTS[name].spiking} == {"rate-ff", "rate-full"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_learning_protocol(name):
    """Inputs and reconstruction clamped for the feedforward phase only, feedforward on."""
    (phase,) = VARIANTS[name].learning_protocol()
    assert phase.duration == PUBLISHED[name][4] * ms
    assert set(phase.clamped) == {"INP", "INPRC"}
    assert dict(phase.gains) == {"feedforward": 1.0}


def test_published_recall_protocol():
    """Gap, feedforward phase, overlap, recurrent phase; INPRC is never clamped."""
    gap, feedforward, overlap, recurrent = VARIANTS["spspk-full"].recall_protocol()
    assert [p.duration / ms for p in (gap, feedforward, overlap, recurrent)] == pytest.approx(
        [100, 100, 50, 150]
    )
    assert [p.clamped for p in (gap, feedforward, overlap, recurrent)] == [
        (), ("INP",), ("INP",), (),
    ]  # fmt: skip
    assert gap.gains == feedforward.gains == {"feedforward": 1.0, "feedback": 1.0}
    assert overlap.gains == {"feedforward": 1.0, "feedback": 1.0, "recurrent": 1.0}
    assert recurrent.gains == {"recurrent": 1.0, "feedback": 1.0}
    assert [p.read for p in (gap, feedforward, overlap, recurrent)] == [
        None, "feedforward", None, "attractor",
    ]  # fmt: skip


def test_recall_without_gap_and_overlap():
    """Phases that take no time are left out."""
    feedforward, recurrent = VARIANTS["rate-full"].recall_protocol()
    assert [p.duration / ms for p in (feedforward, recurrent)] == pytest.approx([5, 20])
    assert feedforward.clamped == ("INP",) and recurrent.clamped == ()
    assert [feedforward.read, recurrent.read] == ["feedforward", "attractor"]
    assert [p.read for p in VARIANTS["rate-ff"].recall_protocol()] == ["feedforward"]


@pytest.mark.parametrize("name", ["spk-ff", "spspk-ff"])
def test_feedforward_variants_recall_without_recurrence(name):
    protocol = VARIANTS[name].recall_protocol()
    assert [phase.read for phase in protocol] == [None, "feedforward"]
    assert not any(phase.gains.get("recurrent") for phase in protocol)


def test_defaults_are_the_published_numbers():
    parameters = Parameters()
    assert parameters.variant is VARIANTS["spspk-full"]
    assert parameters.tau_p == 5 * second and parameters.dt == 1 * ms
    assert parameters.epsilon == 1e-7 and parameters.support_noise == 0
    assert (parameters.rewire_every, parameters.rewire_margin, parameters.max_swaps) == (
        200, 1.1, 100,
    )  # fmt: skip
    assert parameters.kappa == pytest.approx(2e-4, rel=1e-12)


def test_steps_are_rounded_not_cut():
    """0.3 s / 0.1 ms is 2999.999… in floating point."""
    assert Parameters(dt=0.1 * ms, variant="spspk-full").steps(0.3 * second) == 3000


def faulty_variant(**values):
    return {"variant": replace(VARIANTS["spspk-full"], **values)}


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"variant": "spiking"}, ValueError, r"variant 'spiking' is unknown: choose .*spspk-full"),
        ({"tau_p": -5 * second}, ValueError, r"tau_p is -5\. s: give one positive.*5\*ms"),
        ({"tau_p": 0 * second}, ValueError, r"tau_p is 0\. s: give one positive"),
        ({"tau_p": np.nan * second}, ValueError, r"tau_p is nan s: give one positive, finite"),
        ({"tau_p": np.inf * second}, ValueError, r"tau_p is inf .*: give one positive, finite"),
        ({"tau_p": [1, 2] * second}, ValueError, r"tau_p is .*give one positive"),
        ({"tau_p": 5}, TypeError, r"tau_p is 5, without units: give a quantity.*5\*ms"),
        ({"tau_p": "5 s"}, TypeError, r"tau_p is '5 s', without units: give a quantity"),
        ({"tau_p": 5 * mV}, DimensionMismatchError, r"tau_p is 5\. mV, in the wrong units: give"),
        ({"tau_p": 0.5 * ms}, ValueError, r"tau_p is 0\.5 ms: give at least 2 dt = 2\. ms"),
        ({"dt": 0 * ms}, ValueError, r"dt is 0\. s: give one positive"),
        ({"dt": 1e-3}, TypeError, r"dt is 0\.001, without units: give a quantity"),
        (faulty_variant(tau_m=-1 * ms), ValueError, r"tau_m is -1\. ms: give one positive"),
        (faulty_variant(tau_m=5.0), TypeError, r"tau_m is 5\.0, without units"),
        (faulty_variant(tau_m=5 * Hz), DimensionMismatchError, r"tau_m is 5\. Hz, in the wrong"),
        (faulty_variant(tau_m=0.5 * ms), ValueError, r"tau_m is 0\.5 ms: .*at least dt = 1\. ms"),
        (faulty_variant(tau_z=0 * ms), ValueError, r"tau_z is 0\. s: give one positive"),
        (faulty_variant(tau_z=20), TypeError, r"tau_z is 20, without units"),
        (faulty_variant(f_max=100), TypeError, r"f_max is 100, without units.*5\*Hz"),
        (faulty_variant(f_max=100 * ms), DimensionMismatchError, r"f_max is 100\. ms, in the"),
        (faulty_variant(f_max=2000 * Hz), ValueError, r"f_max is 2\. kHz: .*at most 1\. kHz"),
        ({"epsilon": 0}, ValueError, r"epsilon is 0: give a number between 1e-12 and 0\.5"),
        ({"epsilon": np.nan}, ValueError, r"epsilon is nan: give a number between"),
        ({"z_min": -1}, ValueError, r"z_min is -1: give 0 or more"),
        ({"z_min": np.nan}, ValueError, r"z_min is nan: give 0 or more"),
        ({"deferred_max": -0.1}, ValueError, r"deferred_max is -0\.1: give 0 or more"),
        ({"emission_min": -1e-6}, ValueError, r"emission_min is -1e-06: give 0 or more"),
        ({"emission_min": np.inf}, ValueError, r"emission_min is inf: give 0 or more"),
        (faulty_variant(spiking="no"), TypeError, r"spiking is 'no': give True or False"),
        ({"support_noise": -0.1}, ValueError, r"support_noise is -0\.1: give 0 or more"),
        ({"rewire_every": -1}, ValueError, r"rewire_every is -1: give a whole number of 0"),
        ({"rewire_every": 2.5}, ValueError, r"rewire_every is 2\.5: give a whole number"),
        ({"max_swaps": -1}, ValueError, r"max_swaps is -1: give a whole number"),
        ({"seed": -1}, ValueError, r"seed is -1: give a whole number"),
        ({"seed": "1"}, ValueError, r"seed is '1': give a whole number"),
        ({"rewire_margin": 0.9}, ValueError, r"rewire_margin is 0\.9: give 1 or more"),
        ({"rewire_margin": np.nan}, ValueError, r"rewire_margin is nan: give 1 or more"),
        ({"precision": "float16"}, ValueError, r"precision is 'float16': choose 'float32' or"),
    ],
)
def test_bad_parameters_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Parameters(**arguments)


def test_f_max_times_dt_may_be_one():
    fast = replace(VARIANTS["spk-full"], f_max=2000 * Hz)
    assert Parameters(variant=fast, dt=0.5 * ms).kappa == pytest.approx(1e-4)


@pytest.mark.parametrize(
    "protocol, error, message",
    [
        ([], ValueError, "protocol is empty: give at least one Phase"),
        ([Phase(5)], TypeError, "duration of phase 1 is 5, without units: give a quantity"),
        ([Phase(0 * ms)], ValueError, r"duration of phase 1 is 0\. s: give one positive"),
        ([Phase(5 * ms), Phase(-5 * ms)], ValueError, r"duration of phase 2 is -5\. ms: give"),
        ([Phase(5 * mV)], DimensionMismatchError, r"duration of phase 1 is 5\. mV, in the wrong"),
        ([Phase(2.5 * ms)], ValueError, r"phase 1 is 2\.5 ms: give a multiple of dt = 1\. ms"),
        ([Phase(0.4 * ms)], ValueError, r"phase 1 is 0\.4 ms: give a multiple of dt"),
        ([Phase(5 * ms, ("INK",))], ValueError, "names the population 'INK': choose from A, B"),
        ([Phase(5 * ms, (), {"ff": 1})], ValueError, "names the projection 'ff': choose from ab"),
        ([Phase(5 * ms, (), {"ab": np.nan})], ValueError, "gain of ab in phase 1 is nan: give"),
        ([Phase(5 * ms, (), {"ab": np.inf})], ValueError, "gain of ab in phase 1 is inf: give"),
        ([Phase(5 * ms, read="x"), Phase(5 * ms, read="x")], ValueError, "read as x, x: give each"),
    ],
)
def test_bad_protocols_are_refused(protocol, error, message):
    with pytest.raises(error, match=message):
        check_protocol(protocol, ["A", "B"], ["ab"], 1 * ms)


def test_good_protocol_is_accepted():
    protocol = [Phase(5 * ms, ("A",), {"ab": -0.3}, read="x"), Phase(0.3 * second, read="y")]
    check_protocol(protocol, ["A", "B"], ["ab"], 0.1 * ms)
