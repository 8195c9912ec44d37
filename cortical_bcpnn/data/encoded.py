"""Data sets as networks take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.base import clone

from .dataset import Dataset
from .encoders import Encoder, make_encoder


@dataclass(frozen=True)
class Encoded:
    """Samples of a data set as activities of minicolumns.

    Attributes
    ----------
    train, test : ndarray of float, shape (n, hypercolumns, minicolumns)
    encoder : Encoder
        Fitted to the training samples; its `inverse_transform` turns activities into samples.
    """

    train: np.ndarray
    test: np.ndarray
    encoder: Encoder

    @property
    def hypercolumns(self) -> int:
        """Input hypercolumns of a network for them."""
        return self.encoder.hypercolumns_

    @property
    def minicolumns(self) -> int:
        """Minicolumns in each."""
        return self.encoder.minicolumns_


def encoded(dataset: Dataset, encoder: str | Encoder | None = None) -> Encoded:
    """Training and test samples by an encoder that is fitted to the training samples alone.

    Parameters
    ----------
    dataset : Dataset
        Limited to what is needed: activities take minicolumns times the memory of samples.
    encoder : str or Encoder, optional
        By name, or one with parameters of its own, which is left as it is; default is that of the
        data set.

    Raises
    ------
    ValueError
        If there is no encoder of that name, or it does not take such samples.
    """
    if encoder is None or isinstance(encoder, str):
        fitted = make_encoder(encoder or dataset.encoder)
    else:
        fitted = clone(encoder)
    train = fitted.fit(dataset.train_images).transform(dataset.train_images)
    return Encoded(train, fitted.transform(dataset.test_images), fitted)
