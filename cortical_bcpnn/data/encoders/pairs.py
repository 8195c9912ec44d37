"""A pair of minicolumns per feature: grey values, real values and bits."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import MinMaxScaler

from .base import Encoder, refuse_outside


class OnOff(Encoder):
    """Grey values x in [0, 1]: an ON minicolumn of activity x and an OFF one of 1 - x.

    The code of the paper, which networks give to images by themselves.
    """

    def _check_values(self, values: np.ndarray) -> None:
        refuse_outside(values, (values < 0) | (values > 1),
                       "values from 0 to 1 (divide grey levels by their maximum)")  # fmt: skip

    def _fit(self, values: np.ndarray) -> tuple[int, int]:
        return self.n_features_in_, 2

    def _encode(self, values: np.ndarray) -> np.ndarray:
        on = values.reshape(len(values), -1)
        on = on if on.dtype == np.float64 else on.astype(np.float32)
        return np.stack([on, 1 - on], axis=-1)

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        return activity[..., 0].reshape(len(activity), *self.shape_)


class Bits(OnOff):
    """Features that are there, 1, or not, 0, as in fingerprints of molecules: a pair each.

    Decoded to the likelier of the two.
    """

    def _check_values(self, values: np.ndarray) -> None:
        bad = (values != 0) & (values != 1) & ~np.isnan(values)
        refuse_outside(values, bad, "0 or 1 (or take encoder 'on-off')")

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        on = super()._decode(activity)
        return np.where(np.isnan(on), np.nan, on > 0.5)


class Scaled(OnOff):
    """Real values by where they lie between the smallest and the largest of training, as grey values.

    Values beyond those of training are taken for the nearest of them. A constant feature has its OFF
    minicolumn active in training.
    """

    _needs = "one"

    def _check_values(self, values: np.ndarray) -> None:
        """Any range will do."""

    def _fit(self, values: np.ndarray) -> tuple[int, int]:
        self._scaler = MinMaxScaler(clip=True).fit(values.reshape(len(values), -1))
        return super()._fit(values)

    def _encode(self, values: np.ndarray) -> np.ndarray:
        return super()._encode(self._scaler.transform(values.reshape(len(values), -1)))

    def _decode(self, activity: np.ndarray) -> np.ndarray:
        found = self._scaler.inverse_transform(activity[..., 0])
        return found.reshape(len(activity), *self.shape_)
