"""EMNIST's format, on files that are written here: the data set itself is not at hand.

The images are not those of EMNIST; names of files, their headers, the swapped rows and columns and the
numbers of labels are.
"""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from test_idx import idx_bytes

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.emnist import SPLITS

RNG = np.random.default_rng(2)
UPRIGHT = {kind: RNG.integers(0, 256, (n, 4, 4)) for kind, n in (("train", 6), ("test", 4))}


@pytest.fixture
def folder(tmp_path):
    """As the archive unpacks: gzipped, in a folder 'gzip'; labels of letters start with 1."""
    inner = tmp_path / "gzip"
    inner.mkdir()
    for split in ("letters", "digits"):
        for kind, images in UPRIGHT.items():
            start = inner / f"emnist-{split}-{kind}"
            labels = np.arange(len(images)) + (split == "letters")
            turned = np.array([image.T for image in images])
            for name, array in (("images-idx3", turned), ("labels-idx1", labels)):
                start.with_name(f"{start.name}-{name}-ubyte.gz").write_bytes(
                    gzip.compress(idx_bytes(array))
                )
    return tmp_path


@pytest.mark.parametrize("split", ["letters", "digits"])
def test_images_are_turned_and_labels_start_with_0(folder, split):
    dataset = load(f"emnist-{split}", folder)
    np.testing.assert_allclose(dataset.train_images, UPRIGHT["train"] / 255, rtol=1e-6)
    np.testing.assert_allclose(dataset.test_images, UPRIGHT["test"] / 255, rtol=1e-6)
    np.testing.assert_array_equal(dataset.train_labels, np.arange(6))
    assert dataset.side == 4 and dataset.name == f"emnist-{split}"
    assert dataset.classes[2] == ("C" if split == "letters" else "2")


def test_other_splits_need_their_files(folder):
    with pytest.raises(FileNotFoundError, match="has no emnist-balanced-train-images-idx3-ubyte or"):
        load("emnist-balanced", folder)


def test_classes_are_as_many_as_the_splits_have():
    """Cohen et al. (2017), table II: 62, 47, 47, 26, 10 and 10."""
    numbers = {split: len(classes) for split, classes in SPLITS.items()}
    assert numbers == {"byclass": 62, "bymerge": 47, "balanced": 47, "letters": 26, "digits": 10,
                       "mnist": 10}  # fmt: skip
    assert SPLITS["balanced"][36:] == "abdefghnqrt"
