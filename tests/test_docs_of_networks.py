"""docs/networks.md: its code runs, and its table names the networks that there are."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from brian2 import prefs

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.experiments.shipped import OFFERED
from cortical_bcpnn.model.architectures import ARCHITECTURES
from cortical_bcpnn.sweeps.networks import architecture_of
from cortical_bcpnn.sweeps.parameters import resolve

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "networks.md").read_text()
EXAMPLE, DRAWING, MODULE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """What the example comes to, in a folder of its own."""
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    names: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("networks"))
        for code in (EXAMPLE, DRAWING):
            exec(compile(code, "docs/networks.md", "exec"), names)
        yield names
    prefs.codegen.target = before


def test_the_example_learns_layer_by_layer_and_names_what_it_sees(example):
    memory, recall = example["memory"], example["recall"]
    assert [memory.has_learned(p.name) for p in memory.architecture.projections] == [True] * 5
    assert memory.n_learned == 24 and recall.moments == ["feedforward", "attractor"]
    assert set(example["named"]) <= {0, 1} and example["unsure"].z["attractor"]["OUT"].shape == (6, 2)


def test_what_is_heard_is_not_needed(example):
    """EAR is given nothing, and leads nowhere: it is off."""
    protocol = example["memory"].recall_protocol(["EYE"])
    assert all("heard" not in phase.gains for phase in protocol)
    assert "around" in protocol[-1].gains


def test_the_drawing_has_the_phases_of_both(example):
    assert len(example["figure"].axes) == 4 and Path("eye_and_ear.png").stat().st_size > 1000


def test_the_module_is_a_network_of_a_sweep(monkeypatch):
    module = ModuleType("my_networks")
    exec(compile(MODULE, "docs/networks.md", "exec"), vars(module))
    monkeypatch.setitem(sys.modules, "my_networks", module)
    wine = load("wine")
    settings = resolve({"network": "my_networks:two_paths", "variant": "rate-ff"}, wine)
    network = architecture_of(settings, wine)
    assert {p.name: p.size for p in network.populations} == {"INP": 65, "A": 900, "B": 900, "OUT": 3}


def test_every_network_has_a_row():
    assert re.findall(r"^\| `([\w-]+)` \|", TEXT, re.MULTILINE) == list(ARCHITECTURES)


def test_what_functions_are_given_is_said():
    for name in OFFERED:
        assert f"`{name}`" in TEXT
