"""The look of figures: it holds wherever they are drawn, and holds for nothing else."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from matplotlib import pyplot, rc_context, rcParams
from matplotlib.figure import Figure
from matplotlib.image import imread

from cortical_bcpnn.drawing.style import new_figure, save, styled

# Brian2 imports pyplot of its own accord; after that nothing can.
IMPORTS = """
import importlib, pkgutil, sys
import brian2, matplotlib

def settings():  # rcParams["backend"] would choose one: what is beneath says whether one is chosen
    return {name: dict.__getitem__(matplotlib.rcParams, name) for name in matplotlib.rcParams}

before = settings()
del matplotlib.pyplot
sys.modules["matplotlib.pyplot"] = sys.modules["pylab"] = None
import cortical_bcpnn.drawing
for module in pkgutil.iter_modules(cortical_bcpnn.drawing.__path__):
    importlib.import_module(f"cortical_bcpnn.drawing.{module.name}")
    print(module.name)
assert settings() == before, "settings have changed"
"""


@styled
def draw() -> Figure:
    figure = new_figure(figsize=(3, 2))
    figure.subplots().plot([0, 1], label="line")
    figure.axes[0].legend()
    return figure


def test_imports_leave_matplotlib_alone():
    found = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert {"style", "raster", "comparison"} <= set(found.stdout.split())


def test_drawing_and_saving_leave_settings_alone(tmp_path):
    before = dict(rcParams)
    save(draw(), tmp_path / "picture")
    assert dict(rcParams) == before


def test_figures_have_the_look():
    ax = draw().axes[0]
    assert not ax.spines["top"].get_visible() and not ax.get_legend().get_frame_on()
    assert ax.xaxis.label.get_fontsize() == 9


def test_the_look_holds_whatever_the_settings_are_when_drawn(tmp_path):
    """Tick labels are made late: those of another moment would have its size."""
    save(draw(), tmp_path / "here")
    with rc_context({"font.size": 30, "savefig.dpi": 40, "savefig.bbox": "standard"}):
        draw().savefig(tmp_path / "elsewhere.png")
    np.testing.assert_array_equal(imread(tmp_path / "here.png"), imread(tmp_path / "elsewhere.png"))


def test_the_same_figure_gives_the_same_files(tmp_path):
    for name in ("one", "two"):
        save(draw(), tmp_path / name)
    for suffix in (".png", ".svg"):
        one, two = (tmp_path / f"{name}{suffix}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_notebooks_show_a_figure_once():
    """As what a cell returns; pyplot, which would show it again, does not know it."""
    before = pyplot.get_fignums()
    assert draw()._repr_png_().startswith(b"\x89PNG")
    assert pyplot.get_fignums() == before
