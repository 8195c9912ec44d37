"""Checkpoints that are damaged, and disks that fill up, do not change what is learned."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from comparing import assert_same
from killing import context, start
from sealing import assert_one_sentence, craft, element, put, text, text_of
from tasks import SHORT, names
from tiny import LEARNING, tiny_memory

from cortical_bcpnn import AssociativeMemory

LAST = "checkpoint_000000012.h5"


@pytest.fixture
def checkpoints(half_learned, tmp_path):
    """A folder of checkpoints of one's own, after 8 and 12 of 24 patterns."""
    return shutil.copytree(half_learned, tmp_path / "checkpoints")

# --- Damaged checkpoints -----------------------------------------------------------------


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    os.truncate(path, 1000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def crafted(change):
    return lambda path: craft(path, change)


def run_with(**values):
    """Changes what the run says of itself."""
    def change(file):
        run = json.loads(text_of(file, "learning/run"))
        text("learning/run", json.dumps({**run, **values}))(file)

    return crafted(change)


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        truncate,
        empty,
        crafted(lambda file: file.__delitem__("learning")),
        crafted(lambda file: file.__delitem__("learning/run")),
        crafted(put("learning/state", np.zeros(3))),
        crafted(put("learning/state/HID.z", np.zeros((2, 10)))),
        crafted(element("learning/state/HID.z", np.nan)),
        crafted(element("projections/feedforward/q", np.nan)),
        crafted(put("history", np.frombuffer(b"[]", np.uint8))),
        run_with(shown=16),
        run_with(shown=12.0),
        run_with(shown=-12, first=24),
        run_with(shown=36, first=-24),
        run_with(epochs="2"),
        run_with(protocol=[{}]),
        run_with(unheard_of=1),
    ],
)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(finished, checkpoints, damage):
    """With a warning; the result is the same, and the damaged file is set aside."""
    damage(checkpoints / LAST)
    with pytest.warns(UserWarning, match=r"000012.h5 cannot be loaded .*Trying the checkpoint befo"):
        memory = SHORT.learn(checkpoints)
    assert_same(memory, finished)
    assert names(checkpoints) == [
        f"{LAST}.damaged", "checkpoint_000000020.h5", "checkpoint_000000024.h5"
    ]  # fmt: skip


def test_a_damaged_checkpoint_does_not_take_the_place_of_a_whole_one(checkpoints):
    """Of the two that are kept after the next is written, both are whole."""
    os.rename(checkpoints / LAST, checkpoints / "checkpoint_000000020.h5")
    flip(checkpoints / "checkpoint_000000020.h5")
    seen = []
    with pytest.warns(UserWarning, match="Trying the checkpoint before"):
        SHORT.learn(checkpoints, on_segment=lambda _: seen.append(names(checkpoints)))
    assert seen[1] == ["checkpoint_000000008.h5", LAST, "checkpoint_000000020.h5.damaged"]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), MemoryError()])
def test_a_checkpoint_that_cannot_be_read_now_is_left_alone(checkpoints, monkeypatch, error):
    """Nor is an older one taken in its place."""

    def fail(*_, **__):
        raise error

    before = {name: (checkpoints / name).read_bytes() for name in names(checkpoints)}
    monkeypatch.setattr("cortical_bcpnn.files.sealed.open", fail, raising=False)
    memory = tiny_memory(**SHORT.parameters)
    with pytest.raises(type(error)):
        memory.learn(SHORT.patterns(), 2, protocol=LEARNING, checkpoints=checkpoints, resume=True)
    monkeypatch.undo()
    assert memory.n_learned == 0
    assert {name: (checkpoints / name).read_bytes() for name in names(checkpoints)} == before


def test_where_all_are_damaged_nothing_is_learned(checkpoints):
    for name in names(checkpoints):
        flip(checkpoints / name)
    memory = tiny_memory(**SHORT.parameters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match=r"no checkpoint in .* is whole: move them away") as error:
            memory.learn(SHORT.patterns(), 2, protocol=LEARNING, checkpoints=checkpoints, resume=True)
    assert_one_sentence(str(error.value))
    assert [str(w.message).endswith("Trying the checkpoint before.") for w in caught] == [True, False]
    assert memory.n_learned == 0 and len(names(checkpoints)) == 2


def test_a_checkpoint_made_with_other_equations_is_refused(checkpoints):
    """State that the simulation does not have."""

    def rename(file):
        file.move("learning/state/HID.z", "learning/state/HID.zz")

    craft(checkpoints / LAST, rename)
    with pytest.raises(ValueError, match=r"other equations \(HID.z, HID.zz\): resume") as error:
        SHORT.learn(checkpoints)
    assert_one_sentence(str(error.value))


# --- A disk that fills up ----------------------------------------------------------------


def learn_on_a_full_disk(
    folder: Path, full: Callable[[], None], free: Callable[[], None]
) -> tuple[AssociativeMemory, list[str]]:
    """Learn, with no room on the disk from the second to the fourth of six segments.

    The last good checkpoint and a network that was saved before survive, and nothing else
    is left on the disk. Returns what was learned, and the warnings.
    """
    checkpoints, network = folder / "checkpoints", folder / "network.h5"
    tiny_memory().save(network)
    before, seen = network.read_bytes(), []

    def look(memory: AssociativeMemory) -> None:
        if memory.n_learned == 8:
            full()
        if memory.n_learned == 20:
            with pytest.raises(OSError) as error:
                memory.save(network, overwrite=True)
            seen.extend([str(error.value), names(checkpoints), names(folder)])
            free()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        memory = SHORT.learn(checkpoints, on_segment=look)
    message, kept, left = seen
    assert "network.h5 cannot be written" in message and "give a folder that" in message
    assert_one_sentence(message)
    assert kept == ["checkpoint_000000004.h5"] and network.read_bytes() == before
    assert {"checkpoints", "network.h5"} <= set(left) <= {"checkpoints", "network.h5", "filler"}
    assert names(checkpoints) == ["checkpoint_000000020.h5", "checkpoint_000000024.h5"]
    messages = [str(warning.message) for warning in caught]
    return memory, [message for message in messages if message.startswith("checkpoint ")]


def assert_warned(messages: list[str], reason: str) -> None:
    """Once for each checkpoint that could not be written."""
    assert len(messages) == 3
    for message, patterns in zip(messages, (8, 12, 16)):
        assert f"checkpoint_{patterns:09d}.h5 could not be written ({reason})" in message
        assert "learning continues" in message
        assert_one_sentence(message)


def test_learning_goes_on_when_the_disk_is_full(finished, tmp_path):
    """On a file system of 400 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    filler = disk / "filler"

    def full() -> None:
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(512)):
                pass

    try:
        memory, messages = learn_on_a_full_disk(disk, full, filler.unlink)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert_same(memory, finished)
    assert_warned(messages, "No space left on device")


def _learn_with_a_quota(folder: Path, connection) -> None:
    """In a process that for a while can only write files of up to 8 KB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        memory, messages = learn_on_a_full_disk(
            folder,
            full=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1])),
            free=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before),
        )
        memory.save(folder / "end.h5")
        connection.send(messages)
    except BaseException as error:
        connection.send([repr(error)])


def test_learning_goes_on_when_a_quota_is_used_up(finished, tmp_path):
    mine, theirs = context().Pipe()
    process = start(_learn_with_a_quota, tmp_path, theirs)
    messages = mine.recv()
    process.join()
    assert_warned(messages, "File too large")
    assert_same(AssociativeMemory.load(tmp_path / "end.h5"), finished)
