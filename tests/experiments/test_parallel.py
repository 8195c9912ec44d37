"""Work in several processes: its results, its errors, and its end when the parent is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from cortical_bcpnn.experiments.parallel import in_parallel

ORPHANS = """
import os, sys, time
from pathlib import Path
from cortical_bcpnn.experiments.parallel import in_parallel

def work(number):
    Path(sys.argv[1], f"{number}.pid").write_text(str(os.getpid()))
    time.sleep(600)

list(in_parallel(work, [(0,), (1,)], 2, desc="", unit=""))
"""


def _look(number: int) -> tuple[int, int, int]:
    """Square of a number, who has computed it, and most threads of its linear algebra."""
    np.eye(3) @ np.eye(3)
    threads = max(pool["num_threads"] for pool in threadpool_info())
    return number**2, os.getpid(), threads


def _fail(number: int) -> int:
    if number == 2:
        raise ValueError("number is 2: give another.")
    return number


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_and_threads(jobs):
    found = list(in_parallel(_look, [(n,) for n in range(4)], jobs, desc="squares", unit="number"))
    assert sorted(square for square, _, _ in found) == [0, 1, 4, 9]
    assert {threads for _, _, threads in found} == {1}
    assert ({pid for _, pid, _ in found} == {os.getpid()}) == (jobs == 1)


def test_nothing_to_do(capsys):
    assert list(in_parallel(_look, [], 2, desc="squares", unit="number")) == []
    assert capsys.readouterr().err == ""


def test_errors_come_through():
    with pytest.raises(ValueError, match="number is 2: give another"):
        list(in_parallel(_fail, [(n,) for n in range(3)], 2, desc="", unit=""))


def test_processes_end_with_their_parent(tmp_path):
    """Which is killed, and cannot tell them."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = [sys.executable, "-c", ORPHANS, str(tmp_path)]
    parent = subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL)
    files = [tmp_path / f"{number}.pid" for number in (0, 1)]
    while not all(file.exists() and file.read_text() for file in files):
        assert parent.poll() is None
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    for file in files:
        while _runs(int(file.read_text())):
            time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process does something; one that has ended may wait to be taken notice of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
