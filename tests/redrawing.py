"""Pictures drawn again from folders of results."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.drawing import style
from cortical_bcpnn.experiments import Experiment


def assert_redrawn(experiment: Experiment, result: Path, folder: Path) -> None:
    """Every picture of a result is drawn again as it was, in a copy without them; no network is made."""
    shutil.copytree(result, folder)
    names = {path.stem for path in folder.iterdir() if path.suffix == ".png"}
    assert names
    for name in names:
        (folder / f"{name}.png").unlink()

    def refuse(*_, **__):
        raise AssertionError("a network is made")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AssociativeMemory, "__init__", refuse)
        patch.setattr(style, "FORMATS", (".png",))
        results = experiment(redraw=folder)
    assert set(results.figures) == names
    for name in names:
        assert (folder / f"{name}.png").read_bytes() == (result / f"{name}.png").read_bytes()
