"""What made a result: command, versions, compiler, processor, commit and time."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .engine.compiler import compiler_version
from .version import __version__

_PACKAGES = ("brian2", "numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "h5py")
_FOLDER_OPTIONS = ("--out", "--data-dir", "--json", "--resume", "--checkpoints", "--store", "--gallery")
_LEFT_OUT = {**dict.fromkeys(_FOLDER_OPTIONS, 1), "--overwrite": 0}


def provenance(
    arguments: Sequence[str] | None = None, program: str | None = None
) -> dict[str, Any]:
    """What runs here and now.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line; default is those of this process.
    program : str, optional
        What they were given to; default is this process.

    Returns
    -------
    dict
        command, commit of the code (None outside a git checkout), date (UTC), versions,
        compiler and processor.
    """
    return {
        "command": command(arguments, program),
        "commit": commit(),
        "date": now(),
        "versions": versions(),
        "compiler": (compiler_version() or "").split("\n")[0] or None,
        "processor": processor(),
    }


def command(arguments: Sequence[str] | None = None, program: str | None = None) -> str:
    """The command line, without folders: they say where, not what."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if program is not None:
        pass
    elif spec is not None:
        program = f"python -m {spec.name.removesuffix('.__main__')}"
    else:
        program = f"python {Path(sys.argv[0]).name}".strip()
    given = sys.argv[1:] if arguments is None else arguments
    return " ".join([program, *without_options(given, _LEFT_OUT)])


def without_options(arguments: Iterable[str], options: Mapping[str, int]) -> list[str]:
    """Arguments of a command line but for some options, each with so many values behind it."""
    kept, skip = [], 0
    for argument in arguments:
        name, joined, _ = argument.partition("=")
        if skip:
            skip -= 1
        elif name in options:
            skip = 0 if joined else options[name]
        else:
            kept.append(argument)
    return kept


def now() -> str:
    """Date and time in UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the packages that results depend on."""
    found = {"cortical_bcpnn": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@lru_cache
def processor() -> str:
    """Model of the processor, on which the last bits of results depend."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@lru_cache
def commit(checkout: Path | None = None) -> str | None:
    """Commit of the code, or of that in another checkout, with '-dirty' behind it where files differ.

    None outside git, and where a repository only surrounds an installed package.
    """
    code = Path(__file__) if checkout is None else checkout / "cortical_bcpnn" / "__init__.py"
    # Git's own variables, as in a hook, speak of another repository.
    environment = {
        name: value for name, value in os.environ.items()
        if not name.startswith("GIT_") or name == "GIT_CEILING_DIRECTORIES"
    }  # fmt: skip

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=code.parent, env=environment, capture_output=True, text=True,
            check=True,
        ).stdout.strip()  # fmt: skip

    try:
        git("ls-files", "--error-unmatch", code.name)
        return git("describe", "--always", "--dirty", "--abbrev=12")
    except (OSError, subprocess.CalledProcessError):
        return None
