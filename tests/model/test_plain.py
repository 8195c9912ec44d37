"""Parameters, protocols and architectures survive the way through JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, Quantity, kHz, ms, second, us
from hypothesis import given, settings
from hypothesis import strategies as st

from cortical_bcpnn import VARIANTS, Architecture, Parameters, Phase, Population, Projection
from cortical_bcpnn.model.plain import (
    architecture_from_plain,
    architecture_to_plain,
    parameters_from_plain,
    parameters_to_plain,
    protocol_from_plain,
    protocol_to_plain,
)

SURE = settings(max_examples=200, deadline=None, derandomize=True, database=None)
TIMES = st.floats(2e-3, 1e9).map(lambda x: x * second)


def there_and_back(value):
    return json.loads(json.dumps(value))


def same_quantity(first: Quantity, second: Quantity) -> bool:
    return first.dim is second.dim and float(first) == float(second)


@SURE
@given(
    tau_p=TIMES, tau_m=TIMES, tau_z=TIMES, gap=TIMES | st.just(0 * ms),
    dt=st.floats(1e-9, 1e-3).map(lambda x: x * second),
    f_max=st.floats(1e-6, 1e3).map(lambda x: x * Hz),
    name=st.text() | st.sampled_from(["5 ms", "nan ms", "x Hz", " s", "mine"]),
    seed=st.integers(0, 2**100), margin=st.floats(1, 1e300), epsilon=st.floats(1e-12, 0.49),
)  # fmt: skip
def test_parameters_come_back_exactly(tau_p, tau_m, tau_z, gap, dt, f_max, name, seed, margin, epsilon):
    """Every quantity the very same number, the name whatever it looks like."""
    variant = replace(VARIANTS["spk-full"], tau_m=tau_m, tau_z=tau_z, gap=gap, f_max=f_max, name=name)
    parameters = Parameters(
        variant=variant, tau_p=tau_p, dt=dt, seed=seed, rewire_margin=margin, epsilon=epsilon
    )
    plain = there_and_back(parameters_to_plain(parameters))
    again = Parameters(**parameters_from_plain(plain))
    assert again == parameters
    for mine, theirs in ((again, parameters), (again.variant, parameters.variant)):
        for field, value in vars(mine).items():
            if isinstance(value, Quantity):
                assert same_quantity(value, getattr(theirs, field))
            else:
                assert type(value) is type(getattr(theirs, field))
    assert parameters_to_plain(again) == plain


def test_parameters_are_readable():
    plain = parameters_to_plain(Parameters(variant="spk-full"))
    assert (plain["tau_p"], plain["dt"], plain["seed"]) == ("5000.0 ms", "1.0 ms", 0)
    assert (plain["variant"]["f_max"], plain["variant"]["tau_z"]) == ("1000.0 Hz", "5.0 ms")


def test_numpy_numbers_become_plain_ones():
    parameters = Parameters(seed=np.int64(3), epsilon=np.float64(1e-6), rewire_every=np.int8(4))
    plain = there_and_back(parameters_to_plain(parameters))
    assert Parameters(**parameters_from_plain(plain)) == parameters


@pytest.mark.parametrize("name", ["tau_p", "seed", "variant", "emission_min"])
def test_a_missing_parameter_does_not_take_its_default(name):
    plain = parameters_to_plain(Parameters(tau_p=7 * second))
    del plain[name]
    with pytest.raises(ValueError, match=f"parameters lack .*{name}"):
        parameters_from_plain(plain)


@pytest.mark.parametrize("name", ["tau_m", "spiking", "name"])
def test_a_missing_time_constant_does_not_take_its_default(name):
    plain = parameters_to_plain(Parameters())
    del plain["variant"][name]
    with pytest.raises(ValueError, match=f"parameters lack {name}"):
        parameters_from_plain(plain)


PHASES = st.builds(
    Phase,
    duration=st.floats(1e-6, 1e3).map(lambda x: x * second),
    clamped=st.lists(st.sampled_from(["INP", "HID"])).map(tuple),
    gains=st.dictionaries(st.sampled_from(["feedforward", "recurrent"]), st.floats(-10, 10)),
    read=st.none() | st.text(),
)


@SURE
@given(protocol=st.lists(PHASES, max_size=4))
def test_protocols_come_back_exactly(protocol):
    again = protocol_from_plain(there_and_back(protocol_to_plain(protocol)))
    assert again == protocol
    assert all(same_quantity(a.duration, b.duration) for a, b in zip(again, protocol))


@pytest.mark.parametrize("duration", [3 * ms, 300 * us, 0.1 * ms, 1 / (3 * kHz), 7 * second])
def test_durations_in_any_unit(duration):
    (again,) = protocol_from_plain(there_and_back(protocol_to_plain([Phase(duration)])))
    assert same_quantity(again.duration, Quantity(duration))


@pytest.mark.parametrize("key", ["duration", "clamped", "gains", "read"])
def test_an_incomplete_phase_is_refused(key):
    (plain,) = protocol_to_plain([Phase(3 * ms)])
    del plain[key]
    with pytest.raises(KeyError, match=key):
        protocol_from_plain([plain])


def test_architectures_come_back():
    architecture = Architecture(
        (Population("A", np.int32(3), 2), Population("B", 4, 5)),
        (Projection("ab", "A", "B", 2, np.True_, "post"), Projection("ba", "B", "A", 1, False, "pre")),
    )
    plain = there_and_back(architecture_to_plain(architecture))
    assert architecture_from_plain(plain) == architecture
    for part in (plain["populations"][0], plain["projections"][1]):
        for key in part:
            broken = json.loads(json.dumps(plain))
            for items in broken.values():
                for item in items:
                    item.pop(key, None)
            with pytest.raises(TypeError, match=key):
                architecture_from_plain(broken)


@pytest.mark.parametrize("plain", [{}, {"populations": []}, {"populations": [], "projections": [],
                                                              "more": []}])  # fmt: skip
def test_what_is_no_architecture_is_refused(plain):
    with pytest.raises(ValueError, match="an architecture has populations and projections"):
        architecture_from_plain(plain)
