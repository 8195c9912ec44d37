"""Recall is of what has been learned by now, whoever changed it, and survives whatever stops it."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import killing
import numpy as np
import pytest
from brian2 import ms, second
from comparing import assert_equal_recalls, differ
from stopping_recall import ENDLESS, noted, recall_until_stopped, workers
from tiny import LEARNING, tiny_memory

from cortical_bcpnn import AssociativeMemory, Phase

#: Long enough for a segment of learning to make a difference.
PROTOCOL = [
    Phase(100 * ms, ("INP",), {"feedforward": 1.0}, read="cued"),
    Phase(50 * ms, (), {"recurrent": 1.0, "feedback": 1.0}, read="free"),
]



@pytest.fixture
def memory(saved):
    """The learned memory, to change."""
    with AssociativeMemory.load(saved) as memory:
        yield memory


def recalled(memory: AssociativeMemory, cues: np.ndarray, **options):
    return memory.recall(cues, protocol=PROTOCOL, **options)


def recalled_afresh(memory: AssociativeMemory, cues: np.ndarray, path: Path):
    """What its file recalls, in a process of its own."""
    memory.save(path, overwrite=True)
    with AssociativeMemory.load(path, device=memory.device) as fresh:
        return recalled(fresh, cues)


# --- What is recalled --------------------------------------------------------------------


def test_recall_while_and_after_learning(make_memory, patterns, tmp_path):
    """In every segment that of the weights of the moment, in one process all along."""
    memory = make_memory(rewire_every=6, rewire_margin=1.0)
    recalls, simulations = [], []

    def look(_):
        recalls.append((recalled(memory, patterns), recalled_afresh(memory, patterns, path)))
        simulations.append(memory._recalling(1)[0])

    path = tmp_path / "segment.h5"
    memory.learn(patterns, epochs=2, on_segment=look)
    memory.learn(patterns[:2])
    recalls.append((recalled(memory, patterns), recalled_afresh(memory, patterns, path)))
    assert len(recalls) == 5 and len(set(map(id, simulations))) == 1
    for mine, afresh in recalls:
        assert_equal_recalls(mine, afresh)
    for (earlier, _), (later, _) in zip(recalls, recalls[1:]):
        assert differ(earlier, later, "HID", "cued")


def write_to_traces(memory: AssociativeMemory) -> None:
    q = memory.traces["feedforward"].q
    q[:] = q[::-1].copy()


def assign_one(memory: AssociativeMemory) -> None:
    recurrent = memory.traces["recurrent"]
    memory.traces["recurrent"] = replace(recurrent, q=recurrent.q[::-1].copy())


def assign_all(memory: AssociativeMemory) -> None:
    memory.traces = {n: replace(m, q=m.q[::-1].copy()) for n, m in memory.traces.items()}


def move_connections(memory: AssociativeMemory) -> None:
    feedforward = memory.traces["feedforward"]
    feedforward.connections = np.sort((feedforward.connections + 1) % 9).astype(np.int32)


def adopt(memory: AssociativeMemory) -> None:
    memory.adopt(tiny_memory(rewire_every=6).learn(np.eye(9), protocol=LEARNING))


def restore(memory: AssociativeMemory) -> None:
    """A checkpoint of the rest of a run, from which learning is resumed."""
    folder = Path(os.environ["CORTICAL_BCPNN_STORE"]) / "recall_processes"
    before = tiny_memory(rewire_every=6, rewire_margin=1.0)
    before.adopt(memory)
    run = {"checkpoints": folder, "checkpoint_every": 0 * second, "protocol": LEARNING}
    before.learn(np.eye(9), **run)
    memory.learn(np.eye(9), **run, resume=True)


def change_constants(memory: AssociativeMemory) -> None:
    variant = replace(memory.parameters.variant, tau_z=10 * ms, f_max=80 / second)
    memory.parameters = replace(memory.parameters, variant=variant)


@pytest.mark.parametrize(
    "change",
    [write_to_traces, assign_one, assign_all, move_connections, adopt, restore, change_constants],
)
def test_whatever_changes_the_memory_changes_recall(memory, patterns, tmp_path, change):
    before = recalled(memory, patterns, jobs=2)
    change(memory)
    after = recalled(memory, patterns)
    assert_equal_recalls(after, recalled_afresh(memory, patterns, tmp_path / "changed.h5"))
    assert_equal_recalls(after, recalled(memory, patterns, jobs=2))
    assert differ(before, after, "HID", "free")


def test_another_circuit_is_built(saved, patterns, tmp_path, numpy_target):
    memory = AssociativeMemory.load(saved, device="runtime")
    before = recalled(memory, patterns[:2])
    memory.parameters = replace(memory.parameters, minicolumn="adaptive")
    after = recalled(memory, patterns[:2])
    assert_equal_recalls(after, recalled_afresh(memory, patterns[:2], tmp_path / "adaptive.h5"))
    assert differ(before, after, "HID", "free")


def test_objects_added_on_build_show_one_process(memory, patterns):
    memory.on_build = lambda circuit: None
    with pytest.raises(ValueError, match="jobs is 2 while on_build is set.*: give jobs=1, or set"):
        recalled(memory, patterns, jobs=2)
    memory.on_build = None
    assert recalled(memory, patterns, jobs=2).moments == ["cued", "free"]


# --- What stops it -----------------------------------------------------------------------


@pytest.mark.parametrize("device, jobs", [("cpp_standalone", 1), ("cpp_standalone", 2), ("runtime", 1)])
def test_ctrl_c_ends_recall_at_once(saved, tmp_path, device, jobs):
    """Within a second, and the memory recalls as before."""
    process = killing.start(recall_until_stopped, saved, tmp_path, device, jobs, log=tmp_path / "log")
    of_workers = noted(tmp_path / "running", process)
    time.sleep(0.3)
    sent = time.time()
    os.kill(process.pid, signal.SIGINT)
    stopped, same = noted(tmp_path / "stopped", process)
    assert killing.ended(process, 10) and process.exitcode == 0
    assert 0 < stopped - sent < 1 and same
    assert not any(Path(f"/proc/{number}").exists() for number in of_workers)


def test_sigterm_ends_recall_and_its_processes(saved, tmp_path):
    process = killing.start(recall_until_stopped, saved, tmp_path, "cpp_standalone", 2)
    of_workers = noted(tmp_path / "running", process)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGTERM)
    assert killing.ended(process, 1) and process.exitcode == -signal.SIGTERM
    assert len(of_workers) == 2
    assert not any(Path(f"/proc/{number}").exists() for number in of_workers)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_process_that_dies_ends_recall_and_is_replaced(memory, patterns, jobs):
    before = recalled(memory, patterns, jobs=jobs)
    *others, dying = workers(memory, jobs)
    killer = threading.Timer(0.3, os.kill, (dying, signal.SIGKILL))
    killer.start()
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="simulation process ended with status -9"):
        memory.recall(patterns, jobs=jobs, protocol=ENDLESS)
    assert time.monotonic() - started < 2
    assert not any(Path(f"/proc/{number}").exists() for number in others)
    assert_equal_recalls(before, recalled(memory, patterns, jobs=jobs))


def test_a_process_that_died_while_nothing_was_recalled_is_replaced(memory, patterns):
    before = recalled(memory, patterns, jobs=2)
    stays, dies = workers(memory, 2)
    os.kill(dies, signal.SIGKILL)
    os.waitid(os.P_PID, dies, os.WEXITED | os.WNOWAIT)
    assert_equal_recalls(before, recalled(memory, patterns, jobs=2))
    assert stays in workers(memory, 2)


def test_an_error_within_a_cue_leaves_nothing_behind(memory, patterns, monkeypatch):
    """Weights of unknown pixels are 0 at that moment."""
    before = recalled(memory, patterns)
    simulation = memory._recalling(1)[0]
    get, silenced = simulation.get, []

    def fail(name):
        if name == "HID.z":
            silenced.append((get("feedforward.w") == 0).any())
            raise ZeroDivisionError
        return get(name)

    monkeypatch.setattr(simulation, "get", fail)
    with pytest.raises(ZeroDivisionError):
        recalled(memory, np.where(patterns > 0.5, np.nan, patterns))
    assert silenced == [True]
    assert_equal_recalls(before, recalled(memory, patterns))
