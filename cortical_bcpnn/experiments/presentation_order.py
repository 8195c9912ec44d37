"""The same images in order or at random, by traces that remember more or fewer of them."""

from __future__ import annotations

from collections.abc import Sequence

from brian2 import Quantity, second

from ..model.parameters import Parameters
from .setup import Networks, default_tau_p

IN_ORDER, RANDOM = "in order", "random"
#: A way of showing images: their order, and tau_p in s.
Way = tuple[str, float]


def ways(setup: Networks, tau_p_grid: Sequence[Quantity] | None = None) -> dict[Way, Networks]:
    """Networks that differ in the order of images and in tau_p alone.

    Parameters
    ----------
    setup : Networks
    tau_p_grid : sequence of Quantity, optional
        Default is tau_p as it is otherwise, and a time step times the number of training images.

    Returns
    -------
    dict of (str, float) to Networks
        By order and tau_p in s: in order for every tau_p, and at random for the first.

    Raises
    ------
    ValueError
        If the order is given.
    """
    if setup.shuffle:
        raise ValueError(
            "--shuffle is given where images in order and at random are compared: leave it out."
        )
    epoch = len(setup.data.train_images) * Parameters().dt
    usual = default_tau_p(setup.data) if setup.tau_p is None else setup.tau_p
    times = tau_p_grid or [usual, epoch]
    found = {_way(IN_ORDER, tau_p): setup.changed(tau_p=tau_p) for tau_p in times}
    return found | {_way(RANDOM, times[0]): setup.changed(tau_p=times[0], shuffle=True)}


def _way(order: str, tau_p: Quantity) -> Way:
    """Without the last bits that units bring with them."""
    return order, round(float(tau_p / second), 9)
