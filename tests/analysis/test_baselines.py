"""Other ways to a representation: against scikit-learn itself, and scores that can be counted."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler

from cortical_bcpnn.analysis.baselines import BASELINES, k_means, readout_scores, score, scores
from cortical_bcpnn.analysis.readout import train_readout
from cortical_bcpnn.data.datasets import load


@pytest.fixture(scope="module")
def samples():
    """Digits: samples and labels to learn from and to be tested on."""
    digits = load("digits").limited(150, 100)
    return (digits.train_images.reshape(150, 64), digits.train_labels,
            digits.test_images.reshape(100, 64), digits.test_labels)  # fmt: skip


@pytest.fixture(scope="module")
def found(samples):
    return dict(scores(*samples, units=30, seed=2))


@pytest.mark.parametrize(
    "name, model",
    [("logistic regression", LogisticRegression(max_iter=1000, random_state=2)),
     ("MLP", MLPClassifier((30,), early_stopping=False, max_iter=200, random_state=2))],
)  # fmt: skip
def test_scores_are_those_of_scikit_learn(samples, found, name, model):
    train, labels, tested, wanted = samples
    scaler = MinMaxScaler().fit(train)
    model.fit(scaler.transform(train), labels)
    tested = scaler.transform(tested)
    assert found[name]["accuracy"] == model.score(tested, wanted)
    auc = roc_auc_score(wanted, model.predict_proba(tested), multi_class="ovr")
    assert found[name]["auc"] == pytest.approx(auc, abs=1e-12)


def test_all_tell_digits_apart(found):
    assert list(found) == list(BASELINES)
    assert all(scored["accuracy"] > 0.7 for scored in found.values())


def test_the_same_seed_gives_the_same(samples, found):
    assert dict(scores(*samples, units=30, seed=2)) == found


def test_k_means_has_no_more_centres_than_samples():
    samples = np.random.default_rng(0).random((6, 3))
    model = k_means(30, 0, len(samples)).fit(samples, [0, 1] * 3)
    assert len(model[1].cluster_centers_) == 6
    nearness = model[2].transform(model[:2].transform(samples))
    distances = np.linalg.norm(model[0].transform(samples)[:, None] - model[1].cluster_centers_, axis=2)
    expected = np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0)
    np.testing.assert_allclose(nearness, expected, atol=1e-12)


def test_scores_of_a_readout(samples):
    train, labels, tested, wanted = samples
    readout = train_readout(train, labels)
    expected = {"accuracy": readout.score(tested, wanted), "auc": pytest.approx(
        roc_auc_score(wanted, readout.predict_proba(tested), multi_class="ovr"))}  # fmt: skip
    assert readout_scores(*samples) == expected


def test_area_of_two_classes_is_the_share_of_pairs_in_order():
    """Of six pairs of one sample of each class, one is in the wrong order and one is a tie: 4.5 / 6."""
    of_second = np.array([0.1, 0.4, 0.6, 0.4, 0.9])
    wanted = np.array([3, 3, 3, 7, 7])
    found = score(np.stack([1 - of_second, of_second], axis=1), np.array([3, 7]), wanted)
    assert found == {"accuracy": 3 / 5, "auc": pytest.approx(4.5 / 6, abs=1e-12)}


def test_shares_need_not_sum_to_one():
    """In float32 they do not: the same scores as of probabilities."""
    rng = np.random.default_rng(3)
    shares, wanted = rng.random((40, 3)), np.arange(40) % 3
    whole = shares / shares.sum(axis=1, keepdims=True)
    classes = np.arange(3)
    assert score(shares, classes, wanted) == pytest.approx(score(whole, classes, wanted))


@pytest.mark.parametrize("wanted", [[0, 1, 1], [0, 1, 3]])
def test_no_area_where_classes_are_missing(wanted):
    """Or where a class is wanted that nothing was learned of; accuracy is there all the same."""
    found = score(np.eye(3), np.arange(3), np.array(wanted))
    assert found["accuracy"] == 2 / 3 and np.isnan(found["auc"])
