"""Sweeps that are killed at random: themselves, a worker, or the program that a worker drives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cortical_bcpnn.sweeps.run_table import JOURNAL


def table_of(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path / "runs.parquet")


def n_rows(path: Path) -> int:
    journal = path / JOURNAL
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def start_sweep(arguments: list[str], store: Path) -> subprocess.Popen:
    environment = {
        **os.environ, "CORTICAL_BCPNN_STORE": str(store),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "protocols.sweep", *arguments], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def family(pid: int) -> dict[int, str]:
    """Processes below one, and their programs."""
    parents, names = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            name, after = (entry / "stat").read_text().rsplit(")", 1)
            if after.split()[0] != "Z":
                parents[int(entry.name)] = int(after.split()[1])
                names[int(entry.name)] = name.split("(", 1)[1]
        except OSError:
            continue
    found: dict[int, str] = {}
    below = {pid}
    while below:
        below = {child for child, parent in parents.items() if parent in below} - found.keys()
        found |= {child: names[child] for child in below}
    return found


def kill_at_random(rng: np.random.Generator, process: subprocess.Popen) -> str:
    """Kill the sweep, one of its workers, or the program that a worker drives; which, is returned."""
    below = family(process.pid)
    programs = [pid for pid, name in below.items() if name == "main"]
    kind = str(rng.choice(["sweep", "worker", "program"]))
    if kind == "sweep" or not programs:
        process.kill()
        process.wait()
        await_end(below)
        return "sweep"
    victim = int(rng.choice(programs))
    if kind == "worker":
        stat = Path(f"/proc/{victim}/stat").read_text()
        victim = int(stat.rsplit(")", 1)[1].split()[1])
    os.kill(victim, signal.SIGKILL)
    return kind


def await_end(pids: Iterable[int]) -> None:
    """No process outlives its sweep."""
    until = time.monotonic() + 60
    while alive := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < until, f"{alive} have outlived their sweep"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
