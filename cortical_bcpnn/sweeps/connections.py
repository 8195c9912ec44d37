"""Connections of a network as text, so that they are a parameter of a run as others are.

Each postsynaptic hypercolumn has a hexadecimal mask of the presynaptic ones, of which the first is the
lowest bit: '5-3' says that the first listens to 0 and 2, and the second to 0 and 1.
"""

from __future__ import annotations

import numpy as np

from ..model.architecture import Architecture, Projection
from ..network import AssociativeMemory


def to_text(connections: np.ndarray) -> str:
    """Connections as text.

    Parameters
    ----------
    connections : ndarray of int, shape (H post, fan-in)
        Presynaptic hypercolumns.
    """
    return "-".join(f"{sum(1 << int(pre) for pre in row):x}" for row in connections)


def from_text(text: str, architecture: Architecture) -> np.ndarray:
    """Connections from the first population that a text says, shape (H post, fan-in), in order.

    Raises
    ------
    ValueError
        If the text is none, or is of a network of another size.
    """
    projection = projection_of(architecture)
    pre, post = architecture.ends(projection)
    try:
        masks = [int(part, 16) for part in text.split("-")]
    except ValueError:
        raise ValueError(
            f"connections are {text[:20]!r}: give a hexadecimal mask for each hypercolumn, 5-3 say."
        ) from None
    if len(masks) != post.hypercolumns:
        raise ValueError(
            f"connections are {len(masks)} masks, and {post.name} has {post.hypercolumns} "
            "hypercolumns: give as many."
        )
    rows = [[bit for bit in range(mask.bit_length()) if mask >> bit & 1] for mask in masks]
    for number, row in enumerate(rows):
        if len(row) != projection.fan_in or max(row, default=0) >= pre.hypercolumns:
            raise ValueError(
                f"mask {number} of connections has {len(row)} bits up to {max(row, default=0)}: give "
                f"{projection.fan_in}, the fan-in, of the {pre.hypercolumns} hypercolumns of {pre.name}."
            )
    return np.array(rows, np.int32)


def connect(memory: AssociativeMemory, text: str) -> None:
    """Let a network that has learned nothing begin with these connections, and else as its seed says."""
    projection = projection_of(memory.architecture)
    traces = {name: state.copy() for name, state in memory.traces.items()}
    traces[projection.name].connections = from_text(text, memory.architecture)
    memory.traces = traces


def projection_of(architecture: Architecture) -> Projection:
    """The projection that connections are of: the first from the first population."""
    first = architecture.populations[0].name
    return next(projection for projection in architecture.projections if projection.pre == first)
