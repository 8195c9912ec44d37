"""What a network needs of memory and disk, said before anything starts."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from ..files.machine import address_space, available_memory
from ..model.architecture import Architecture, Projection

# Bytes for each pair of minicolumns, measured as peak memory at the paper's size: two
# indices, traces and what creating synapses takes in the process; in Python the traces,
# their copy while connections move, and the way between.
_PLASTIC_PAIR = 18
_TRANSMITTING_PAIR = 28
_PYTHON_VALUES = 4


def pairs(architecture: Architecture, projection: Projection) -> int:
    """Pairs of minicolumns of a projection, connected or silent."""
    pre, post = architecture.ends(projection)
    return pre.size * post.size


def required_memory(
    architecture: Architecture, precision: str, plastic: bool, copies: int = 1
) -> int:
    """Estimated memory of simulations and of Python beside them, in bytes.

    Parameters
    ----------
    architecture : Architecture
    precision : {'float32', 'float64'}
    plastic : bool
        Whether the simulations learn.
    copies : int
        Number of simulations.
    """
    python, simulation = _needs(architecture, precision, plastic)
    return python + copies * simulation


def check_memory(
    architecture: Architecture, precision: str, plastic: bool, copies: int = 1
) -> None:
    """Raise a MemoryError if there is less memory than simulations will need.

    That is on the machine, in a control group, or for a process (``ulimit -v``).
    """
    python, simulation = _needs(architecture, precision, plastic)
    process, used = address_space()
    asked = [(python + copies * simulation, available_memory())]
    if process is not None:
        asked += [(python, process - used), (simulation, process)]
    for needed, available in asked:
        if needed > available:
            raise MemoryError(
                f"a network of this size needs about {needed / 1e9:.1f} GB of memory for "
                f"{'learning' if plastic else f'recall in {copies} processes'} and "
                f"{max(available, 0) / 1e9:.1f} GB are free: choose a smaller hidden population "
                "or fewer jobs."
            )


def check_disk(directory: Path, architecture: Architecture, precision: str) -> None:
    """Raise an OSError if a folder has no room for the learned network."""
    width = np.dtype(precision).itemsize
    needed = sum(pairs(architecture, p) for p in architecture.projections) * width * 1.1 + 1e7
    free = shutil.disk_usage(directory).free
    if needed > free:
        raise OSError(
            f"the learned network needs {needed / 1e9:.2f} GB of disk and {directory} has "
            f"{free / 1e9:.2f} GB free: make room, or choose another folder."
        )


def _needs(architecture: Architecture, precision: str, plastic: bool) -> tuple[int, int]:
    """Bytes for Python, and for each simulation."""
    width = np.dtype(precision).itemsize
    python = simulation = 0
    for projection in architecture.projections:
        n_pre, _ = architecture.ends(projection)
        every = pairs(architecture, projection)
        connected = every * projection.fan_in // n_pre.hypercolumns
        python += _PYTHON_VALUES * width * every
        simulation += (_TRANSMITTING_PAIR + width) * connected * (not plastic)
        simulation += (_PLASTIC_PAIR - 4 + width) * every * plastic
    return python, simulation
