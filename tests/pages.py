"""Pages whose code and command lines tests run: blocks that begin with ```python.

A block whose first line says ``no-run`` behind ``python``, with the reason, is not run. The others of a
page run in order, in one namespace that holds what the page takes for granted (`images`, `cues`, …).
They run in small: nothing is compiled, and what is said about sizes alone is replaced by `IN_SMALL`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from brian2 import prefs

from cortical_bcpnn import MINICOLUMN_MODELS, PLASTICITY_RULES, AssociativeMemory
from cortical_bcpnn.biophysical import BiophysicalMemory
from cortical_bcpnn.data.datasets import DATASETS
from cortical_bcpnn.drawing import style
from cortical_bcpnn.experiments.setup import Setup
from cortical_bcpnn.sklearn import AssociativeCompleter
from cortical_bcpnn.sklearn.network import NetworkEstimator
from cortical_bcpnn.sweeps.measures import MEASURES

ROOT = Path(__file__).parents[1]
BUILT = ("_build", "gallery", "generated")
#: Text of blocks, and what stands for it in tests.
IN_SMALL = {
    r"epochs=\d+": "epochs=1",
    r"hidden=\(\d0, \d0\)": "hidden=(6, 5)",
    r"load\(\"digits\"\)\.limited\(\d+, \d+\)": 'load("digits").limited(4, 4)',
}


class Block(NamedTuple):
    """A block of code: what stands behind ``python`` in its first line, and the code."""

    info: str
    code: str

    @property
    def runs(self) -> bool:
        return not self.info.startswith("no-run")


def pages() -> list[str]:
    """Paths of README.md and of all pages of the documentation that are written by hand."""
    written = [path.relative_to(ROOT) for path in sorted((ROOT / "docs").rglob("*.md"))]
    return ["README.md", *(str(path) for path in written if not set(BUILT) & set(path.parts))]


def blocks_of(text: str) -> list[Block]:
    """Python blocks of a page."""
    return [Block(*found) for found in re.findall(r"^```python *([^\n]*)\n(.*?)^```", text, re.M | re.S)]


@contextmanager
def in_small() -> Iterator[None]:
    """Nothing is compiled, networks are small where a page does not say their size, figures are not
    written, and what code registers is forgotten."""
    registries = (MINICOLUMN_MODELS, PLASTICITY_RULES, DATASETS, MEASURES)
    before = [dict(registry) for registry in registries]
    target, prefs.codegen.target = prefs.codegen.target, "numpy"
    small = {"limit": 4, "epochs": 1, "hidden": (6, 5), "device": "runtime", "jobs": 1}
    with pytest.MonkeyPatch.context() as patch:
        for function, defaults in (
            (AssociativeMemory.__init__, {"device": "runtime"}),
            (AssociativeMemory.load.__func__, {"device": "runtime"}),
            (BiophysicalMemory.__init__, {"device": "runtime", "cells_per_minicolumn": 2}),
            (Setup.__init__, small),
            (NetworkEstimator.__init__, {"device": "runtime"}),
            (AssociativeCompleter.__init__, {"device": "runtime"}),
        ):
            patch.setattr(function, "__kwdefaults__", {**function.__kwdefaults__, **defaults})
        patch.setattr(style, "FORMATS", ())
        try:
            yield
        finally:
            prefs.codegen.target = target
            for registry, content in zip(registries, before):
                registry.clear()
                registry.update(content)


def run(text: str, title: str, names: Mapping | None = None, folder: Path = ROOT) -> dict:
    """Run the blocks of a page one after the other in a folder; returns all that they name."""
    module = ModuleType("page")
    vars(module).update(names or {})
    with pytest.MonkeyPatch.context() as patch, in_small():
        patch.setitem(sys.modules, "page", module)
        patch.chdir(folder)
        for number, block in enumerate(blocks_of(text), 1):
            if block.runs:
                code = block.code
                for written, small in IN_SMALL.items():
                    code = re.sub(written, small, code)
                exec(compile(code, f"{title}, block {number}", "exec"), vars(module))
    return vars(module)
