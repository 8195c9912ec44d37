"""The evolution strategy: what it asks for, what it is told, fronts and finalists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cortical_bcpnn.data.datasets import digits
from cortical_bcpnn.sweeps.search import Search, finalists, hypervolume, loss, pareto_front
from cortical_bcpnn.sweeps.search_spec import Dimension, parse_range, read_search, search_from

RANGES = {"tau_z": ["5ms", "50ms"], "cue_gain": [0, 1], "fan_in": [4, 40]}


def spec(aims=("attractor",), **changes):
    return search_from({"search": RANGES, "aims": list(aims), "population": 6, "generations": 12,
                        **changes})  # fmt: skip


def achieve(settings: dict) -> dict[str, float]:
    """Best at 10 ms and a gain of 0.3; spikes grow with the fan-in, and accuracy a little too."""
    error = abs(np.log10(settings["tau_z"] / 10)) + abs(settings["cue_gain"] - 0.3)
    fan_in = settings["fan_in"]
    return {"attractor": 1 - error / 3 + fan_in / 1000, "hid_spikes": 10.0 * fan_in}


def run(search: Search, generations: int) -> list[list]:
    asked = []
    for _ in range(generations):
        candidates = search.ask()
        search.tell([achieve(candidate.settings) for candidate in candidates])
        asked.append([candidate.settings for candidate in candidates])
    return asked


@pytest.mark.parametrize("aims", [("attractor",), ("attractor", "hid_spikes")])
def test_the_same_seed_and_results_ask_for_the_same(aims):
    """So that a search goes on by telling again what it was told."""
    first, second = run(Search(spec(aims), 3), 4), run(Search(spec(aims), 3), 4)
    assert first == second != run(Search(spec(aims), 4), 4)


def test_candidates_are_inside_their_ranges_and_whole_where_they_must_be():
    for generation in run(Search(spec(), 0), 4):
        for settings in generation:
            assert 5 <= settings["tau_z"] <= 50 and 0 <= settings["cue_gain"] <= 1
            assert isinstance(settings["fan_in"], int) and 4 <= settings["fan_in"] <= 40
            assert settings["tau_z"] == float(f"{settings['tau_z']:.4g}")


def rules(**departures):
    ranges = {"theta_1": [-2, 2], "theta_3": [-6, 6], "fan_in": {"from": 4, "to": 40, "step": 9}}
    return search_from({"search": ranges, "aims": ["attractor"], "population": 20, "start": "random",
                        "spread": 4, "departures": departures})  # fmt: skip


def test_a_search_walks_in_departures():
    asked = [c.settings for c in Search(rules(theta_3=[-4, -1]), 0).ask()]
    departures = [s["fan_in"] * (s["theta_3"] + s["theta_1"]) for s in asked]
    assert min(departures) >= -4.1 and max(departures) <= -0.9 and np.std(departures) > 0.1
    assert {s["fan_in"] for s in asked} <= {4, 13, 22, 31, 40}
    free = [s["fan_in"] * (s["theta_3"] + s["theta_1"]) for s in
            (c.settings for c in Search(rules(), 0).ask())]  # fmt: skip
    assert max(np.abs(free)) > 10


@pytest.mark.parametrize(
    "departures, message",
    [({"theta_2": [-1, 1]}, "departures name theta_2"), ({"theta_b": [-1, 1]}, "name theta_b"),
     ({"theta_3": [1, -1]}, "give the lower end first")],
)  # fmt: skip
def test_departures_are_checked(departures, message):
    with pytest.raises(ValueError, match=message):
        rules(**departures)


def test_steps_stay_inside_the_range():
    dimension = parse_range("fan_in", {"from": 4, "to": 40, "step": 10})
    assert [dimension.plain(value) for value in (0, 8.9, 9.1, 40)] == [4, 4, 14, 34]
    with pytest.raises(ValueError, match="step of fan_in is 50"):
        parse_range("fan_in", {"from": 4, "to": 40, "step": 50})


def test_it_finds_what_is_best():
    """Within a tenth of the range of random guesses' mean error, which is about 0.4."""
    asked = run(Search(spec(), 1), 12)
    errors = [[1 - achieve(s)["attractor"] for s in generation] for generation in asked]
    assert np.mean(errors[-1]) < 0.5 * np.mean(errors[0]) and np.min(errors) < 0.06


def test_candidates_that_fail_are_told_as_worst():
    search = Search(spec(("attractor", "hid_spikes")), 0)
    for _ in range(2):
        candidates = search.ask()
        search.tell([None, *(achieve(c.settings) for c in candidates[1:])])
    assert loss("attractor", None) == 1
    assert loss("hid_spikes", None) > loss("hid_spikes", {"hid_spikes": 1e5})
    assert loss("attractor", {"attractor": 0.9}) == pytest.approx(0.1)


def test_random_candidates_cover_the_ranges_whatever_is_told():
    asked = sum(run(Search(spec(strategy="random"), 0), 10), [])
    gains = np.array([settings["cue_gain"] for settings in asked])
    assert gains.min() < 0.1 and gains.max() > 0.9 and gains.mean() == pytest.approx(0.5, abs=0.15)


