"""The format of npm's images of clothes, on a few of random levels."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cortical_bcpnn.data import clothes
from cortical_bcpnn.data.datasets import load


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two test and three training images of each kind; one file has empty rows, as the package has."""
    monkeypatch.setattr(clothes, "TEST", 2)
    levels = np.random.default_rng(3).integers(0, 256, (10, 5, 784))
    for kind, images in enumerate(levels.tolist()):
        rows = [*images[:2], [], *images[2:], []] if kind == 0 else images
        (tmp_path / f"{kind}.json").write_text(json.dumps({"data": rows}))
    return tmp_path, levels.reshape(10, 5, 28, 28) / 255


def test_kinds_take_turns_and_test_images_come_first(folder):
    path, levels = folder
    dataset = load("clothes", path)
    assert dataset.train_labels.tolist() == 3 * list(range(10))
    assert dataset.test_labels.tolist() == 2 * list(range(10))
    for number in (0, 7, 23):
        expected = levels[number % 10, 2 + number // 10]
        np.testing.assert_allclose(dataset.train_images[number], expected, rtol=1e-6)
    np.testing.assert_allclose(dataset.test_images[14], levels[4, 1], rtol=1e-6)
    assert dataset.network.hidden == (30, 100)


@pytest.mark.parametrize(
    "content, message",
    [
        ({"data": [[1, 2]]}, "7.json holds no images of 28 x 28 pixels"),
        ({"images": []}, "7.json holds no images of 28 x 28 pixels"),
        ({"data": 2 * [784 * [0]]}, "7.json has 2 images of levels up to 0, where more than 2"),
        ({"data": 5 * [784 * [256]]}, "has 5 images of levels up to 256"),
    ],
)
def test_damaged_files_are_refused(folder, content, message):
    path, _ = folder
    (path / "7.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message):
        load("clothes", path)


def test_a_file_that_is_missing(folder):
    path, _ = folder
    (path / "3.json").unlink()
    with pytest.raises(FileNotFoundError, match="has no 3.json: give the folder src/clothes of npm's"):
        load("clothes", path)
