"""EMBER's format, on a few rows of random numbers: the data set is not at hand here."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.ember import FEATURES

RNG = np.random.default_rng(7)
LABELS = {"train": [0, -1, 1, 1, -1, 0], "test": [1, 0]}


@pytest.fixture
def ember(tmp_path):
    values = {}
    for kind, labels in LABELS.items():
        values[kind] = RNG.random((len(labels), FEATURES), np.float32)
        values[kind].tofile(tmp_path / f"X_{kind}.dat")
        np.array(labels, np.float32).tofile(tmp_path / f"y_{kind}.dat")
    return tmp_path, values


def test_programs_without_label_are_left_out(ember):
    folder, values = ember
    dataset = load("ember", folder)
    np.testing.assert_array_equal(dataset.train_images, values["train"][[0, 2, 3, 5]])
    np.testing.assert_array_equal(dataset.test_images, values["test"])
    assert dataset.train_labels.tolist() == [0, 1, 1, 0] and dataset.test_labels.tolist() == [1, 0]


def test_files_of_other_sizes_and_labels_are_refused(ember):
    folder, _ = ember
    np.ones(5, np.float32).tofile(folder / "y_train.dat")
    with pytest.raises(ValueError, match="X_train.dat has 57144 bytes where 5 labels in y_train.dat"):
        load("ember", folder)
    np.full(6, 2, np.float32).tofile(folder / "y_train.dat")
    with pytest.raises(ValueError, match="y_train.dat has labels other than 0, 1 and -1"):
        load("ember", folder)
