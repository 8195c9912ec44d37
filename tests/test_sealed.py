"""Sealed files: whole or not there, known to be whole, and read only if stored plainly."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import stat
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from killing import start
from sealing import BLOCK, assert_one_sentence, reseal

from cortical_bcpnn.sealed import (
    open_sealed,
    read_array,
    read_text,
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
    """As anybody can check: 512 bytes of text, then an HDF5 file."""
    content = path.read_bytes()
    lines = content[:BLOCK].rstrip(b"\0").decode().splitlines()
    digest = hashlib.sha256(content[BLOCK:]).hexdigest()
    assert lines == ["cortical_bcpnn", f"bytes {len(content) - BLOCK}", f"sha256 {digest}"]
    assert content[BLOCK : BLOCK + 4] == b"\x89HDF"


def test_to_others_it_is_an_hdf5_file(path):
    with h5py.File(path) as file:
        assert file.userblock_size == BLOCK
        np.testing.assert_array_equal(file["values"], np.arange(1000.0))


def test_what_was_written_is_read(path):
    with open_sealed(path) as file:
        np.testing.assert_array_equal(
            read_array(file, "values", float, (1000,)), np.arange(1000.0)
        )
        assert read_text(file, "name") == "ten times a hundred"


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


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
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
        with open_sealed(path) as file:
            values = read_array(file, "v", np.int64, (10**5,))
        assert (values == values[0]).all()
        seen.add(int(values[0]))
    process.kill()
    process.join()
    assert len(seen) == 5
    with open_sealed(path) as file:
        assert read_array(file, "v", np.int64, (None,))[0] >= max(seen)


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
    monkeypatch.setattr(h5py, "File", lambda *_: pytest.fail("opened"))
    with pytest.raises(ValueError, match=message), open_sealed(path):
        pass


def test_what_is_no_file_is_not_there(tmp_path):
    for name in ("nowhere.h5", "."):
        with pytest.raises(FileNotFoundError, match="does not exist: give a file"):
            with open_sealed(tmp_path / name):
                pass


def test_checksums_without_the_help_of_newer_pythons(path, monkeypatch):
    """Python 3.10 has no file_digest."""
    monkeypatch.delattr(hashlib, "file_digest", raising=False)
    with open_sealed(path) as file:
        assert "values" in file
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="checksum"), open_sealed(path):
        pass


@pytest.mark.parametrize(
    "link",
    [h5py.SoftLink("/values"), h5py.SoftLink("/nowhere"), h5py.SoftLink("/linked"),
     h5py.ExternalLink("/dev/zero", "/values"), h5py.ExternalLink("file.h5", "/values")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["linked", "group/linked"])
def test_links_are_refused(path, link, name):
    """Wherever they lead."""
    with h5py.File(path, "r+") as file:
        file[name] = link
    reseal(path)
    with pytest.raises(ValueError, match="it links to other files"), open_sealed(path):
        pass


def test_groups_in_a_circle_do_no_harm(path):
    with h5py.File(path, "r+") as file:
        file["group/again"] = file["/"]
    reseal(path)
    with open_sealed(path) as file:
        assert read_array(file["group/again"], "values", float, (None,)).shape == (1000,)
