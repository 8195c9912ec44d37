"""Networks as estimators of scikit-learn: features, classes, and what is missing in samples.

They take samples × features of any range, in `Pipeline`, `GridSearchCV` and all else that takes
estimators; see docs/scikit_learn.md.
"""

from .classifier import BCPNNClassifier
from .completer import AssociativeCompleter
from .features import BCPNNFeatures

__all__ = ["AssociativeCompleter", "BCPNNClassifier", "BCPNNFeatures"]
