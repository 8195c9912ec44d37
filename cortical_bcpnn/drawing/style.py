"""One look for all figures."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

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

plt.rcParams.update(
    {
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
)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG and SVG, under the name given, and close it."""
    for suffix in (".png", ".svg"):
        # Without a date, the same figure gives the same file.
        metadata = {"Date": None} if suffix == ".svg" else {}
        figure.savefig(Path(path).with_suffix(suffix), metadata=metadata)
    plt.close(figure)


def bare(axes) -> None:
    """An axes for an image: no ticks, no frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
