"""Cues of the three tasks on 28 × 28 and 8 × 8 images, pixel by pixel where nothing is random."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from cortical_bcpnn.data.stimuli import DISTORTIONS, TASKS, make_cues, rivals_of

SIDES = (8, 28)
DIFFICULTIES = tuple(k / 10 for k in range(11))


def images(side: int, n: int = 20) -> np.ndarray:
    """No pixel is 0, 0.3, 0.5 or 1, and no two images have a pixel in common."""
    rng = np.random.default_rng(side)
    return rng.permuted(np.linspace(0.61, 0.93, n * side**2)).reshape(n, side, side)


def whole(difficulty: float, largest) -> int:
    """int(d · largest) in exact arithmetic."""
    return int(Fraction(str(difficulty)) * Fraction(largest))


def strip_mask(number: int, side: int, width: int) -> np.ndarray:
    """Top, bottom, left and right in turn."""
    mask = np.zeros((side, side), bool)
    if width:
        if number % 4 == 0:
            mask[:width] = True
        elif number % 4 == 1:
            mask[-width:] = True
        elif number % 4 == 2:
            mask[:, :width] = True
        else:
            mask[:, -width:] = True
    return mask


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_completion_leaves_a_strip_unknown(side, difficulty):
    """int(d · side/2) wide, 0.5, at each side for a quarter of the images; the rest is intact."""
    original = images(side)
    width = whole(difficulty, Fraction(side, 2))
    cues = make_cues("completion", original, difficulty, 1)
    for number, (cue, image) in enumerate(zip(cues, original)):
        mask = strip_mask(number, side, width)
        assert (cue[mask] == 0.5).all()
        np.testing.assert_array_equal(cue[~mask], image[~mask])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_rivalry_puts_the_strip_of_another_image(side, difficulty):
    original = images(side)
    width = whole(difficulty, Fraction(side, 2))
    cues = make_cues("rivalry", original, difficulty, 1)
    for number, (cue, image) in enumerate(zip(cues, original)):
        mask = strip_mask(number, side, width)
        np.testing.assert_array_equal(cue[~mask], image[~mask])
        if width:
            rivals = [k for k in range(20) if (original[k][mask] == cue[mask]).all()]
            assert rivals == [rivals_of(20, difficulty, 1)[number]] and rivals[0] != number


def test_rivals_are_drawn_at_random():
    """400 images: every distance from 1 to 399 can be drawn, so all must not be the same few."""
    original = np.arange(400.0).repeat(16).reshape(400, 4, 4) / 400
    cues = make_cues("rivalry", original, 1.0, 1)
    own = np.arange(400)
    mask = [strip_mask(number, 4, 2) for number in range(400)]
    rivals = np.array([round(cue[m][0] * 400) for cue, m in zip(cues, mask)])
    assert (rivals != own).all()
    assert len(np.unique((rivals - own) % 400)) > 200  # 63 % of 399 expected, 252 ± 9


def of_kind(kind: str, side: int, difficulty: float, seed: int = 1):
    """Cues of one distortion with their originals: a fifth of the images."""
    original = images(side)
    cues = make_cues("distortion", original, difficulty, seed)
    start = DISTORTIONS.index(kind)
    return list(zip(cues[start::5], original[start::5]))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_noise_sets_random_pixels_to_one(side, difficulty):
    """int(d · pixels/2) of them."""
    pairs = of_kind("noise", side, difficulty)
    assert len(pairs) == 4
    for cue, image in pairs:
        changed = cue != image
        assert changed.sum() == whole(difficulty, Fraction(side**2, 2))
        assert (cue[changed] == 1).all()
    if difficulty:
        assert ((pairs[0][0] == 1) != (pairs[1][0] == 1)).any()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_grid_sets_evenly_spaced_rows_and_columns_to_one(side, difficulty):
    """Every (side // n)-th, n = int(10 d) on 28 × 28 and in proportion on 8 × 8."""
    lines = whole(difficulty, Fraction(10 * side, 28))
    mask = np.zeros((side, side), bool)
    if lines:
        mask[:: side // lines] = True
        mask[:, :: side // lines] = True
    for cue, image in of_kind("grid", side, difficulty):
        assert (cue[mask] == 1).all()
        np.testing.assert_array_equal(cue[~mask], image[~mask])


@pytest.mark.parametrize("kind, value", [("clutter", 1.0), ("deletion", 0.0)])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_clutter_and_deletion_fill_whole_lines(kind, value, side, difficulty):
    """At most int(20 d) rows and columns (lines may coincide), in proportion on 8 × 8."""
    most = whole(difficulty, Fraction(20 * side, 28))
    for cue, image in of_kind(kind, side, difficulty):
        changed = cue != image
        rows, columns = changed.all(axis=1), changed.all(axis=0)
        np.testing.assert_array_equal(changed, rows[:, None] | columns[None, :])
        assert (cue[changed] == value).all()
        if not (rows.all() or columns.all()):  # else one cannot tell
            assert rows.sum() + columns.sum() <= most
        assert changed.any() == (most > 0)


def test_clutter_has_rows_and_columns():
    """Six lines in each of four images: all of one kind has a probability of 2^-23."""
    changed = [cue != image for cue, image in of_kind("clutter", 28, 0.3)]
    assert any(c.all(axis=1).any() for c in changed) and any(c.all(axis=0).any() for c in changed)


@pytest.mark.parametrize("side, centre", [(28, 6), (8, 2)])
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_occlusion_is_a_ring_around_an_intact_centre(side, centre, difficulty):
    """0.3, int(7 d) thick around 6 × 6 on 28 × 28; 2 d around 2 × 2 on 8 × 8."""
    thick = whole(difficulty, Fraction(7 * side, 28))
    inner = (side - centre) // 2
    ring = np.zeros((side, side), bool)
    ring[inner - thick : side - inner + thick, inner - thick : side - inner + thick] = True
    ring[inner : side - inner, inner : side - inner] = False
    for cue, image in of_kind("occlusion", side, difficulty):
        assert (cue[ring] == 0.3).all()
        np.testing.assert_array_equal(cue[~ring], image[~ring])


@pytest.mark.parametrize("task", TASKS)
def test_originals_are_left_alone(task):
    original = images(8)
    before = original.copy()
    cues = make_cues(task, original, 0.7, 1)
    np.testing.assert_array_equal(original, before)
    assert cues.shape == original.shape and not np.shares_memory(cues, original)
    assert cues.min() >= 0 and cues.max() <= 1


@pytest.mark.parametrize("task", TASKS)
def test_whole_numbers_of_black_and_white_make_cues_too(task):
    """0.5 and 0.3 must not be cut to 0 because the images are of integers."""
    binary = np.random.default_rng(3).integers(0, 2, (20, 8, 8))
    for dtype in (int, bool, np.uint8):
        np.testing.assert_array_equal(
            make_cues(task, binary.astype(dtype), 0.6, 1),
            make_cues(task, binary.astype(float), 0.6, 1),
        )


@pytest.mark.parametrize("task", ["rivalry", "distortion"])
def test_same_seed_same_cues_and_another_seed_others(task):
    original = images(28)
    first, again = (make_cues(task, original, 0.5, 1) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (make_cues(task, original, 0.5, 2) != first).any()


@pytest.mark.parametrize("task", TASKS)
def test_no_difficulty_no_change(task):
    np.testing.assert_array_equal(make_cues(task, images(28), 0.0, 1), images(28))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("denoising", images(8), 0.5, 1), "task 'denoising' is unknown: choose .*completion, riv"),
        (("completion", images(8), 1.1, 1), r"difficulty is 1\.1: give a number from 0 to 1"),
        (("completion", images(8), -0.1, 1), r"difficulty is -0\.1: give a number from 0 to 1"),
        (("completion", images(8), np.nan, 1), "difficulty is nan: give a number from 0 to 1"),
        (("completion", images(8)[0], 0.5, 1), r"images have shape \(8, 8\): give \(n, side, side"),
        (("completion", np.zeros((2, 8, 9)), 0.5, 1), r"images have shape \(2, 8, 9\): give"),
        (("rivalry", images(8)[:1], 0.5, 1), "rivalry needs at least 2 images: give more"),
    ],
)
def test_bad_requests_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_cues(*arguments)
