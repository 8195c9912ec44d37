"""What is missing in samples, recalled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2 import Quantity
from numpy.typing import ArrayLike
from sklearn.base import OneToOneFeatureMixin

from ..data.encoders import Encoder
from ..model.architecture import Architecture
from ..model.paper import Variant, associative_memory
from .network import NetworkTransformer


class AssociativeCompleter(OneToOneFeatureMixin, NetworkTransformer):
    """What is missing in samples (NaN), as INPRC of the associative memory INP → HID ⟲ → INPRC has it.

    Samples are cues whose missing features say nothing; in their place comes what the network makes of
    the others. Known features are kept as they are. Missing ones are allowed in training as well.

    Parameters
    ----------
    hidden, fan_in, variant, epochs, tau_p, encoder, parameters, device, n_jobs, random_state
        See `NetworkEstimator`. In variants that have a recurrent phase it is what the attractor has.
    feedback_fan_in : int, optional
        Hidden hypercolumns that each hypercolumn of INPRC listens to; default is 5, or all of fewer.

    Attributes
    ----------
    memory_, encoder_, n_features_in_, feature_names_in_
        See `NetworkEstimator`.

    Examples
    --------
    >>> completed = AssociativeCompleter(random_state=1).fit(X_train).transform(X_with_nan)
    """

    def __init__(
        self,
        hidden: tuple[int, int] = (30, 30),
        fan_in: float | int = 0.4,
        variant: str | Variant = "rate-ff",
        epochs: int = 10,
        tau_p: Quantity | float | None = None,
        *,
        feedback_fan_in: int | None = None,
        encoder: str | Encoder = "mixture",
        parameters: Mapping[str, Any] | None = None,
        device: str = "cpp_standalone",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            hidden, fan_in, variant, epochs, tau_p, encoder=encoder, parameters=parameters,
            device=device, n_jobs=n_jobs, random_state=random_state,
        )  # fmt: skip
        self.feedback_fan_in = feedback_fan_in

    def fit(self, X: ArrayLike, y: object = None) -> AssociativeCompleter:
        """Learn from samples.

        Parameters
        ----------
        X : array_like, shape (n, features)
            NaN is a missing value.
        y : ignored
        """
        activity = self._begin(self._check(X))
        self.memory_.learn(activity, self.epochs, shuffle=True)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Samples with nothing missing, shape (n, features); known values are as they were."""
        X = self._check_new(X)
        completed = X.copy()
        some = np.isnan(X).any(axis=1)
        if some.any():
            recall = self._recall(X[some], populations=["INPRC"])
            shares = recall.shares("INPRC", recall.moments[-1])
            recalled = self.encoder_.inverse_transform(shares)
            completed[some] = np.where(np.isnan(X[some]), recalled, X[some])
        return completed

    def _architecture(self, hypercolumns: int, minicolumns: int, fan_in: int) -> Architecture:
        back = min(5, self.hidden[0]) if self.feedback_fan_in is None else self.feedback_fan_in
        return associative_memory(hypercolumns, self.hidden, fan_in, back, minicolumns)
