"""One recall at a glance, for `Recall.plot`."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

import numpy as np
from matplotlib.figure import Figure

from ..recalled import Recall
from .raster import draw_raster
from .reconstructions import draw_reconstructions

IN_TIME = 4  # cues in a raster
IMAGES = 12  # cues in a row of images


def draw_recall(recall: Recall) -> Figure:
    """The first cues of a recall: raster and rates, or images of cues and reconstructions.

    Raises
    ------
    ValueError
        If there is nothing over time and cues are no square images.
    """
    if recall.z_over_time and recall.parameters is not None:
        first = replace(
            recall,
            z_over_time={name: of[:IN_TIME] for name, of in recall.z_over_time.items()},
            spikes_over_time={name: of[:IN_TIME] for name, of in recall.spikes_over_time.items()},
        )
        return draw_raster(first, recall.followed, recall.parameters)
    cues = next((cue for cue in recall.cues.values() if _are_images(cue)), None)
    if cues is None:
        raise ValueError(
            "recall has neither states over time nor cues that are square images: recall with "
            "over_time=True to plot it."
        )
    images = {"cue": cues}
    for moment in ("feedforward", "attractor"):
        if "INPRC" in recall.z.get(moment, {}):
            images[f"INPRC, {moment}"] = recall.pattern("INPRC", moment)
    side = isqrt(cues.shape[1])
    shown = {row: of[:IMAGES].reshape(-1, side, side) for row, of in images.items()}
    title = f"{len(shown['cue'])} of {len(cues)} cues; unknown pixels are white"
    return draw_reconstructions({title: shown})


def _are_images(cues: np.ndarray) -> bool:
    return cues.ndim == 2 and isqrt(cues.shape[1]) ** 2 == cues.shape[1]
