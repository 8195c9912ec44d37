"""Memory that is left: of the machine, of control groups, of a process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psutil

_CGROUPS, _MINE = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def available_memory() -> int:
    """Bytes that this process and its children can still take.

    That is what is free, within the limits of control groups (containers, batch systems).
    """
    return min([psutil.virtual_memory().available, *_left_in_groups()])


def address_space() -> tuple[int | None, int]:
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
