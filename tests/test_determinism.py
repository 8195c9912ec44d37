"""The same seed gives the same network and recall, bit by bit, wherever and however it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from comparing import assert_same
from tasks import REWIRED, SHORT
from threadpoolctl import threadpool_limits

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.learned.rewiring import mutual_information

ROOT = Path(__file__).parents[1]


def test_neither_cache_nor_folder_matter(finished, tmp_path, monkeypatch):
    """Compiled anew in another working directory, then found in the cache.

    Only learning, as compilers take their time.
    """
    monkeypatch.setenv("CORTICAL_BCPNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert_same(SHORT.learn(), finished)
        programs = [path for path in (tmp_path / "cache").iterdir() if (path / "main").exists()]
        assert len(programs) == 1


@pytest.mark.parametrize("jobs", [2, 3, 5])
def test_the_number_of_processes_does_not_matter(finished, jobs):
    """To recall; and neither does the order in which they take the cues."""
    cues = SHORT.patterns()
    expected, found = finished.recall(cues), finished.recall(cues, jobs=jobs)
    for moment in expected.moments:
        for population, z in expected.z[moment].items():
            np.testing.assert_array_equal(found.z[moment][population], z)
            np.testing.assert_array_equal(
                found.spike_counts[moment][population], expected.spike_counts[moment][population]
            )


def test_the_process_does_not_matter(tmp_path):
    """Nor the order of its sets, nor the number of threads of linear algebra."""
    script = "import sys, tasks; tasks.REWIRED.learn().save(sys.argv[1])"
    path = tmp_path / "network.h5"
    subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={
            **os.environ, "PYTHONHASHSEED": "12345", "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        },
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    with REWIRED.learn() as memory:
        assert_same(memory, AssociativeMemory.load(path))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_do_not_change_what_is_rewired(dtype):
    """At the size of the paper, where linear algebra takes as many as it gets."""
    rng = np.random.default_rng(0)
    q = (rng.random((300, 1568)) + 0.01).astype(dtype)
    arguments = q, rng.random(300) + 0.1, rng.random(1568) + 0.1, 0.9, (100, 2)
    found = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads):
            found.append(mutual_information(*arguments))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
