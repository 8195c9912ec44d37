"""Real values by the interval that they are in."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

from .features import FeatureEncoder

# Where scikit-learn has a choice of quantiles, it is given what its other versions have.
_METHOD: dict[str, Any] = (
    {"quantile_method": "linear"}
    if "quantile_method" in inspect.signature(KBinsDiscretizer).parameters
    else {}
)


class Intervals(FeatureEncoder):
    """Quantile coding: one minicolumn per interval of a feature, and as many training values in each.

    Values beyond those of training are in the outermost intervals. A feature with ties has fewer
    intervals, a constant one has one. Decoded to the centre of the interval, or to the mean of
    centres by activity where several minicolumns are active.

    Parameters
    ----------
    minicolumns : int
        Intervals, at most, per feature.

    Attributes
    ----------
    values_ : ndarray, shape (features, minicolumns)
        Centres of the intervals; NaN where a feature has fewer.
    """

    _fewest = 2

    def __init__(self, minicolumns: int = 10) -> None:
        self.minicolumns = minicolumns

    def _fit_feature(self, known: np.ndarray) -> tuple[Pipeline, np.ndarray]:
        # In units of each feature's spread: scikit-learn merges intervals less than 1e-8 wide.
        coder = make_pipeline(
            StandardScaler(),
            KBinsDiscretizer(
                self.minicolumns, encode="ordinal", strategy="quantile", subsample=None, **_METHOD
            ),
        )
        with warnings.catch_warnings():  # of ties and constant features, which are coded all the same
            warnings.simplefilter("ignore", UserWarning)
            coder.fit(known)
        if known.min() == known.max():
            return coder, known[0]
        return coder, coder.inverse_transform(np.arange(coder[-1].n_bins_[0])[:, None])[:, 0]

    def _activity_of(self, coder: Pipeline, known: np.ndarray) -> np.ndarray:
        return np.eye(self.minicolumns)[coder.transform(known)[:, 0].astype(int)]
