"""The digits: sizes, range, classes, and a split that is always the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from cortical_bcpnn.data import dataset
from cortical_bcpnn.data.dataset import split
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


def test_other_samples_have_no_side(digits):
    """Colours, features and images that are not square; limits keep what else is said of them."""
    for shape in ((4, 4, 3), (4,), (4, 5)):
        images, labels = np.zeros((6, *shape)), np.zeros(6, int)
        dataset = Dataset("own", images, labels, images, labels, encoder="bits", classes=("a",))
        limited = dataset.limited(2, 3)
        assert limited.encoder == "bits" and limited.classes == ("a",) and len(limited.test_labels) == 3
        with pytest.raises(ValueError, match=r"own has samples of shape \(4,.* where square grey image"):
            limited.side  # noqa: B018


def test_what_does_not_belong_together_is_refused():
    images, labels = np.zeros((6, 4)), np.zeros(6, int)
    with pytest.raises(ValueError, match="own has 6 testing images but 5 labels"):
        Dataset("own", images, labels, images, labels[:5])
    with pytest.raises(ValueError, match=r"training images of shape \(4,\) and test images of \(3,\)"):
        Dataset("own", images, labels, images[:, :3], labels)


def test_a_class_of_one_sample_cannot_be_split():
    with pytest.raises(ValueError, match="own has 3 samples, and a class of fewer than two cannot be"):
        split("own", np.zeros((3, 4)), np.array([0, 0, 1]))


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
    with pytest.raises(ValueError, match="'digits:0' is unknown: digits has no targets, so leave out"):
        load("digits:0")


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
