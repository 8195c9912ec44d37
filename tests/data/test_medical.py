"""MedMNIST's format, on files of random pixels and few images: no data set of it is at hand here."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.data import medical
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.medical import SETS

RNG = np.random.default_rng(6)


def write(folder, name: str, labels: int = 1, **changes) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for kind, n in (("train", 5), ("val", 2), ("test", 3)):
        arrays[f"{kind}_images"] = RNG.integers(0, 256, (n, 28, 28)).astype(np.uint8)
        arrays[f"{kind}_labels"] = RNG.integers(0, 2, (n, labels)).astype(np.uint8)
    arrays |= changes
    np.savez(folder / f"{name}.npz", **arrays)
    return arrays


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Five training and three test images in place of the thousands of the original."""
    for name, (_, classes) in SETS.items():
        monkeypatch.setitem(medical.SETS, name, ((5, 3), classes))


def test_training_and_test_images_are_read_as_written(tmp_path):
    arrays = write(tmp_path, "pneumoniamnist")
    dataset = load("pneumoniamnist", tmp_path)
    for kind in ("train", "test"):
        images, labels = getattr(dataset, f"{kind}_images"), getattr(dataset, f"{kind}_labels")
        np.testing.assert_allclose(images, arrays[f"{kind}_images"] / 255, rtol=1e-6)
        np.testing.assert_array_equal(labels, arrays[f"{kind}_labels"][:, 0])
    assert dataset.side == 28 and dataset.classes == ("normal", "pneumonia")


def test_one_of_several_findings_is_chosen(tmp_path):
    arrays = write(tmp_path, "chestmnist", labels=14)
    dataset = load("chestmnist:hernia", tmp_path)
    np.testing.assert_array_equal(dataset.train_labels, arrays["train_labels"][:, 13])
    assert dataset.name == "chestmnist:hernia"


@pytest.mark.parametrize("changes, message", [
    ({"train_images": np.zeros((4, 28, 28), np.uint8)},
     r"train images of shape \(4, 28, 28\) and type uint8: breastmnist has 5 grey ones"),
    ({"test_images": np.zeros((3, 28, 28, 3), np.uint8)}, r"test images of shape \(3, 28, 28, 3\)"),
    ({"test_labels": np.array([{}, {}, {}], object)}, "is not a file of MedMNIST .*allow_pickle"),
])  # fmt: skip
def test_look_alikes_are_refused(tmp_path, changes, message):
    """There are copies with other numbers of images; pickled arrays are not loaded."""
    write(tmp_path, "breastmnist", **changes)
    with pytest.raises(ValueError, match=message):
        load("breastmnist", tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_damaged_files_are_refused(tmp_path, content):
    (tmp_path / "octmnist.npz").write_bytes(content)
    with pytest.raises(ValueError, match="octmnist.npz is not a file of MedMNIST .*download it again"):
        load("octmnist", tmp_path)


def test_archives_without_the_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "octmnist.npz", images=np.zeros(3))
    with pytest.raises(ValueError, match="octmnist.npz is not a file of MedMNIST .*train_images"):
        load("octmnist", tmp_path)
