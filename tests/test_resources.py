"""Memory and disk: estimates, and what is said where there is too little."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from cortical_bcpnn import AssociativeMemory, associative_memory
from cortical_bcpnn.resources import check_disk, pairs, required_memory


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
