"""Single synapses: weight against firing rates and against spike times.

The protocols are those by which Tully, Hennig & Lansner (2014), doi:10.3389/fnsyn.2014.00008,
characterise the rule, for any `Rule`.
"""

from __future__ import annotations

import numpy as np
from brian2 import Quantity, ms, second
from numpy.typing import ArrayLike

from ..values.quantities import check_quantity
from .rules import AbstractRule, BiophysicalRule, Outcome, Rule

__all__ = [
    "AbstractRule",
    "BiophysicalRule",
    "Outcome",
    "Rule",
    "weights_against_rates",
    "weights_against_timing",
]


def weights_against_rates(
    rule: Rule, pre: ArrayLike, post: ArrayLike, duration: Quantity, *, trials: int = 20, seed: int = 0
) -> np.ndarray:
    """Mean weight after both cells have fired Poisson trains, shape (len(pre), len(post)).

    Parameters
    ----------
    rule : Rule
    pre, post : array_like of float
        Firing rates in Hz.
    duration : Quantity
        How long they fire. Trains are independent: what makes weights grow is that both cells
        are active now, and were not before.
    trials : int
        Trains to average over.
    seed : int
    """
    dt = float(rule.dt)
    check_quantity("duration", duration, second)
    for name, rates in (("pre", np.asarray(pre, float)), ("post", np.asarray(post, float))):
        if rates.ndim != 1 or not len(rates) or not ((rates >= 0) & (rates <= 0.5 / dt)).all():
            raise ValueError(f"{name} are {rates.tolist()}: give rates in Hz from 0 to {0.5 / dt:g}.")
    pre, post = np.asarray(pre, float), np.asarray(post, float)
    rng = np.random.default_rng(seed)
    steps = round(float(duration) / dt)
    shape = (len(pre), len(post), trials)
    trains = [
        rng.random((steps, pre.size * post.size * trials)) < np.broadcast_to(rate, shape).ravel() * dt
        for rate in (pre[:, None, None], post[None, :, None])
    ]
    return rule.run(*trains).weights.reshape(shape).mean(axis=-1)


def weights_against_timing(
    rule: Rule, differences: ArrayLike, *, pairs: int = 20, interval: Quantity | None = None
) -> np.ndarray:
    """Change of weight after pairs of spikes, shape (len(differences),).

    Parameters
    ----------
    rule : Rule
    differences : array_like of float
        Post- minus presynaptic spike time in ms.
    pairs : int
        Number of pairs.
    interval : Quantity, optional
        Time between pairs, default 500 ms.

    Returns
    -------
    ndarray
        Weight after the protocol, relative to a synapse whose cells fire as often, half an
        interval apart: what is left is due to spike times.
    """
    interval = 500 * ms if interval is None else interval
    check_quantity("interval", interval, second)
    dt, between = float(rule.dt), round(float(interval / rule.dt))
    shifts = np.round(np.asarray(differences, float) * 1e-3 / dt).astype(int)
    if shifts.ndim != 1 or not len(shifts) or (np.abs(shifts) > between // 2).any():
        raise ValueError(
            f"differences are {np.asarray(differences).tolist()}: give times in ms of at most half "
            f"the interval of {interval}."
        )
    shifts = np.append(shifts, between // 2)
    trains = np.zeros((2, between * (pairs + 1), len(shifts)), bool)
    for pair in range(pairs):
        middle = pair * between + between // 2
        trains[0, middle, :] = True
        trains[1, middle + shifts, np.arange(len(shifts))] = True
    weights = rule.run(*trains).weights
    return weights[:-1] - weights[-1]
