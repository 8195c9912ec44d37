"""A drawing as an image of a data set: sized, placed and shaded as its images are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

#: Points of a stroke of the pen, (x, y), in any unit.
Stroke = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Style:
    """How the images of a data set were made of handwriting.

    Attributes
    ----------
    box : (float, float)
        Width and height, in pixels of the image, that the ink is made to fit.
    stretch : float or None
        The height is that of the box, and the width too, but stretched by so much more at most; None
        keeps the shape.
    pen : float
        Width of the pen, in pixels of the image.
    by_mass : bool
        Whether the centre of mass of the ink, and not that of its bounding box, is put in the middle.
    levels : int
        Grey levels above 0.
    """

    box: tuple[float, float]
    stretch: float | None
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
        return Style(box=(5.5, 8.0), stretch=1.5, pen=1.7, by_mass=False, levels=16)
    scale = side / 28
    return Style((20 * scale, 20 * scale), None, 2.6 * scale, True, 255)


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
    fine = 4 if side == 8 else max(1, round(224 / side))  # fine pixels a pixel
    points = [np.asarray(stroke, float) for stroke in strokes]
    everything = np.concatenate(points)
    low, extent = everything.min(axis=0), np.ptp(everything, axis=0)
    room = np.array(style.box) - style.pen  # for the middle of the pen
    x, y = np.divide(room, extent, out=np.full(2, np.inf), where=extent > 0)
    if style.stretch is None or np.isinf(y):
        x = y = min(x, y)
    scales = np.array([min(x, (style.stretch or 1) * y), y])
    scales[np.isinf(scales)] = 0.0  # a dot has no extent
    middle = low + extent / 2
    canvas = Image.new("L", (side * fine, side * fine))
    placed = [((p - middle) * scales + side / 2) * fine for p in points]
    _ink(canvas, placed, style.pen * fine)
    if style.by_mass:
        ink = np.asarray(canvas, float)
        mass = np.array([ink.sum(axis=0) @ np.arange(len(ink)), ink.sum(axis=1) @ np.arange(len(ink))])
        shift = (len(ink) - 1) / 2 - mass / ink.sum()
        canvas = Image.new("L", canvas.size)
        _ink(canvas, [p + shift for p in placed], style.pen * fine)
    blocks = np.asarray(canvas, float).reshape(side, fine, side, fine).mean(axis=(1, 3))
    return np.round(blocks * style.levels) / style.levels


def _ink(canvas: Image.Image, strokes: Sequence[np.ndarray], pen: float) -> None:
    """Draw with a round pen."""
    draw = ImageDraw.Draw(canvas)
    radius = pen / 2
    for stroke in strokes:
        for x, y in _close_points(stroke, radius / 4):
            low, high = np.array((x, y)) - radius - 0.5, np.array((x, y)) + radius - 0.5
            draw.ellipse((*low, *high), fill=1)


def _close_points(stroke: np.ndarray, step: float) -> np.ndarray:
    """Points along a stroke, about a step apart."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T) if len(stroke) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    where = np.linspace(0, along[-1], int(along[-1] / step) + 1 + (along[-1] > 0))
    return np.stack([np.interp(where, along, stroke[:, axis]) for axis in (0, 1)], axis=1)
