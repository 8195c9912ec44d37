"""The search for a newer Python, by which `make test-newest` runs the core of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "newest_python.py"


def search(folder: Path, **works: bool) -> subprocess.CompletedProcess:
    """Result of a search among stand-ins, of which some work."""
    for name, works_here in works.items():
        stand_in = folder / name.replace("_", ".")
        stand_in.write_text(f"#!/bin/sh\nexit {int(not works_here)}\n")
        stand_in.chmod(0o755)
    environment = os.environ | {"PATH": str(folder)}
    return subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="nothing that is newer by two is supported")
def test_the_newest_that_works_is_taken(tmp_path):
    assert search(tmp_path, python3_13=True).stdout == f"{tmp_path}/python3.13\n"
    assert search(tmp_path, python3_14=False).stdout == f"{tmp_path}/python3.13\n"
    assert search(tmp_path, python3_14=True).stdout == f"{tmp_path}/python3.14\n"


def test_older_ones_and_those_not_supported_are_not_taken(tmp_path):
    result = search(tmp_path, python3_9=True, python3_99=True)
    assert result.returncode == 1 and not result.stdout
    assert result.stderr.startswith("no Python newer than 3.")
