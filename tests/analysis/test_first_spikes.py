"""Decisions by first spikes: by hand, and by theory where rates do not change.

Trials are hypercolumns of one population that is clamped to a distribution π: its support is log π,
so that its rates are f_max π from the second time step on.
"""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import Hz, ms, prefs
from scipy.special import softmax
from scipy.stats import binom

from cortical_bcpnn import (
    ACCUMULATING,
    ESCAPE,
    POISSON,
    VARIANTS,
    Architecture,
    AssociativeMemory,
    Phase,
    Population,
    Projection,
)
from cortical_bcpnn.analysis.first_spikes import (
    UNDECIDED,
    costs,
    fan_out,
    first_to,
    most_spikes,
)
from cortical_bcpnn.learned.supports import supports_by
from cortical_bcpnn.model.architectures import classifier
from cortical_bcpnn.model.paper import Variant
from cortical_bcpnn.recall import Recall

TRIALS = 4000
PI = np.array([0.5, 0.2, 0.15, 0.1, 0.05])
UNIFORM = np.full(10, 0.1)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture(scope="module", autouse=True)
def uncompiled():
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    yield
    prefs.codegen.target = before


def frozen(pi: np.ndarray, steps: int, f_max: float = 100, model=POISSON, gain: float | None = None,
           trials: int = TRIALS) -> np.ndarray:  # fmt: skip
    """Spikes of hypercolumns at rates that do not change, shape (trials, steps, minicolumns).

    By default the stimulus brings log π; with a gain, a projection does, as the bias that it learned.
    """
    published = VARIANTS["spk-full"]
    variant = Variant(**{**vars(published), "f_max": f_max * Hz, "tau_m": 1 * ms, "name": "frozen"})
    out = Population("OUT", trials, len(pi))
    given = {"variant": variant, "minicolumn": model, "device": "runtime", "seed": 1}
    if gain is None:
        network = Architecture((out,), ())
        memory = AssociativeMemory(architecture=network, **given)
        cues = {"OUT": np.tile(pi, (1, trials, 1))}
        before, after = Phase(1 * ms, ("OUT",)), Phase(steps * ms, ("OUT",), read="end")
    else:
        network = Architecture((Population("INP", 1, 2), out),
                               (Projection("prior", "INP", "OUT", 1, False, "post"),))  # fmt: skip
        memory = AssociativeMemory(architecture=network, **given)
        traces = memory.traces["prior"]
        traces.p, traces.p_post = 1.0, np.tile(pi, trials)
        traces.p_pre[:] = traces.q[:] = 0.5  # independent: w = 0
        cues, gains = {"INP": np.ones((1, 1))}, {"prior": gain}
        before = Phase(1 * ms, ("INP",), gains)
        after = Phase(steps * ms, ("INP",), gains, read="end")
    with memory:
        recall = memory.recall(cues, protocol=[before, after], over_time=["OUT"])
    spikes = recall.spikes_over_time["OUT"][0, 1:]
    return spikes.reshape(steps, trials, len(pi)).transpose(1, 0, 2)


def within(count: float, p: float, n: int) -> bool:
    """Whether a count of n is within 99.9 % of the binomial distribution."""
    low, high = binom.interval(0.999, n, p)
    return low <= count <= high


@pytest.fixture(scope="module")
def sparse():
    """Ten classes, f_max dt = 0.1."""
    return frozen(UNIFORM, 80)


@pytest.fixture(scope="module")
def uneven():
    """Five classes, of 0.5 and less."""
    return frozen(PI, 200)


# --- By hand -----------------------------------------------------------------------------


def test_first_spikes_counts_and_ties_by_hand():
    spikes = np.zeros((4, 5, 3), bool)
    spikes[0, 1, 2] = spikes[0, 2:4, 0] = True  # first 2, then 0 twice
    spikes[1, 3, [0, 1]] = True  # together
    spikes[2, 4, 1] = True
    one, two = first_to(spikes, 1, rng()), first_to(spikes, 2, rng())
    assert one.choice[0] == 2 and one.choice[1] in (0, 1) and one.choice[2] == 1
    assert one.choice[3] == UNDECIDED and one.steps.tolist() == [2, 4, 5, 5]
    assert one.tied.tolist() == [False, True, False, False]
    assert one.undecided.tolist() == [False, False, False, True]
    assert two.choice.tolist() == [0, -1, -1, -1] and two.steps.tolist() == [4, 5, 5, 5]
    assert two.otherwise(np.array([9, 8, 7, 6])).tolist() == [0, 8, 7, 6]
    most, early = most_spikes(spikes, 5, rng()), most_spikes(spikes, 2, rng())
    assert most.choice[[0, 2, 3]].tolist() == [0, 1, -1] and most.tied.tolist() == one.tied.tolist()
    assert early.choice.tolist() == [2, -1, -1, -1] and early.steps.tolist() == [2] * 4


