"""Saving and loading: the same network comes back, and damaged files are refused."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms, second
from tiny import tiny_memory

from cortical_bcpnn import VARIANTS, Architecture, AssociativeMemory, Population, Projection

PROJECTIONS = ("feedforward", "recurrent", "feedback")


@pytest.fixture(scope="module")
def saved(learned, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "network.h5"
    learned.save(path)
    return path


@pytest.fixture
def copy(saved, tmp_path):
    """A file of one's own to damage."""
    return shutil.copy(saved, tmp_path / "network.h5")


def test_the_same_network_comes_back(learned, saved):
    """Weights, biases, connections, traces, count and table, bit by bit."""
    loaded = AssociativeMemory.load(saved)
    assert loaded.architecture == learned.architecture
    assert loaded.n_learned == learned.n_learned == 48
    for name in PROJECTIONS:
        np.testing.assert_array_equal(loaded.weights(name), learned.weights(name))
        np.testing.assert_array_equal(loaded.biases(name), learned.biases(name))
        np.testing.assert_array_equal(loaded.connections(name), learned.connections(name))
        for field in ("p", "p_pre", "p_post", "q", "deferred", "connections"):
            mine, theirs = (getattr(m.memories[name], field) for m in (loaded, learned))
            np.testing.assert_array_equal(mine, theirs)
            assert np.asarray(mine).dtype == np.asarray(theirs).dtype
    pd.testing.assert_frame_equal(loaded.rewiring, learned.rewiring, check_dtype=False)


def test_the_same_recall_for_the_same_seed(learned, saved, patterns):
    with AssociativeMemory.load(saved) as loaded:
        mine, theirs = loaded.recall(patterns), learned.recall(patterns)
    for moment in theirs.moments:
        for population, z in theirs.z[moment].items():
            np.testing.assert_array_equal(mine.z[moment][population], z)


def test_learning_goes_on_as_if_nothing_had_happened(make_memory, patterns, tmp_path):
    """Same random numbers, same rewirings, same table."""
    memory = make_memory(rewire_every=6)
    memory.learn(patterns[:8])
    memory.save(tmp_path / "network.h5")
    with AssociativeMemory.load(tmp_path / "network.h5") as loaded:
        for m in (memory, loaded):
            m.learn(patterns)
        for name in PROJECTIONS:
            np.testing.assert_array_equal(loaded.weights(name), memory.weights(name))
        pd.testing.assert_frame_equal(loaded.rewiring, memory.rewiring, check_dtype=False)


def test_parameters_come_back(tmp_path):
    """Every one of them changed; quantities to the last bits of their unit conversion (1e-14)."""
    variant = replace(VARIANTS["spk-full"], name="mine", tau_z=7.3 * ms, f_max=333 * Hz)
    values = {
        "variant": variant, "tau_p": 1.437 * second, "dt": 0.7 * ms, "epsilon": 1e-6,
        "z_min": 0.01, "deferred_max": 0.03, "rewire_every": 17, "rewire_margin": 1.3,
        "max_swaps": 9, "support_noise": 1e-3, "precision": "float64", "seed": 2**40,
    }  # fmt: skip
    memory = tiny_memory(**values)
    memory.save(tmp_path / "network.h5")
    loaded = AssociativeMemory.load(tmp_path / "network.h5").parameters
    assert vars(loaded).keys() == values.keys()
    for name, value in values.items():
        if name in ("tau_p", "dt"):
            assert float(getattr(loaded, name)) == pytest.approx(float(value), rel=1e-14)
            assert getattr(loaded, name).dim is value.dim
        elif name != "variant":
            assert getattr(loaded, name) == value
    for name, value in vars(variant).items():
        mine = getattr(loaded.variant, name)
        if name == "name":
            assert mine == value
        else:
            assert float(mine) == pytest.approx(float(value), rel=1e-14) and mine.dim is value.dim


def test_a_network_that_has_not_learned_comes_back(tmp_path):
    memory = tiny_memory()
    memory.save(tmp_path / "network.h5")
    loaded = AssociativeMemory.load(tmp_path / "network.h5")
    assert loaded.n_learned == 0 and loaded.rewiring.empty
    assert list(loaded.rewiring.columns) == list(memory.rewiring.columns)
    assert not loaded.weights("feedforward").any()
    assert (loaded.connections("feedforward") == memory.connections("feedforward")).all()


def test_other_architectures_come_back(tmp_path):
    """Names of projections as long as one likes."""
    name = "from_sensory_to_associative_cortex"
    architecture = Architecture(
        (Population("V1", 4, 3), Population("TE", 2, 4)),
        (Projection(name, "V1", "TE", 2, True, "post"),),
    )
    memory = AssociativeMemory(architecture=architecture)
    memory.rewiring = pd.DataFrame(
        [(200, name, 3, 0.5)], columns=["patterns", "projection", "flips", "score"]
    )
    memory.save(tmp_path / "network.h5")
    loaded = AssociativeMemory.load(tmp_path / "network.h5")
    assert loaded.architecture == architecture
    assert list(loaded.rewiring["projection"]) == [name]


def test_device_is_chosen_on_loading(saved):
    assert AssociativeMemory.load(saved, device="runtime").device == "runtime"


def test_unknown_device_is_not_blamed_on_the_file(saved):
    with pytest.raises(ValueError, match="device 'gpu' is unknown") as error:
        AssociativeMemory.load(saved, device="gpu")
    assert "truncated" not in str(error.value)


# --- Damaged files -----------------------------------------------------------------------


