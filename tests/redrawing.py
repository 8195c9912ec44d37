"""Pictures drawn again from folders of results."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.drawing.style import FORMATS
from cortical_bcpnn.experiments import Experiment


def assert_redrawn(experiment: Experiment, result: Path, folder: Path) -> None:
    """Every picture of a result is drawn again as it was, in a copy without them; no network is made."""
    shutil.copytree(result, folder)
    names = [path.name for path in folder.iterdir() if path.suffix in FORMATS]
    assert names
    for name in names:
        (folder / name).unlink()

    def refuse(*_, **__):
        raise AssertionError("a network is made")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AssociativeMemory, "__init__", refuse)
        results = experiment(redraw=folder)
    assert {f"{name}{suffix}" for name in results.figures for suffix in FORMATS} == set(names)
    for name in names:
        assert (folder / name).read_bytes() == (result / name).read_bytes()
