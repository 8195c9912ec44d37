"""The store of learned networks: what is found again, what is resumed, what is not mixed up."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from brian2 import Hz, ms, prefs, second
from comparing import assert_same, assert_same_recall
from killing import start
from sealing import assert_one_sentence
from tasks import stop_after
from tiny import SIZE, tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, store
from cortical_bcpnn.files.locks import locked
from cortical_bcpnn.store import clear_store, learn_or_load, store_directory, stored_networks

PARAMETERS = {"rewire_every": 4, "rewire_margin": 1.0}


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CORTICAL_BCPNN_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def learnings(monkeypatch) -> list[int]:
    """Patterns that were shown in every call of `learn`."""
    shown, learn = [], AssociativeMemory.learn

    def counted(self, *arguments, **options):
        before = self.n_learned
        learn(self, *arguments, **options)
        shown.append(self.n_learned - before)
        return self

    monkeypatch.setattr(AssociativeMemory, "learn", counted)
    return shown


def fresh(**parameters) -> AssociativeMemory:
    return tiny_memory(**{**PARAMETERS, **parameters})


def obtain(patterns, epochs: int = 2, **parameters) -> AssociativeMemory:
    return learn_or_load(fresh(**parameters), patterns, epochs, checkpoint_every=0 * second)


def interrupt(patterns, monkeypatch, after: int = 12) -> None:
    """Let Ctrl-C end learning after some patterns."""
    learn = AssociativeMemory.learn
    with monkeypatch.context() as patch:
        patch.setattr(
            AssociativeMemory, "learn",
            lambda self, *a, **k: learn(self, *a, on_segment=stop_after(after), **k),
        )  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            obtain(patterns)


def entry() -> Path:
    """Folder of the only network."""
    (network,) = stored_networks()
    return network.directory


# --- What is found again -----------------------------------------------------------------


def test_a_network_is_learned_once(patterns, learnings):
    """And what is found is what was learned, bit by bit, history included."""
    with obtain(patterns) as first, obtain(patterns) as second:
        assert len(learnings) == 1
        assert_same(first, second)
        assert_same_recall(first, second, patterns[:4])
        assert second.n_learned == 24 and second.history == first.history
        assert second.parameters == first.parameters
    with fresh().learn(patterns, 2) as memory:
        assert_same(memory, first)


def test_learning_goes_on_from_what_was_found(patterns):
    obtain(patterns)
    with obtain(patterns) as found, fresh().learn(patterns, 2) as memory:
        for each in (found, memory):
            each.learn(patterns[::-1])
        assert_same(found, memory)
    assert not obtain(patterns).n_learned > 24, "the store holds what was asked for"


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 4},
        {"tau_p": 50 * ms},
        {"variant": replace(VARIANTS["spspk-full"], tau_z=21 * ms)},
        {"variant": replace(VARIANTS["spspk-full"], tau_m=6 * ms)},
        {"variant": replace(VARIANTS["spspk-full"], f_max=101 * Hz)},
        {"variant": replace(VARIANTS["spspk-full"], feedforward=99 * ms)},
        {"variant": "spk-full"},
        {"z_min": 0.0},
        {"rewire_every": 5},
        {"rewire_margin": 1.2},
        {"support_noise": 1e-3},
        {"precision": "float64"},
        {"hidden": (4, 6)},
        {"fan_in": 5},
        {"feedback_fan_in": 3},
        {"device": "runtime"},
    ],
    ids=lambda other: "-".join(other),
)
def test_other_networks_have_entries_of_their_own(patterns, monkeypatch, other):
    """Whatever decides what is learned. Nothing needs to be learned to see that."""
    monkeypatch.setattr(AssociativeMemory, "learn", lambda self, *_, **__: self)
    for parameters in ({}, other, {}, other):
        learn_or_load(fresh(**{**SIZE, **parameters}), patterns, 2)
    assert len(stored_networks()) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda patterns: ((patterns[::-1], 2), {}),
        lambda patterns: ((patterns[:11], 2), {}),
        lambda patterns: ((np.where(patterns == 1, 0.99, patterns), 2), {}),
        lambda patterns: ((patterns, 3), {}),
        lambda patterns: ((patterns, 2), {"shuffle": True}),
    ],
    ids=["order", "number", "values", "epochs", "shuffle"],
)
def test_other_patterns_have_entries_of_their_own(patterns, monkeypatch, change):
    monkeypatch.setattr(AssociativeMemory, "learn", lambda self, *_, **__: self)
    arguments, options = change(patterns)
    learn_or_load(fresh(), patterns, 2)
    learn_or_load(fresh(), *arguments, **options)
    assert len(stored_networks()) == 2


@pytest.mark.parametrize(
    "same",
    [
        {"variant": "spspk-ff"},
        {"variant": replace(VARIANTS["spspk-full"], name="mine")},
        {"variant": replace(VARIANTS["spspk-full"], gap=1 * ms, overlap=2 * ms, recurrent=3 * ms)},
    ],
    ids=["ff", "name", "phases of recall"],
)
def test_recall_does_not_matter(patterns, learnings, same):
    """What is found recalls as it was asked for, not as the one that learned."""
    obtain(patterns)
    with obtain(patterns, **same) as found:
        assert len(learnings) == 1 and found.n_learned == 24
        assert found.parameters == fresh(**same).parameters
        with fresh(**same).learn(patterns, 2) as memory:
            assert_same_recall(found, memory, patterns[:3])


def test_other_code_or_compiler(patterns, monkeypatch):
    monkeypatch.setattr(AssociativeMemory, "learn", lambda self, *_, **__: self)
    for name in ("code_version", "compiler_key"):
        learn_or_load(fresh(), patterns, 2)
        monkeypatch.setattr(store, name, lambda: "another")
    learn_or_load(fresh(), patterns, 2)
    assert len(stored_networks()) == 3


def test_other_versions_or_preferences(patterns, monkeypatch):
    """Of NumPy, Brian2 and what it generates code with."""
    monkeypatch.setattr(AssociativeMemory, "learn", lambda self, *_, **__: self)
    learn_or_load(fresh(), patterns, 2)
    for package in ("numpy", "brian2"):
        with monkeypatch.context() as patch:
            others = {name: version(name) for name in store._PACKAGES} | {package: "9"}
            patch.setattr(store, "version", others.get)
            learn_or_load(fresh(), patterns, 2)
    with monkeypatch.context() as patch:
        patch.setitem(prefs, "codegen.loop_invariant_optimisations", False)
        learn_or_load(fresh(), patterns, 2)
    assert len(stored_networks()) == 4


def with_start(change=lambda state: None, **parameters) -> AssociativeMemory:
    """A memory with the random start of its seed given as memories, and something changed."""
    memories = fresh(**parameters).traces
    change(memories["feedforward"])
    return fresh(traces=memories)


def other_connections(state) -> None:
    state.connections = np.sort((state.connections + 1) % 9, axis=1).astype(np.int32)


@pytest.mark.parametrize(
    "change",
    [
        other_connections,
        lambda state: state.q.__setitem__((0, 0), 0.5),
        lambda state: state.p_post.__setitem__(0, 0.5),
        lambda state: setattr(state, "p", 0.5),
    ],
    ids=["connections", "q", "p_post", "p"],
)
def test_another_start_has_an_entry_of_its_own(patterns, monkeypatch, change):
    """Whether it was given or changed in place; the random start is one, however it came."""
    monkeypatch.setattr(AssociativeMemory, "learn", lambda self, *_, **__: self)
    learn_or_load(fresh(), patterns, 2)
    learn_or_load(with_start(), patterns, 2)
    assert [n.description["start"] for n in stored_networks()] == ["random"]
    learn_or_load(with_start(change), patterns, 2)
    changed = fresh()
    change(changed.traces["feedforward"])
    learn_or_load(changed, patterns, 2)
    assert len(stored_networks()) == 2


def test_a_network_with_a_start_of_its_own_is_found_again(patterns, learnings):
    """As it is, not as the one of the random start."""
    obtain(patterns)
    for _ in range(2):
        memory = with_start(other_connections)
        first = memory.connections("feedforward")
        learn_or_load(memory, patterns, 2)
        assert (memory.connection_history[0]["feedforward"] == np.sort(
            np.argwhere(first.T)[:, 1].reshape(4, -1), axis=1)).all()  # fmt: skip
    assert len(learnings) == 2


# --- What is refused ---------------------------------------------------------------------


def test_what_is_learned_further_is_found_as_well(patterns, learnings):
    """From the same state, by the same projections; from another it is learned."""
    for seed, number in ((3, 2), (3, 1), (4, 2)):
        learnings.clear()
        with fresh(seed=seed).learn(patterns[:4]) as memory:
            learn_or_load(memory, patterns, projections=["feedforward"])
            assert len(learnings) == number and memory.n_learned == 16
    with fresh(seed=4).learn(patterns[:4]) as other:
        assert_same(memory, other.learn(patterns, projections=["feedforward"]))


class Own(AssociativeMemory):
    """With an addition that nobody knows."""

    def __init__(self, size: int) -> None:
        super().__init__(**{**SIZE, "n_inputs": size}, seed=3, **PARAMETERS)


@pytest.mark.parametrize(
    "memory, message",
    [
        (lambda: fresh(on_build=lambda circuit: None), "memory has on_build, whose additions"),
        (lambda: Own(9), "memory is a Own, whose additions"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(patterns, own_store, memory, message):
    with pytest.raises(ValueError, match=f"{message} the store cannot tell apart: give") as error:
        learn_or_load(memory(), patterns)
    assert_one_sentence(str(error.value))
    assert not own_store.exists()


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"patterns": np.full((3, 9), 2.0)}])
def test_bad_arguments_leave_no_entry(patterns, own_store, wrong):
    with pytest.raises(ValueError):
        learn_or_load(fresh(), **{"patterns": patterns, "epochs": 1, **wrong})
    assert not own_store.exists()


# --- What is resumed ----------------------------------------------------------------


def test_what_was_interrupted_is_resumed(patterns, monkeypatch, learnings):
    """To the same network, bit by bit, with half of the work."""
    interrupt(patterns, monkeypatch)
    (unfinished,) = stored_networks()
    assert not unfinished.finished and any((unfinished.directory / "checkpoints").glob("*.h5"))
    with obtain(patterns) as found, fresh().learn(patterns, 2) as memory:
        assert_same(found, memory)
        assert found.history[-1]["resumed"][0]["shown"] == 12
    assert stored_networks()[0].finished
    assert not (unfinished.directory / "checkpoints").exists()


def test_a_damaged_network_is_set_aside_and_learned_again(patterns, learnings):
    with obtain(patterns) as memory:
        os.truncate(entry() / "network.h5", 5000)
        damaged = (entry() / "network.h5").read_bytes()
        with pytest.warns(UserWarning, match="kept as .*network.h5.damaged; learning begins again"):
            again = obtain(patterns)
        with again:
            assert len(learnings) == 2
            assert_same(memory, again)
    obtain(patterns)
    assert len(learnings) == 2 and (entry() / "network.h5.damaged").read_bytes() == damaged


@pytest.mark.parametrize("which", [slice(-1, None), slice(None)], ids=["newest", "all"])
@pytest.mark.filterwarnings("ignore:.*cannot be loaded", "ignore:no checkpoint in")
def test_damaged_checkpoints_cost_time_only(patterns, monkeypatch, which):
    """And are set aside."""
    interrupt(patterns, monkeypatch)
    checkpoints = sorted((entry() / "checkpoints").glob("*.h5"))
    assert len(checkpoints) == 2
    for path in checkpoints[which]:
        os.truncate(path, 5000)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        found = obtain(patterns)
    with found, fresh().learn(patterns, 2) as memory:
        assert_same(found, memory)
    assert stored_networks()[0].finished
    kept = [path for path in entry().rglob("*damaged*/*.h5")] + [*entry().rglob("*.h5.damaged")]
    assert [path.stat().st_size for path in kept] == [5000] * len(checkpoints[which])


@pytest.mark.parametrize("error", [OSError(errno.EMFILE, "Too many open files"), MemoryError()])
@pytest.mark.parametrize("what", ["network", "checkpoints"])
def test_errors_that_pass_cost_nothing(patterns, monkeypatch, learnings, what, error):
    """Neither a network nor a checkpoint is touched because it cannot be read now."""

    def fail(*_, **__):
        raise error

    obtain(patterns) if what == "network" else interrupt(patterns, monkeypatch)
    files = {path: path.read_bytes() for path in entry().rglob("*.h5")}
    with monkeypatch.context() as patch:
        patch.setattr("cortical_bcpnn.files.sealed.open", fail, raising=False)
        with pytest.raises(type(error)):
            obtain(patterns)
    assert {path: path.read_bytes() for path in entry().rglob("*.h5")} == files
    assert obtain(patterns).n_learned == 24
    assert learnings == [24]


def test_what_a_killed_process_has_left_is_cleared_away(patterns):
    obtain(patterns)
    (entry() / ".network.h5.0123abcd").write_bytes(b"half")
    obtain(patterns)
    assert not (entry() / ".network.h5.0123abcd").exists()


def test_checkpoints_that_were_left_are_cleared_away(patterns):
    """By a process that ended between its last two steps."""
    obtain(patterns)
    (entry() / "checkpoints").mkdir()
    (entry() / "checkpoints" / "checkpoint_000000024.h5").write_bytes(b"x" * 100)
    obtain(patterns)
    assert not (entry() / "checkpoints").exists()


def test_errors_of_learning_are_not_hidden(patterns, monkeypatch):
    def fail(*_, **__):
        raise FloatingPointError("w of feedforward holds nan")

    monkeypatch.setattr(AssociativeMemory, "learn", fail)
    with pytest.raises(FloatingPointError):
        obtain(patterns)
    assert not stored_networks()[0].finished


# --- Several processes -------------------------------------------------------------------


def _obtain(folder: Path, patterns: np.ndarray, name: str) -> None:
    os.environ["CORTICAL_BCPNN_STORE"] = str(folder / "store")
    memory = fresh()
    (folder / f"{name}.started").touch()
    learn_or_load(memory, patterns, 2)
    memory.save(folder / f"{name}.h5")
    (folder / f"{name}.json").write_text(json.dumps(memory.seconds))


def test_processes_that_want_the_same_network_wait_for_one_of_them(patterns, tmp_path):
    """Both wait as long as somebody has the entry; then one of them learns for both."""
    names = ("first", "second")
    obtain(patterns)  # else the name of the entry would be unknown
    directory = entry()
    (directory / "network.h5").unlink()
    with open(directory / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        processes = [start(_obtain, tmp_path, patterns, name) for name in names]
        while not all((tmp_path / f"{name}.started").exists() for name in names):
            assert all(process.is_alive() for process in processes)
            time.sleep(0.01)
        time.sleep(0.3)
        assert all(process.is_alive() for process in processes)
        assert not (directory / "network.h5").exists()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    seconds = [json.loads((tmp_path / f"{name}.json").read_text())["learn"] for name in names]
    # The time that learning took comes with the network: two that learn would take two times.
    assert seconds[0] == seconds[1] > 0
    first, second = (AssociativeMemory.load(tmp_path / f"{name}.h5") for name in names)
    assert_same(first, second)
    assert len(stored_networks()) == 1


# --- Looking and clearing ----------------------------------------------------------------


def test_the_folder(monkeypatch, tmp_path, own_store):
    assert store_directory() == own_store
    monkeypatch.delenv("CORTICAL_BCPNN_STORE")
    monkeypatch.setenv("CORTICAL_BCPNN_CACHE", str(tmp_path / "cache"))
    assert store_directory() == tmp_path / "cache" / "networks"


def test_networks_are_listed_and_cleared(patterns, monkeypatch, own_store):
    assert stored_networks() == [] and clear_store() == 0
    obtain(patterns, seed=8)
    interrupt(patterns, monkeypatch)
    by_seed = {network.description["seed"]: network for network in stored_networks()}
    assert by_seed.keys() == {8, 3}
    assert by_seed[8].finished and not by_seed[3].finished
    assert by_seed[8].description["variant"] == "spspk-full"
    assert by_seed[8].description["n_patterns"] == 12 and by_seed[8].description["epochs"] == 2
    assert by_seed[8].bytes > (by_seed[8].directory / "network.h5").stat().st_size
    assert clear_store() == 2 and stored_networks() == []
    assert list(own_store.iterdir()) == []


def test_networks_that_somebody_works_on_are_not_cleared(patterns):
    obtain(patterns)
    obtain(patterns, seed=8)
    (directory,) = (n.directory for n in stored_networks() if n.description["seed"] == 8)
    with locked(directory / ".lock"):
        assert clear_store() == 1
    assert [network.description["seed"] for network in stored_networks()] == [8]
    assert obtain(patterns, seed=8).n_learned == 24


@pytest.mark.parametrize("text", ["{", "[]", "\0", ""])
def test_a_damaged_description_can_be_listed_and_cleared(patterns, text):
    obtain(patterns)
    (entry() / "description.json").write_text(text)
    assert stored_networks()[0].description == {} and clear_store() == 1
