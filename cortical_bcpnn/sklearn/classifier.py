"""Classes by a population that listens to HID."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from ..model.architecture import Architecture
from ..model.architectures import classifier
from .network import NetworkEstimator


class BCPNNClassifier(ClassifierMixin, NetworkEstimator):
    """Classes of samples, by INP → HID → OUT.

    HID learns samples without labels, then BCPNN learns from HID to OUT, whose minicolumns are clamped
    to the classes: a naive Bayes classifier of what the hidden hypercolumns say. A population of
    classes counts what they say as often as there are hypercolumns that say it, so that
    probabilities are near 0 and 1; for calibrated ones take `BCPNNFeatures` and a logistic regression.

    Parameters
    ----------
    hidden, fan_in, variant, epochs, tau_p, encoder, parameters, device, n_jobs, random_state
        See `NetworkEstimator`.

    Attributes
    ----------
    classes_ : ndarray, shape (classes,)
        What the minicolumns of OUT stand for.
    memory_, encoder_, n_features_in_, feature_names_in_
        See `NetworkEstimator`.

    Examples
    --------
    >>> BCPNNClassifier(random_state=1).fit(X_train, y_train).predict_proba(X_test)
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> BCPNNClassifier:
        """Learn a representation from samples, then classes that listen to it.

        Parameters
        ----------
        X : array_like, shape (n, features)
            NaN is a missing value.
        y : array_like, shape (n,)
            Classes, of any type.
        """
        X, y = self._check(X, y=y)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y holds one class, {self.classes_[0]!r}: give samples of 2 or more.")
        activity = self._begin(X)
        self.memory_.learn({"INP": activity}, self.epochs, shuffle=True, projections=["feedforward"])
        self.memory_.learn({"INP": activity, "OUT": labels}, shuffle=True, projections=["readout"])
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Shares of the minicolumns of OUT at the end of the feedforward phase, shape (n, classes)."""
        recall = self._recall(self._check_new(X), populations=["OUT"])
        shares = recall.shares("OUT", "feedforward")[:, 0].astype(np.float64)
        return shares / shares.sum(axis=1, keepdims=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The class of the largest share, shape (n,)."""
        shares = self.predict_proba(X)
        return self.classes_[shares.argmax(axis=1)]

    def _architecture(self, hypercolumns: int, minicolumns: int, fan_in: int) -> Architecture:
        return classifier(hypercolumns, len(self.classes_), self.hidden, fan_in, minicolumns)