def test_costs_by_hand():
    """Spikes from the onset to the decision, and their synapses while the projection is on."""
    network = classifier(3, 4, hidden=(2, 3), fan_in=2)
    with AssociativeMemory(architecture=network, variant="spk-ff", device="runtime") as memory:
        memory.traces["feedforward"].connections[:] = [[0, 1], [1, 2]]
        fan = fan_out(memory, "feedforward")
        assert fan.tolist() == [3, 3, 6, 6, 3, 3]
        assert fan_out(memory, "readout").tolist() == [4] * 6
        spikes = {name: np.zeros((2, 5, n), bool) for name, n in (("INP", 6), ("HID", 6), ("OUT", 4))}
        spikes["INP"][0, :, 2], spikes["HID"][:, 1::2, 5] = True, True
        recall = Recall({}, {}, {}, {}, spikes_over_time=spikes)
        phases = [Phase(2 * ms, (), {"feedforward": 1.0, "readout": 0.0}),
                  Phase(3 * ms, (), {"feedforward": 0.5, "readout": 2.0})]  # fmt: skip
        found = costs(memory, recall, phases, np.array([2, 5]))
    # INP: steps 0 and 1 of cue 0. HID: step 1 of cue 0; 1 and 3 of cue 1, of which the readout sees 3.
    assert found["spikes"] == {"INP": 1.0, "HID": 1.5, "OUT": 0.0}
    assert found["operations"] == {"feedforward": 6.0, "readout": 2.0}


# --- By theory ---------------------------------------------------------------------------


def test_first_spikes_sample_the_distribution(uneven):
    """A unique first one by p/(1 - p), p = f_max dt π; with ties drawn nearly by π itself."""
    found = first_to(uneven, 1, rng())
    assert not found.undecided.any()
    unique = found.choice[~found.tied]
    odds = 0.1 * PI / (1 - 0.1 * PI)
    for j, (p, q) in enumerate(zip(odds / odds.sum(), PI)):
        assert within((unique == j).sum(), p, len(unique))
        # Less than the difference between the two, at most 0.012 (of π = 0.5), is due to ties.
        assert abs((found.choice == j).mean() - q) < 0.012 + 3.3 * np.sqrt(q * (1 - q) / TRIALS)


@pytest.mark.parametrize("f_max, share", [(100, 0.045), (1000, 0.41)])
def test_ties_are_as_many_as_theory_says(f_max, share, sparse):
    spikes = sparse if f_max == 100 else frozen(UNIFORM, 12, f_max, trials=5000)
    decided = first_to(spikes, 1, rng())
    p = f_max * 1e-3 / 10
    some = 1 - (1 - p) ** 10
    expected = 1 - 10 * p * (1 - p) ** 9 / some
    assert expected == pytest.approx(share, abs=0.01)
    found = ~decided.undecided
    assert within(decided.tied[found].sum(), expected, found.sum())


def test_waiting_is_geometric(sparse):
    steps = first_to(sparse, 1, rng()).steps
    stop = 1 - (1 - 0.01) ** 10
    error = np.sqrt(1 - stop) / stop / np.sqrt(TRIALS)
    assert steps.mean() == pytest.approx(1 / stop, abs=3.3 * error + 80 * (1 - stop) ** 80)
    for longer in (5, 10, 30):
        assert within((steps > longer).sum(), (1 - stop) ** longer, TRIALS)


def test_waiting_does_not_depend_on_confidence(sparse):
    """That of stochastic minicolumns hardly: that of deterministic ones is 1/(f_max π_max)."""
    sure = np.array([0.91, *[0.01] * 9])
    stop = 1 - np.prod(1 - 0.1 * sure)
    steps = first_to(frozen(sure, 80), 1, rng()).steps
    assert steps.mean() == pytest.approx(1 / stop, abs=3.3 * 10 / np.sqrt(TRIALS))
    assert steps.mean() == pytest.approx(first_to(sparse, 1, rng()).steps.mean(), rel=0.08)


