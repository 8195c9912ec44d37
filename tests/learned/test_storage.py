"""Saving and loading: the same network comes back."""

from __future__ import annotations

import os
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, Quantity, ms, second
from comparing import assert_same
from sealing import assert_one_sentence, attribute, craft, make_older
from tiny import SIZE, tiny_memory

from cortical_bcpnn import (
    BCPNN,
    ELIGIBILITY,
    LIF,
    POISSON,
    VARIANTS,
    Architecture,
    AssociativeMemory,
    Population,
    Projection,
)


def test_the_same_network_comes_back(learned, saved):
    """Weights, biases, connections, traces, count, tables and history, bit by bit."""
    loaded = AssociativeMemory.load(saved)
    assert_same(loaded, learned)
    assert loaded.n_learned == 48 and len(loaded.rewiring) == 16
    assert loaded.parameters == learned.parameters
    assert loaded.history == learned.history and len(loaded.history) == 1


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
        assert_same(loaded, memory)


def test_parameters_come_back(tmp_path):
    """Every one of them changed, and every quantity the very same number.

    The name of the variant may look like a quantity.
    """
    variant = replace(VARIANTS["spk-full"], name="5 ms", tau_z=7.3 * ms, f_max=333 * Hz,
                      spiking=False)  # fmt: skip
    values = {
        "variant": variant, "tau_p": 1.437 * second, "dt": 0.7 * ms, "epsilon": 1e-6,
        "z_min": 0.01, "deferred_max": 0.03, "emission_min": 0.02, "rewire_every": 17,
        "rewire_margin": 1.3, "max_swaps": 9, "support_noise": 1e-3, "precision": "float64",
        "seed": 2**40, "minicolumn": LIF, "plasticity": BCPNN,
        "models": MappingProxyType({"INPRC": POISSON}),
        "rules": MappingProxyType({"feedback": ELIGIBILITY}),
    }  # fmt: skip
    memory = tiny_memory(**values)
    memory.save(tmp_path / "network.h5")
    loaded = AssociativeMemory.load(tmp_path / "network.h5").parameters
    assert vars(loaded).keys() == values.keys()
    assert loaded == memory.parameters
    for mine, theirs in ((loaded, values), (loaded.variant, vars(variant))):
        for name, value in vars(mine).items():
            expected = theirs[name] if isinstance(theirs, dict) else getattr(theirs, name)
            if isinstance(expected, Quantity):
                assert float(value) == float(expected) and value.dim is expected.dim
            else:
                assert value == expected and type(value) is type(expected)


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


class Labelled(AssociativeMemory):
    """With what the constructor takes, and more."""

    def __init__(self, *arguments, label: str = "none", **options) -> None:
        super().__init__(*arguments, **options)
        self.label = label


class OfOneSize(AssociativeMemory):
    def __init__(self, label: str) -> None:
        super().__init__(**SIZE)
        self.label = label


def test_subclasses_load_their_files(learned, saved):
    loaded = Labelled.load(saved)
    assert type(loaded) is Labelled and loaded.label == "none"
    assert_same(loaded, learned)


def test_a_subclass_made_from_other_arguments_is_told_what_to_do(learned, saved):
    """It is not the file that is damaged; and what it is told works."""
    with pytest.raises(TypeError, match="OfOneSize cannot be made from .*label.*: let its") as error:
        OfOneSize.load(saved)
    assert_one_sentence(str(error.value))
    memory = OfOneSize("mine")
    memory.adopt(AssociativeMemory.load(saved))
    assert_same(memory, learned)


def test_files_of_version_3_load(learned, copy):
    """They have no index; nothing else differs."""
    craft(copy, attribute("version", 3))
    make_older(copy)
    assert_same(AssociativeMemory.load(copy), learned)


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), MemoryError("no room")])
def test_errors_that_pass_stay_as_they_are(saved, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("cortical_bcpnn.files.sealed.open", fail, raising=False)
    with pytest.raises(type(error)) as raised:
        AssociativeMemory.load(saved)
    assert raised.value is error


# --- Saving ------------------------------------------------------------------------------


def test_an_existing_file_survives_a_failed_save(copy, learned, tmp_path, monkeypatch):
    """And nothing half-written is left beside it."""
    before = open(copy, "rb").read()

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        learned.save(copy, overwrite=True)
    assert open(copy, "rb").read() == before
    assert os.listdir(tmp_path) == ["network.h5"]


def test_an_existing_file_is_not_replaced_unless_asked_for(copy, tmp_path):
    before = open(copy, "rb").read()
    memory = tiny_memory(seed=77)
    with pytest.raises(FileExistsError, match=r"network.h5 exists: .*overwrite") as error:
        memory.save(copy)
    assert_one_sentence(str(error.value))
    assert open(copy, "rb").read() == before
    memory.save(copy, overwrite=True)
    assert AssociativeMemory.load(copy).parameters.seed == 77
    assert os.listdir(tmp_path) == ["network.h5"]


def test_the_same_network_gives_the_same_file(learned, tmp_path):
    """Byte by byte, so that files can be compared and known by a checksum."""
    for name in ("first.h5", "second.h5"):
        learned.save(tmp_path / name)
    assert (tmp_path / "first.h5").read_bytes() == (tmp_path / "second.h5").read_bytes()


def test_a_loaded_network_gives_the_same_file_again(saved, tmp_path):
    AssociativeMemory.load(saved).save(tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == saved.read_bytes()


def test_a_long_history_is_kept(learned, tmp_path):
    """Attributes of HDF5 files would end at 64 KB."""
    memory = tiny_memory()
    memory.history = [{"patterns": "x" * 1000, "n": n} for n in range(200)]
    memory.save(tmp_path / "network.h5")
    assert AssociativeMemory.load(tmp_path / "network.h5").history == memory.history


def test_paths_as_text(learned, tmp_path):
    learned.save(str(tmp_path / "network.h5"))
    assert AssociativeMemory.load(str(tmp_path / "network.h5")).n_learned == 48
