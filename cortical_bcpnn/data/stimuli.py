"""Cues for the three tasks: completion, rivalry and distortion (section 2.7 of the paper).

Sizes are those of the paper on 28 × 28 images and scale with the side of the image. All
functions take images of shape (n, side, side) and a difficulty from 0 to 1, and return
new images.
"""

from __future__ import annotations

import numpy as np

REFERENCE_SIDE = 28
GREY = 0.5
CLEAN = "clean"  #: in tables: the images themselves, beside tasks
TASKS = ("completion", "rivalry", "distortion")
DISTORTIONS = ("noise", "grid", "clutter", "deletion", "occlusion")


def make_cues(
    task: str, images: np.ndarray, difficulty: float, seed: int, *, unknown: float = GREY
) -> np.ndarray:
    """Cues of a task.

    Parameters
    ----------
    task : {'completion', 'rivalry', 'distortion'}
    images : ndarray, shape (n, side, side)
    difficulty : float
        From 0 to 1.
    seed : int
        Of the images that rival and of random distortions.
    unknown : float
        What stands for missing pixels: 0.5 in the paper, NaN for pixels that say nothing.

    Raises
    ------
    ValueError
        If the task is unknown, the difficulty out of range, or the images are not square.
    """
    if images.ndim != 3 or images.shape[1] != images.shape[2]:
        raise ValueError(f"images have shape {images.shape}: give (n, side, side).")
    if not 0 <= difficulty <= 1:
        raise ValueError(f"difficulty is {difficulty!r}: give a number from 0 to 1.")
    if not np.issubdtype(images.dtype, np.floating):
        images = images.astype(float)
    rng = _generator(difficulty, seed)
    if task == "completion":
        return complete(images, difficulty, unknown)
    if task == "rivalry":
        return rival(images, difficulty, rng)
    if task == "distortion":
        return distort(images, difficulty, rng)
    raise ValueError(f"task {task!r} is unknown: choose one of {', '.join(TASKS)}.")


def strip(number: int, side: int, difficulty: float) -> tuple[slice, slice]:
    """Rows and columns of the strip that image `number` loses: top, bottom, left, right in turn."""
    width = _scaled(difficulty, side / 2)
    everything = slice(0, side)
    near, far = slice(0, width), slice(side - width, side)
    return [(near, everything), (far, everything), (everything, near), (everything, far)][
        number % 4
    ]


def complete(images: np.ndarray, difficulty: float, unknown: float = GREY) -> np.ndarray:
    """A strip of each image is unknown."""
    cues = images.copy()
    for number, cue in enumerate(cues):
        cue[strip(number, len(cue), difficulty)] = unknown
    return cues


def rivals_of(n_images: int, difficulty: float, seed: int) -> np.ndarray:
    """Numbers of the images whose strips the cues of rivalry bear, shape (n_images,).

    Raises
    ------
    ValueError
        If there is no other image.
    """
    return _rivals(n_images, _generator(difficulty, seed))


def rival(images: np.ndarray, difficulty: float, rng: np.random.Generator) -> np.ndarray:
    """A strip of each image is that of another image, drawn at random."""
    cues, rivals = images.copy(), _rivals(len(images), rng)
    for number, cue in enumerate(cues):
        where = strip(number, len(cue), difficulty)
        cue[where] = images[rivals[number]][where]
    return cues


def distort(images: np.ndarray, difficulty: float, rng: np.random.Generator) -> np.ndarray:
    """Noise, grid, clutter, deletion and occlusion, in turn."""
    cues = images.copy()
    for number, cue in enumerate(cues):
        side, scale = len(cue), len(cue) / REFERENCE_SIDE
        kind = DISTORTIONS[number % len(DISTORTIONS)]
        if kind == "noise":
            pixels = rng.choice(cue.size, _scaled(difficulty, cue.size / 2), replace=False)
            cue.ravel()[pixels] = 1
        elif kind == "grid":
            lines = _scaled(difficulty, 10 * scale)
            if lines:
                cue[:: side // lines] = cue[:, :: side // lines] = 1
        elif kind in ("clutter", "deletion"):
            for line in rng.integers(2 * side, size=_scaled(difficulty, 20 * scale)):
                value = 1 if kind == "clutter" else 0
                if line < side:
                    cue[line] = value
                else:
                    cue[:, line - side] = value
        else:
            inner = (side - round(6 * scale)) // 2
            outer = max(0, inner - _scaled(difficulty, 7 * scale))
            centre = cue[inner : side - inner, inner : side - inner].copy()
            cue[outer : side - outer, outer : side - outer] = 0.3
            cue[inner : side - inner, inner : side - inner] = centre
    return cues


def _generator(difficulty: float, seed: int) -> np.random.Generator:
    """Each difficulty has random numbers of its own."""
    return np.random.default_rng([seed, round(1000 * difficulty)])


def _rivals(n_images: int, rng: np.random.Generator) -> np.ndarray:
    if n_images < 2:
        raise ValueError("rivalry needs at least 2 images: give more of them.")
    return (np.arange(n_images) + rng.integers(1, n_images, n_images)) % n_images


def _scaled(difficulty: float, largest: float) -> int:
    """int(difficulty * largest), safe against the last bit of a product like 0.6 * 5."""
    return int(difficulty * largest + 1e-9)
