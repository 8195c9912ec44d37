"""Learning in stages: which there are, that they are found again, and that none is learned twice."""

from __future__ import annotations

import pytest
from brian2 import second
from comparing import assert_same
from tasks import stop_after
from tiny import tiny_memory

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.stages import (
    go_as_far_as_stored,
    learn_by_stages,
    left_to_learn,
    stages_upto,
)
from cortical_bcpnn.store import stored_networks

OPTIONS = {"rewire_every": 4, "rewire_margin": 1.0}


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path / "store"))


@pytest.fixture
def shown(monkeypatch) -> list[int]:
    """Patterns that every call of `learn` has shown."""
    counts, learn = [], AssociativeMemory.learn

    def counted(self, *arguments, **options):
        before = self.n_learned
        learn(self, *arguments, **options)
        counts.append(self.n_learned - before)
        return self

    monkeypatch.setattr(AssociativeMemory, "learn", counted)
    return counts


def fresh(**options) -> AssociativeMemory:
    return tiny_memory(**{**OPTIONS, **options})


@pytest.mark.parametrize(
    "epochs, expected",
    [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (20, [1, 2, 5, 10, 20]), (100, [1, 2, 5, 10, 20, 50, 100])],
)
def test_stages(epochs, expected):
    assert stages_upto(epochs) == expected


def test_stages_are_kept_and_resumed(patterns, shown):
    """A longer network learns what is missing, and is the one that has learned stage by stage.

    Minicolumns start from rest with each, so that it is not the one that has learned at once.
    """
    n = len(patterns)
    learn_by_stages(fresh(), patterns, [1, 2])
    longer = learn_by_stages(fresh(), patterns, [1, 2, 5])
    assert shown == [n, n, 3 * n] and longer.n_learned == 5 * n
    by_hand = fresh()
    for epochs in (1, 1, 3):
        by_hand.learn(patterns, epochs)
    assert_same(longer, by_hand)
    at_once = fresh().learn(patterns, 5)
    assert (at_once.traces["recurrent"].p_post != longer.traces["recurrent"].p_post).any()


def test_what_the_store_has_is_taken_and_nothing_learned(patterns, shown):
    learn_by_stages(fresh(), patterns, [1, 2])
    del shown[:]
    memory = fresh()
    assert go_as_far_as_stored(memory, patterns, [1, 2, 5]) == 2 and not shown
    assert memory.n_learned == 2 * len(patterns)
    assert go_as_far_as_stored(fresh(seed=4), patterns, [1, 2]) == 0 and not shown
    assert go_as_far_as_stored(fresh(), patterns, [1, 2], shuffle=True) == 0
    assert len(stored_networks()) == 2  # no entry of what is not there


def test_what_is_left_counts_checkpoints(patterns, monkeypatch):
    n, learn = len(patterns), AssociativeMemory.learn
    assert left_to_learn(fresh(), patterns, [1, 2]) == 2 * n
    learn_by_stages(fresh(), patterns, [1])
    assert left_to_learn(fresh(), patterns, [1, 2]) == n
    with monkeypatch.context() as patch:
        patch.setattr(
            AssociativeMemory, "learn",
            lambda self, *a, **k: learn(self, *a, on_segment=stop_after(n + 8), **k),
        )  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            learn_by_stages(fresh(), patterns, [1, 2], checkpoint_every=0 * second)
    assert left_to_learn(fresh(), patterns, [1, 2]) == n - 8
    learn_by_stages(fresh(), patterns, [1, 2])
    assert left_to_learn(fresh(), patterns, [1, 2]) == 0


def test_many_images_go_in_stages_unasked(monkeypatch):
    """And few at once, unless asked for: the default networks of digits are what they were."""
    assert Networks().stages_of(10) == [10]
    assert Networks(stages=True).stages_of(10) == [1, 2, 5, 10]
    assert Networks().stages_of(69) == [69] and Networks().stages_of(70)[:2] == [1, 2]


def test_networks_learn_in_stages_and_shuffled(shown):
    small = {"limit": 12}
    staged = Networks(**small, stages=True).learned("spspk-ff", epochs=2)
    assert shown == [12, 12]
    shuffled = Networks(**small, epochs=2, shuffle=True).learned("spspk-ff")
    assert shown == [12, 12, 24] and staged.n_learned == shuffled.n_learned == 24
    assert shuffled.history[0]["shuffle"] and not staged.history[0]["shuffle"]
    setup = Networks(**small, epochs=2, stages=True, shuffle=True)
    described = setup.parameters(staged)
    assert described["stages"] == [1, 2] and described["shuffle"] is True
    assert not {"stages", "shuffle"} & set(Networks(**small).parameters(staged))
