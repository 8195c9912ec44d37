"""Real values, coded feature by feature: what intervals and mixtures share."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator

from ...values.numbers import check_whole
from .base import Encoder


class FeatureEncoder(Encoder):
    """Each feature has a coder of its own, fitted to its values that are not missing.

    Features may need fewer minicolumns than others; their remaining ones are never active, so that
    all hypercolumns are of one size, as those of a population are.

    Attributes
    ----------
    values_ : ndarray, shape (features, minicolumns)
        What each minicolumn stands for; NaN where a feature has fewer.
    """

    _needs = "one"

    #: Smallest number of minicolumns that makes sense.
    _fewest = 1

    def __init__(self, minicolumns: int) -> None:
        self.minicolumns = minicolumns

    def _fit_feature(self, known: np.ndarray) -> tuple[BaseEstimator, np.ndarray]:
        """A fitted coder, and the values that its minicolumns stand for; known is (n, 1)."""
        raise NotImplementedError

    def _activity_of(self, coder: BaseEstimator, known: np.ndarray) -> np.ndarray:
        """Activities, shape (n, as many minicolumns as it needs); known is (n, 1)."""
        raise NotImplementedError

    def _check_parameters(self) -> None:
        check_whole("minicolumns", self.minicolumns, self._fewest)

    def _fit(self, values: np.ndarray) -> tuple[int, int]:
        features = values.reshape(len(values), -1).T
        self._coders = []
        self.values_ = np.full((len(features), self.minicolumns), np.nan)
        for stands_for, feature in zip(self.values_, features):
            coder, found = self._fit_feature(feature[~np.isnan(feature), None].astype(float))
            self._coders.append(coder)
            stands_for[: len(found)] = found
        return self.values_.shape

    def _encode(self, values: np.ndarray) -> np.ndarray:
        features = values.reshape(len(values), -1)
        dtype = np.float64 if values.dtype == np.float64 else np.float32
        activity = np.zeros((*features.shape, self.minicolumns_), dtype)
        for number, (coder, feature) in enumerate(zip(self._coders, features.T)):
            known = ~np.isnan(feature)
            activity[~known, number] = np.nan
            if known.any():
                found = self._activity_of(coder, feature[known, None].astype(float))
                activity[known, number, : found.shape[1]] = found
        return activity

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        stands = ~np.isnan(self.values_)
        activity = activity * stands  # what stands for nothing counts for nothing
        total = activity.sum(axis=-1)
        mean = (activity * np.where(stands, self.values_, 0)).sum(axis=-1)
        return (mean / np.where(total > 0, total, np.nan)).reshape(len(activity), *self.shape_)
