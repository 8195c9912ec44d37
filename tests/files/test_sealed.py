"""Sealed files: whole or not there, known to be whole, and read only if stored plainly."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import stat
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from killing import start
from sealing import BLOCK, assert_one_sentence, make_older, parts, reseal

from cortical_bcpnn.files import older_files, sealed
from cortical_bcpnn.files.contents import Damaged
from cortical_bcpnn.files.sealed import (
    read_sealed,
    set_aside,
    write_atomically,
    write_sealed,
    write_text,
)


def fill(file: h5py.File) -> None:
    file["values"] = np.arange(1000.0)
    write_text(file, "name", "ten times a hundred")


@pytest.fixture
def path(tmp_path) -> Path:
    """A sealed file."""
    write_sealed(tmp_path / "file.h5", fill)
    return tmp_path / "file.h5"


# --- Writing -----------------------------------------------------------------------------


def test_the_seal_is_length_and_checksum_of_what_follows(path):
    """As anybody can check: 512 bytes of text, then an HDF5 file, then its index."""
    content = path.read_bytes()
    lines = content[:BLOCK].rstrip(b"\0").decode().splitlines()
    digest = hashlib.sha256(content[BLOCK:]).hexdigest()
    assert lines == ["cortical_bcpnn", f"bytes {len(content) - BLOCK}", f"sha256 {digest}"]
    assert content[BLOCK : BLOCK + 4] == b"\x89HDF"
    index = json.loads(parts(path)[1])
    dtype, shape, offset = index["arrays"]["values"]
    found = np.frombuffer(content, dtype, shape[0], offset)
    np.testing.assert_array_equal(found, np.arange(1000.0))


def test_to_others_it_is_an_hdf5_file(path):
    with h5py.File(path) as file:
        assert file.userblock_size == BLOCK
        np.testing.assert_array_equal(file["values"], np.arange(1000.0))


def test_what_was_written_is_read(path):
    file = read_sealed(path)
    np.testing.assert_array_equal(file.array("values", float, (1000,)), np.arange(1000.0))
    assert file.text("name") == "ten times a hundred"


def test_an_existing_file_is_replaced_only_if_asked_for(path):
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="file.h5 exists: choose another name") as error:
        write_sealed(path, lambda file: pytest.fail("filled for nothing"))
    assert_one_sentence(str(error.value))
    assert path.read_bytes() == before
    write_sealed(path, lambda file: None, overwrite=True)
    assert path.read_bytes() != before


def test_a_link_to_nowhere_is_not_replaced_unasked(tmp_path):
    (tmp_path / "link.h5").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        write_sealed(tmp_path / "link.h5", fill)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there_and_nothing_else(path, monkeypatch, step):
    """In any step of writing; and one sentence says what happened."""
    before = path.read_bytes()

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match=r"file.h5 cannot be written \(Input/output err") as error:
        write_sealed(path, lambda file: None, overwrite=True)
    monkeypatch.undo()
    assert_one_sentence(str(error.value))
    assert error.value.errno == errno.EIO
    assert path.read_bytes() == before and os.listdir(path.parent) == ["file.h5"]


def test_a_failure_while_the_content_is_put_together_leaves_no_file(tmp_path):
    def fail(file):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sealed(tmp_path / "file.h5", fail)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere/file.h5 cannot be written \(No such") as e:
        write_sealed(tmp_path / "nowhere" / "file.h5", fill)
    assert_one_sentence(str(e.value))


def test_content_is_on_the_disk_before_the_name(path, monkeypatch):
    """And the name after it: file, rename, folder; so that no power failure comes between."""
    done = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(handle):
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", lambda *a: (done.append("rename"), replace(*a)))
    write_sealed(path, fill, overwrite=True)
    assert done == ["file", "rename", "folder"]


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_permissions_are_the_usual_ones(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write_sealed(tmp_path / "file.h5", fill)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert os.stat(tmp_path / "file.h5").st_mode & 0o777 == mode


def test_the_umask_of_other_threads_is_let_alone(tmp_path, monkeypatch):
    """Files that they make meanwhile would be open to everybody."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("changed"))
    write_atomically(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"


def test_what_could_not_be_read_again_is_not_written(tmp_path):
    with pytest.raises(Damaged, match="type of 'x'"):
        write_sealed(tmp_path / "file.h5", lambda file: file.create_dataset("x", data=[1j]))
    assert os.listdir(tmp_path) == []


def test_files_that_are_set_aside_do_not_replace_each_other(tmp_path):
    for number in range(3):
        (tmp_path / "file.h5").write_text(str(number))
        set_aside(tmp_path / "file.h5")
    assert sorted(os.listdir(tmp_path)) == [f"file.h5.damaged{n}" for n in ("", 2, 3)]
    assert [(tmp_path / n).read_text() for n in sorted(os.listdir(tmp_path))] == ["0", "1", "2"]


def _write_again_and_again(path: Path) -> None:
    for number in itertools.count(1):
        values = np.full(10**5, number)
        write_sealed(path, partial(_put, values=values), overwrite=True)


def _put(file: h5py.File, values: np.ndarray) -> None:
    file["v"] = values


def test_a_reader_never_sees_half_a_file(tmp_path):
    """While another process replaces it all the time, and when that process is killed."""
    path = tmp_path / "file.h5"
    write_sealed(path, partial(_put, values=np.zeros(10**5, int)))
    process = start(_write_again_and_again, path)
    seen = set()
    while len(seen) < 5 and process.is_alive():
        values = read_sealed(path).array("v", np.int64, (10**5,))
        assert (values == values[0]).all()
        seen.add(int(values[0]))
    process.kill()
    process.join()
    assert len(seen) == 5
    assert read_sealed(path).array("v", np.int64, (None,))[0] >= max(seen)


# --- Opening -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda c: b"", "it is not a file saved by cortical_bcpnn"),
        (lambda c: c[:300], "does not match its checksum"),
        (lambda c: c[:BLOCK], "does not match its checksum"),
        (lambda c: c[:-1], "does not match its checksum"),
        (lambda c: c + b"\0", "does not match its checksum"),
        (lambda c: c[BLOCK:], "it is not a file saved by cortical_bcpnn"),
        (lambda c: c[:400] + b"x" + c[401:], "does not match its checksum"),
        (lambda c: c[:700] + bytes([c[700] ^ 1]) + c[701:], "does not match its checksum"),
        (lambda c: c.replace(b"bytes ", b"bytes 0", 1), "does not match its checksum"),
    ],
)
def test_damage_is_known_before_the_library_sees_it(path, monkeypatch, damage, message):
    path.write_bytes(damage(path.read_bytes()))
    monkeypatch.setattr(sealed, "index_of_older", lambda *_: pytest.fail("handed on"))
    with pytest.raises(Damaged, match=message):
        read_sealed(path)


