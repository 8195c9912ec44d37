"""Drawings, sized, placed and shaded as the images of a data set, and the cues that are made of them."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data.stimuli import DISTORTIONS, complete, distort
from cortical_bcpnn.demo.asked import SIDES, Asked
from cortical_bcpnn.demo.recalling import make_cue
from cortical_bcpnn.demo.strokes import image_of

TURN = np.linspace(0, 2 * np.pi, 40)
RING = np.stack([0.3 * np.cos(TURN), 0.4 * np.sin(TURN)], axis=1) + 0.5
BAR = np.array([[0.2, 0.5], [0.8, 0.5]])


def extent(image: np.ndarray) -> tuple[int, int]:
    """Columns and rows with ink in them."""
    return int(image.any(axis=0).sum()), int(image.any(axis=1).sum())


def centre(image: np.ndarray) -> np.ndarray:
    """Centre of mass, (x, y) in pixels from the middle."""
    places = np.arange(len(image)) - (len(image) - 1) / 2
    return np.array([image.sum(axis=0) @ places, image.sum(axis=1) @ places]) / image.sum()


@pytest.mark.parametrize("side", [8, 28])
@pytest.mark.parametrize("strokes", [[RING], [BAR], [RING, BAR]])
def test_where_and_how_large_one_draws_does_not_matter(side, strokes):
    far = [0.25 * stroke + 0.6 for stroke in strokes]
    np.testing.assert_allclose(image_of(far, side), image_of(strokes, side), atol=0.15)
    assert image_of(far, side).sum() == pytest.approx(image_of(strokes, side).sum(), rel=0.02)


def test_digits_fill_eight_rows_in_sixteen_grey_levels():
    image = image_of([RING], 8)
    assert extent(image) == (6, 8) and image.min() == 0 and image.max() <= 1
    np.testing.assert_array_equal(16 * image, np.round(16 * image))
    np.testing.assert_allclose(centre(image), 0, atol=0.1)
    wide, upright = image_of([RING * (3, 1)], 8), image_of([BAR[:, ::-1]], 8)
    assert extent(wide) == (6, 8), "what is too wide is made narrower"
    assert extent(upright) == (2, 8), "what is narrow stays so"


def test_others_are_as_mnist():
    image = image_of([RING, BAR + (0, 0.2)], 28)
    assert extent(image) == (16, 20)  # 2.5 of them the pen, the others as 0.6 to 0.8
    assert np.abs(centre(image)).max() <= 0.5
    assert len(np.unique(image)) > 10


@pytest.mark.parametrize("side", [8, 16, 28])
def test_a_dot_is_a_dot_in_the_middle(side):
    image = image_of([[(0.9, 0.1)]], side)
    assert 0 < image.sum() < 10
    np.testing.assert_allclose(centre(image), 0, atol=0.1)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("unknown, value", [("grey", 0.5), ("silent", np.nan)])
def test_completion_hides_what_the_task_hides(networks, number, unknown, value):
    images = networks.data.test_images
    asked = Asked(image=number, task="completion", where=SIDES[number], difficulty=0.6, unknown=unknown)
    image, cue, hidden = make_cue(asked, networks.data, 0)
    np.testing.assert_array_equal(image, images[number])
    np.testing.assert_array_equal(cue, complete(images, 0.6, value)[number])
    assert hidden.sum() == 2 * 8


def test_rivalry_takes_the_strip_from_the_other_image(networks):
    images = networks.data.test_images
    _, cue, hidden = make_cue(Asked(image=1, task="rivalry", rival=2, where="left"), networks.data, 0)
    np.testing.assert_array_equal(cue, np.concatenate([images[2][:, :2], images[1][:, 2:]], axis=1))
    assert not hidden.any()


@pytest.mark.parametrize("kind", DISTORTIONS)
def test_distortions_are_those_of_the_task(networks, kind):
    asked = Asked(image=1, task="distortion", distortion=kind, difficulty=0.8)
    image, cue, _ = make_cue(asked, networks.data, seed=3)
    first = DISTORTIONS.index(kind)
    same = np.stack([image] * 5)
    expected = distort(same, 0.8, np.random.default_rng([3, first]))[first]
    np.testing.assert_array_equal(cue, expected)
    assert (cue != image).any()


def test_pixels_that_are_hidden_by_hand_are_unknown(networks):
    drawn = Asked(strokes=(((0.2, 0.2), (0.8, 0.8)),), hidden=(0, 63), unknown="silent")
    image, cue, hidden = make_cue(drawn, networks.data, 0)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(cue)), [0, 63])
    np.testing.assert_array_equal(cue[~hidden], image[~hidden])
