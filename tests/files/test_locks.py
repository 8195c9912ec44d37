"""Locks between processes."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from killing import ended, start

from cortical_bcpnn.files.locks import locked, take


def test_one_at_a_time(tmp_path):
    path, told = tmp_path / "new" / "lock", []
    with locked(path) as held:
        assert held and path.exists()
        with locked(path, wait=False, on_wait=lambda: told.append(1)) as again:
            assert not again and not told
        assert take(path) is None
    with locked(path, wait=False) as held:
        assert held


def test_an_error_in_the_block_gives_the_lock_back(tmp_path):
    with pytest.raises(KeyboardInterrupt), locked(tmp_path / "lock"):
        raise KeyboardInterrupt
    assert take(tmp_path / "lock") is not None


def test_who_waits_says_so_and_gets_it_though_folder_and_lock_are_deleted(tmp_path):
    """As those of an entry of the store that is cleared; they are made anew."""
    path, done = tmp_path / "entry" / ".lock", []

    def wait() -> None:
        with locked(path, on_wait=lambda: done.append("waiting")) as held:
            done.append("held" if held and path.exists() and take(path) is None else "wrong")

    with locked(path):
        thread = threading.Thread(target=wait)
        thread.start()
        while not done:
            time.sleep(0.01)
        time.sleep(0.1)
        assert done == ["waiting"]
        shutil.rmtree(path.parent, ignore_errors=True)  # who waits may make it anew meanwhile
    thread.join()
    assert done == ["waiting", "held"]


def _hold(path: Path) -> None:
    with locked(path):
        path.with_name("held").touch()
        time.sleep(60)


def test_a_lock_ends_with_its_process(tmp_path):
    path = tmp_path / "lock"
    process = start(_hold, path)
    while not (tmp_path / "held").exists():
        assert process.is_alive()
        time.sleep(0.01)
    assert take(path) is None
    process.kill()
    assert ended(process)
    assert take(path) is not None


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
@pytest.mark.filterwarnings("ignore:flock not supported")
def test_a_lock_that_cannot_be_is_not_called_held(tmp_path, monkeypatch, number):
    """Nor is one taken that would outlive its process."""

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        take(tmp_path / "lock")
