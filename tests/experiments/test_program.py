"""Functions as programs: what they are given, and what is said of options that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortical_bcpnn.experiments import Whole
from cortical_bcpnn.experiments.program import run_as_program


def program(folder: Path, *, upto: Whole = 2) -> None:
    """Count.

    Parameters
    ----------
    folder
        Where.
    upto
        How far.
    """
    if not folder.parts:
        raise ValueError("folder is empty: give another.")
    print(folder, upto)


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["here"], 0, "here 2"), (["here", "--upto", "3"], 0, "here 3"), (["--help"], 0, "How far."),
        (["."], "error: folder is empty: give another.", ""),
    ],
)  # fmt: skip
def test_a_function_is_called_with_the_command_line(arguments, code, said, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["program", *arguments])
    with pytest.raises(SystemExit) as end:
        run_as_program(program)
    assert end.value.code == code and said in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["here", "--upto", "0"], ["here", "--down", "1"]])
def test_what_is_wrong_is_said_in_one_line(arguments, monkeypatch):
    monkeypatch.setattr("sys.argv", ["program", *arguments])
    with pytest.raises(SystemExit, match=r"^error: [^\n]*: see --help\.$"):
        run_as_program(program)
