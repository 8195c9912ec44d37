"""The digits: sizes, range, classes, and a split that is always the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from cortical_bcpnn.data import dataset
from cortical_bcpnn.data.datasets import DATASETS, Dataset, load, register


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


def test_sizes(digits):
    assert digits.train_images.shape == (1437, 8, 8) and digits.test_images.shape == (360, 8, 8)
    assert digits.train_labels.shape == (1437,) and digits.test_labels.shape == (360,)
    assert digits.side == 8 and digits.name == "digits" and "digits" in DATASETS


def test_grey_levels_are_from_0_to_1(digits):
    for images in (digits.train_images, digits.test_images):
        assert images.min() == 0 and images.max() == 1
        np.testing.assert_array_equal(np.unique(images), np.arange(17) / 16)


def test_classes_have_their_share_of_both_sets(digits):
    """Stratified: each test count is within 1 of a fifth of the class."""
    counts = [np.bincount(labels) for labels in (digits.train_labels, digits.test_labels)]
    share = (counts[0] + counts[1]) * 360 / 1797
    assert len(counts[1]) == 10 and (np.abs(counts[1] - share) < 1).all()


def test_sets_share_no_image_and_leave_none_out(digits):
    """Together they are scikit-learn's images with their labels, once each."""

    def rows(images, labels):
        flat = np.column_stack([images.reshape(len(images), -1), labels])
        return flat[np.lexsort(flat.T)]

    both = rows(
        np.concatenate([digits.train_images, digits.test_images]),
        np.concatenate([digits.train_labels, digits.test_labels]),
    )
    data = load_digits()
    np.testing.assert_array_equal(both, rows(data.images / 16, data.target))
    known = {image.tobytes() for image in digits.train_images}
    assert not any(image.tobytes() in known for image in digits.test_images)


def test_split_is_always_the_same(digits):
    again = load("digits")
    np.testing.assert_array_equal(again.train_images, digits.train_images)
    np.testing.assert_array_equal(again.test_labels, digits.test_labels)


def test_limited(digits):
    few = digits.limited(20, 7)
    np.testing.assert_array_equal(few.train_images, digits.train_images[:20])
    np.testing.assert_array_equal(few.train_labels, digits.train_labels[:20])
    np.testing.assert_array_equal(few.test_images, digits.test_images[:7])
    np.testing.assert_array_equal(few.test_labels, digits.test_labels[:7])
    assert len(digits.limited(n_test=5).train_images) == 1437


@pytest.mark.parametrize(
    "limits, message",
    [
        ({"n_train": 0}, "limit of training images is 0: digits has 1437, so give .* 1 to 1437"),
        ({"n_train": 1438}, "limit of training images is 1438: digits has 1437"),
        ({"n_test": -1}, "limit of testing images is -1: digits has 360"),
        ({"n_test": 2.5}, r"limit of testing images is 2\.5: .*give a whole number"),
    ],
)
def test_bad_limits_are_refused(digits, limits, message):
    with pytest.raises(ValueError, match=message):
        digits.limited(**limits)


def test_unknown_data_set_is_refused():
    with pytest.raises(ValueError, match="dataset 'mnist2' is unknown: choose one of .*digits"):
        load("mnist2")


def test_data_sets_of_ones_own_are_found_by_name(monkeypatch, digits):
    monkeypatch.setattr(dataset, "DATASETS", dict(DATASETS))
    given = []

    @register("mine")
    def mine(directory):
        given.append(directory)
        return digits

    assert load("mine", "folder") is digits and given == ["folder"]


def test_names_that_are_taken_are_refused():
    with pytest.raises(ValueError, match="'mnist' is there already: give another name"):
        register("mnist")
