"""Colours by a codebook."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from ...values.numbers import check_whole
from .base import Encoder, refuse_outside
from .whitening import Whitening

METHODS = ("kmeans", "mixture")


class ColourCodebook(Encoder):
    """RGB pixels: one hypercolumn per pixel, its minicolumns the colours of one codebook for all.

    The code that the authors of the feedforward BCPNN give to CIFAR-10 and SVHN (public code of
    BCPNNSim). Decoded to the mean of the colours by activity; whitened ones are turned back and cut
    to what colours can be, which loses what the codebook does not tell apart.

    Parameters
    ----------
    minicolumns : int
        Colours in the codebook.
    method : {'kmeans', 'mixture'}
        Whether the nearest centre of k-means alone is active, or all components of a mixture of
        Gaussians (of independent red, green and blue) by their posterior.
    whiten : bool
        Whether images are ZCA-whitened first, by the training images.
    epsilon : float
        See `Whitening`.
    pixels : int
        Random training pixels that the codebook is fitted to, at most.
    seed : int
        Of these pixels, and of the start of the fit.

    Attributes
    ----------
    colours_ : ndarray, shape (minicolumns, 3)
        The codebook; of whitened colours, if these are.
    """

    def __init__(
        self,
        minicolumns: int = 20,
        *,
        method: str = "kmeans",
        whiten: bool = False,
        epsilon: float = 0.01,
        pixels: int = 1_000_000,
        seed: int = 0,
    ) -> None:
        self.minicolumns = minicolumns
        self.method = method
        self.whiten = whiten
        self.epsilon = epsilon
        self.pixels = pixels
        self.seed = seed

    @property
    def _needs(self) -> str:  # type: ignore[override]
        return "all" if self.whiten else "nothing"

    def _check_parameters(self) -> None:
        check_whole("minicolumns", self.minicolumns)
        check_whole("pixels", self.pixels)
        if self.method not in METHODS:
            raise ValueError(f"method {self.method!r} is unknown: choose one of {', '.join(METHODS)}.")

    def _check_values(self, values: np.ndarray) -> None:
        if values.ndim < 3 or values.shape[-1] != 3:
            raise ValueError(
                f"X has shape {values.shape}: give colour images, (n, height, width, 3)."
            )
        refuse_outside(values, (values < 0) | (values > 1), "values from 0 to 1 (divide by 255)")

    def _fit(self, values: np.ndarray) -> tuple[int, int]:
        if self.whiten:
            self._whitening = Whitening(self.epsilon).fit(values)
            values = self._whitening.transform(values)
        colours = values.reshape(-1, 3)
        known = np.flatnonzero(~np.isnan(colours).any(axis=1))
        if len(known) > self.pixels:
            known = np.random.default_rng(self.seed).choice(known, self.pixels, replace=False)
        found = colours[np.sort(known)].astype(float)
        different = len(np.unique(found, axis=0))
        if different < self.minicolumns:
            raise ValueError(
                f"the training pixels have {different} colours: give at most as many minicolumns "
                f"in place of {self.minicolumns}."
            )
        self._codebook = (
            KMeans(self.minicolumns, n_init=1, random_state=self.seed)
            if self.method == "kmeans"
            else GaussianMixture(self.minicolumns, covariance_type="diag", random_state=self.seed)
        ).fit(found)
        kmeans = isinstance(self._codebook, KMeans)
        self.colours_ = self._codebook.cluster_centers_ if kmeans else self._codebook.means_
        return self.n_features_in_ // 3, self.minicolumns

    def _encode(self, values: np.ndarray) -> np.ndarray:
        unknown = np.isnan(values).any(axis=-1).reshape(len(values), -1)
        activity = np.empty((len(values), self.hypercolumns_, self.minicolumns), np.float32)
        images = max(1, 1_000_000 // self.hypercolumns_)  # in the memory of a million pixels
        for start in range(0, len(values), images):
            some = slice(start, start + images)
            activity[some] = self._encode_some(values[some])
        activity[unknown] = np.nan
        return activity

    def _encode_some(self, values: np.ndarray) -> np.ndarray:
        seen = self._whitening.transform(values) if self.whiten else np.nan_to_num(values)
        colours = seen.reshape(-1, 3).astype(float)
        if self.method == "kmeans":
            found = np.eye(self.minicolumns, dtype=np.float32)[self._codebook.predict(colours)]
        else:
            found = self._codebook.predict_proba(colours)
        return found.reshape(len(values), self.hypercolumns_, self.minicolumns)

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        colours = activity @ self.colours_
        if self.whiten:
            unknown = np.isnan(colours)
            colours = self._whitening.inverse_transform(colours.reshape(len(colours), -1))
            colours = np.where(unknown, np.nan, colours.reshape(unknown.shape))
        return np.clip(colours, 0, 1).reshape(len(activity), *self.shape_)
