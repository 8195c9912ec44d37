"""scikit-learn's own checks of estimators.

All of them with a stand-in for the simulation, as they are about what an estimator does with its
arguments; those in which the network itself has a part also with real ones, and all of them so where
tests may take long.
"""

from __future__ import annotations

import pytest
import stand_in
from sklearn.utils.estimator_checks import parametrize_with_checks

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.sklearn import AssociativeCompleter, BCPNNClassifier, BCPNNFeatures

SMALL = {"epochs": 1, "device": "runtime", "random_state": 0}
ESTIMATORS = [
    BCPNNFeatures((4, 5), **SMALL),
    BCPNNClassifier((20, 10), **SMALL),  # one that tells three overlapping clusters apart
    AssociativeCompleter((4, 5), **SMALL),
]
#: Results that depend on samples alone, and come again after a pickle and by the same random state.
ESSENTIAL = ("check_estimators_pickle", "check_methods_subset_invariance", "check_fit_idempotent")


@parametrize_with_checks(ESTIMATORS)
def test_with_a_stand_in(estimator, check, monkeypatch):
    monkeypatch.setattr(AssociativeMemory, "learn", stand_in.learn)
    monkeypatch.setattr(AssociativeMemory, "recall", stand_in.recall)
    check(estimator)


@pytest.mark.long
@parametrize_with_checks(ESTIMATORS)
def test_with_networks(estimator, check, numpy_target):
    check(estimator)
