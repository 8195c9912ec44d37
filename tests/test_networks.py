"""Networks that no one foresaw: a classifier on a stack, learned together or layer by layer."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import ms
from comparing import assert_same

from cortical_bcpnn import Architecture, AssociativeMemory, Phase, Population, Projection
from cortical_bcpnn.data.patterns import minicolumn_activity

LAYERS = Architecture(
    (Population("INP", 9, 2), Population("ONE", 4, 5), Population("OUT", 1, 3)),
    (Projection("up", "INP", "ONE", 5, True), Projection("out", "ONE", "OUT", 4, False),
     Projection("direct", "INP", "OUT", 9, False)),
)  # fmt: skip
LABELS = np.arange(12) % 3


def network(**parameters) -> AssociativeMemory:
    given = {"variant": "rate-ff", "tau_p": 60 * ms, "rewire_every": 6, "seed": 3, "z_min": 0.0}
    return AssociativeMemory(architecture=LAYERS, **{**given, "emission_min": 0.0, **parameters})


@pytest.fixture(scope="module")
def taught(request):
    """Both layers and the classifiers learn together. Do not change it."""
    rng = np.random.default_rng(7)
    images = np.round(rng.random((12, 9)), 2)
    with network() as memory:
        yield memory.learn({"INP": images, "OUT": LABELS}, epochs=6), images


def test_traces_of_clamped_populations_are_those_of_the_patterns(taught):
    """z of a clamped hypercolumn settles at the activity within the five steps of rate-ff."""
    memory, images = taught
    direct, kappa = memory.traces["direct"], memory.parameters.kappa
    z_pre, z_post = minicolumn_activity(images), np.eye(3)[LABELS]
    start = network().traces["direct"]
    p, p_pre, p_post, joint = start.p, start.p_pre.copy(), start.p_post.copy(), start.joint().copy()
    for n in np.tile(np.arange(12), 6):
        p += kappa * (1 - p)
        p_pre += kappa * (z_pre[n] - p_pre)
        p_post += kappa * (z_post[n] - p_post)
        joint += kappa * (np.outer(z_pre[n], z_post[n]) - joint)
    np.testing.assert_allclose(direct.p_post, p_post, atol=1e-5)
    np.testing.assert_allclose(direct.p_pre, p_pre, atol=1e-5)
    np.testing.assert_allclose(direct.joint(), joint, atol=1e-5)


def test_a_classifier_is_naive_bayes(taught):
    """What OUT comes to is the softmax of its biases and of what both projections bring."""
    memory, images = taught
    recall = memory.recall(images)
    support = sum(
        memory.biases(name) + recall.z["feedforward"][pre] @ memory.weights(name)
        for name, pre in (("out", "ONE"), ("direct", "INP"))
    )
    expected = np.exp(support - support.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    found = recall.shares("OUT", "feedforward")[:, 0]
    np.testing.assert_allclose(found, expected, atol=0.02)
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))
    assert (found.argmax(axis=1) == LABELS).mean() > 0.7


def test_what_is_not_given_is_free_and_what_is_given_is_clamped(taught):
    memory, images = taught
    label = memory.recall({"OUT": [2]}).shares("OUT", "feedforward")[0, 0]
    np.testing.assert_allclose(label, [0, 0, 1], atol=1e-3)
    both = memory.recall({"INP": images[:2], "OUT": [1, 1]}).shares("OUT", "feedforward")
    np.testing.assert_allclose(both[:, 0], [[0, 1, 0]] * 2, atol=1e-3)
    with pytest.raises(ValueError, match="patterns of ONE are given, and no phase .* clamps it"):
        memory.recall({"ONE": np.full((1, 4, 5), 0.2)}, protocol=[Phase(5 * ms, ("INP",), read="end")])


def test_unknown_values_of_any_population_say_nothing(taught):
    """With an unknown label it is as if no label were given, but that OUT rests."""
    memory, images = taught
    unknown = np.full((2, 1, 3), np.nan)
    found = memory.recall({"INP": images[:2], "OUT": unknown}).z["feedforward"]["ONE"]
    np.testing.assert_allclose(found, memory.recall(images[:2]).z["feedforward"]["ONE"])


def test_layers_that_do_not_learn_stay_as_they_are_and_transmit(taught):
    """Layer by layer: first ONE, then what listens to it."""
    _, images = taught
    stimuli = {"INP": images, "OUT": LABELS}
    with network() as memory:
        memory.learn(stimuli, epochs=3, projections=["up"])
        up = memory.traces["up"].copy()
        assert memory.has_learned("up") and not memory.has_learned("out")
        assert not memory.weights("out").any() and not memory.biases("direct").any()
        memory.learn(stimuli, epochs=3, projections=["out"])
        for name in ("q", "p_pre", "p_post", "connections"):
            np.testing.assert_array_equal(getattr(memory.traces["up"], name), getattr(up, name))
        assert memory.has_learned("out") and not memory.has_learned("direct")
        activity = memory.recall(images).shares("ONE", "feedforward")
        # ONE was active in learning as it is in recall: it is its mean that p_pre has come to.
        traces = memory.traces["out"]
        recent = traces.p_pre.reshape(4, 5) / traces.p
        np.testing.assert_allclose(recent, activity.mean(axis=0), atol=0.02)
        assert np.abs(activity - 0.2).max() > 0.15
        assert set(memory.rewiring["projection"]) == {"up"}


def test_files_and_checkpoints_of_any_network(taught, tmp_path):
    """Resumed in the midst of a layer, all comes out the same, bit by bit."""
    memory, images = taught
    memory.save(tmp_path / "network.h5")
    with AssociativeMemory.load(tmp_path / "network.h5") as loaded:
        assert_same(loaded, memory)
        assert loaded.architecture == LAYERS
    stimuli = {"INP": images, "OUT": LABELS}

    def stop(memory):
        if memory.n_learned == 12:
            raise KeyboardInterrupt

    arguments = {"epochs": 3, "projections": ["up", "direct"]}
    with network() as stopped, network() as whole:
        with pytest.raises(KeyboardInterrupt):
            stopped.learn(stimuli, **arguments, checkpoints=tmp_path / "c", checkpoint_every=0 * ms,
                          on_segment=stop)  # fmt: skip
        with pytest.raises(ValueError, match="made with other projections: resume with the same"):
            network().learn(stimuli, epochs=3, checkpoints=tmp_path / "c", resume=True)
        with network() as resumed:
            resumed.learn(stimuli, **arguments, checkpoints=tmp_path / "c", resume=True)
            assert_same(resumed, whole.learn(stimuli, **arguments))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"projections": ["sideways"]}, "projection 'sideways' is unknown: choose one of up, out"),
        ({"projections": []}, "projections are .*: give names"),
        ({"projections": "up"}, "projections are 'up': give names"),
    ],
)
def test_projections_that_cannot_learn(arguments, message):
    with pytest.raises(ValueError, match=message):
        network().learn({"INP": np.zeros((2, 9))}, **arguments)
