"""Progress in a log: a line at the start, one a minute, one at the end."""

from __future__ import annotations

import pytest

from cortical_bcpnn import progress
from cortical_bcpnn.progress import progress_bar


@pytest.fixture
def clock(monkeypatch):
    """Time that passes when it is told to."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress.tqdm.std, "time", lambda: now[0])
    monkeypatch.setattr(progress.tqdm.std.tqdm, "monitor_interval", 0)
    return now


def test_a_log_has_a_line_a_minute(clock, capsys):
    with progress_bar(total=300, desc="learn", unit="pattern") as bar:
        for _ in range(300):
            clock[0] += 0.5
            bar.update()
            bar.set_postfix_str("0 failed")
    lines = capsys.readouterr().err.split("\n")
    assert lines[0].startswith("learn: 0 of 300 patterns, 00:00 gone")
    assert [line.split()[1] for line in lines[1:4]] == ["120", "240", "300"]
    assert lines[-2].endswith("02:30 gone, 00:00 to go, 0 failed") and lines[-1] == ""
    assert len(lines) == 5 and not any("\r" in line for line in lines)


def test_what_is_gone_through_comes_out(capsys):
    assert list(progress_bar([3, 1, 2], desc="sizes", unit="size")) == [3, 1, 2]
    assert capsys.readouterr().err.count("\n") == 2


def test_nothing_is_said_where_none_is_wanted(capsys):
    with progress_bar(total=2, disable=True) as bar:
        bar.update()
    assert capsys.readouterr().err == ""


def test_a_terminal_has_a_bar(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    list(progress_bar(range(2), desc="sizes"))
    assert "\r" in capsys.readouterr().err
