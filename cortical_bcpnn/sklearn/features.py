"""Features that are learned without labels: what HID makes of samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from ..model.architecture import Architecture, Population, Projection
from .network import NetworkTransformer


class BCPNNFeatures(ClassNamePrefixFeaturesOutMixin, NetworkTransformer):
    """Features of samples, learned without labels by INP → HID.

    The representation of Ravichandran, Lansner & Herman (arXiv:2406.04733): a feature is the z trace
    of a hidden minicolumn at the end of the feedforward phase. They are sparse: in each hypercolumn few
    minicolumns are active, and in rate-based variants their z sum to 1.

    Parameters
    ----------
    hidden, fan_in, variant, epochs, tau_p, encoder, parameters, device, n_jobs, random_state
        See `NetworkEstimator`; there are hidden[0] × hidden[1] features.

    Attributes
    ----------
    memory_, encoder_, n_features_in_, feature_names_in_
        See `NetworkEstimator`.

    Examples
    --------
    >>> model = make_pipeline(BCPNNFeatures(random_state=1), LogisticRegression(max_iter=1000))
    >>> model.fit(X_train, y_train).score(X_test, y_test)
    """

    def fit(self, X: ArrayLike, y: object = None) -> BCPNNFeatures:
        """Learn from samples.

        Parameters
        ----------
        X : array_like, shape (n, features)
            NaN is a missing value.
        y : ignored
        """
        activity = self._begin(self._check(X))
        self.memory_.learn({"INP": activity}, self.epochs, shuffle=True)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """z traces of HID, shape (n, H × M); what is missing in a sample says nothing."""
        X = self._check_new(X)
        return self._recall(X, populations=["HID"]).z["feedforward"]["HID"].astype(X.dtype)

    def _architecture(self, hypercolumns: int, minicolumns: int, fan_in: int) -> Architecture:
        return Architecture(
            (Population("INP", hypercolumns, minicolumns), Population("HID", *self.hidden)),
            (Projection("feedforward", "INP", "HID", fan_in, True),),
        )

    @property
    def _n_features_out(self) -> int:
        return self.memory_.architecture.population("HID").size
