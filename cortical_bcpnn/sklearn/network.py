"""What the estimators share: their parameters, samples as activities, and a network in a pickle."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Quantity, ms, second
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ..data.encoders import Encoder, make_encoder
from ..model.architecture import Architecture
from ..model.dynamics import BY_NAME
from ..model.paper import Variant, find_variant
from ..network import AssociativeMemory
from ..recall import Recall
from ..values.numbers import is_number, is_whole

_SEEDS = 2**31 - 1
_FILE = "network.h5"


class NetworkEstimator(BaseEstimator):
    """An estimator that is a network of hypercolumns.

    Parameters
    ----------
    hidden : (int, int)
        Hypercolumns of HID, and minicolumns in each.
    fan_in : float or int
        Input hypercolumns that each hidden hypercolumn listens to: a share of them from 0 to 1
        (float), or their number (int). Which ones is learned.
    variant : str or Variant
        Name of a published or calibrated variant. Those named rate have no spikes: they are fast, and
        the same sample always gives the same result. In spiking ones every row of what is given has
        random numbers of its own.
    epochs : int
        How often every training sample is shown.
    tau_p : Quantity or float, optional
        Time constant of learning, in seconds where it has no unit; default is a time step for each
        training sample.
    encoder : str or Encoder
        How features become hypercolumns, see `data.encoders`: 'mixture' or 'intervals' for real values
        of any range, 'scaled' for images, 'categories', 'bits', …
    parameters : mapping, optional
        Further fields of `Parameters`: minicolumn, plasticity, rewire_every, dt, …
    device : {'cpp_standalone', 'runtime'}
        A compiled C++ program, or Brian2's runtime mode, which is taken as well where there is no
        compiler.
    n_jobs : int, optional
        Processes that recall shares samples between, as in scikit-learn; the result is the same.
    random_state : int, RandomState or None
        From which connections and all other randomness follow.

    Attributes
    ----------
    memory_ : AssociativeMemory
        The network, with all that it has learned.
    encoder_ : Encoder
        Fitted to the training samples.
    n_features_in_, feature_names_in_
        As in scikit-learn.
    """

    def __init__(
        self,
        hidden: tuple[int, int] = (30, 30),
        fan_in: float | int = 0.4,
        variant: str | Variant = "rate-ff",
        epochs: int = 10,
        tau_p: Quantity | float | None = None,
        *,
        encoder: str | Encoder = "mixture",
        parameters: Mapping[str, Any] | None = None,
        device: str = "cpp_standalone",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden = hidden
        self.fan_in = fan_in
        self.variant = variant
        self.epochs = epochs
        self.tau_p = tau_p
        self.encoder = encoder
        self.parameters = parameters
        self.device = device
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _architecture(self, hypercolumns: int, minicolumns: int, fan_in: int) -> Architecture:
        """The network for inputs of this size."""
        raise NotImplementedError

    def _begin(self, X: np.ndarray) -> np.ndarray:
        """Make a network that has learned nothing; returns what it is to learn, with nothing missing.

        Where a value is missing in training, minicolumns have their mean activity of the others.
        """
        self._end()
        empty = np.isnan(X).all(axis=0)
        if empty.any():
            raise ValueError(
                f"feature {empty.argmax()} of X is missing in all {len(X)} samples: leave it out."
            )
        self.encoder_ = self._new_encoder().fit(X)
        activity = self.encoder_.transform(X)
        activity = np.where(np.isnan(activity), np.nanmean(activity, axis=0), activity)
        n, hypercolumns, minicolumns = activity.shape
        given = {"dt": 1 * ms, **(self.parameters or {})}
        tau_p = max(n, 2) * given["dt"] if self.tau_p is None else self.tau_p
        tau_p = tau_p * second if is_number(tau_p) else tau_p
        seed = int(check_random_state(self.random_state).randint(_SEEDS))
        self.memory_ = AssociativeMemory(
            architecture=self._architecture(hypercolumns, minicolumns, self._fan_in(hypercolumns)),
            device=self.device, variant=self.variant, tau_p=tau_p, seed=seed, **given,
        )  # fmt: skip
        return activity

    def _new_encoder(self) -> Encoder:
        if isinstance(self.encoder, str):
            return make_encoder(self.encoder)
        if not isinstance(self.encoder, Encoder):
            raise ValueError(f"encoder is {self.encoder!r}: give the name of one, or an Encoder.")
        return clone(self.encoder)

    def _fan_in(self, hypercolumns: int) -> int:
        if is_whole(self.fan_in, 1):
            return int(self.fan_in)
        if not (isinstance(self.fan_in, (float, np.floating)) and 0 < self.fan_in <= 1):
            raise ValueError(
                f"fan_in is {self.fan_in!r}: give a share of the inputs above 0, at most 1.0, or a "
                "whole number of them."
            )
        return max(1, round(self.fan_in * hypercolumns))

    def _recall(self, X: np.ndarray, **options: Any) -> Recall:
        """What the network makes of samples, in which values may be missing."""
        jobs = effective_n_jobs(self.n_jobs)
        return self.memory_.recall({"INP": self.encoder_.transform(X)}, jobs=jobs, **options)

    def _check_new(self, X: ArrayLike) -> np.ndarray:
        """Samples to which a network that has learned is to be applied."""
        check_is_fitted(self, "memory_")
        return self._check(X, reset=False)

    def _check(self, X: ArrayLike, *, reset: bool = True, **y: ArrayLike) -> Any:
        """Samples, and labels where there are some, as scikit-learn has them."""
        return validate_data(
            self, X, reset=reset, dtype=(np.float64, np.float32), ensure_all_finite="allow-nan", **y
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        variant = find_variant(self.variant) if isinstance(self.variant, str) else self.variant
        tags.non_deterministic = variant.spiking
        tags.input_tags.allow_nan = True
        return tags

    def _end(self) -> None:
        """End the processes of what was learned before; it can still recall, in new ones."""
        if hasattr(self, "memory_"):
            self.memory_.close()

    def __del__(self) -> None:
        self._end()  # grids make many estimators

    # --- Pickles ---------------------------------------------------------------------------

    def __getstate__(self) -> dict:
        """Everything, with the network as the bytes of its file, and no processes."""
        state = dict(super().__getstate__())
        if isinstance(state.get("memory_"), AssociativeMemory):
            state["memory_"] = _to_bytes(state["memory_"])
        return state

    def __setstate__(self, state: dict) -> None:
        if isinstance(state.get("memory_"), bytes):
            given = {n: v for n, v in (state["parameters"] or {}).items() if n in BY_NAME}
            state = {**state, "memory_": _from_bytes(state["memory_"], state["device"], given)}
        super().__setstate__(state)


class NetworkTransformer(TransformerMixin, NetworkEstimator):
    """An estimator whose results have the precision of the samples."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _to_bytes(memory: AssociativeMemory) -> bytes:
    """The file of a network."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        memory.save(path)
        return path.read_bytes()


def _from_bytes(content: bytes, device: str, models: Mapping[str, Any]) -> AssociativeMemory:
    """A network from the bytes of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        path.write_bytes(content)
        return AssociativeMemory.load(path, device=device, **models)
