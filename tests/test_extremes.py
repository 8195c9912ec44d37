"""Networks and parameters at the ends of what is allowed work; beyond, one sentence says so."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from brian2 import DimensionMismatchError, Hz, ms, mV, second
from comparing import assert_sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sealing import assert_one_sentence
from tiny import LEARNING, SIZE, tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, Phase

FAST = settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def assert_recalls(memory: AssociativeMemory, cues: np.ndarray, protocol=None) -> None:
    """Shares of every hypercolumn add up to 1, and traces are finite."""
    recall = memory.recall(cues, protocol=protocol)
    for moment in recall.moments:
        for population in memory.architecture.populations:
            z = recall.z[moment][population.name]
            assert np.isfinite(z).all() and (z >= 0).all()
            shares = z.reshape(len(cues), -1, population.minicolumns)
            total = shares.sum(axis=-1, keepdims=True)
            pattern = recall.pattern(population.name, moment)
            assert np.isfinite(pattern).all() and (pattern >= 0).all() and (pattern <= 1).all()
            assert (total > 0).all()


# --- Extreme networks and patterns -------------------------------------------------------

RANDOM = np.random.default_rng(3).random((6, 4))
BLACK, WHITE = np.zeros((6, 4)), np.ones((6, 4))
SMALL = {"n_inputs": 4, "hidden": (2, 3), "fan_in": 2, "feedback_fan_in": 1}
OF_ONE = {"n_inputs": 1, "hidden": (1, 1), "fan_in": 1, "feedback_fan_in": 1}


@pytest.mark.parametrize(
    "size, patterns",
    [
        (SMALL, BLACK),
        (SMALL, WHITE),
        (SMALL, np.hstack([BLACK[:, :2], RANDOM[:, 2:]])),
        (SMALL, RANDOM[:1]),
        ({**SMALL, "hidden": (2, 1)}, RANDOM),
        ({**SMALL, "hidden": (1, 3)}, RANDOM),
        ({**SMALL, "fan_in": 4, "feedback_fan_in": 2}, RANDOM),
        (OF_ONE, RANDOM[:, :1]),
    ],
    ids=[
        "black", "white", "constant pixels", "one pattern", "one minicolumn each", "one hypercolumn",
        "all to all", "one of everything",
    ],
)  # fmt: skip
def test_extreme_networks_learn_and_recall(size, patterns, numpy_target):
    """Traces stay within their bounds, connections keep their number, recall is finite."""
    memory = AssociativeMemory(
        **size, device="runtime", tau_p=30 * ms, rewire_every=5, rewire_margin=1.0
    )
    short = [Phase(4 * ms, ("INP", "INPRC"), {"feedforward": 1.0})]
    memory.learn(patterns, epochs=-(-10 // len(patterns)), protocol=short)
    assert memory.n_learned >= 10 and len(memory.rewiring) >= 4
    assert np.isfinite(memory.rewiring["score"].astype(float)).all()
    assert_sound(memory)
    assert_recalls(memory, patterns[:2], [Phase(6 * ms, ("INP",), {"feedback": 1.0}, read="end")])


def test_black_patterns_are_learned_as_black():
    """Every hypercolumn has a mass of p (10 %); that of inputs is all with OFF (1e-3)."""
    with tiny_memory(variant="spk-full", tau_p=100 * ms, rewire_every=50) as memory:
        memory.learn(np.zeros((1, 9)), epochs=600, protocol=LEARNING)
        for state in memory.traces.values():
            for p, minicolumns in zip((state.p_pre, state.p_post), state.minicolumns):
                mass = p.reshape(-1, minicolumns).sum(axis=1)
                np.testing.assert_allclose(mass, state.p, rtol=0.1)
        on, off = memory.traces["feedforward"].p_pre.reshape(9, 2).T
        assert (on < 1e-3 * off).all()
        assert_sound(memory)
        assert memory.recall(np.zeros((2, 9))).reconstruction.mean() < 0.1


# --- Parameters at random ----------------------------------------------------------------

#: Each with the values that it can have; programs need not be compiled again for any of them.
VALID = {
    "tau_p": st.floats(2e-3, 1e6).map(lambda x: x * second),
    "epsilon": st.one_of(st.floats(1e-12, 0.4), st.sampled_from([1e-12, 1e-7, 0.4999])),
    "z_min": st.one_of(st.floats(0, 20), st.sampled_from([0.0, 1e-300, 1e300])),
    "deferred_max": st.one_of(st.floats(0, 2), st.sampled_from([0.0, 1e-300, 1e300])),
    "rewire_every": st.sampled_from([0, 1, 3, 10**6, np.int64(2)]),
    "rewire_margin": st.one_of(st.floats(1, 3), st.sampled_from([1.0, 1e300])),
    "max_swaps": st.sampled_from([0, 1, 100, 10**30]),
    "seed": st.integers(0, 2**80),
    "tau_m": st.floats(1e-3, 10).map(lambda x: x * second),
    "tau_z": st.floats(1e-3, 10).map(lambda x: x * second),
    "f_max": st.floats(1e-3, 1e3).map(lambda x: x * Hz),
    "gap": st.sampled_from([0 * ms, 3 * ms]),
    "recurrent": st.sampled_from([0 * ms, 5 * ms]),
}
_OF_VARIANT = (
    "tau_m", "tau_z", "f_max", "gap", "feedforward", "overlap", "recurrent", "spiking", "name",
)  # fmt: skip


def memory_with(**values) -> AssociativeMemory:
    """A tiny memory whose parameters and time constants are those given."""
    variant = {name: values.pop(name) for name in _OF_VARIANT if name in values}
    short = replace(VARIANTS["spspk-full"], gap=3 * ms, feedforward=5 * ms, overlap=2 * ms)
    return tiny_memory(variant=replace(short, **{"recurrent": 5 * ms, **variant}), **values)


@FAST
@given(values=st.fixed_dictionaries({}, optional=VALID), grey=st.booleans())
def test_valid_parameters_work(values, grey):
    """Invariants hold after learning and rewiring, and recall is finite."""
    rng = np.random.default_rng(5)
    patterns = rng.random((4, 9)) if grey else rng.integers(0, 2, (4, 9))
    with memory_with(**values) as memory:
        memory.learn(patterns, epochs=5)
        assert memory.n_learned == 20
        assert_sound(memory)
        assert_recalls(memory, patterns[:2])


NO_NUMBERS = ["1", None, [1], np.zeros(2), 1j, np.nan, np.inf, -np.inf, 1 * ms, np.array(1.0), True]
NO_COUNTS = [*NO_NUMBERS, 1.5, 2.0, -1, np.int8(-1)]
NO_TIMES = [5, "5 ms", None, np.nan * ms, np.inf * ms, -5 * ms, 5 * mV, 5 * Hz, [1, 2] * ms]
INVALID = {
    "tau_p": [*NO_TIMES, 0 * ms, 0.5 * ms, 1.9 * ms],
    "dt": [*NO_TIMES, 0 * ms],
    "epsilon": [*NO_NUMBERS, 0.0, 0.5, -1e-7, 1.0, 1e-300],
    "z_min": [*NO_NUMBERS, -1e-7],
    "deferred_max": [*NO_NUMBERS, -1e-7],
    "support_noise": [*NO_NUMBERS, -1e-7],
    "rewire_margin": [*NO_NUMBERS, 0.99, 0, -1],
    "rewire_every": NO_COUNTS,
    "max_swaps": NO_COUNTS,
    "seed": NO_COUNTS,
    "precision": ["float16", "double", None, 32, np.float32, ["float32"], {}],
    "variant": ["spk", "", None, 3, [], {"tau_m": 5 * ms}],
    "tau_m": [*NO_TIMES, 0 * ms, 0.5 * ms],
    "tau_z": [*NO_TIMES, 0 * ms, 0.5 * ms],
    "f_max": [5, None, "100 Hz", 0 * Hz, -5 * Hz, np.nan * Hz, 1001 * Hz, 5 * ms, [1, 2] * Hz],
    "gap": NO_TIMES,
    "feedforward": NO_TIMES,
    "overlap": NO_TIMES,
    "recurrent": NO_TIMES,
    "spiking": [1, "yes", None],
    "name": [3, None, b"x"],
    "device": ["gpu", "", None, 3, []],
    "n_inputs": [0, -1, 1.5, "9", None, True, [9]],
    "hidden": [(0, 5), (4, 0), (4,), (4, 5, 6), 4, None, "45", (4.0, 5), (4, None), (True, 5)],
    "fan_in": [0, 10, -1, 1.5, "4", None, True],
    "feedback_fan_in": [0, 5, -1, 1.5, "2", None, True],
}
_CALLED = {
    "n_inputs": "n_inputs|INP", "hidden": "hidden|HID", "fan_in": "feedforward", "device": "device",
    "feedback_fan_in": "feedback",
}  # fmt: skip
REFUSALS = (ValueError, TypeError, DimensionMismatchError)


def assert_refused(argument: str, call, *arguments, **options) -> None:
    """One error, of one sentence, that names the argument."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(REFUSALS, match=argument) as error:
            call(*arguments, **options)
    assert type(error.value) in REFUSALS
    # Brian2 adds the units in brackets.
    assert_one_sentence(str(error.value).split("; (unit is")[0].removesuffix(".") + ".")


