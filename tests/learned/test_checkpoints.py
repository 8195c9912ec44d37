"""Checkpoints: what is kept, what is refused, and what damage to them does."""

from __future__ import annotations

import errno
import fcntl
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from brian2 import Hz, ms, second
from comparing import assert_same, assert_same_recall
from killing import context, start
from sealing import assert_one_sentence
from tasks import REWIRED, SHORT, Task, interrupted, names, stop_after
from tiny import LEARNING, SIZE, tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, Phase

# --- What is kept ------------------------------------------------------------------------


def test_checkpoints_change_nothing(finished, tmp_path):
    with SHORT.learn(tmp_path) as memory:
        assert_same(memory, finished)


def test_the_last_two_are_kept(tmp_path):
    seen = []
    SHORT.learn(tmp_path, on_segment=lambda _: seen.append(names(tmp_path)))
    numbers = [f"checkpoint_{n:09d}.h5" for n in (4, 8, 12, 16, 20, 24)]
    assert seen == [[], numbers[:1], numbers[:2], numbers[1:3], numbers[2:4], numbers[3:5]]
    assert names(tmp_path) == numbers[4:]


def test_checkpoints_are_networks(finished, tmp_path):
    """They can be loaded, and have learned as much as their names say."""
    SHORT.learn(tmp_path)
    assert_same(AssociativeMemory.load(tmp_path / "checkpoint_000000024.h5"), finished)
    assert AssociativeMemory.load(tmp_path / "checkpoint_000000020.h5").n_learned == 20


def test_there_is_one_at_the_end_however_long_the_interval(tmp_path):
    memory = AssociativeMemory(**SIZE, rewire_every=4)
    memory.learn(SHORT.patterns(), protocol=LEARNING, checkpoints=tmp_path)
    assert names(tmp_path) == ["checkpoint_000000012.h5"]


def test_learning_that_has_ended_is_not_repeated(finished, tmp_path, monkeypatch):
    """The checkpoint of its end is all there is to do."""
    SHORT.learn(tmp_path)
    monkeypatch.setattr(AssociativeMemory, "_start", None)
    assert_same(SHORT.learn(tmp_path), finished)


def test_what_was_learned_before_is_gone_on_from(tmp_path):
    """A second round of learning has checkpoints too, and they belong to it."""
    first, second_folder = SHORT.patterns(), tmp_path / "second"
    memories = [AssociativeMemory(**SIZE, rewire_every=4, seed=5) for _ in range(2)]
    for memory in memories:
        memory.learn(first[:6], protocol=LEARNING)
    memories[0].learn(first, protocol=LEARNING)
    with pytest.raises(KeyboardInterrupt):
        memories[1].learn(
            first, protocol=LEARNING, checkpoints=second_folder, on_segment=stop_after(12)
        )
    fresh = AssociativeMemory(**SIZE, rewire_every=4, seed=5)
    with pytest.raises(ValueError, match="was made with other first: resume with the same"):
        fresh.learn(first, protocol=LEARNING, checkpoints=second_folder, resume=True)
    fresh.learn(first[:6], protocol=LEARNING)
    fresh.learn(first, protocol=LEARNING, checkpoints=second_folder, resume=True)
    assert_same(fresh, memories[0])
    assert [entry["first"] for entry in fresh.history] == [0, 6]


def test_history_tells_of_the_interruption(tmp_path):
    interrupted(SHORT, tmp_path)
    (entry,) = SHORT.learn(tmp_path).history
    assert (entry["first"], entry["shown"], entry["epochs"], entry["shuffle"]) == (0, 24, 2, False)
    assert [resumed["shown"] for resumed in entry["resumed"]] == [12]
    assert entry["resumed"][0]["versions"] == entry["versions"]


def test_parts_of_a_checkpoint_being_written_are_swept_away(tmp_path):
    (tmp_path / ".checkpoint_000000004.h5.abcd").write_bytes(b"half")
    SHORT.learn(tmp_path)
    assert names(tmp_path) == ["checkpoint_000000020.h5", "checkpoint_000000024.h5"]


