"""Networks by name, of the size that a data set or a command line asks for."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

import pytest

from cortical_bcpnn import Architecture, Population, associative_memory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.encoded import encoded
from cortical_bcpnn.experiments import Networks
from cortical_bcpnn.experiments.layers import hidden_populations, taught, teachable
from cortical_bcpnn.experiments.shipped import make_network, network_of, taken
from cortical_bcpnn.model.architectures import (
    ARCHITECTURES,
    attractor,
    classifier,
    hetero_associative,
    stack,
)
from cortical_bcpnn.model.phases import Phase
from protocols.architecture import architecture


@pytest.fixture
def setup():
    return Networks(limit=30)


def test_sizes_are_those_of_the_data_set(setup):
    hidden = (30, 30)
    expected = {
        "associative-memory": associative_memory(64, hidden, 24),
        "classifier": classifier(64, 10, hidden, 24),
        "stack": stack(64, 10, [hidden] * 2, [24, 30]),
        "hetero-associative": hetero_associative(64, 10, hidden, 24),
        "attractor": attractor(*hidden),
    }
    assert {name: network_of(name, setup) for name in ARCHITECTURES} == expected
    assert setup.network("spk-full").architecture == expected["associative-memory"]


def test_sizes_of_a_command_line_come_first():
    setup = Networks(limit=30, hidden=(4, 5), fan_in=7)
    assert network_of("stack", setup, 3) == stack(64, 10, [(4, 5)] * 3, [7, 4, 4])
    with pytest.raises(ValueError, match="fan-in of the feedforward projection is 65"):
        network_of("classifier", Networks(limit=30, fan_in=65))


def test_inputs_of_data_that_are_no_images():
    setup = Networks(dataset="wine")
    found = network_of("classifier", setup, data=encoded(setup.data))
    assert found == classifier(13, 3, (30, 30), round(13 * 24 / 64), input_minicolumns=5)
    with pytest.raises(ValueError, match="square grey images are needed"):
        network_of("classifier", setup)


def test_classes_that_are_not_among_few_samples_count(setup):
    """Of which test labels, or names, say that they are there."""
    few = load("digits").limited(1, 300)
    assert few.train_labels.max() < 9 and few.n_classes == 10
    wine = load("wine")
    assert wine.limited(1, 1).n_classes == 3 == len(wine.classes)
    with pytest.raises(ValueError, match="wine has the label 2, which is no class: .* from 0 to 1"):
        replace(wine, classes=("one", "two")).n_classes  # noqa: B018
    with pytest.raises(ValueError, match=r"has the label \d\.5, which is no class"):
        replace(wine, classes=None, test_labels=wine.test_labels + 0.5).n_classes  # noqa: B018


def test_unknown_names(setup):
    with pytest.raises(ValueError, match="network 'net' is unknown: choose from associative-memory"):
        network_of("net", setup)


@pytest.fixture
def own(monkeypatch):
    """A module whose functions make networks."""
    module = ModuleType("own")
    monkeypatch.setitem(sys.modules, "own", module)
    return module


def test_functions_are_given_what_they_ask_for(own, setup):
    asked = []

    def make(n_inputs, layers, *, hidden, classes=None, other=3, **more):
        asked.extend([n_inputs, layers, hidden, classes, other, more])
        return Architecture((Population("INP", n_inputs, 2),), ())

    own.make = make
    assert taken("own:make") == {"n_inputs", "layers", "hidden", "classes"}
    assert network_of("own:make", setup, 5).population("INP").hypercolumns == 64
    assert asked == [64, 5, (30, 30), 10, 3, {}]


def test_functions_that_make_no_network_are_refused(own):
    own.asks, own.list, own.number = lambda n_inputs, colour: None, lambda: [], 3
    sizes = load("digits"), (64, 2), (3, 4), 5
    for name, message in (
        ("own:asks", "network own:asks asks for colour: let it take some of n_inputs"),
        ("own:list", r"network own:list made \[\]: let it return an Architecture"),
        ("own:number", "network own:number is 3: give a function"),
        ("own:gone", "network own:gone cannot be imported .AttributeError: .*: give MODULE:FUNCTION"),
        ("nowhere:make", "network nowhere:make cannot be imported .ModuleNotFoundError"),
        ("own:", "network own: cannot be imported"), (":make", "network :make cannot be imported"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message) as caught:
            make_network(name, *sizes)
        assert "\n" not in str(caught.value)


def test_modules_that_fail_are_refused(tmp_path, monkeypatch):
    (tmp_path / "failing.py").write_text("raise RuntimeError('not today')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"cannot be imported \(RuntimeError: not today\)"):
        taken("failing:make")


def test_a_function_can_be_drawn(own, tmp_path):
    own.make = lambda n_inputs, classes: classifier(n_inputs, classes, (3, 4), 5)
    summary = architecture(network="own:make", out=tmp_path / "out").summary()
    assert summary["minicolumns"] == {"INP": 128, "HID": 12, "OUT": 10}


def test_what_networks_are_given():
    assert hidden_populations(stack(9, 3, [(4, 5)] * 2, [6, 4])) == ["HID1", "HID2"]
    both = hetero_associative(9, 3, (4, 5), 6, 2)
    assert hidden_populations(both) == ["HID"] and teachable(both) == ["INP", "INPRC", "OUT"]
    assert taught(both, "images", "labels") == {"INP": "images", "INPRC": "images", "OUT": "labels"}
    own = replace(both, learning=(Phase("feedforward", ("INP", "OUT"), {"feedforward": 1.0}),))
    assert taught(own, "images", "labels") == {"INP": "images", "OUT": "labels"}