@pytest.mark.parametrize("name", INVALID)
def test_each_invalid_parameter_is_refused(name):
    for value in INVALID[name]:
        if name in _OF_VARIANT:
            assert_refused(name, memory_with, **{name: value})
        else:
            assert_refused(_CALLED.get(name, name), tiny_memory, **{name: value})


@FAST
@given(
    name=st.sampled_from([n for n in INVALID if n in VALID]), data=st.data(),
    values=st.fixed_dictionaries({}, optional=VALID),
)  # fmt: skip
def test_an_invalid_parameter_is_refused_whatever_the_others(name, data, values):
    value = data.draw(st.sampled_from(INVALID[name]))
    assert_refused(name, memory_with, **{**values, name: value})


@pytest.mark.parametrize(
    "phase, name",
    [
        (5, "phase 1 of the protocol"), (None, "phase 1"), (Phase(5 * ms, "INP"), "clamped of phase 1"),
        (Phase(5 * ms, None), "clamped of phase 1"), (Phase(5 * ms, ("INP", 3)), "3"),
        (Phase(5 * ms, (), None), "gains of phase 1"), (Phase(5 * ms, (), ["feedforward"]), "gains"),
        (Phase(5 * ms, (), {"feedforward": "1"}), "gain of feedforward in phase 1"),
        (Phase(5 * ms, (), {"feedforward": 1 * mV}), "gain of feedforward in phase 1"),
        (Phase(5 * ms, (), {"feedforward": None}), "gain of feedforward in phase 1"),
        (Phase(5 * ms, read=3), "read of phase 1"), (Phase(np.nan * ms), "duration of phase 1"),
    ],
)  # fmt: skip
def test_each_invalid_phase_is_refused(phase, name):
    """In learning and in recall, before anything is simulated."""
    memory = tiny_memory()
    for call in (memory.learn, memory.recall):
        assert_refused(name, call, np.zeros((1, SIZE["n_inputs"])), protocol=[phase])
    assert memory.n_learned == 0
