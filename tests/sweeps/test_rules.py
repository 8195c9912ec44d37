"""Rules as genomes: what of their factors can be seen, lines through BCPNN, the noise floor."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn import BCPNN
from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.sweeps.departures import expressed
from cortical_bcpnn.sweeps.parameters import parameters_of, resolve
from cortical_bcpnn.sweeps.rules import (
    BCPNN_FACTORS,
    best_of_chance,
    canonical,
    departure,
    directions,
    flatness,
    identifiable,
    line,
    lines,
    recovered,
    summary_of_rules,
    versions,
)

H, M = 5, 4


def activity(factors: dict[str, float]) -> np.ndarray:
    """Softmax of a hypercolumn of M minicolumns that listens to H of two, in NumPy."""
    rng = np.random.default_rng(0)
    p_ij = rng.random((2 * H, M))
    p_ij /= p_ij.sum() / H
    p_i, p_j, p = p_ij.sum(axis=1), p_ij.sum(axis=0) / H, 0.8
    z = rng.random(H)
    z = np.stack([z, 1 - z], axis=1).ravel()
    t = factors
    w = (t["theta_1"] * np.log(p_ij) + t["theta_2"] * np.log(p_i)[:, None] + t["theta_3"] * np.log(p_j)
         + t["theta_4"] * np.log(p))  # fmt: skip
    s = z @ w + t["theta_b"] * np.log(p_j / p)
    return np.exp(s - s.max()) / np.exp(s - s.max()).sum()


RULE = {"theta_1": 1.3, "theta_2": 0.4, "theta_3": -1.7, "theta_4": -0.3, "theta_b": 0.6}


def test_a_rule_and_its_canonical_form_do_the_same():
    moved = canonical(RULE, H)
    np.testing.assert_allclose(activity(moved), activity(RULE), rtol=1e-12)
    assert moved["theta_b"] == moved["theta_1"] == -moved["theta_2"] == moved["theta_4"] == 1.3
    assert identifiable(moved, H) == pytest.approx(identifiable(RULE, H))
    assert identifiable(RULE, H) == pytest.approx((1.3, -7.9))
    assert canonical(BCPNN_FACTORS, H) == BCPNN_FACTORS and identifiable(BCPNN_FACTORS, H) == (1, 1 - H)


@pytest.mark.parametrize("fan_in", [H, 3 * H])
def test_departures_are_what_is_added_of_log_p_j(fan_in):
    """The support is theta_1 times that of BCPNN, and as many log p_j."""
    genes = {"theta_1": 1.3, "theta_2": 0.4, "theta_3": -1.5, "theta_4": 0.2, "theta_b": 0.7}
    rule = expressed(genes, dict.fromkeys(("theta_3", "theta_b")), fan_in)
    assert departure(rule, fan_in) == pytest.approx(-1.5 + 0.7) and rule["theta_2"] == 0.4
    gain = {name: 1.3 * value for name, value in BCPNN_FACTORS.items()}
    assert departure(gain, fan_in) == pytest.approx(0)
    neutral = expressed({**genes, "theta_3": 0.0, "theta_b": -0.8}, {"theta_3": 0, "theta_b": 0}, H)
    if fan_in == H:
        np.testing.assert_allclose(activity(neutral), activity(rule), rtol=1e-12)


@pytest.mark.parametrize("name, flat", [("theta_1", False), ("theta_2", True), ("theta_3", False),
                                        ("theta_4", True), ("theta_b", False), ("merged", True),
                                        ("gain", False)])  # fmt: skip
def test_which_directions_are_flat(name, flat):
    moved = activity(line(directions(H)[name], 0.7))
    assert np.allclose(moved, activity(BCPNN_FACTORS), rtol=1e-12, atol=0) == flat


def test_lines_go_through_bcpnn():
    points = lines(H, (-0.5, 0))
    assert len(points) == 2 * 7 and all(points[name, 0.0] == BCPNN_FACTORS for name in directions(H))
    assert points["merged", -0.5] == {**BCPNN_FACTORS, "theta_3": -1.5, "theta_b": 1 + 0.5 * H}


def test_factors_are_parameters_of_runs():
    given = resolve({"theta_1": 1.5}, digits())
    rule = parameters_of(given, 0).plasticity
    assert given["plasticity"] == "logarithms" and rule.parameters["theta_1"] == 1.5
    assert parameters_of(resolve({}, digits()), 0).plasticity is BCPNN
    with pytest.raises(ValueError, match="theta_b is given, and the rule 'BCPNN' has none"):
        resolve({"theta_b": 2.0, "plasticity": "BCPNN"}, digits())


def test_flatness_is_of_means_over_networks():
    table = pd.DataFrame({"direction": ["a"] * 6, "offset": [0, 0, 0.1, 0.1, 1, 1],
                          "ff": [0.5, 0.7, 0.6, 0.5, 0.2, 0.2]})  # fmt: skip
    assert flatness(table, "ff")["a"] == pytest.approx({"near": 0.05, "far": 0.4})


def test_the_best_of_equal_candidates_is_above_their_mean():
    """Of two normal draws by sd/sqrt(pi)."""
    found = best_of_chance([0.4, 0.6], 2)
    assert found == pytest.approx(0.5 + 0.1 * np.sqrt(2) / np.sqrt(np.pi), abs=0.01)
    assert best_of_chance([0.4, 0.6], 100) > found and np.isnan(best_of_chance([0.5], 3))


def test_searches_from_several_starts_are_one_table():
    def search(values):
        return pd.DataFrame([{"candidate": name, "generation": 0, **RULE, "ff": value}
                             for name, value in zip(("published", "0", "1"), values)])  # fmt: skip

    both = recovered([search([0.7, 0.2, 0.8]), search([0.7, 0.9, 0.1])])
    assert both["candidate"].tolist() == ["published", "0.0", "0.1", "1.0", "1.1"]
    both["fitness"] = [0.5, 0.1, 0.3, 0.4, 0.2]
    held_out = pd.DataFrame({"candidate": ["published"] * 2 + ["1.0"] * 2, "seed": [1, 2] * 2,
                             "ff": [0.6, 0.7, 0.9, 0.8], "fitness": 0.1}).assign(**RULE)  # fmt: skip
    held_out = held_out[["candidate", *RULE, "seed", "ff", "fitness"]]
    said = summary_of_rules(both, held_out.iloc[:2], held_out, ("ff", "fitness"), H)
    assert [row["candidate"] for row in said["starts"]] == ["0.1", "1.0"]
    assert "1.0 beats" in said["verdicts"][0] and "does not beat" in said["verdicts"][1]
    assert said["starts"][0]["departure"] == pytest.approx(-7.9 + 4 * 1.3) and len(said["starts"]) == 2
    assert said["recovered"] == [2, 2] and said["starts"][0]["first"] == pytest.approx(1.3)
    assert said["floor"]["ff"]["mean"] == pytest.approx(0.65)
    backwards = both.assign(theta_1=[1, 1.3, 1.3, -0.2, 1.3])
    one = summary_of_rules(backwards, held_out.iloc[:2], held_out, ("ff", "fitness"), H)
    assert one["recovered"] == [1, 2] and not one["starts"][1]["recovered"]
    tried = versions(held_out, H)
    assert tried["evolved"] == RULE and tried["BCPNN times θ1"]["theta_3"] == -1.3 and not tried["BCPNN"]
