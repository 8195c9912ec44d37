"""The readout on data that can and cannot be told apart."""

from __future__ import annotations

import numpy as np
import pytest

from cortical_bcpnn.analysis.readout import train_readout


def winners(labels: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """One minicolumn of 10 active for each of 3 labels; `noise` is how often another one is."""
    rng = np.random.default_rng(seed)
    other = rng.integers(0, 10, len(labels))
    return np.eye(10)[np.where(rng.random(len(labels)) < noise, other, labels)]


def test_classes_that_can_be_told_apart_are():
    labels = np.random.default_rng(1).integers(0, 3, 300)
    readout = train_readout(winners(labels, 0.0, 2), labels)
    unseen = np.repeat([0, 1, 2], 5)
    np.testing.assert_array_equal(readout.predict(winners(unseen, 0.0, 3)), unseen)


def test_probabilities_are_multinomial():
    """They sum to 1 (1e-12) over labels as they were given."""
    labels = np.random.default_rng(1).choice([2, 5, 7], 300)
    readout = train_readout(np.random.default_rng(2).random((300, 6)), labels)
    probabilities = readout.predict_proba(np.random.default_rng(3).random((20, 6)))
    assert probabilities.shape == (20, 3) and list(readout.classes_) == [2, 5, 7]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)


def test_labels_that_have_nothing_to_do_with_z_stay_at_chance():
    """1000 unseen: 1/3 within 5 standard errors of 1.5 %."""
    rng = np.random.default_rng(4)
    readout = train_readout(rng.random((300, 6)), rng.integers(0, 3, 300))
    assert readout.score(rng.random((1000, 6)), rng.integers(0, 3, 1000)) < 1 / 3 + 0.075


def test_same_data_same_readout():
    labels = np.random.default_rng(1).integers(0, 3, 300)
    z = winners(labels, 0.3, 2)
    np.testing.assert_array_equal(train_readout(z, labels).coef_, train_readout(z, labels).coef_)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="labels hold 1 class: a readout needs .* at least 2"):
        train_readout(np.zeros((5, 3)), np.zeros(5, int))
