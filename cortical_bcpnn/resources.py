"""What a network needs of memory and disk, said before anything starts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from .architecture import Architecture, Projection

# Bytes for each pair of minicolumns, measured as peak memory at the paper's size: two
# indices, traces and what creating synapses takes in the process; in Python the traces,
# their copy while connections move, and the way between.
_PLASTIC_PAIR = 18
_TRANSMITTING_PAIR = 28
_PYTHON_VALUES = 4
_CGROUPS, _MINE = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


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


def available_memory() -> int:
    """Bytes that this process and its children can still take.

    That is what is free, within the limits of control groups (containers, batch systems).
    """
    return min([psutil.virtual_memory().available, *_left_in_groups()])


def check_memory(
    architecture: Architecture, precision: str, plastic: bool, copies: int = 1
) -> None:
    """Raise a MemoryError if there is less memory than simulations will need.

    That is on the machine, in a control group, or for a process (``ulimit -v``).
    """
    python, simulation = _needs(architecture, precision, plastic)
    process, used = _address_space()
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


def _address_space() -> tuple[int | None, int]:
    """Most bytes that a process may address, None if there is no limit, and those of this one."""
    try:
        import resource
    except ImportError:  # no such limits on this system
        return None, 0
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return (None if limit == resource.RLIM_INFINITY else limit), psutil.Process().memory_info().vms


def _left_in_groups() -> Iterator[int]:
    """Bytes left in each control group that this process is in, of either version."""
    try:
        lines = _MINE.read_text().splitlines()
    except OSError:
        return  # not Linux
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if controllers not in ("", "memory"):
            continue
        top = _CGROUPS / controllers
        limit, used, cache = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            if controllers else ("memory.max", "memory.current", "inactive_file")
        )  # fmt: skip
        group = top / path.strip("/")
        # In a container the path may be that of the host, of which only the top is seen.
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(top))):
            try:
                most = int((folder / limit).read_text())  # 'max' where there is none
                taken = int((folder / used).read_text())
                # The system gives back the cache of files when it needs to.
                found = re.search(rf"^{cache} (\d+)$", (folder / "memory.stat").read_text(), re.M)
            except (OSError, ValueError):
                continue
            yield most - taken + int(found[1] if found else 0)
