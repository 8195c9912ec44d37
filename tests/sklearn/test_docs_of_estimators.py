"""docs/scikit_learn.md: its code runs, and its table of parameters is that of the estimators."""

from __future__ import annotations

import inspect
import re

import numpy as np
from pages import ROOT, blocks_of
from sklearn.metrics import accuracy_score

from cortical_bcpnn.sklearn import AssociativeCompleter, BCPNNClassifier, BCPNNFeatures

TEXT = (ROOT / "docs" / "scikit_learn.md").read_text()


def test_the_example_reads_and_completes_digits(numpy_target, capsys):
    ((_, code),) = blocks_of(TEXT)
    names: dict = {}
    exec(compile(code, "docs/scikit_learn.md", "exec"), names)
    assert names["search"].score(names["X_test"], names["y_test"]) > 0.6
    whole, completed, halves = names["X_test"], names["completed"], names["halves"]
    missing = np.isnan(halves)
    mean = np.broadcast_to(names["X_train"].mean(axis=0), whole.shape)
    assert np.square(completed - whole)[missing].mean() < np.square(mean - whole)[missing].mean()
    np.testing.assert_array_equal(completed[~missing], whole[~missing])
    found = names["probabilities"].argmax(axis=1)
    assert accuracy_score(names["y_test"], found) > 0.6


def test_defaults_are_those_of_all():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", TEXT.partition("## Parameters")[2], re.MULTILINE)
    said = {name: text.strip("`") for name, text in rows if name not in ("scaled", "iris")}
    for estimator in (BCPNNFeatures, BCPNNClassifier, AssociativeCompleter):
        defaults = {
            name: str(p.default) if not isinstance(p.default, str) else f'"{p.default}"'
            for name, p in inspect.signature(estimator).parameters.items()
        }
        defaults.pop("feedback_fan_in", None)
        assert defaults == said
