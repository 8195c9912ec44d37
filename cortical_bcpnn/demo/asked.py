"""What the page asks for: text from outside, checked before anything is done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NoReturn

import numpy as np

from ..data.stimuli import DISTORTIONS, GREY, TASKS
from ..values.numbers import is_number, is_whole

NO_TASK = "none"
SIDES = ("top", "bottom", "left", "right")
WAYS = ("published", "calibrated")
UNKNOWN = {"grey": GREY, "silent": np.nan}
LARGEST_GAIN = 2.0
MOST_POINTS = 5000  # of a drawing
_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Asked:
    """A cue, and how it is to be recalled.

    Attributes
    ----------
    image : int or None
        Number of a test image; without it there are strokes.
    strokes : tuple of tuples of (x, y), or None
        A drawing in the unit square, y downwards.
    task : str
        What becomes of the image: 'none', or one of `TASKS`.
    difficulty : float
        Of the task, from 0 to 1.
    where : str
        Of `SIDES`, where the strip is that is missing or a rival's.
    distortion : str
        Kind of distortion.
    rival : int
        Number of the test image that takes the strip.
    hidden : tuple of int
        Pixels that are unknown beside.
    unknown : str
        'grey': unknown pixels are 0.5, as in the paper; 'silent': they transmit nothing.
    way : str
        'published' or 'calibrated' recall.
    gain : float or None
        Of recurrence, in place of that of the way.
    seed : int or None
        Of random distortions and of spikes, in place of that of the network.
    """

    image: int | None = None
    strokes: tuple[tuple[tuple[float, float], ...], ...] | None = None
    task: str = NO_TASK
    difficulty: float = 0.6
    where: str = "top"
    distortion: str = DISTORTIONS[0]
    rival: int = 0
    hidden: tuple[int, ...] = ()
    unknown: str = "grey"
    way: str = "published"
    gain: float | None = None
    seed: int | None = None


def read_asked(body: bytes, n_images: int, n_pixels: int) -> Asked:
    """What the text of a request asks for.

    Parameters
    ----------
    body : bytes
        JSON, an object of fields of `Asked`.
    n_images, n_pixels : int
        Numbers of test images, and of pixels in each.

    Raises
    ------
    ValueError
        If it is no such text, or a value is out of range: one sentence that says which.
    """
    try:
        given = json.loads(body, parse_constant=_no_number)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("the request is no JSON: give an object such as {\"image\": 0}.") from None
    if not isinstance(given, dict):
        raise ValueError("the request is no object: give one such as {\"image\": 0}.")
    known = [field.name for field in fields(Asked)]
    for name in given:
        if name not in known:
            raise ValueError(f"{name[:40]!r} is unknown: give some of {', '.join(known)}.")
    asked = {name: value for name, value in given.items() if value is not None}
    if ("image" in asked) == ("strokes" in asked):
        raise ValueError("image and strokes: give one of them, a test image or a drawing.")
    for name in ("image", "rival"):
        _check_whole(asked, name, n_images - 1)
    _check_whole(asked, "seed", _LARGEST_SEED)
    for name, names in (("task", (NO_TASK, *TASKS)), ("where", SIDES), ("distortion", DISTORTIONS),
                        ("unknown", tuple(UNKNOWN)), ("way", WAYS)):  # fmt: skip
        if name in asked and asked[name] not in names:
            raise ValueError(f"{name} is {_short(asked[name])}: give one of {', '.join(names)}.")
    for name, most in (("difficulty", 1.0), ("gain", LARGEST_GAIN)):
        if name in asked and not (is_number(asked[name]) and 0 <= asked[name] <= most):
            raise ValueError(f"{name} is {_short(asked[name])}: give a number from 0 to {most:g}.")
    if "hidden" in asked:
        asked["hidden"] = _hidden(asked["hidden"], n_pixels)
    if "strokes" in asked:
        asked["strokes"] = _strokes(asked["strokes"])
    return Asked(**asked)


def _check_whole(asked: Mapping[str, Any], name: str, most: int) -> None:
    if name in asked and not (is_whole(asked[name], 0) and asked[name] <= most):
        raise ValueError(f"{name} is {_short(asked[name])}: give a whole number from 0 to {most}.")


def _hidden(hidden: Any, n_pixels: int) -> tuple[int, ...]:
    if not isinstance(hidden, list) or len(hidden) > n_pixels:
        raise ValueError(f"hidden is no list of pixels: give at most {n_pixels} whole numbers.")
    for pixel in hidden:
        if not (is_whole(pixel, 0) and pixel < n_pixels):
            raise ValueError(
                f"hidden names pixel {_short(pixel)}: give whole numbers from 0 to {n_pixels - 1}."
            )
    return tuple(hidden)


def _strokes(strokes: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
    fault = f"strokes are no drawing: give lists of points [x, y] from 0 to 1, {MOST_POINTS} at most."
    if not isinstance(strokes, list) or not strokes:
        raise ValueError(fault)
    if not all(isinstance(stroke, list) and stroke for stroke in strokes):
        raise ValueError(fault)
    if sum(map(len, strokes)) > MOST_POINTS:
        raise ValueError(fault)
    for stroke in strokes:
        for point in stroke:
            if not (isinstance(point, list) and len(point) == 2
                    and all(is_number(value) and 0 <= value <= 1 for value in point)):  # fmt: skip
                raise ValueError(
                    f"strokes hold the point {_short(point)}: give [x, y], numbers from 0 to 1."
                )
    return tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in strokes)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"the request holds {constant}: give finite numbers.")