def test_the_library_never_sees_a_file(path, monkeypatch):
    monkeypatch.setattr(h5py, "File", lambda *_: pytest.fail("opened"))
    assert "values" in read_sealed(path)


def test_what_is_no_file_is_not_there(tmp_path):
    """Nor is a pipe waited for."""
    os.mkfifo(tmp_path / "pipe.h5")
    for name in ("nowhere.h5", ".", "pipe.h5"):
        with pytest.raises(FileNotFoundError, match="does not exist: give a file"):
            read_sealed(tmp_path / name)


def test_a_file_that_is_exchanged_between_two_steps_is_not_mixed_up(path, tmp_path, monkeypatch):
    """What is read is what was checked."""
    other = tmp_path / "other.h5"
    write_sealed(other, lambda file: file.create_dataset("values", data=np.ones(1000)))
    fstat = os.fstat

    def exchange(handle: int) -> os.stat_result:
        if other.exists():
            os.replace(other, path)
        return fstat(handle)

    monkeypatch.setattr(os, "fstat", exchange)
    assert read_sealed(path).array("values", float, (1000,))[-1] == 999
    monkeypatch.undo()
    assert read_sealed(path).array("values", float, (1000,))[-1] == 1


def test_errors_that_pass_are_not_called_damage(path, monkeypatch):
    monkeypatch.setattr(os, "open", raising(OSError(errno.EMFILE, "Too many open files")))
    with pytest.raises(OSError, match="Too many open files"):
        read_sealed(path)
    monkeypatch.undo()
    monkeypatch.setattr(sealed, "available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match="more than there is free memory: load it on") as error:
        read_sealed(path)
    assert_one_sentence(str(error.value))


# --- Files without an index --------------------------------------------------------------


def test_older_files_are_read(path):
    """In a process apart."""
    make_older(path)
    file = read_sealed(path)
    np.testing.assert_array_equal(file.array("values", float, (1000,)), np.arange(1000.0))
    assert file.text("name") == "ten times a hundred" and file.counts == {}


@pytest.mark.parametrize(
    "link", [h5py.SoftLink("/values"), h5py.SoftLink("/nowhere"), h5py.ExternalLink("/dev/zero", "/v")]
)
def test_links_in_older_files_are_refused(path, link):
    make_older(path)
    with h5py.File(path, "r+") as file:
        file["group/linked"] = link
    reseal(path)
    with pytest.raises(ValueError, match="cannot read it .it links to other files"):
        read_sealed(path)


def test_an_older_file_that_crashes_the_library_does_no_harm(path, monkeypatch):
    """Groups in groups, so deep that its stack overflows or its time ends."""
    limited = older_files.PROGRAM.replace("RLIMIT_CPU, 5", "RLIMIT_CPU, 1")
    monkeypatch.setattr(older_files, "PROGRAM", limited)
    make_older(path)
    with h5py.File(path, "r+") as file:
        group = file.id
        for _ in range(3000):
            group = h5py.h5g.create(group, b"g")
    reseal(path)
    with pytest.raises(ValueError, match="the HDF5 library cannot read it"):
        read_sealed(path)


@pytest.mark.parametrize(
    "work, message", [("while True: pass", "it crashed"), ("bytes(2**29)", "MemoryError")]
)
def test_the_library_has_little_memory_and_time(path, monkeypatch, work, message):
    limited = older_files.PROGRAM.replace("RLIMIT_CPU, 5", "RLIMIT_CPU, 1")
    begun = f"{work}\ngroups, arrays,"
    monkeypatch.setattr(older_files, "PROGRAM", limited.replace("groups, arrays,", begun))
    make_older(path)
    with pytest.raises(ValueError, match=f"the HDF5 library cannot read it .{message}"):
        read_sealed(path)


def test_a_process_that_cannot_start_is_not_called_damage(path, monkeypatch):
    make_older(path)
    monkeypatch.setattr(older_files, "PROGRAM", "import no_such_module")
    with pytest.raises(OSError, match="cannot start .*no_such_module"):
        read_sealed(path)
    monkeypatch.setattr(older_files, "PROGRAM", "print('ready', flush=True)\nwhile True: pass")
    monkeypatch.setattr(older_files, "PATIENCE", 0.5)
    with pytest.raises(TimeoutError, match="gets no time: try again"):
        read_sealed(path)


def raising(error: Exception):
    def fail(*_, **__):
        raise error

    return fail
