"""What made a result: command, versions, commit and time."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cortical_bcpnn import __version__

PACKAGES = ("brian2", "numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "h5py")


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the packages that results depend on."""
    return {
        "cortical_bcpnn": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def provenance(protocol: str, arguments: list[str] | None) -> dict[str, str | None]:
    """Command, commit of the code (None outside a git checkout) and time (UTC) of a result."""
    given = sys.argv[1:] if arguments is None else arguments
    return {
        "command": " ".join(["python -m", f"protocols.{protocol}", *_without_folders(given)]),
        "commit": _commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _without_folders(arguments: list[str]) -> list[str]:
    """Arguments with folders left out: they say where, not what."""
    kept, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("--out", "--data-dir", "--json"):
            skip = True
        elif not argument.startswith(("--out=", "--data-dir=", "--json=")):
            kept.append(argument)
    return kept


def _commit() -> str | None:
    try:
        result = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
