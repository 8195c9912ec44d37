"""How many patterns a memory of H hypercolumns of M minicolumns holds, and what theory says of it.

Patterns name the active minicolumn of each hypercolumn. One is *recalled* if nine tenths of its
hypercolumns or more have the right winner; *capacity* is the number stored at which nine tenths of
the patterns are recalled.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

#: Share of hypercolumns that must be right, and of patterns that must be recalled.
RIGHT, CAPACITY_AT = 0.9, 0.9
#: Name of the cue that is followed by a single step of recall.
ONE_STEP = "one step"


def winners(activity: ArrayLike, minicolumns: int, rng: np.random.Generator) -> np.ndarray:
    """Most active minicolumn of each hypercolumn, drawn among those that are equal to 0.1 %.

    Parameters
    ----------
    activity : array_like, shape (n, H * M)
        Firing rates, say.
    minicolumns : int
        M.
    rng : Generator

    Returns
    -------
    ndarray of int, shape (n, H)
    """
    activity = np.asarray(activity, float)
    activity = activity.reshape(len(activity), -1, minicolumns)
    ties = activity >= activity.max(axis=-1, keepdims=True) * (1 - 1e-3)
    return np.where(ties, rng.random(activity.shape), -1).argmax(axis=-1)


def recall_measures(found: ArrayLike, patterns: ArrayLike) -> dict[str, float]:
    """Share of patterns recalled, share recalled in every hypercolumn, and share of hypercolumns.

    Parameters
    ----------
    found, patterns : array_like of int, shape (n, H)
        Winners, and what they should be.
    """
    right = (np.asarray(found) == np.asarray(patterns)).mean(axis=1)
    return {
        "recalled": float((right >= RIGHT - 1e-9).mean()),
        "perfect": float((right == 1).mean()),
        "right": float(right.mean()),
    }


def capacity(stored: ArrayLike, recalled: ArrayLike, at: float = CAPACITY_AT) -> float:
    """Number of stored patterns at which the share recalled first falls to `at`.

    It is interpolated linearly between the numbers that were tried, from 0 patterns, all of which
    are recalled. If the share never falls so far the largest number is returned, a lower bound.

    Parameters
    ----------
    stored, recalled : array_like, shape (n,)
        Numbers in rising order, and the shares.
    at : float
    """
    numbers = np.concatenate([[0], np.asarray(stored, float)])
    shares = np.concatenate([[1], np.asarray(recalled, float)])
    below = np.flatnonzero(shares < at)
    if not len(below):
        return float(numbers[-1])
    last = below[0] - 1
    part = (shares[last] - at) / (shares[last] - shares[last + 1])
    return float(numbers[last] + part * (numbers[last + 1] - numbers[last]))


def bits_per_synapse(
    stored: ArrayLike, right: ArrayLike, hypercolumns: int, minicolumns: int
) -> np.ndarray:
    """Information that recall gives of the stored patterns, by the number of synapses, H (H - 1) M².

    A hypercolumn of a random pattern has log2 M bits. Where a share e of the winners is wrong, and
    any other as likely, log2 M - h(e) - e log2(M - 1) is left of them, h the entropy of a choice
    of two (the capacity of a symmetric channel). Each direction of a pair is a synapse.

    Parameters
    ----------
    stored, right : array_like
        Number of patterns, and share of hypercolumns that are right.
    hypercolumns, minicolumns : int
        H and M, both 2 or more.
    """
    wrong = np.clip(1 - np.asarray(right, float), 0, 1 - 1 / minicolumns)  # more is no information
    with np.errstate(divide="ignore", invalid="ignore"):
        choice = -np.nan_to_num(wrong * np.log2(wrong)) - np.nan_to_num((1 - wrong) * np.log2(1 - wrong))
    left = np.log2(minicolumns) - choice - wrong * np.log2(minicolumns - 1)
    synapses = hypercolumns * (hypercolumns - 1) * minicolumns**2
    return np.asarray(stored, float) * hypercolumns * left / synapses


def willshaw_bound(cued: float) -> float:
    """Bits a synapse that binary weights can store where a share of the hypercolumns is cued.

    Of P patterns a share d = 1 - (1 - 1/M²)^P of the synapses is on, and a wrong minicolumn is
    supported by all of c cued hypercolumns with d^c. So that fewer than one is, in large networks
    c = log M / -log d, and P H log2 M / (H² M²) = (c/H) ln(1 - d) log2 d, at most
    (c/H) ln 2, where half of the synapses are on (Willshaw et al. 1969).
    """
    return cued * np.log(2)


def willshaw_right(stored: int, minicolumns: int, cued: int) -> float:
    """Probability that one step of recall by binary weights finds the right minicolumn: exact.

    The right one is supported by all cued hypercolumns, and so is a wrong one that was active in K
    of the other patterns, with probability (1 - (1 - 1/M)^K)^c. The K of a hypercolumn are
    multinomial; given these, wrong minicolumns are independent. Among equals one is drawn.

    Parameters
    ----------
    stored : int
        Random patterns, that which is recalled among them.
    minicolumns : int
    cued : int
        Hypercolumns with the right cue, other than the one that is asked.
    """
    left = np.zeros((stored, minicolumns))  # patterns that are left, wrong minicolumns that tie
    left[stored - 1, 0] = 1
    n = np.arange(stored)
    equal = (1 - (1 - 1 / minicolumns) ** n) ** cued
    for number in range(minicolumns - 1):
        taken = n[:, None] - n  # of so many that are left, those of this minicolumn
        p = binom.pmf(taken, n[:, None], 1 / (minicolumns - number))
        ties = np.where(taken >= 0, equal[np.maximum(taken, 0)], 0)
        alone, joined = (p * (1 - ties)).T @ left, (p * ties).T @ left
        left = alone
        left[:, 1:] += joined[:, :-1]
    return float(left.sum(axis=0) @ (1 / np.arange(1, minicolumns + 1)))


def willshaw_recalled(stored: int, hypercolumns: int, minicolumns: int, cued: int) -> float:
    """Probability that a pattern is recalled in one step from a cue with so many hypercolumns.

    Cued hypercolumns are supported by one less than others; all are taken as independent, which
    they are but for the patterns that they share.
    """
    needed = int(np.ceil(RIGHT * hypercolumns - 1e-9))
    inside = binom.pmf(np.arange(cued + 1), cued, willshaw_right(stored, minicolumns, cued - 1))
    missing = hypercolumns - cued
    outside = binom.pmf(np.arange(missing + 1), missing, willshaw_right(stored, minicolumns, cued))
    return float(np.convolve(inside, outside)[needed:].sum())


def willshaw_window(tau_p: float) -> float:
    """Patterns after which a binary weight is forgotten, with τ_p in patterns: κ(1 - κ)^age = κ/2."""
    return float(np.log(0.5) / np.log1p(-1 / tau_p))


def composite_scores(measures: Mapping[str, Mapping[str, float]]) -> pd.Series:
    """One number for each rule: the mean over measures of its value by that of the best rule.

    Parameters
    ----------
    measures : mapping of mapping
        Values of 0 or more by measure, then by rule.
    """
    table = pd.DataFrame(measures)
    best = table.max()
    return (table / best.where(best > 0, 1)).mean(axis=1)


# --- Tables ------------------------------------------------------------------------------


def capacities(recall: pd.DataFrame) -> pd.DataFrame:
    """Capacity of every network.

    Parameters
    ----------
    recall : DataFrame
        Shares 'recalled' by 'kind', 'patterns', 'cue', 'rule', 'seed' and 'stored'.

    Returns
    -------
    DataFrame
        'capacity' by the others of these, and 'reached', whether recall falls so far at all.
    """
    by = ["kind", "patterns", "cue", "rule", "seed"]
    rows = []
    for key, of in recall.sort_values("stored", kind="stable").groupby(by, sort=False):
        found = capacity(of["stored"], of["recalled"])
        rows.append({**dict(zip(by, key)), "capacity": found,
                     "reached": bool((of["recalled"] < CAPACITY_AT).any())})  # fmt: skip
    return pd.DataFrame(rows)


def memory_spans(forgetting: pd.DataFrame) -> pd.DataFrame:
    """Number of patterns in memory, 'span', of every network: recalled ones, over all ages.

    Parameters
    ----------
    forgetting : DataFrame
        'recalled' by 'tau_p', 'rule', 'seed' and 'age'.
    """
    by = ["tau_p", "rule", "seed"]
    return forgetting.groupby(by, sort=False)["recalled"].sum().rename("span").reset_index()


def rules_compared(
    capacity: pd.DataFrame, spans: pd.DataFrame | None = None, prototypes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rules in one table, best composite first.

    Parameters
    ----------
    capacity : DataFrame
        See `capacities`; of one kind of minicolumns.
    spans, prototypes : DataFrame, optional
        'span' by 'rule' and 'tau_p', and shares 'recalled' of prototypes by 'rule'; of networks.

    Returns
    -------
    DataFrame
        By 'rule': capacities, a column for each kind of patterns and cue, the largest mean 'span' over
        τ_p, the mean share of 'prototypes', and their 'composite', see `composite_scores`.
    """
    own = capacity[capacity["cue"] != ONE_STEP]
    columns = (own["patterns"] + ", " + own["cue"]).rename("measure")
    means = own.groupby(["rule", columns], sort=False)["capacity"].mean()
    measures = {name: means.xs(name, level=1) for name in columns.unique()}
    if spans is not None:
        by_tau = spans.groupby(["rule", "tau_p"])["span"].mean()
        measures["span"] = by_tau.groupby("rule").max()
    if prototypes is not None:
        measures["prototypes"] = prototypes.groupby("rule")["recalled"].mean()
    table = pd.DataFrame(measures)
    table["composite"] = composite_scores(measures)
    return table.sort_values("composite", ascending=False, kind="stable")
