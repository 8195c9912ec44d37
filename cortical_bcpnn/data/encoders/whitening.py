"""Whitening of images: what neighbouring pixels have in common is taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from ...values.numbers import is_number


class Whitening(TransformerMixin, BaseEstimator):
    """ZCA whitening: of all ways to whiten, the one that changes images least.

    ``(x - mean) W`` with ``W = U (S + epsilon)^(-1/2) U'``, where ``U S U'`` is the covariance of the
    training images.

    Parameters
    ----------
    epsilon : float
        Variance that is added to every direction, so that those of little variance, which are noise,
        are not blown up.

    Attributes
    ----------
    mean_ : ndarray, shape (features,)
    matrix_, inverse_ : ndarray, shape (features, features)
        W and its inverse.
    """

    def __init__(self, epsilon: float = 0.01) -> None:
        self.epsilon = epsilon

    def fit(self, X: ArrayLike, y: object = None) -> Whitening:
        """Learn mean and covariance of training images, shape (n, ...).

        Raises
        ------
        ValueError
            If epsilon is not above 0, or there are fewer than two images.
        """
        if not (is_number(self.epsilon) and self.epsilon > 0):
            raise ValueError(f"epsilon is {self.epsilon!r}: give a number above 0, 0.01 say.")
        images = np.asarray(X)
        if len(images) < 2:
            raise ValueError(f"whitening is given {len(images)} images: it needs two or more.")
        images = images.reshape(len(images), -1)
        self.mean_ = images.mean(axis=0, dtype=float)
        covariance = np.zeros((len(self.mean_), len(self.mean_)))
        for some in np.array_split(images, 1 + len(images) // 1000):  # without a copy of them all
            covariance += (some - self.mean_).T @ (some - self.mean_) / (len(images) - 1)
        variances, directions = np.linalg.eigh(covariance)
        scale = np.sqrt(np.maximum(variances, 0) + self.epsilon)
        self.matrix_ = directions / scale @ directions.T
        self.inverse_ = directions * scale @ directions.T
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Whitened images, in their shape; unknown pixels, NaN, count as the mean."""
        images, flat = self._flat(X)
        centred = np.nan_to_num(flat - self.mean_.astype(flat.dtype))
        return (centred @ self.matrix_.astype(flat.dtype)).reshape(images.shape)

    def inverse_transform(self, X: ArrayLike) -> np.ndarray:
        """Images that were whitened, in their shape; unknown pixels, NaN, count as the mean."""
        images, flat = self._flat(X)
        back = np.nan_to_num(flat) @ self.inverse_.astype(flat.dtype)
        return (back + self.mean_.astype(flat.dtype)).reshape(images.shape)

    def _flat(self, X: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        if not hasattr(self, "mean_"):
            raise NotFittedError("whitening is not fitted: call fit with training images first.")
        images = np.asarray(X)
        images = images if np.issubdtype(images.dtype, np.floating) else images.astype(float)
        flat = images.reshape(len(images), -1)
        if flat.shape[1] != len(self.mean_):
            raise ValueError(
                f"images have {flat.shape[1]} values each: whitening was fitted to {len(self.mean_)}."
            )
        return images, flat
