"""Which of Brian2's preferences count."""

from __future__ import annotations

from pathlib import Path

import pytest
from brian2 import prefs, synapses

from cortical_bcpnn.engine.preferences import INCLUDE_DIRS, include_dirs, preferences_key


@pytest.fixture
def key() -> str:
    return preferences_key()


def test_what_brian2_adds_when_it_tries_cython_does_not_count(monkeypatch, key):
    """It appends to the user's list, in processes that compile the first module of a cache."""
    asked = list(prefs[INCLUDE_DIRS])
    monkeypatch.setitem(prefs, INCLUDE_DIRS, [*asked, str(Path(synapses.__file__).parent)])
    assert include_dirs() == asked and preferences_key() == key


def test_what_the_user_adds_does(monkeypatch, key):
    monkeypatch.setitem(prefs, INCLUDE_DIRS, [*prefs[INCLUDE_DIRS], "/opt/headers"])
    assert "/opt/headers" in include_dirs() and preferences_key() != key


def test_what_the_log_says_does_not(monkeypatch, key):
    monkeypatch.setitem(prefs, "logging.console_log_level", "ERROR")
    assert preferences_key() == key