def refused(path, match: str = "") -> None:
    """A ValueError of one sentence that names the file and says what to do."""
    with pytest.raises(ValueError, match=match) as error:
        AssociativeMemory.load(path)
    message = str(error.value)
    assert message.startswith(str(path)) and "save the network again" in message
    assert "\n" not in message and message.endswith(".") and ". " not in message


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.95, 0.9999])
def test_truncated_file(copy, share):
    size = os.path.getsize(copy)
    os.truncate(copy, min(int(share * size), size - 1))
    refused(copy, "cannot be loaded")


def test_text_file(tmp_path):
    path = tmp_path / "notes.h5"
    path.write_text("This is not a network.\n" * 100)
    refused(path, "cannot be loaded")


def test_somebody_elses_hdf5_file(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["weights"] = np.zeros((3, 3))
    refused(path, "its format is None, not 'cortical_bcpnn")


def damage(path, what) -> None:
    with h5py.File(path, "r+") as file:
        what(file)


def put(name: str, values):
    """Replaces a data set."""

    def change(file):
        del file[name]
        file[name] = values

    return change


def element(name: str, value):
    """Changes the first element of a data set."""

    def change(file):
        file[name][(0,) * file[name].ndim] = value

    return change


@pytest.mark.parametrize(
    "what, message",
    [
        (put("projections/feedforward/q", np.ones((3, 3), np.float32)), r"q of feedforward .*\(3"),
        (put("projections/feedforward/q", np.ones((20, 18))), "q of feedforward is float64"),
        (put("projections/feedback/p_pre", np.ones(19)), r"p_pre of feedback .*\(19,\)"),
        (put("projections/feedback/connections", np.zeros((9, 3), np.int32)), "connections of"),
        (element("projections/recurrent/q", np.nan), "q of recurrent holds .* not positive"),
        (element("projections/recurrent/q", 0), "q of recurrent holds .* not positive"),
        (element("projections/recurrent/q", -0.5), "q of recurrent holds .* not positive"),
        (element("projections/feedforward/p_post", np.inf), "p_post of feedforward holds"),
        (element("projections/feedforward/p_pre", 0), "p_pre of feedforward holds"),
        (element("projections/feedback/deferred", -0.1), "deferred of feedback holds .* negative"),
        (element("projections/feedback/deferred", np.nan), "deferred of feedback .* no numbers"),
        (put("projections/feedforward/p", np.nan), "p of feedforward is nan"),
        (put("projections/feedforward/p", 0.0), r"p of feedforward is 0\.0"),
        (put("projections/feedforward/p", 1.5), r"p of feedforward is 1\.5"),
        (
            put("projections/feedforward/connections", np.array([[0, 1, 2, 2]] * 4, np.int32)),
            "connections of feedforward name hypercolumns twice",
        ),
        (
            put("projections/feedforward/connections", np.array([[0, 1, 2, 9]] * 4, np.int32)),
            "connections of feedforward .* do not exist",
        ),
        (
            put("projections/feedforward/connections", np.array([[-1, 1, 2, 3]] * 4, np.int32)),
            "connections of feedforward .* do not exist",
        ),
        (lambda file: file.__delitem__("projections/feedback"), "feedback"),
        (lambda file: file.__delitem__("rewiring/flips"), "flips"),
        (lambda file: file.attrs.__delitem__("n_learned"), "n_learned"),
        (lambda file: file.attrs.__setitem__("n_learned", -4), "n_learned"),
        (lambda file: file.attrs.__delitem__("parameters"), "parameters"),
        (lambda file: file.attrs.__setitem__("parameters", "{"), "cannot be loaded"),
        (lambda file: file.attrs.__setitem__("parameters", "{}"), "cannot be loaded"),
        (lambda file: file.attrs.__setitem__("architecture", "[]"), "cannot be loaded"),
        (lambda file: file.attrs.__setitem__("version", 99), "version is 99, not 1"),
        (lambda file: file.attrs.__setitem__("format", "x"), "its format is 'x'"),
    ],
)
def test_file_whose_parts_do_not_fit(copy, what, message):
    damage(copy, what)
    refused(copy, message)


def test_rewiring_columns_of_different_length(copy):
    damage(copy, put("rewiring/flips", np.zeros(3, np.int64)))
    refused(copy, "cannot be loaded")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.h5 does not exist: give a file"):
        AssociativeMemory.load(tmp_path / "nothing.h5")


# --- Saving ------------------------------------------------------------------------------


def test_an_existing_file_survives_a_failed_save(copy, learned, tmp_path, monkeypatch):
    """And nothing half-written is left beside it."""
    before = open(copy, "rb").read()

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(h5py.File, "create_group", fail)
    with pytest.raises(OSError, match="No space left"):
        learned.save(copy)
    assert open(copy, "rb").read() == before
    assert os.listdir(tmp_path) == ["network.h5"]


def test_saving_replaces_an_existing_file(copy, tmp_path):
    memory = tiny_memory(seed=77)
    memory.save(copy)
    assert AssociativeMemory.load(copy).parameters.seed == 77
    assert os.listdir(tmp_path) == ["network.h5"]


def test_saved_file_has_the_usual_permissions(learned, tmp_path):
    mask = os.umask(0o027)
    try:
        learned.save(tmp_path / "network.h5")
    finally:
        os.umask(mask)
    assert os.stat(tmp_path / "network.h5").st_mode & 0o777 == 0o640


def test_paths_as_text(learned, tmp_path):
    learned.save(str(tmp_path / "network.h5"))
    assert AssociativeMemory.load(str(tmp_path / "network.h5")).n_learned == 48
