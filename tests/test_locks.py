"""Locks between processes."""

from __future__ import annotations

import fcntl
import shutil

import pytest

from cortical_bcpnn.locks import locked


def test_one_at_a_time(tmp_path):
    path, told = tmp_path / "new" / "lock", []
    with locked(path) as held:
        assert held and path.exists()
        with locked(path, wait=False, on_wait=lambda: told.append(1)) as again:
            assert not again and not told
    with locked(path, wait=False) as held:
        assert held


def test_a_lock_that_is_deleted_while_somebody_waits_for_it(tmp_path):
    """Whoever gets a deleted lock makes it anew, and its folder."""
    path = tmp_path / "entry" / ".lock"
    path.parent.mkdir()
    opened, flock = [], fcntl.flock

    def delete_first(lock, operation):
        if not opened:
            shutil.rmtree(path.parent)
        opened.append(lock)
        flock(lock, operation)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", delete_first)
        with locked(path) as held:
            assert held and len(opened) == 2 and path.exists()
            with locked(path, wait=False) as again:
                assert not again
