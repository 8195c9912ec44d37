"""Phases of a protocol, as coloured stretches of a time axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from brian2 import ms
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Patch

from ..analysis.timecourse import phase_names, phase_steps
from ..model.parameters import Parameters
from ..model.phases import Phase
from .style import OTHER_PHASE_COLOUR, PHASE_COLOURS


def phase_edges(protocol: Sequence[Phase], parameters: Parameters) -> np.ndarray:
    """Times at which phases begin, and at which the last one ends, in ms."""
    return phase_steps(protocol, parameters) * float(parameters.dt / ms)


def shade_phases(
    ax: Axes, protocol: Sequence[Phase], parameters: Parameters, n_cues: int = 1
) -> None:
    """Shade the phases of as many recalls, one after the other."""
    edges = phase_edges(protocol, parameters)
    for cue in range(n_cues):
        start = cue * edges[-1]
        for phase, left, right in zip(protocol, edges, edges[1:]):
            ax.axvspan(start + left, start + right, color=_colour(phase.name), lw=0, zorder=-1)
        if cue:
            ax.axvline(start, color="0.4", lw=0.6)


def name_phases(
    ax: Axes, protocol: Sequence[Phase], parameters: Parameters, inches: float
) -> None:
    """Names above the phases, turned where there is little room.

    Parameters
    ----------
    ax : Axes
    protocol : sequence of Phase
    parameters : Parameters
    inches : float
        Width of the axes.
    """
    edges = phase_edges(protocol, parameters)
    for name, left, right in zip(phase_names(protocol), edges, edges[1:]):
        narrow = (right - left) / edges[-1] * inches < 0.075 * len(name)
        ax.annotate(
            name, ((left + right) / 2, 1), (0, 3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="left" if narrow else "center", va="bottom",
            fontsize=8, rotation=30 if narrow else 0, annotation_clip=False,
        )  # fmt: skip


def phase_legend(figure: Figure, protocol: Sequence[Phase], **where) -> Legend:
    """The colours of the phases that a protocol has."""
    names = list(dict.fromkeys(phase.name or "phase" for phase in protocol))
    handles = [Patch(fc=_colour(name), ec="0.6", lw=0.5, label=name) for name in names]
    return figure.legend(handles=handles, ncol=len(handles), **where)


def _colour(name: str) -> str:
    """That of a phase of the paper, or another."""
    return PHASE_COLOURS.get(name, OTHER_PHASE_COLOUR)
