"""Other ways to a representation, of the same number of units, from scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.cluster import MiniBatchKMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import BernoulliRBM, MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from .readout import train_readout

_ITERATIONS = 1000
_MANY = 1000  # samples of which a tenth is enough to judge by
_SHOWN = 50_000  # samples that an RBM is shown at least, however few there are


def logistic_regression(units: int, seed: int, samples: int) -> Pipeline:
    """On the samples themselves; it has no units."""
    return make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=_ITERATIONS, random_state=seed))


def perceptron(units: int, seed: int, samples: int) -> Pipeline:
    """One hidden layer, trained by gradients; of many samples until a tenth, kept back, says enough."""
    kept_back = samples >= _MANY
    return make_pipeline(
        MinMaxScaler(),
        MLPClassifier((units,), early_stopping=kept_back, max_iter=200, random_state=seed),
    )


def restricted_boltzmann(units: int, seed: int, samples: int) -> Pipeline:
    """Features of a restricted Boltzmann machine, learned without labels, and their readout."""
    return make_pipeline(
        MinMaxScaler(),
        BernoulliRBM(units, learning_rate=0.05, n_iter=max(10, _SHOWN // samples), random_state=seed),
        LogisticRegression(max_iter=_ITERATIONS, random_state=seed),
    )  # fmt: skip


def k_means(units: int, seed: int, samples: int) -> Pipeline:
    """How much nearer than on average each of so many centres is (Coates, Lee & Ng, 2011)."""
    return make_pipeline(
        StandardScaler(),
        MiniBatchKMeans(min(units, samples), n_init=1, batch_size=4096, random_state=seed),
        FunctionTransformer(_nearness), StandardScaler(),
        LogisticRegression(max_iter=_ITERATIONS, random_state=seed),
    )  # fmt: skip


#: Classifiers for so many units, by the name that tables give them.
BASELINES: dict[str, Callable[[int, int, int], Pipeline]] = {
    "logistic regression": logistic_regression,
    "MLP": perceptron,
    "RBM": restricted_boltzmann,
    "k-means": k_means,
}


def scores(
    samples: np.ndarray, labels: np.ndarray, tested: np.ndarray, wanted: np.ndarray,
    units: int, seed: int,
) -> Iterator[tuple[str, dict[str, float]]]:  # fmt: skip
    """Accuracy and ROC AUC of every baseline, by name.

    Parameters
    ----------
    samples, tested : ndarray, shape (n, features)
        To learn from and to be tested on.
    labels, wanted : ndarray of int, shape (n,)
    units : int
        Of k-means at most as many as there are samples.
    seed : int
    """
    for name, make in BASELINES.items():
        model = make(units, seed, len(samples)).fit(samples, labels)
        yield name, score(model.predict_proba(tested), model.classes_, wanted)


def readout_scores(
    z: np.ndarray, labels: np.ndarray, tested: np.ndarray, wanted: np.ndarray
) -> dict[str, float]:
    """Accuracy and ROC AUC of logistic regression on activities of minicolumns."""
    readout: ClassifierMixin = train_readout(z, labels)
    return score(readout.predict_proba(tested), readout.classes_, wanted)


def score(probability: np.ndarray, classes: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
    """Accuracy, and area under the ROC curve: of the last of two classes, mean over more.

    Parameters
    ----------
    probability : ndarray, shape (n, classes)
    classes : ndarray, shape (classes,)
    wanted : ndarray of int, shape (n,)

    Returns
    -------
    dict of float
        'accuracy' and 'auc', NaN where not all classes are wanted.
    """
    accuracy = float((classes[probability.argmax(axis=1)] == wanted).mean())
    if set(np.unique(wanted)) != set(classes):
        return {"accuracy": accuracy, "auc": float("nan")}
    shares = probability / probability.sum(axis=1, keepdims=True)
    if len(classes) == 2:
        return {"accuracy": accuracy, "auc": float(roc_auc_score(wanted == classes[1], shares[:, 1]))}
    auc = roc_auc_score(wanted, shares, multi_class="ovr", labels=classes)
    return {"accuracy": accuracy, "auc": float(auc)}


def _nearness(distances: np.ndarray) -> np.ndarray:
    return np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0)
