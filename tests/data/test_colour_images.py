"""The formats of SVHN and CIFAR-10, on files of random pixels: neither data set is at hand here."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import savemat

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.encoded import encoded

RNG = np.random.default_rng(4)


def pixels(n: int) -> np.ndarray:
    return RNG.integers(0, 256, (n, 32, 32, 3)).astype(np.uint8)


@pytest.fixture
def svhn(tmp_path):
    """X is (height, width, 3, n), and the label of '0' is 10."""
    images = {"train": pixels(5), "test": pixels(3)}
    for kind, array in images.items():
        labels = np.array([10, 1, 9, 2, 3][: len(array)], np.uint8)[:, None]
        savemat(tmp_path / f"{kind}_32x32.mat", {"X": array.transpose(1, 2, 3, 0), "y": labels})
    return tmp_path, images


def test_svhn_is_read_as_written(svhn):
    folder, images = svhn
    dataset = load("svhn", folder)
    np.testing.assert_allclose(dataset.train_images, images["train"] / 255, rtol=1e-6)
    np.testing.assert_allclose(dataset.test_images, images["test"] / 255, rtol=1e-6)
    assert dataset.train_labels.tolist() == [0, 1, 9, 2, 3] and dataset.test_labels.tolist() == [0, 1, 9]
    assert dataset.train_images.dtype == np.float32


def test_svhn_becomes_a_hypercolumn_per_pixel(svhn):
    data = encoded(load("svhn", svhn[0]))
    assert data.train.shape == (5, 1024, 20) and data.test.shape == (3, 1024, 20)
    np.testing.assert_allclose(data.train.sum(axis=-1), 1)


@pytest.mark.parametrize("content, message", [
    (b"no MATLAB file", "train_32x32.mat is not a MATLAB file with X and y"),
    ({"X": np.zeros((2, 2))}, r"is not a MATLAB file with X and y, as SVHN's are \('y'\)"),
    ({"X": np.zeros((2, 2)), "y": [1]}, r"has images of shape \(2, 2\) and type .*: those of SVHN"),
])  # fmt: skip
def test_what_is_not_svhn_is_refused(svhn, content, message):
    path = svhn[0] / "train_32x32.mat"
    path.write_bytes(content) if isinstance(content, bytes) else savemat(path, content)
    with pytest.raises(ValueError, match=message):
        load("svhn", svhn[0])


@pytest.fixture
def cifar(tmp_path):
    """As the archive unpacks: records of a label, then red, green and blue in turn."""
    images = {f"data_batch_{number}": pixels(2) for number in range(1, 6)} | {"test_batch": pixels(3)}
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for name, array in images.items():
        records = [
            bytes([number]) + b"".join(image[..., colour].tobytes() for colour in range(3))
            for number, image in enumerate(array, start=6)
        ]
        (folder / f"{name}.bin").write_bytes(b"".join(records))
    return tmp_path, images


def test_cifar_is_read_as_written(cifar):
    folder, images = cifar
    dataset = load("cifar-10", folder)
    batches = [images[f"data_batch_{number}"] for number in range(1, 6)]
    np.testing.assert_allclose(dataset.train_images, np.concatenate(batches) / 255, rtol=1e-6)
    np.testing.assert_allclose(dataset.test_images, images["test_batch"] / 255, rtol=1e-6)
    assert dataset.train_labels.tolist() == [6, 7] * 5
    assert [dataset.classes[label] for label in dataset.test_labels] == ["frog", "horse", "ship"]


def test_cut_files_and_wrong_labels_are_refused(cifar):
    path = cifar[0] / "cifar-10-batches-bin" / "data_batch_3.bin"
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(ValueError, match="3.bin has 6145 bytes, no multiple of the 3073 of an image"):
        load("cifar-10", cifar[0])
    path.write_bytes(b"\x0a" + content[1:])
    with pytest.raises(ValueError, match="has the label 10: it is no file of CIFAR-10"):
        load("cifar-10", cifar[0])


def test_the_pickled_version_is_not_read(tmp_path):
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02.")
    with pytest.raises(FileNotFoundError, match="has no data_batch_1.bin: give .*binary version.*pickl"):
        load("cifar-10", tmp_path)
