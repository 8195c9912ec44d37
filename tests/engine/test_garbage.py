"""Where Brian2 looks for garbage."""

from __future__ import annotations

import gc
import weakref

import pytest

from cortical_bcpnn.engine.garbage import only_new_garbage


class Cycle:
    def __init__(self) -> None:
        self.own = self


def test_only_what_is_made_within_is_collected():
    before = weakref.ref(Cycle())
    with only_new_garbage():
        within = weakref.ref(Cycle())
        gc.collect()
        assert before() is not None and within() is None
    gc.collect()
    assert before() is None


def test_what_others_have_set_apart_stays_so():
    gc.freeze()
    try:
        with only_new_garbage():
            pass
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


def test_errors_undo_it():
    with pytest.raises(ZeroDivisionError), only_new_garbage():
        raise ZeroDivisionError
    assert not gc.get_freeze_count()
