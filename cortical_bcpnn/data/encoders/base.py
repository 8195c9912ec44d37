"""What encoders share: features in rows, hypercolumns of minicolumns out, and what is refused."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

Shape = tuple[int, ...]


class Encoder(TransformerMixin, BaseEstimator):
    """Features become hypercolumns, whose minicolumns share an activity of 1.

    A transformer of scikit-learn: parameters are set when it is made, everything else is learned by
    `fit`, from training data alone. One hypercolumn stands for one feature, unless a subclass says
    otherwise; a feature that is NaN, missing, makes all minicolumns of its hypercolumn NaN, which
    networks take for unknown.

    Subclasses say how in `_fit`, `_encode` and `_decode`, which are given checked arrays.

    Attributes
    ----------
    hypercolumns_, minicolumns_ : int
        Hypercolumns, and minicolumns in each, of what `transform` returns.
    shape_ : tuple of int
        Of one sample: (features,), or (side, side) for grey images.
    """

    #: What `fit` needs to know of each feature: 'nothing', 'one' value, or 'all' of them.
    _needs = "nothing"

    def fit(self, X: ArrayLike, y: object = None) -> Encoder:
        """Learn the code from training data.

        Parameters
        ----------
        X : array_like, shape (n, ...)
            Features of n samples; what comes after the first axis is flattened.
        y : ignored

        Raises
        ------
        ValueError
            If a parameter or a value is not one that the encoder takes.
        """
        self._check_parameters()
        values = self._numbers(X)
        if len(values) == 0 or prod(values.shape[1:]) == 0:
            raise ValueError(f"X has shape {values.shape}: give at least one sample and one feature.")
        self._check_known(values)
        self._check_values(values)
        self.shape_: Shape = values.shape[1:]
        self.n_features_in_: int = prod(self.shape_)
        self.hypercolumns_, self.minicolumns_ = self._fit(values)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Activities of the minicolumns.

        Parameters
        ----------
        X : array_like, shape (n, ...)
            As in `fit`.

        Returns
        -------
        ndarray of float, shape (n, hypercolumns, minicolumns)
            float64 where X came as such, else float32, which is as much as networks need.

        Raises
        ------
        ValueError
            If it was not fitted, or X is not what it was fitted to.
        """
        self._check_fitted()
        values = self._numbers(X)
        if values.shape[1:] not in (self.shape_, (self.n_features_in_,)):
            raise ValueError(
                f"X has samples of shape {values.shape[1:]}: {self._name} was fitted to "
                f"{self.shape_}, so give (n, {', '.join(map(str, self.shape_))})."
            )
        self._check_values(values)
        activity = self._encode(values.reshape(len(values), *self.shape_))
        activity = np.minimum(activity, 1)  # the last bit of a posterior may be above
        return activity.astype(np.float64 if values.dtype == np.float64 else np.float32, copy=False)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Features that activities stand for.

        Parameters
        ----------
        X : array_like, shape (n, hypercolumns, minicolumns) or (n, hypercolumns * minicolumns)
            Activities or rates; they need not sum to 1. A hypercolumn without any is missing.

        Returns
        -------
        ndarray, shape (n, ...)
            In the shape of the training data.

        Raises
        ------
        ValueError
            If it was not fitted, or X has another shape or negative values.
        """
        self._check_fitted()
        activity = np.asarray(X, float)
        wanted = self.hypercolumns_, self.minicolumns_
        if activity.ndim < 2 or activity.shape[1:] not in (wanted, (prod(wanted),)):
            raise ValueError(
                f"activities have shape {activity.shape}: {self._name} made (n, {wanted[0]}, "
                f"{wanted[1]}), so give these."
            )
        if (activity < 0).any():
            raise ValueError(f"activities are as low as {np.nanmin(activity)}: give 0 or more.")
        activity = activity.reshape(len(activity), *wanted)
        total = activity.sum(axis=-1, keepdims=True)
        with np.errstate(invalid="ignore"):
            return self._decode(activity / np.where(total > 0, total, np.nan))

    def _check_parameters(self) -> None:
        """Raise a ValueError if a parameter cannot be."""

    def _check_values(self, values: np.ndarray) -> None:
        """Raise a ValueError if there is a value that cannot be; missing ones can."""

    def _fit(self, values: np.ndarray) -> tuple[int, int]:
        """Learn; returns the numbers of hypercolumns and of minicolumns in each."""
        raise NotImplementedError

    def _encode(self, values: np.ndarray) -> np.ndarray:
        """Activities, shape (n, hypercolumns, minicolumns)."""
        raise NotImplementedError

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        """Features; activities sum to 1 in each hypercolumn, or are NaN."""
        raise NotImplementedError

    @property
    def _name(self) -> str:
        return f"encoder {type(self).__name__}"

    def _numbers(self, X: ArrayLike) -> np.ndarray:
        """X as an array of finite numbers or NaN, in rows."""
        try:
            values = np.asarray(X)
            if values.dtype not in (np.float32, np.float64, np.uint8, np.bool_):
                values = values.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"X does not hold numbers in rows of equal length ({error}): give an array (n, "
                "features), and names of categories to the encoder 'categories'."
            ) from None
        if values.ndim < 2:
            raise ValueError(f"X has shape {values.shape}: give (n, features), one row per sample.")
        if np.isinf(values).any():
            raise ValueError("X holds infinite values: give finite ones, or NaN where one is missing.")
        return values

    def _check_known(self, values: np.ndarray) -> None:
        """Raise a ValueError if too little is known to learn from."""
        unknown = missing(values)
        if self._needs == "all" and unknown.any():
            raise ValueError(
                f"X holds {unknown.sum()} missing values: {self._name} is fitted to complete samples, "
                "so leave out or fill in the others."
            )
        empty = unknown.all(axis=0).ravel()
        if self._needs == "one" and empty.any():
            raise ValueError(
                f"feature {empty.argmax()} is missing in all {len(values)} samples: leave it out."
            )

    def _check_fitted(self) -> None:
        if not hasattr(self, "hypercolumns_"):
            raise NotFittedError(f"{self._name} is not fitted: call fit with training data first.")


def missing(values: np.ndarray) -> np.ndarray:
    """Where values are NaN, or None among names."""
    if values.dtype == object:
        # NaN is the only value that differs from itself.
        return np.array([v is None or v != v for v in values.ravel()], bool).reshape(values.shape)
    return np.isnan(values)


def refuse_outside(values: np.ndarray, bad: np.ndarray, wanted: str) -> None:
    """Raise a ValueError that names the first value of those that are bad, if there are any."""
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"X holds the value {values[where]} at index {where}: give {wanted}.")