def test_deterministic_minicolumns_answer_the_most_likely_when_it_has_gathered_one():
    for pi in (PI, np.array([0.91, *[0.01] * 9])):
        found = first_to(frozen(pi, 40, model=ACCUMULATING, trials=20), 1, rng())
        share = (pi[0] + 1e-7) / (pi + 1e-7).sum()  # ε is part of the stimulus
        assert (found.choice == 0).all() and not found.tied.any()
        assert (found.steps == np.ceil(1 / (0.1 * share)) - 1).all()  # it gathered one step before


def test_counts_are_pluralities_of_poisson_draws():
    """Of (.6, .2, .1, rest) after 5, 10 and 20 expected spikes: 79, 91 and 98 %."""
    pi = np.array([0.6, 0.2, 0.1, *[0.1 / 7] * 7])
    spikes = frozen(pi, 200)
    draws, lots = np.random.default_rng(5).poisson(20 * pi / 4, (4, TRIALS, 10)), rng()
    for quarters, share in ((1, 0.79), (2, 0.91), (4, 0.98)):
        counts = draws[:quarters].sum(axis=0) + lots.random((TRIALS, 10)) / 2
        expected = (counts.argmax(axis=1) == 0).mean()
        found = most_spikes(spikes, 50 * quarters, rng())
        right = (found.otherwise(np.zeros(TRIALS)) == 0).mean()
        # Steps of 1 ms hold one spike of a minicolumn at most: counts vary a little less than Poisson's.
        assert right == pytest.approx(expected, abs=0.025)
        assert expected == pytest.approx(share, abs=0.02)


def test_spikes_needed_interpolate_between_a_sample_and_the_most_likely(uneven):
    right = [(first_to(uneven, k, rng()).choice == 0).mean() for k in (1, 2, 3, 5)]
    assert right == sorted(right) and right[0] < 0.53 and right[-1] > 0.75


def test_gain_moves_a_first_spike_from_the_prior_to_the_most_likely():
    for gain in (0.0, 1.0, 4.0):
        expected = PI**gain / (PI**gain).sum()
        found = first_to(frozen(PI, 60, gain=gain, trials=2000), 1, rng())
        unique = found.choice[~found.tied & ~found.undecided]
        odds = 0.1 * expected / (1 - 0.1 * expected)
        assert within((unique == 0).sum(), odds[0] / odds.sum(), len(unique))
        np.testing.assert_allclose(softmax(gain * np.log(PI)), expected)


def test_escape_noise_is_silent_without_evidence():
    """Spikes by the logistic function of the support alone, whatever the others do."""
    pi = np.array([1.0, 0.5, 1e-6])
    spikes = frozen(pi, 100, model=ESCAPE, trials=500)
    expected = 100 / (1 + 1 / (pi + 1e-7))
    n = spikes[..., 0].size
    for j, rate in enumerate(expected[:2]):
        assert within(spikes[..., j].sum(), 1e-3 * rate, n)
    assert spikes[..., 2].sum() <= 2
    silent = frozen(np.full(3, 1e-5), 50, model=ESCAPE, trials=500)
    assert first_to(silent, 1, rng()).undecided.mean() > 0.98


def test_supports_are_those_of_the_projection():
    with AssociativeMemory(architecture=classifier(3, 4, hidden=(2, 3), fan_in=2), variant="rate-ff",
                           tau_p=20 * ms, device="runtime") as memory:  # fmt: skip
        images = np.random.default_rng(0).random((8, 3))
        memory.learn({"INP": images, "OUT": np.arange(8) % 4})
        recall = memory.recall({"INP": images[:2]}, over_time=["HID"], populations=["OUT"],
                               since="feedforward")  # fmt: skip
        assert set(recall.z_over_time) == {"HID"} and set(recall.z["feedforward"]) == {"OUT"}
        simulation = memory._recalling(1)[0]
        s = simulation.get("OUT.s")
    # τ_m = dt: s is what the synapses brought one step before.
    z = recall.z_over_time["HID"][1:, -2]
    np.testing.assert_allclose(supports_by(memory, "readout", z)[0, 0], s, rtol=1e-4, atol=1e-4)
