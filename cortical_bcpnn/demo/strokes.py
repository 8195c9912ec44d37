"""A drawing as an image of a data set: sized, placed and shaded as its images are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

#: Points of a stroke of the pen, (x, y), in any unit.
Stroke = Sequence[tuple[float, float]]
_FINE = 224  # pixels, about, of the side that a drawing is made with


@dataclass(frozen=True)
class Style:
    """How the images of a data set were made of handwriting.

    Attributes
    ----------
    box : (float, float)
        Width and height, in pixels of the image, that the ink is made to fit.
    narrowed : bool
        Whether what is too wide for the box is made narrower, so that it fills its height; else its
        shape is kept.
    pen : float
        Width of the pen, in pixels of the image.
    by_mass : bool
        Whether the centre of mass of the ink, and not that of its bounding box, is put in the middle,
        by whole pixels.
    levels : int
        Grey levels above 0.
    """

    box: tuple[float, float]
    narrowed: bool
    pen: float
    by_mass: bool
    levels: int


def style_of(side: int) -> Style:
    """Style of the images of a data set with that side.

    Those of the digits of 8 × 8 are counts of ink in 4 × 4 blocks of bitmaps of 32 × 32, which digits
    fill from top to bottom, in about 22 columns, whatever their shape was (Garris et al., 1994,
    measured on scikit-learn's copy). Others are taken to be made as MNIST: fitted into 20 of 28 pixels
    with their shape kept, in grey, the centre of mass in the middle (LeCun et al., 1998).
    """
    if side == 8:
        return Style(box=(5.5, 8.0), narrowed=True, pen=1.4, by_mass=False, levels=16)
    scale = side / 28
    return Style((20 * scale, 20 * scale), False, 2.5 * scale, True, 255)


def image_of(strokes: Sequence[Stroke], side: int) -> np.ndarray:
    """The image of a drawing, as the data set with images of that side would have it.

    The pen is as wide as in the data set, however large one has drawn.

    Parameters
    ----------
    strokes : sequence of sequences of (x, y)
        With y downwards; a single point is a dot.
    side : int
        Height and width of the image.

    Returns
    -------
    ndarray of float, shape (side, side)
        Grey levels from 0 to 1, 1 is ink.
    """
    style = style_of(side)
    fine = max(4, round(_FINE / side))  # fine pixels a pixel
    points = [np.asarray(stroke, float) for stroke in strokes]
    everything = np.concatenate(points)
    low, extent = everything.min(axis=0), np.ptp(everything, axis=0)
    room = np.array(style.box) - style.pen  # for the middle of the pen
    x, y = np.divide(room, extent, out=np.full(2, np.inf), where=extent > 0)
    scales = np.array([min(x, y), y if style.narrowed and np.isfinite(y) else min(x, y)])
    scales[np.isinf(scales)] = 0.0  # a dot has no extent
    path = np.ones((side * fine, side * fine), bool)
    for stroke in points:
        placed = ((stroke - low - extent / 2) * scales + side / 2) * fine
        columns, rows = np.clip(_close_points(placed).astype(int), 0, len(path) - 1).T
        path[rows, columns] = False
    ink = distance_transform_edt(path) <= style.pen * fine / 2
    image = ink.reshape(side, fine, side, fine).mean(axis=(1, 3))
    if style.by_mass:
        places = np.arange(side) - (side - 1) / 2
        off = np.array([image.sum(axis=1) @ places, image.sum(axis=0) @ places]) / image.sum()
        image = np.roll(image, -np.rint(off).astype(int), axis=(0, 1))
    return np.round(image * style.levels) / style.levels


def _close_points(stroke: np.ndarray) -> np.ndarray:
    """Points along a stroke, less than 1 apart."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T) if len(stroke) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    where = np.linspace(0, along[-1], int(along[-1]) + 2)
    return np.stack([np.interp(where, along, stroke[:, axis]) for axis in (0, 1)], axis=1)