def test_one_parameter_is_scanned_evenly():
    """Nevergrad has no CMA-ES of one parameter."""
    alone = search_from({"search": {"cue_gain": [0, 1]}, "population": 4, "generations": 2})
    values = sorted(s["cue_gain"] for asked in run_alone(Search(alone, 0), 2) for s in asked)
    np.testing.assert_allclose(values, (np.arange(8) + 0.5) / 8, atol=1e-3)


def run_alone(search: Search, generations: int) -> list[list]:
    asked = []
    for _ in range(generations):
        candidates = search.ask()
        search.tell([{"attractor": 0.5} for _ in candidates])
        asked.append([candidate.settings for candidate in candidates])
    return asked


def test_random_starts_differ_and_a_spread_widens_them():
    def first(**changes):
        candidates = [Search(spec(**changes), seed).ask() for seed in range(6)]
        return np.array([[c.settings["cue_gain"] for c in asked] for asked in candidates])

    middle, starts, wide = first(), first(start="random"), first(spread=4.0)
    assert np.abs(middle.mean(axis=1) - 0.5).max() < 0.1 < starts.mean(axis=1).std()
    assert wide.std() > 2.5 * middle.std()


def test_hypervolume_is_exact_in_two_dimensions():
    """Against the area of the union of rectangles, counted on a fine grid of whole numbers."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        points = rng.integers(0, 12, (6, 2))  # some beyond the reference
        x, y = np.meshgrid(np.arange(10), np.arange(10), indexing="ij")
        area = np.any([(x >= a) & (y >= b) for a, b in points], axis=0).sum()
        assert hypervolume(points, [10, 10]) == pytest.approx(area)
    assert hypervolume(np.empty((0, 2)), [1, 1]) == 0


def test_pareto_front():
    table = pd.DataFrame({"attractor": [0.9, 0.8, 0.8, 0.7, np.nan, 0.9],
                          "hid_spikes": [900, 500, 600, 500, 1, 900]})  # fmt: skip
    front = pareto_front(table, ("attractor", "hid_spikes"))
    assert front.tolist() == [True, True, False, False, False, True]
    assert pareto_front(table, ("attractor",)).tolist() == [True, False, False, False, False, True]


def test_finalists():
    rng = np.random.default_rng(0)
    spikes = rng.permutation(20) + 1.0
    table = pd.DataFrame({"attractor": spikes / 25, "hid_spikes": spikes})  # all on the front
    best = finalists(table, ("attractor",), 3)
    assert best["hid_spikes"].tolist() == [20, 19, 18]
    spread = finalists(table, ("attractor", "hid_spikes"), 4)["hid_spikes"].tolist()
    assert spread[0] == 1 and spread[-1] == 20 and len(spread) == 4
    assert len(finalists(table.head(2), ("attractor", "hid_spikes"), 4)) == 2


@pytest.mark.parametrize(
    "value, expected",
    [
        (["5ms", "0.05s"], (5, 50, "log")), ("5ms..50ms", (5, 50, "log")),
        ("5ms..50ms:linear", (5, 50, "linear")),
        ({"from": "5ms", "to": "50ms", "scale": "linear"}, (5, 50, "linear")),
    ],
)  # fmt: skip
def test_ranges(value, expected):
    assert parse_range("tau_z", value) == Dimension("tau_z", *expected)


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("tau_z", [5, 50], "without a unit"), ("tau_z", ["5Hz", "50Hz"], "wrong unit"),
        ("tau_x", ["5ms", "6ms"], "unknown"), ("tau_z", ["50ms", "5ms"], "lower end first"),
        ("tau_z", "5ms", "two ends"), ("tau_z", ["5ms"], "two ends"),
        ("cue_gain", {"from": 0, "to": 1, "scale": "log"}, "give more than 0"),
        ("cue_gain", "0..1:cubic", "scale of cue_gain"), ("variant", ["a", "b"], "is a name"),
    ],
)  # fmt: skip
def test_ranges_that_are_none(name, value, message):
    with pytest.raises(ValueError, match=message):
        parse_range(name, value)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"aims": ["speed"]}, "aim 'speed' is unknown"), ({"aims": []}, "give one or two"),
        ({"aims": ["ff", "ff"]}, "twice"), ({"population": 0}, "population is 0"),
        ({"parameters": {"tau_z": "5ms"}}, "searched and fixed"), ({"x": 1}, "'x' is unknown"),
        ({"strategy": "luck"}, "choose one of CMA-ES"), ({"start": "end"}, "choose one of middle"),
        ({"spread": 0}, "spread is 0"),
    ],
)  # fmt: skip
def test_searches_that_are_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        search_from({"search": RANGES, **changes})


def test_ends_that_no_network_can_have():
    with pytest.raises(ValueError, match="fan-in of the feedforward projection is 99"):
        search_from({"search": {"fan_in": [4, 99]}}).check(digits())


def test_the_shipped_search():
    found = read_search(Path("recall_gains"))
    found.check(digits())
    assert found.aims == ("attractor", "hid_spikes") and found.measures == ("accuracy", "spikes")
    assert spec(("completion@0.8_attractor",)).measures[-1] == "completion@0.8"
