"""Categories by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.preprocessing import OrdinalEncoder

from .base import Encoder, missing


class Categories(Encoder):
    """One minicolumn per category of a feature, one of them active.

    Features of fewer categories than others have minicolumns that are never active: all hypercolumns
    of a population are of one size, and one population for all features keeps networks the same
    whatever the table. (Features split into one hypercolumn per category would instead weigh more
    the more categories they have.) A missing category, and one that training data did not have,
    is NaN. Decoded to the most active category; None, or NaN among numbers, where it is missing.

    Attributes
    ----------
    categories_ : list of ndarray
        Categories of each feature, in the order of their minicolumns.
    """

    _needs = "one"

    def _numbers(self, X: ArrayLike) -> np.ndarray:
        """X as it is: numbers or names, in rows."""
        values = np.asarray(X)
        if values.ndim != 2:
            raise ValueError(f"X has shape {values.shape}: give (n, features), one row per sample.")
        if np.issubdtype(values.dtype, np.number):
            return values
        values = values.astype(object)
        values[missing(values)] = np.nan  # scikit-learn would take None for another category
        return values

    def _fit(self, values: np.ndarray) -> tuple[int, int]:
        self._coder = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan
        ).fit(values)
        self.categories_ = [found[~missing(found)] for found in self._coder.categories_]
        return len(self.categories_), max(len(found) for found in self.categories_)

    def _encode(self, values: np.ndarray) -> np.ndarray:
        codes = self._coder.transform(values)
        activity = (codes[..., None] == np.arange(self.minicolumns_)).astype(np.float32)
        activity[np.isnan(codes)] = np.nan
        return activity

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        numbers = all(np.issubdtype(found.dtype, np.number) for found in self.categories_)
        values = np.full(activity.shape[:2], np.nan if numbers else None, float if numbers else object)
        for number, found in enumerate(self.categories_):
            of_feature = activity[:, number, : len(found)]
            known = ~np.isnan(of_feature).any(axis=-1)
            values[known, number] = found[of_feature[known].argmax(axis=-1)]
        return values
