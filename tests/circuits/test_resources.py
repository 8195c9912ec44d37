"""Memory and disk: estimates, and what is said where there is too little."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from cortical_bcpnn import AssociativeMemory, associative_memory
from cortical_bcpnn.circuits import resources
from cortical_bcpnn.circuits.resources import (
    check_disk,
    check_memory,
    pairs,
    required_memory,
)
from cortical_bcpnn.files import machine
from cortical_bcpnn.files.machine import available_memory


def test_pairs_at_the_size_of_the_paper():
    architecture = associative_memory(784)
    counts = [pairs(architecture, p) for p in architecture.projections]
    assert counts == [1568 * 3000, 3000 * 3000, 3000 * 1568]


def test_memory_grows_with_pairs_precision_and_copies():
    small, large = associative_memory(64, (10, 10), 5), associative_memory(64, (10, 20), 5)
    assert required_memory(large, "float32", True) > 1.9 * required_memory(small, "float32", True)
    assert required_memory(small, "float64", True) > required_memory(small, "float32", True)
    one, three = (required_memory(small, "float32", False, n) for n in (1, 3))
    assert three > one


def test_network_that_is_far_too_large_is_refused_before_anything_is_allocated():
    with pytest.raises(MemoryError, match=r"needs about \d+\.\d GB of memory.*smaller hidden"):
        AssociativeMemory(100_000, hidden=(1000, 1000))


def test_full_disk(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1000))
    with pytest.raises(OSError, match="needs 0.09 GB of disk"):
        check_disk(tmp_path, associative_memory(784), "float32")


# --- Limits of containers and batch systems ----------------------------------------------


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Control groups of one's own; returns how one is made."""
    monkeypatch.setattr(machine, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(machine, "_MINE", tmp_path / "mine")
    Memory = namedtuple("Memory", "available")
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: Memory(8000))

    def make(line: str, path: str, **files: object) -> None:
        (tmp_path / "mine").write_text(f"{line}\n1:cpu,memoryless:/x\n\n")
        folder = tmp_path / "cgroup" / path
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / f"memory.{name}").write_text(f"{content}\n")

    return make


V1 = {"limit_in_bytes": 5000, "usage_in_bytes": 2000, "stat": "cache 9\ntotal_inactive_file 500"}
V2 = {"max": 5000, "current": 2000, "stat": "anon 9\ninactive_file 500\nactive_file 7"}


def test_without_limits_it_is_what_is_free(groups):
    assert available_memory() == 8000
    groups("0::/a", "a", max="max", current=10)
    assert available_memory() == 8000


@pytest.mark.parametrize(
    "line, path, files",
    [
        ("0::/a/b", "a/b", V2),
        ("0::/a/b", "a", V2),
        ("0::/", "", V2),
        ("0::/seen/outside/only", "", V2),
        ("4:memory:/a/b", "memory/a/b", V1),
        ("4:memory:/a/b", "memory/a", V1),
        ("4:memory:/docker/123", "memory", V1),
    ],
)
def test_limits_of_control_groups_count(groups, line, path, files):
    """Of the group that the process is in and of those above it, without cached files."""
    groups(line, path, **files)
    assert available_memory() == 3500


def test_the_narrowest_group_counts(groups):
    groups("0::/a/b", "a/b", **{**V2, "max": 4000})
    groups("0::/a/b", "a", **V2)
    assert available_memory() == 2500


def test_a_network_that_does_not_fit_into_its_group_is_refused(groups):
    architecture = associative_memory(64, (10, 10), 5)
    groups("0::/a", "a", max=3000, current=2990, stat="")
    with pytest.raises(MemoryError, match="0.0 GB are free: choose a smaller hidden population"):
        check_memory(architecture, "float32", True)


@pytest.mark.parametrize("limit", [10**6, 10**9])
def test_the_address_space_of_a_process_counts(monkeypatch, limit):
    """As by ``ulimit -v``: for Python beside what it has, and for a simulation alone."""
    monkeypatch.setattr(resources, "address_space", lambda: (limit, limit - 10**5))
    with pytest.raises(MemoryError, match="0.0 GB are free"):
        check_memory(associative_memory(64, (10, 10), 5), "float32", True)
    monkeypatch.setattr(resources, "address_space", lambda: (10**9, 0))
    check_memory(associative_memory(64, (10, 10), 5), "float32", True)


def test_the_limit_of_this_process_is_found():
    import resource

    limit, used = machine.address_space()
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    assert limit == (None if soft == resource.RLIM_INFINITY else soft) and used > 10**8
