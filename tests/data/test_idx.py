"""IDX files: reading them, plain and gzipped, and what is said of bad ones."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from cortical_bcpnn.data.datasets import from_folder, load
from cortical_bcpnn.data.idx import FILES, read_folder, read_idx


def idx_bytes(array: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes, written by the definition of the format."""
    header = bytes([0, 0, 8, array.ndim])
    return header + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {
        "train_images": rng.integers(0, 256, (7, 4, 4)),
        "train_labels": np.arange(7) % 3,
        "test_images": rng.integers(0, 256, (3, 4, 4)),
        "test_labels": np.arange(3),
    }


@pytest.fixture
def folder(tmp_path, arrays):
    """A data set in which images are gzipped and labels are not."""
    for name, array in arrays.items():
        content = idx_bytes(array)
        if name.endswith("images"):
            (tmp_path / f"{FILES[name]}.gz").write_bytes(gzip.compress(content))
        else:
            (tmp_path / FILES[name]).write_bytes(content)
    return tmp_path


def test_folder_is_read_as_written(folder, arrays):
    for name, array in read_folder(folder).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_dataset_has_grey_levels_from_0_to_1(folder, arrays):
    dataset = load("idx", folder)
    np.testing.assert_allclose(dataset.train_images, arrays["train_images"] / 255, rtol=1e-6)
    assert dataset.train_images.dtype == np.float32 and dataset.side == 4
    np.testing.assert_array_equal(dataset.test_labels, arrays["test_labels"])


def test_folder_may_come_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("CORTICAL_BCPNN_DATA", str(folder))
    assert len(from_folder("mnist", None).train_images) == 7


def test_names_with_a_dot_are_found(folder):
    old = folder / FILES["train_labels"]
    old.rename(folder / FILES["train_labels"].replace("-idx", ".idx"))
    assert len(read_folder(folder)["train_labels"]) == 7


def test_without_a_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("CORTICAL_BCPNN_DATA", raising=False)
    monkeypatch.setattr("cortical_bcpnn.data.fetch.folder", lambda name: tmp_path / "none")
    with pytest.raises(ValueError, match="'mnist' needs its files.*--data-dir"):
        load("mnist")


def test_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere does not exist: give the folder"):
        read_folder(tmp_path / "nowhere")


def test_missing_file(folder):
    (folder / FILES["test_labels"]).unlink()
    with pytest.raises(FileNotFoundError, match="has no t10k-labels-idx1-ubyte or"):
        read_folder(folder)


@pytest.mark.parametrize("kept", [0, 3, 10, 16, 40, -1])
def test_truncated_file(folder, kept, arrays):
    path = folder / "cut"
    path.write_bytes(idx_bytes(arrays["train_images"])[:kept])
    with pytest.raises(ValueError, match="cut (is not an IDX file|holds .* download it again)"):
        read_idx(path, 3)


def test_file_that_is_too_long(folder, arrays):
    path = folder / "long"
    path.write_bytes(idx_bytes(arrays["train_labels"]) + b"\0")
    with pytest.raises(ValueError, match="holds 8 bytes of data where its header announces 7"):
        read_idx(path, 1)


@pytest.mark.parametrize("kept", [5, 30, -4])
def test_truncated_gzip_file(folder, kept):
    path = folder / f"{FILES['train_images']}.gz"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="damaged gzip file.*download it again"):
        read_folder(folder)


def test_images_and_labels_swapped(folder):
    images, labels = folder / f"{FILES['train_images']}.gz", folder / FILES["train_labels"]
    content = images.read_bytes()
    images.write_bytes(labels.read_bytes())
    labels.write_bytes(content)
    with pytest.raises(ValueError, match="is not an IDX file of images"):
        read_folder(folder)


def test_labels_that_do_not_match_the_images(folder):
    (folder / FILES["train_labels"]).write_bytes(idx_bytes(np.zeros(6)))
    with pytest.raises(ValueError, match="7 train images but 6 labels"):
        read_folder(folder)


def test_test_images_of_another_size(folder):
    path = folder / f"{FILES['test_images']}.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.zeros((3, 5, 4)))))
    with pytest.raises(ValueError, match="test images of \\(5, 4\\)"):
        read_folder(folder)
