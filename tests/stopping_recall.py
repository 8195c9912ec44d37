"""Recall that is stopped by signals, in processes of their own."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import killing
import numpy as np
from brian2 import prefs, second
from tiny import RECALL

from cortical_bcpnn import AssociativeMemory, Phase

CUES = np.random.default_rng(5).random((6, 9))
#: Minutes on any machine, so that no recall ends before it is stopped.
ENDLESS = [Phase(1e5 * second, ("INP",), {"feedforward": 1.0}, read="end")]


def workers(memory: AssociativeMemory, number: int) -> list[int]:
    """Process ids of the simulations in which a memory recalls."""
    return [s._process._process.pid for s in memory._recalling(number)]


def recall_until_stopped(network: Path, folder: Path, device: str, jobs: int) -> None:
    """Recall without end; after Ctrl-C note when it ended, and recall something short again."""
    if device == "runtime":
        prefs.codegen.target = "numpy"
    memory = AssociativeMemory.load(network, device=device)
    before = memory.recall(CUES, jobs=jobs, protocol=RECALL)
    of_workers = [] if device == "runtime" else workers(memory, jobs)
    note(folder / "running", of_workers)
    try:
        memory.recall(CUES, jobs=jobs, protocol=ENDLESS)
    except KeyboardInterrupt:
        stopped = time.time()
    after = memory.recall(CUES, jobs=jobs, protocol=RECALL)
    same = np.array_equal(before.z["free"]["HID"], after.z["free"]["HID"])
    note(folder / "stopped", [stopped, same])
    memory.close()


def note(path: Path, values: list) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(values))
    os.replace(partial, path)


def noted(path: Path, process) -> list:
    """What a process has noted, once it has."""
    while not path.exists() and not killing.ended(process, 0.01):
        pass
    # Its last note may be its last act.
    assert path.exists(), (path.parent / "log").read_text()[-2000:]
    return json.loads(path.read_text())
