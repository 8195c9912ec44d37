"""Evolution of connections: what is asked for, the step, and that good ones are found."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.sweeps.structure import ConnectionStrategy, doublings

GOOD = {0, 3, 5}  # of 12 hypercolumns


def fitness(connections: np.ndarray) -> float:
    return float(np.isin(connections, list(GOOD)).mean())


def evolved(rate: float, seed: int = 0) -> tuple[ConnectionStrategy, list[float]]:
    strategy = ConnectionStrategy(12, 2, 3, population=16, rate=rate, seed=seed)
    means = []
    for _ in range(25):
        found = [fitness(connections) for connections in strategy.ask()]
        strategy.tell(found)
        means.append(float(np.mean(found)))
    return strategy, means


def test_candidates_keep_their_fan_in():
    strategy = ConnectionStrategy(12, 4, 3, population=5, rate=1, seed=1)
    asked = strategy.ask()
    assert len(asked) == 5 and all(each.shape == (4, 3) for each in asked)
    assert all((np.diff(each, axis=1) > 0).all() for each in asked), "each once, in order"
    other = ConnectionStrategy(12, 4, 3, population=5, rate=1, seed=1).ask()
    np.testing.assert_array_equal(asked, other)


def test_draws_are_in_proportion_to_the_odds():
    """Of one connection the chance is the share of its odds."""
    strategy = ConnectionStrategy(3, 1, 1, population=4000, rate=1, seed=0)
    strategy.probabilities = np.array([[0.5, 0.25, 0.25]])
    shares = np.bincount(np.ravel(strategy.ask()), minlength=3) / 4000
    odds = np.array([1, 1 / 3, 1 / 3])
    np.testing.assert_allclose(shares, odds / odds.sum(), atol=4 * np.sqrt(0.24 / 4000))


def test_the_step_is_that_of_nes():
    strategy = ConnectionStrategy(4, 1, 2, population=3, rate=0.6, seed=2)
    before, asked = strategy.probabilities.copy(), strategy.ask()
    strategy.tell([0.2, 0.9, np.nan])
    connected = np.array([np.isin(np.arange(4), each[0]) for each in asked], float)
    step = 0.6 * np.mean(np.array([0, 0.5, -0.5])[:, None] * (connected - before), axis=0)
    np.testing.assert_allclose(strategy.probabilities, before + step, rtol=1e-12)
    assert strategy.probabilities.sum() == pytest.approx(2)


def test_it_finds_good_connections_and_chance_does_not():
    """A quarter is right by chance; the standard error of a mean of 25 x 16 x 6 draws is 0.01."""
    strategy, means = evolved(rate=1.0)
    assert np.mean(means[-5:]) > 0.75 and set(strategy.probabilities[0].argsort()[-3:]) == GOOD
    random, means = evolved(rate=0.0)
    assert np.mean(means) == pytest.approx(0.25, abs=0.04) and (random.probabilities == 0.25).all()


def test_doublings():
    assert doublings(1) == [1] and doublings(4) == [1, 2, 4] and doublings(6) == [1, 2, 4, 6]
