"""Evolution of connections: a strategy over the probability that two hypercolumns are connected.

After Wang et al. (2023), *Evolving connectivity for recurrent spiking neural networks*,
arXiv:2305.17650: natural evolution strategies (NES) over Bernoulli probabilities. Here every
postsynaptic hypercolumn keeps its fan-in, as under rewiring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .connections import to_text
from .tuning import Tuning

_BOUND = 1e-3  # of probabilities, as in the published code


class ConnectionStrategy:
    """Ask for connections, tell how well each did.

    Parameters
    ----------
    n_pre, n_post, fan_in : int
    population : int
        Candidates in a generation.
    rate : float
        Step; with 0 all candidates are drawn at random, as a control.
    seed : int

    Attributes
    ----------
    probabilities : ndarray, shape (H post, H pre)
        In the sum over H pre the fan-in, up to what is cut off at `_BOUND` and 1 - `_BOUND`.
    """

    def __init__(
        self, n_pre: int, n_post: int, fan_in: int, population: int, rate: float, seed: int
    ) -> None:
        self.probabilities = np.full((n_post, n_pre), fan_in / n_pre)
        self._fan_in, self._population, self._rate = fan_in, population, rate
        self._rng = np.random.default_rng(seed)
        self._asked: list[np.ndarray] = []

    def ask(self) -> list[np.ndarray]:
        """The connections of a generation, each of shape (H post, fan-in), in order.

        Those of the largest log odds plus Gumbel noise: `fan_in` draws without replacement, with
        chances in proportion to the odds.
        """
        p = np.clip(self.probabilities, _BOUND, 1 - _BOUND)
        odds = np.log(p / (1 - p))
        self._asked = [
            np.sort(np.argsort(-(odds + self._rng.gumbel(size=odds.shape)))[:, : self._fan_in])
            for _ in range(self._population)
        ]
        return self._asked

    def tell(self, fitness: Sequence[float]) -> None:
        """How well each of the last generation did; NaN is worst.

        Probabilities go towards the connections of the good by
        rate * mean(rank * (connected - probability)), with ranks from -1/2 to 1/2.
        """
        ranks = pd.Series(fitness, dtype=float).rank(na_option="top").to_numpy()
        ranks = (ranks - 1) / max(len(ranks) - 1, 1) - 0.5
        step = np.zeros_like(self.probabilities)
        for rank, connections in zip(ranks, self._asked):
            connected = np.zeros_like(step)
            np.put_along_axis(connected, connections, 1.0, axis=1)
            step += rank * (connected - self.probabilities)
        moved = self.probabilities + self._rate * step / len(ranks)
        self.probabilities = np.clip(moved, _BOUND, 1 - _BOUND)


def evolve_connections(
    tuning: Tuning, strategy: ConnectionStrategy, generations: int, aim: str, desc: str
) -> pd.DataFrame:
    """All generations of a search: a row for each candidate.

    Parameters
    ----------
    tuning : Tuning
        Candidates are judged on validation images by its networks, with its first seed.
    strategy : ConnectionStrategy
    generations : int
    aim : str
        A column of measures that is to be high.
    desc : str
        What the progress bar says.

    Returns
    -------
    DataFrame
        Columns candidate, generation, connections (as text), and the aim.
    """
    rows: list[dict] = []
    for generation in range(generations):
        texts = {str(len(rows) + n): to_text(each) for n, each in enumerate(strategy.ask())}
        found = tuning.networks(
            {name: {"connections": text} for name, text in texts.items()}, [0], "validation",
            f"{desc}, generation {generation + 1} of {generations}",
        )  # fmt: skip
        fitness = found.get(aim, pd.Series(np.nan, found.index))
        strategy.tell(fitness.tolist())
        rows += [{"candidate": name, "generation": generation, "connections": text, aim: value}
                 for (name, text), value in zip(texts.items(), fitness)]  # fmt: skip
    return pd.DataFrame(rows)


def connections_by_search(
    tuning: Tuning, rates: Mapping[str, float], searches: int, seed: int, aim: str,
    size: tuple[int, int, int], population: int, generations: int,
) -> tuple[pd.DataFrame, dict[str, str]]:  # fmt: skip
    """Several searches of each way, and the best connections of each.

    Parameters
    ----------
    tuning : Tuning
    rates : mapping of str to float
        Of the strategy, by way; 0 is a control.
    searches : int
    seed : int
        Of the first.
    aim : str
    size : (int, int, int)
        H pre, H post, and fan-in.
    population, generations : int

    Returns
    -------
    candidates : DataFrame
        As of `evolve_connections`, with columns way, search and shown: how often all candidates so far
        have been shown all images, without labels once and with them once.
    chosen : dict of str to str
        By way and number of the search.
    """
    found: list[pd.DataFrame] = []
    chosen: dict[str, str] = {}
    for number in range(searches):
        for way, rate in rates.items():
            strategy = ConnectionStrategy(*size, population, rate, seed + number)
            name = f"{way}, {number}"
            table = evolve_connections(tuning, strategy, generations, aim, name)
            found.append(table.assign(way=way, search=number, shown=2 * table.index + 2))
            chosen[name] = best_connections(tuning, table, aim)
    return pd.concat(found, ignore_index=True), chosen


def best_connections(tuning: Tuning, candidates: pd.DataFrame, aim: str, finalists: int = 4) -> str:
    """The best of a few finalists, by fresh networks and validation images; as text."""
    best = candidates.sort_values(aim, ascending=False, kind="stable").head(finalists)
    settings = {row["candidate"]: {"connections": row["connections"]} for _, row in best.iterrows()}
    found = tuning.networks(settings, tuning.check_seeds, "validation", "finalists")
    means = found.groupby("candidate", sort=False)[aim].mean()
    return str(settings[means.idxmax()]["connections"])


def doublings(most: int) -> list[int]:
    """1, 2, 4, … and the most itself."""
    powers = [1 << n for n in range(most.bit_length()) if 1 << n < most]
    return [*powers, most]


def structure_in_words(summary: Mapping, held_out: pd.DataFrame) -> str:
    """What each way of finding connections achieves on images that had no part in it."""
    table = held_out.groupby("candidate", sort=False)[["ff", "out_ff"]].agg(["mean", "std"])
    return (
        f"test accuracy, fan-in {summary['fan_in']}; evolution shows images {summary['budget']} times "
        f"in all\n{table.to_string(float_format='{:.4f}'.format)}"
    )
