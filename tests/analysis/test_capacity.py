"""How many patterns a memory holds: measures, and theory that is exact."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.analysis.capacity import (
    bits_per_synapse,
    capacities,
    capacity,
    composite_scores,
    memory_spans,
    recall_measures,
    rules_compared,
    willshaw_bound,
    willshaw_recalled,
    willshaw_right,
    willshaw_window,
    winners,
)


def test_winners_are_the_most_active_and_ties_are_drawn():
    activity = np.tile([[0.0, 3.0, 2.0, 5.0, 5.0, 0.0]], (4000, 1))
    found = winners(activity, 3, np.random.default_rng(1))
    assert (found[:, 0] == 1).all() and set(found[:, 1]) == {0, 1}
    assert abs((found[:, 1] == 0).mean() - 0.5) < 4 * 0.5 / np.sqrt(4000)
    assert set(winners(np.zeros((100, 3)), 3, np.random.default_rng(2)).ravel()) == {0, 1, 2}


def test_recall_counts_patterns_of_which_nine_tenths_are_right():
    patterns = np.zeros((4, 10), int)
    found = patterns.copy()
    found[1, :1], found[2, :2], found[3] = 1, 1, 1
    assert recall_measures(found, patterns) == {
        "recalled": 0.5, "perfect": 0.25, "right": pytest.approx((10 + 9 + 8) / 40)
    }  # fmt: skip


@pytest.mark.parametrize(
    "stored, recalled, expected",
    [
        ([10, 20, 40], [1, 0.95, 0.75], 25),  # a quarter of the way from 20 to 40
        ([10, 20, 40], [1, 0.9, 0.9], 40),  # never below: a lower bound
        ([10, 20, 40], [0.8, 1, 1], 5),  # half-way from 0, where all are recalled
        ([10, 20, 40], [1, 0.8, 1], 15),  # the first crossing
    ],
)
def test_capacity_is_interpolated(stored, recalled, expected):
    assert capacity(stored, recalled) == pytest.approx(expected)


def test_bits_are_those_of_a_symmetric_channel():
    """Mutual information of the table of what is stored and what is recalled, summed by hand."""
    m, wrong = 5, 0.3
    joint = np.full((m, m), wrong / (m - 1) / m)
    np.fill_diagonal(joint, (1 - wrong) / m)
    information = (joint * np.log2(joint * m * m)).sum()
    found = bits_per_synapse([8, 8, 8], [1, 1 - wrong, 1 / m], 6, m)
    np.testing.assert_allclose(found, 8 * 6 / (6 * 5 * m**2) * np.array([np.log2(m), information, 0]),
                               atol=1e-12)  # fmt: skip
    less_than_chance = bits_per_synapse(8, 0.01, 6, m)
    assert less_than_chance == pytest.approx(0, abs=1e-12)


def test_theory_of_binary_weights_is_exact():
    """Against all networks of three patterns of three hypercolumns, of 3 or 2 minicolumns."""
    for m, stored, cued in ((3, 3, 2), (2, 4, 2), (3, 3, 1)):
        right, pattern = [], (0,) * (cued + 1)
        for others in product(product(range(m), repeat=cued + 1), repeat=stored - 1):
            all_patterns = (pattern, *others)
            on = {(i, p[0]) for p in all_patterns for i in range(1, cued + 1) if p[i] == 0}
            support = [sum((i, j) in on for i in range(1, cued + 1)) for j in range(m)]
            right.append((support[0] == max(support)) / support.count(max(support)))
        assert willshaw_right(stored, m, cued) == pytest.approx(np.mean(right), rel=1e-12)


def test_patterns_are_recalled_as_their_hypercolumns_are():
    missing, cued = willshaw_right(60, 10, 7), willshaw_right(60, 10, 6)
    rng = np.random.default_rng(1)
    drawn = np.concatenate([rng.random((20000, 7)) < cued, rng.random((20000, 3)) < missing], axis=1)
    assert willshaw_recalled(60, 10, 10, 7) == pytest.approx((drawn.sum(axis=1) >= 9).mean(), abs=0.015)
    assert willshaw_right(1, 4, 2) == 1


def test_bound_is_where_half_of_the_synapses_are_on():
    on = np.linspace(0.01, 0.99, 981)
    bits = 0.7 * np.log(1 - on) * np.log2(on)
    assert willshaw_bound(0.7) == pytest.approx(bits.max(), rel=1e-6)
    assert on[bits.argmax()] == pytest.approx(0.5)


def test_a_binary_weight_is_on_for_log_2_tau():
    assert (1 - 1 / 50) ** willshaw_window(50) == pytest.approx(0.5)
    assert willshaw_window(1e5) == pytest.approx(np.log(2) * 1e5, rel=1e-4)


def test_tables():
    rows = [
        {"kind": "rate", "patterns": "random", "cue": cue, "rule": rule, "seed": seed, "stored": n,
         "recalled": share}
        for rule, shares in (("A", (1, 0.8)), ("B", (0.8, 0.5)), ("C", (1, 1)))
        for cue in ("missing", "one step") for seed in (0, 1) for n, share in zip((10, 20), shares)
    ]  # fmt: skip
    held = capacities(pd.DataFrame(rows))
    assert len(held) == 3 * 2 * 2
    by_rule = held[held["cue"] == "missing"].groupby("rule")
    assert by_rule["capacity"].mean().to_dict() == pytest.approx({"A": 15, "B": 5, "C": 20})
    assert by_rule["reached"].all().to_dict() == {"A": True, "B": True, "C": False}
    ages = pd.DataFrame([
        {"tau_p": tau, "rule": rule, "seed": 0, "age": age, "recalled": float(age < n)}
        for tau, n in ((5, 2), (9, 4)) for rule in "ABC" for age in range(6)
    ])  # fmt: skip
    spans = memory_spans(ages)
    assert spans["span"].tolist() == [2, 2, 2, 4, 4, 4]
    prototypes = pd.DataFrame({"rule": ["A", "A", "B", "C"], "recalled": [0.2, 0.4, 0.6, 0.0]})
    table = rules_compared(held, spans, prototypes)
    assert list(table.columns) == ["random, missing", "span", "prototypes", "composite"]
    assert table.loc["A"].tolist() == pytest.approx([15, 4, 0.3, (15 / 20 + 1 + 0.5) / 3])
    assert list(table.index) == ["A", "B", "C"] and table["composite"].is_monotonic_decreasing
    assert list(rules_compared(held).columns) == ["random, missing", "composite"]


def test_a_measure_that_nobody_has_counts_nothing():
    scores = composite_scores({"x": {"A": 4, "B": 2}, "y": {"A": 0, "B": 0}})
    assert scores.to_dict() == {"A": 0.5, "B": 0.25}