# --- Ctrl-C ------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [SHORT, replace(REWIRED, epochs=3)], ids=["in order", "shuffled"])
def test_ctrl_c_says_how_to_resume_and_resuming_gives_the_same(task, tmp_path):
    """In another memory and in the interrupted one; weights, tables and recall, bit by bit."""
    memory = tiny_memory(**task.parameters)
    arguments = {"shuffle": task.shuffle, "protocol": LEARNING, "checkpoints": tmp_path}
    total = 12 * task.epochs
    message = rf"stopped after 12 of {total} patterns; resume by learn.*{tmp_path}.*resume=True"
    with pytest.raises(KeyboardInterrupt, match=message):
        memory.learn(task.patterns(), task.epochs, on_segment=stop_after(12), **arguments)
    assert memory.n_learned == 12 and names(tmp_path) == ["checkpoint_000000012.h5"]
    memory.learn(task.patterns(), task.epochs, resume=True, **arguments)
    with task.learn() as never_stopped, memory:
        assert_same(memory, never_stopped)
        assert_same_recall(memory, never_stopped, task.patterns())
    with task.learn(tmp_path) as another:
        assert_same(another, never_stopped)


def test_ctrl_c_without_checkpoints_says_what_was_learned():
    memory = AssociativeMemory(**SIZE, rewire_every=4)
    with pytest.raises(KeyboardInterrupt, match=r"stopped after 8 of 12 patterns$"):
        memory.learn(SHORT.patterns(), protocol=LEARNING, on_segment=stop_after(8))
    assert memory.n_learned == 8


