"""One look for all figures, which leaves matplotlib's own settings and backend alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

# Okabe & Ito's colours, which colour-blind readers can tell apart.
FEEDFORWARD = "#0072B2"
ATTRACTOR = "#D55E00"
NEUTRAL = "#555555"
MINICOLUMN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
POPULATION_COLOURS = {"INP": "#009E73", "HID": "#0072B2", "INPRC": "#CC79A7"}
VARIANT_COLOURS = {"rate": "#000000", "spk": "#56B4E9", "spspk": "#E69F00"}
PHASE_COLOURS = {
    "gap": "#FFFFFF",
    "feedforward": "#CFE8F7",
    "overlap": "#E6E0C8",
    "recurrent": "#F9DFCF",
}
OTHER_PHASE_COLOUR = "#EEEEEE"

_SETTINGS = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "savefig.bbox": "tight",
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "svg.fonttype": "none",
    "svg.hashsalt": "cortical_bcpnn",
}

FORMATS = (".png", ".svg")

#: Decorator of what draws: within it, matplotlib's settings are those of this look.
styled = rc_context(_SETTINGS)


class _StyledFigure(Figure):
    """A figure that keeps its look wherever it is drawn.

    Ticks and more are made only when a figure is drawn, by the settings of that moment.
    """

    @styled
    def draw(self, renderer: Any) -> None:
        super().draw(renderer)

    @styled
    def savefig(self, fname: Any, **options: Any) -> None:
        super().savefig(fname, **options)

    def _repr_png_(self) -> bytes:
        """Shown by notebooks, whether or not they know matplotlib's figures."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi="figure")
        return file.getvalue()


def new_figure(**options: Any) -> Figure:
    """An empty figure for functions that are `styled`; no window and no list of pyplot knows it.

    Parameters
    ----------
    **options
        Of `matplotlib.figure.Figure`, such as figsize (inches) and layout.
    """
    figure = _StyledFigure(**options)
    FigureCanvasAgg(figure)
    return figure


@styled
def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG and SVG, under the name given."""
    for suffix in FORMATS:
        # Without a date, the same figure gives the same file.
        metadata = {"Date": None} if suffix == ".svg" else {}
        figure.savefig(Path(path).with_suffix(suffix), metadata=metadata)


def log_x(axes) -> None:
    """A logarithmic x axis whose ticks are plain numbers, 1, 2, 5, 10, …"""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def bare(axes) -> None:
    """An axes for an image: no ticks, no frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
