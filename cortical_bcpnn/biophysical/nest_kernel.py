"""NEST, where it is installed, and the one place that resets its kernel.

NEST (GPL, https://www.nest-simulator.org) is called, not part of this package:
``pip install cortical_bcpnn[nest]`` brings it.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from brian2 import Quantity, ms

from ..values.numbers import check_whole

_resets = 0


def has_nest() -> bool:
    """Whether NEST is installed."""
    return find_spec("nest") is not None


def load_nest() -> Any:
    """The module ``nest``, without its greeting.

    Raises
    ------
    ValueError
        If NEST is not installed.
    """
    if not has_nest():
        raise ValueError("NEST is not installed: pip install cortical_bcpnn[nest].")
    os.environ.setdefault("PYNEST_QUIET", "1")
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    return nest


def reset_kernel(dt: Quantity, seed: int, threads: int = 1) -> int:
    """Empty NEST's kernel, of which a process has one.

    Parameters
    ----------
    dt : Quantity
        Resolution.
    seed : int
        Of all random numbers, 0 or more.
    threads : int
        OpenMP threads. Random numbers depend on how many.

    Returns
    -------
    int
        Number of this reset, see `is_current`.
    """
    global _resets
    nest, threads = load_nest(), check_whole("threads", threads)
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=float(dt / ms), local_num_threads=threads)
    seed_kernel(seed)
    _resets += 1
    return _resets


def seed_kernel(seed: int) -> None:
    """Seed NEST's random numbers, anew where a network is there already."""
    # NEST wants 1 to 2^32 - 1.
    load_nest().rng_seed = check_whole("seed", seed, 0) % (2**32 - 1) + 1


def is_current(reset: int, nodes: int) -> bool:
    """Whether the kernel still holds what was built after a reset: so many nodes.

    Parameters
    ----------
    reset : int
        What `reset_kernel` returned.
    nodes : int
        Nodes there were when all was built; others may have come.
    """
    return reset == _resets and load_nest().network_size >= nodes