def test_runtime_mode_goes_on_too(tmp_path, numpy_target, monkeypatch):
    """Interrupted after one and after two of three segments, each of which ends in a rewiring."""
    monkeypatch.setattr("cortical_bcpnn.learning._SEGMENT", 4)
    parameters = {"rewire_every": 4, "rewire_margin": 1.0, "device": "runtime"}
    task = Task(parameters, shuffle=True)
    expected = task.learn()
    for shown in (4, 8):
        with pytest.raises(KeyboardInterrupt, match=f"stopped after {shown} of 12"):
            monkeypatch.setattr(
                "cortical_bcpnn.learned.checkpoints.Checkpoints.due",
                lambda self: signal.raise_signal(signal.SIGINT) or True,
            )
            task.learn(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr("cortical_bcpnn.learning._SEGMENT", 4)
    memory = task.learn(tmp_path)
    assert_same(memory, expected)
    assert_same_recall(memory, expected, task.patterns()[:2])


# --- What is refused ---------------------------------------------------------------------


def test_a_folder_with_checkpoints_is_not_used_unasked(tmp_path):
    interrupted(SHORT, tmp_path)
    before = names(tmp_path)
    memory = AssociativeMemory(**SIZE)
    with pytest.raises(ValueError, match=r"holds checkpoints: .*resume=True, or give") as error:
        memory.learn(SHORT.patterns(), checkpoints=tmp_path)
    assert_one_sentence(str(error.value))
    assert memory.n_learned == 0 and names(tmp_path) == before


class Untaught(AssociativeMemory):
    """Learns nothing: no test of what is refused may get that far."""

    def _start(self, *arguments, **options):
        raise AssertionError("learning began")


FAST = replace(VARIANTS["spspk-full"], f_max=99 * Hz, name="mine")
ANOTHER_PROTOCOL = [Phase(3 * ms, ("INP", "INPRC"), {"feedforward": 1.0})]


@pytest.mark.parametrize(
    "parameters, arguments, differing",
    [
        ({"seed": 4}, {}, "seed"),
        ({"tau_p": 41 * ms}, {}, "tau_p"),
        ({"z_min": 0.0}, {}, "z_min"),
        ({"rewire_every": 6, "rewire_margin": 1.1}, {}, "rewire_every, rewire_margin"),
        ({"precision": "float64"}, {}, "precision"),
        ({"variant": FAST}, {}, "f_max"),
        ({"fan_in": 3}, {}, "architecture"),
        ({"hidden": (5, 4)}, {}, "architecture"),
        ({}, {"epochs": 3}, "epochs"),
        ({}, {"shuffle": True}, "shuffle"),
        ({}, {"protocol": ANOTHER_PROTOCOL}, "protocol"),
        ({"traces": tiny_memory(seed=4).traces}, {}, "start"),
        ({}, {"patterns": SHORT.patterns()[::-1]}, "patterns"),
        ({}, {"patterns": SHORT.patterns().astype(np.float32)}, "patterns"),
        ({}, {"patterns": SHORT.patterns()[:6], "epochs": 4}, "patterns, n_patterns, epochs"),
    ],
)
def test_checkpoints_of_something_else_are_refused(
    half_learned, parameters, arguments, differing
):
    """With the names of what differs, before anything is built."""
    memory = Untaught(**{**SIZE, "tau_p": 40 * ms, "seed": 3, **SHORT.parameters, **parameters})
    arguments = {"patterns": SHORT.patterns(), "epochs": 2, "protocol": LEARNING, **arguments}
    with pytest.raises(ValueError, match=f"was made with other {differing}: resume") as error:
        memory.learn(checkpoints=half_learned, resume=True, **arguments)
    assert_one_sentence(str(error.value))
    assert memory.n_learned == 0


def test_resuming_needs_a_folder():
    with pytest.raises(ValueError, match="resume needs the folder of the checkpoints: give it"):
        Untaught(**SIZE).learn(SHORT.patterns(), resume=True)


@pytest.mark.parametrize("every", [60, -1 * second, 5 * Hz, np.nan * second, [1, 2] * second, "1 s"])
def test_intervals_that_are_no_time_are_refused(tmp_path, every):
    with pytest.raises(ValueError, match="checkpoint_every is .*: give a time of 0 or more"):
        Untaught(**SIZE).learn(SHORT.patterns(), checkpoints=tmp_path / "x", checkpoint_every=every)
    assert not (tmp_path / "x").exists()


class OfItsOwn(AssociativeMemory):
    """Made from other arguments."""

    def __init__(self, label: str) -> None:
        super().__init__(**SIZE, tau_p=40 * ms, seed=3, **SHORT.parameters)
        self.label = label


def test_a_subclass_with_arguments_of_its_own_is_resumed(half_learned, finished, tmp_path):
    folder = shutil.copytree(half_learned, tmp_path / "checkpoints")
    with OfItsOwn("mine") as memory:
        memory.learn(SHORT.patterns(), 2, protocol=LEARNING, checkpoints=folder, resume=True)
        assert_same(memory, finished)
        assert memory.label == "mine" and memory.history[-1]["resumed"][0]["shown"] == 12


@pytest.mark.parametrize(
    "error, message",
    [
        (OSError(errno.ENOLCK, "No locks available"), r"cannot be written or locked \(No locks ava"),
        (OSError(errno.EOPNOTSUPP, "Operation not supported"), r"locked \(Operation not supported"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "is in use by another run"),
    ],
)
def test_only_a_lock_that_is_held_is_called_held(tmp_path, monkeypatch, error, message):
    """Not one that there cannot be, as on some file systems."""

    def fail(*_):
        raise error

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(ValueError, match=message) as refused:
        Untaught(**SIZE).learn(SHORT.patterns(), checkpoints=tmp_path)
    assert_one_sentence(str(refused.value))


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written .*: give another") as error:
        Untaught(**SIZE).learn(SHORT.patterns(), checkpoints=tmp_path / "file")
    assert_one_sentence(str(error.value))


def _refused(folder: Path, connection) -> None:
    try:
        SHORT.learn(folder)
        connection.send("learned")
    except ValueError as error:
        connection.send(str(error))


def test_two_runs_cannot_share_a_folder(finished, tmp_path):
    """Neither in one process nor in two; the second stops at once and the first goes on."""
    messages = []

    def another(memory: AssociativeMemory) -> None:
        if memory.n_learned == 8:
            with pytest.raises(ValueError) as error:
                SHORT.learn(tmp_path)
            messages.append(str(error.value))
            mine, theirs = context().Pipe()
            process = start(_refused, tmp_path, theirs)
            messages.append(mine.recv())
            process.join()

    with SHORT.learn(tmp_path, on_segment=another) as memory:
        assert_same(memory, finished)
    for message in messages:
        assert "is in use by another run: give another folder." in message
        assert_one_sentence(message)
    assert len(messages) == 2
    SHORT.learn(tmp_path)  # free again
