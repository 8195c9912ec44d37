"""Networks that store patterns one by one: their weights against averages over the patterns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from brian2 import prefs

from cortical_bcpnn import BCPNN, CONTINUOUS, PLASTICITY_RULES
from cortical_bcpnn.experiments.storing import AVERAGING, PROJECTION, Store, rule_named

H, M = 4, 3
PATTERNS = np.random.default_rng(2).integers(0, M, (7, H))
ACTIVE = (PATTERNS[..., None] == np.arange(M)).reshape(len(PATTERNS), -1).astype(float)
OTHERS = np.arange(H * M)[:, None] // M != np.arange(H * M) // M
LINEAR = BCPNN.changed(name="linear", weight="p_ij*p/(p_i*p_j) - 1", bias="0")
NAMES = ("BCPNN", "covariance", "presynaptic covariance", "Hopfield", "Oja", "Hebb", "Willshaw")
RULES = {**{name: PLASTICITY_RULES[name] for name in NAMES}, "linear": LINEAR}


@pytest.fixture(scope="module", autouse=True)
def numpy_target() -> Iterator[None]:
    """Few synapses and time steps: nothing to compile."""
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield
    prefs.codegen.target = target


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """All patterns, in two goes."""
    with Store((H, M), RULES, "rate", seed=4, device="runtime") as store:
        store.store(PATTERNS[:3])
        store.store(PATTERNS[3:])
        yield store


@pytest.fixture(scope="module")
def averages(store) -> tuple[np.ndarray, np.ndarray]:
    """p_ij and p_i, computed from the patterns and the random start, which counts as one more."""
    start = Store((H, M), {"BCPNN": BCPNN}, seed=4, device="runtime")
    traces = start._learning[""].traces[PROJECTION]
    start.__exit__()
    number = len(PATTERNS) + 1
    joint = (ACTIVE.T @ ACTIVE + traces.joint() * AVERAGING) / number
    pre, post = ((ACTIVE.sum(axis=0) + p * AVERAGING) / number for p in (traces.p_pre, traces.p_post))
    return joint, np.stack([pre, post])


def test_traces_are_plain_averages_with_the_start_as_one_pattern(store, averages):
    joint, (pre, post) = averages
    traces = store._learning[""].traces[PROJECTION]
    assert traces.p * AVERAGING == pytest.approx(len(PATTERNS) + 1, rel=1e-4)
    np.testing.assert_allclose(traces.p_pre / traces.p, pre, rtol=2e-4)
    np.testing.assert_allclose(traces.p_post / traces.p, post, rtol=2e-4)
    np.testing.assert_allclose((traces.joint() / traces.p)[OTHERS], joint[OTHERS], rtol=1e-3)


def test_weights_follow_from_averages(store, averages):
    joint, (pre, post) = averages
    i, j = pre[:, None], post
    expected = {
        "BCPNN": np.log(joint / (i * j)),
        "linear": joint / (i * j) - 1,
        "Hebb": joint,
        "Oja": joint / j,
        "Hopfield": 4 * joint - 2 * i - 2 * j + 1,
        "covariance": 100 * (joint - i * j),
        "presynaptic covariance": joint / i - j,
    }
    for name, weights in expected.items():
        np.testing.assert_allclose(store.weights(name)[OTHERS], weights[OTHERS], rtol=3e-3, atol=1e-3,
                                   err_msg=name)  # fmt: skip
        assert store.spread(name) == pytest.approx(weights[OTHERS].std(), rel=3e-3), name
    assert not any(store._recalling[name].biases(PROJECTION).any() for name in NAMES if name != "BCPNN")


def test_hopfield_weights_average_the_products_of_signs(store):
    """But for what the random start counts: it is one pattern in eight."""
    signs = 2 * ACTIVE - 1
    found, products = store.weights("Hopfield"), signs.T @ signs / len(signs)
    assert np.corrcoef(found[OTHERS], products[OTHERS])[0, 1] > 0.99


def test_hopfield_is_hebb_with_a_bias_against_what_is_frequent(store, averages):
    """What is equal for all minicolumns of a hypercolumn has no effect; -2 (H - 1) p_j is left."""
    post = averages[1][1]
    hopfield, hebb = (ACTIVE @ (store.weights(name) * OTHERS) for name in ("Hopfield", "Hebb"))
    difference = (hopfield - 4 * hebb + 2 * (H - 1) * post).reshape(-1, H, M)
    np.testing.assert_allclose(difference, difference[..., :1].repeat(M, axis=2), atol=1e-3)


def test_binary_weights_are_the_pairs_that_were_ever_active(store):
    together = ACTIVE.T @ ACTIVE > 0
    assert (store.weights("Willshaw") == together)[OTHERS].all() and 0 < together[OTHERS].mean() < 1


def test_one_step_takes_a_minicolumn_that_all_cues_support(store):
    cues = PATTERNS.copy()
    cues[:, 0] = -1
    found = store.recall("Willshaw", cues, None, one_step=True)
    together = (ACTIVE.T @ ACTIVE > 0) & OTHERS
    support = np.where(cues < 0, 0, 1).repeat(M, axis=1) * ACTIVE @ together
    support = support.reshape(len(cues), H, M)
    assert (np.take_along_axis(support, found[..., None], 2)[..., 0] == support.max(axis=2)).all()


def test_nothing_is_connected_within_a_hypercolumn(store):
    for memory in store._recalling.values():
        assert (memory.connections(PROJECTION) == ~np.eye(H, dtype=bool)).all()


def test_whole_cues_are_kept_and_cues_are_completed(store):
    with Store((H, M), {"BCPNN": BCPNN}, "rate", seed=4, device="runtime") as fresh:
        fresh.store(PATTERNS[:2])
        cues = PATTERNS[:2].copy()
        cues[:, 1] = -1
        assert (fresh.recall("BCPNN", cues, 2.0) == PATTERNS[:2]).all()
        assert (fresh.recall("BCPNN", PATTERNS[:2], 2.0) == PATTERNS[:2]).all()


def test_old_patterns_fade_exponentially():
    """With τ_p of 4 patterns; binary weights are on where p_ij is above half a pattern."""
    rules = {name: PLASTICITY_RULES[name] for name in ("Hebb", "Willshaw")}
    with Store((H, M), rules, "rate", tau_p=4, seed=4, device="runtime") as store:
        start = store._learning[""].traces[PROJECTION].joint()
        store.store(PATTERNS)
        kappa, age = 1 / 4, np.arange(len(PATTERNS))[::-1]
        shares = kappa * (1 - kappa) ** age
        joint = (ACTIVE * shares[:, None]).T @ ACTIVE + start * (1 - kappa) ** len(PATTERNS)
        total = shares.sum() + kappa * (1 - kappa) ** len(PATTERNS)
        np.testing.assert_allclose(store.weights("Hebb")[OTHERS], (joint / total)[OTHERS], atol=1e-5)
        on = joint > kappa / 2
        assert (store.weights("Willshaw") == on)[OTHERS].all()
        assert (on < (ACTIVE.T @ ACTIVE > 0))[OTHERS].any()  # something is forgotten


def test_repeated_patterns_count_as_often():
    with Store((H, M), {"Willshaw": PLASTICITY_RULES["Willshaw"]}, epochs=3, device="runtime") as store:
        store.store(PATTERNS[:2])
        assert store._learning[""].traces[PROJECTION].p * AVERAGING == pytest.approx(7, rel=1e-4)
        together = ACTIVE[:2].T @ ACTIVE[:2] > 0
        assert (store.weights("Willshaw") == together)[OTHERS].all()


def test_rules_that_learn_in_their_own_way_have_a_network_of_their_own():
    with Store((H, M), {"BCPNN": BCPNN, "own": CONTINUOUS}, device="runtime") as store:
        assert set(store._learning) == {"", "own"}
        store.store(PATTERNS[:2])
        assert store._recalling["own"].traces[PROJECTION].p == pytest.approx(
            store._recalling["BCPNN"].traces[PROJECTION].p, rel=1e-3
        )


def test_rules_by_name():
    assert rule_named("Oja") is PLASTICITY_RULES["Oja"]
    assert rule_named("cortical_bcpnn.model.plasticity:HEBB") is PLASTICITY_RULES["Hebb"]


@pytest.mark.parametrize(
    "name, message",
    [
        ("Heb", "rule 'Heb' is unknown: choose from BCPNN"),
        ("nowhere:RULE", "nowhere:RULE cannot be imported .ModuleNotFoundError"),
        ("cortical_bcpnn:gone", "cannot be imported .AttributeError"),
        ("cortical_bcpnn:POISSON", "let it be a PlasticityRule"),
    ],
)
def test_rules_that_are_none(name, message):
    with pytest.raises(ValueError, match=message):
        rule_named(name)
