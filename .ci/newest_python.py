"""Print the path of the newest Python that is newer than this one and can run the package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path


def supported() -> list[int]:
    """Minor versions that setup.cfg names."""
    classifiers = (Path(__file__).parents[1] / "setup.cfg").read_text()
    return sorted(map(int, re.findall(r"Python :: 3\.(\d+)", classifiers)))


def works(python: str, minor: int) -> bool:
    """Whether it is that version (pyenv puts stand-ins on PATH) and can make environments."""
    code = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, {minor}))"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def candidates(minor: int) -> list[str]:
    """Where Python 3.`minor` may be: on PATH, or among the versions of pyenv."""
    found = [path] if (path := shutil.which(f"python3.{minor}")) else []
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False).stdout
        versions = Path(root.strip()) / "versions"
        found += [str(path) for path in versions.glob(f"3.{minor}.*/bin/python3")]
    return found


if __name__ == "__main__":
    newer = [minor for minor in reversed(supported()) if minor > sys.version_info.minor]
    working = (p for minor in newer for p in candidates(minor) if works(p, minor))
    newest = next(working, None)
    if newest is None:
        sys.exit(f"no Python newer than 3.{sys.version_info.minor} was found that setup.cfg names.")
    print(newest)
