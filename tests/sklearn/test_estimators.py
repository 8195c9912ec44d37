"""Estimators with real networks: what they give is what the memory gives, and it comes again."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from brian2 import prefs, second
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from cortical_bcpnn.data.encoders import Intervals
from cortical_bcpnn.sklearn import AssociativeCompleter, BCPNNClassifier, BCPNNFeatures

SMALL = {"hidden": (6, 5), "fan_in": 1.0, "epochs": 2, "device": "runtime", "random_state": 1}
RNG = np.random.default_rng(5)
Y = np.array(["left", "right"])[np.arange(24) % 2]
#: Two clouds far from each other, in units of any size.
X = (np.where(Y == "left", -3, 3)[:, None] + RNG.normal(size=(24, 3))) * [1, 1e4, 1e-4] + [0, 7, 0]
GAPS = X.copy()
GAPS[np.arange(24), np.arange(24) % 3] = np.nan


@pytest.fixture(scope="module", autouse=True)
def nothing_compiled():
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    yield
    prefs.codegen.target = before


@pytest.fixture(scope="module")
def features():
    return BCPNNFeatures(**SMALL).fit(X)


@pytest.fixture(scope="module")
def classifier():
    return BCPNNClassifier(**SMALL).fit(X, Y)


@pytest.fixture(scope="module")
def completer():
    return AssociativeCompleter(**SMALL).fit(GAPS)


def test_features_are_z_of_hid(features):
    z = features.transform(X)
    recall = features.memory_.recall(features.encoder_.transform(X))
    np.testing.assert_array_equal(z, recall.z["feedforward"]["HID"])
    assert z.shape == (24, 30) == (24, len(features.get_feature_names_out()))
    assert features.memory_.n_learned == 48


def test_probabilities_are_shares_of_out(classifier):
    recall = classifier.memory_.recall({"INP": classifier.encoder_.transform(X)})
    shares = recall.shares("OUT", "feedforward")[:, 0]
    np.testing.assert_allclose(classifier.predict_proba(X), shares, rtol=1e-6)
    assert classifier.classes_.tolist() == ["left", "right"]
    assert classifier.score(X, Y) == 1


def test_a_class_is_known_from_what_is_not_missing(classifier):
    assert classifier.score(GAPS, Y) == 1
    nothing = classifier.predict_proba(np.full((1, 3), np.nan))
    assert np.isfinite(nothing).all()


def test_what_is_missing_is_recalled_and_nothing_else_changes(completer):
    completed, missing = completer.transform(GAPS), np.isnan(GAPS)
    np.testing.assert_array_equal(completed[~missing], X[~missing])
    recall = completer.memory_.recall(completer.encoder_.transform(GAPS))
    recalled = completer.encoder_.inverse_transform(recall.shares("INPRC", recall.moments[-1]))
    np.testing.assert_array_equal(completed[missing], recalled[missing])
    side = np.sign(completed - [0, 7, 0])
    np.testing.assert_array_equal(side, np.where(Y == "left", -1, 1)[:, None].repeat(3, 1))


def test_a_pickle_holds_the_file_of_the_network(classifier):
    content = pickle.dumps(classifier)
    assert b"cortical_bcpnn\nbytes" in content and b"\x89HDF\r\n" in content  # seal and HDF5
    again = pickle.loads(content)
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    assert again.memory_.history == classifier.memory_.history


def test_the_same_random_state_gives_the_same(features):
    again = clone(features).fit(X)
    np.testing.assert_array_equal(again.transform(X[:5]), features.transform(X)[:5])
    other = clone(features).set_params(random_state=2).fit(X)
    assert (other.transform(X[:5]) != features.transform(X[:5])).any()


def test_parameters_reach_the_network():
    model = BCPNNFeatures(
        (3, 4), 2, "spk-ff", 1, 0.5, encoder=Intervals(6), parameters={"rewire_every": 7},
        device="runtime", random_state=np.random.RandomState(3),
    ).fit(X)  # fmt: skip
    parameters, (inp, hid) = model.memory_.parameters, model.memory_.architecture.populations
    assert (parameters.tau_p, parameters.rewire_every) == (0.5 * second, 7)
    assert (inp.shape, hid.shape) == ((3, 6), (3, 4))
    assert model.memory_.architecture.projections[0].fan_in == 2
    assert model.__sklearn_tags__().non_deterministic
    assert set(model.memory_.rewiring["patterns"]) == {7, 14, 21}


@pytest.mark.parametrize(
    "change, samples, match",
    [
        ({"fan_in": 1.5}, X, r"fan_in is 1\.5: give a share"),
        ({"fan_in": 4}, X, r"fan-in of the feedforward projection is 4"),
        ({"encoder": "scale"}, X, r"encoder 'scale' is unknown"),
        ({"encoder": 3}, X, r"encoder is 3: give the name"),
        ({"variant": "paper"}, X, r"variant 'paper' is unknown"),
        ({"tau_p": "long"}, X, r"tau_p"),
        ({"encoder": "scaled"}, np.where([0, 1, 0], np.nan, X), r"feature 1 .* missing in all 24"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(change, samples, match):
    with pytest.raises((ValueError, TypeError), match=match):
        BCPNNFeatures(**{**SMALL, **change}).fit(samples)


@pytest.mark.long
def test_a_grid_on_several_processes():
    """Its networks are learned in C++, in processes of their own, and come back by their files."""
    small = {**SMALL, "device": "cpp_standalone", "n_jobs": 2}
    complete, features = AssociativeCompleter(**small), BCPNNFeatures(**small)
    model = make_pipeline(complete, features, DecisionTreeClassifier())
    grid = {"bcpnnfeatures__hidden": [(2, 3), (6, 5)]}
    search = GridSearchCV(model, grid, cv=2, n_jobs=2, error_score="raise").fit(GAPS, Y)
    assert search.best_score_ > 0.9 and search.score(GAPS, Y) > 0.9
    pickle.loads(pickle.dumps(search.best_estimator_)).predict(GAPS)


def test_processes_end_with_the_estimator(monkeypatch):
    """Of those that a grid makes none is left behind, and what it has learned stays of use."""
    model, closed = BCPNNFeatures(**SMALL).fit(X), []
    memory = model.memory_
    monkeypatch.setattr(memory, "close", lambda: closed.append(True))
    del model
    assert closed == [True] and memory.n_learned == 48
