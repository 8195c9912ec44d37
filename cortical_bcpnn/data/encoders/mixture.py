"""Real values by the component of a mixture that they are of."""

from __future__ import annotations

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from .features import FeatureEncoder


class Mixture(FeatureEncoder):
    """A mixture of Gaussians per feature: one minicolumn per component, active by its posterior.

    A feature with fewer different values than components has a component for each. Decoded to the
    mean of the components by activity.

    Parameters
    ----------
    minicolumns : int
        Components, at most, per feature.
    seed : int
        Of the start of the fit.

    Attributes
    ----------
    values_ : ndarray, shape (features, minicolumns)
        Means of the components; NaN where a feature has fewer.
    """

    def __init__(self, minicolumns: int = 5, seed: int = 0) -> None:
        self.minicolumns = minicolumns
        self.seed = seed

    def _fit_feature(self, known: np.ndarray) -> tuple[Pipeline, np.ndarray]:
        components = min(self.minicolumns, len(np.unique(known)))
        # In units of each feature's spread: scikit-learn adds 1e-6 to all variances.
        coder = make_pipeline(
            StandardScaler(), GaussianMixture(components, random_state=self.seed)
        )
        coder.fit(known if len(known) > 1 else np.repeat(known, 2, axis=0))  # it refuses one value
        return coder, coder[0].inverse_transform(coder[-1].means_)[:, 0]

    def _activity_of(self, coder: Pipeline, known: np.ndarray) -> np.ndarray:
        return coder.predict_proba(known)
