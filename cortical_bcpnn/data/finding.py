"""Files of data sets that users have, and packages that come with some."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType


def find_file(directory: Path, names: Sequence[str], advice: str) -> Path:
    """A file of a data set, in a folder or in a folder in it, as archives unpack.

    Parameters
    ----------
    directory : Path
    names : sequence of str
        That the file may have.
    advice : str
        What to do if it is missing.

    Raises
    ------
    FileNotFoundError
        If the folder or the file is missing.
    """
    if not directory.is_dir():
        raise FileNotFoundError(f"data directory {directory} does not exist: {advice}.")
    for folder in [directory, *sorted(path for path in directory.iterdir() if path.is_dir())]:
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise FileNotFoundError(f"{directory} has no {' or '.join(names)}: {advice}.")


def need_package(package: str, extra: str, what: str) -> ModuleType:
    """A package that some data set needs and the others do without.

    Parameters
    ----------
    package : str
    extra : str
        Of this package, that brings it.
    what : str
        What needs it, for messages.

    Raises
    ------
    ValueError
        If it is not installed.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError:
        raise ValueError(
            f"{what} needs the package {package}: install it by 'pip install {package}', "
            f"or with the extra '{extra}', pip install -e '.[{extra}]'."
        ) from None
