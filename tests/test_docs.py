"""README.md and the documentation: their code runs, and their command lines can be parsed."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import shutil
import sys
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from pages import ROOT, blocks_of, in_small, pages, run

import cortical_bcpnn
from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.experiments import Experiment
from cortical_bcpnn.experiments.program import application, bind
from cortical_bcpnn.experiments.shipped import OFFERED
from cortical_bcpnn.model.architectures import ARCHITECTURES
from cortical_bcpnn.sweeps.networks import architecture_of
from cortical_bcpnn.sweeps.parameters import resolve

TEXTS = {name: (ROOT / name).read_text() for name in pages()}
#: The page of estimators is run by tests/sklearn, at full size.
RUN = [name for name, text in TEXTS.items()
       if any(block.runs for block in blocks_of(text)) and name != "docs/scikit_learn.md"]
COMMAND = re.compile(r"(?<![\w.])python -m protocols\.(\w+)((?:[^\n`\\]|\\\n *|(?<=\w)\n(?=--))*)")


# --- What pages take for granted -----------------------------------------------------------


class Seconds(float):
    """A time of Neo."""

    def rescale(self, unit: str) -> Seconds:
        return self


class Train(list):
    """A spike train of Neo: spike times in seconds."""

    t_start, t_stop, annotations = Seconds(0), Seconds(0.5), {"minicolumn": 3}

    def rescale(self, unit: str) -> Train:
        return self

    @property
    def magnitude(self) -> Train:
        return self


def given() -> dict:
    """Names that blocks use and do not make, small."""
    rng = np.random.default_rng(1)
    images, samples = rng.random((2, 64)), rng.random((6, 4))
    return {
        "X": samples, "y": np.arange(6) % 2, "X_new": samples[:2],
        "X_with_nan": np.where(samples < 0.2, np.nan, samples),
        "images": images, "cues": images.copy(), "labels": np.array([0, 1]), "missing": images > 0.8,
        "patterns": rng.integers(0, 9, (1, 9)), "parts": np.full((1, 9), [0, 1, *[-1] * 7]),
        "times": rng.uniform(0.2, 0.4, 40), "columns": rng.integers(0, 81, 40),
        "recorder": {"senders": np.array([3, 90]), "times": np.array([210.0, 220.0])},
        "cells": np.arange(1, 163),
        "segment": [Train([0.21, 0.22]), Train([0.3])],
        "AssociativeMemory": AssociativeMemory, "pd": pd, "pandas": pd,
    }  # fmt: skip


class Ran(NamedTuple):
    """A page whose code has run."""

    names: dict
    printed: str
    folder: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Runs a page once, and gives what its code has named and printed, and the folder it was in."""

    @cache
    def ran(page: str) -> Ran:
        folder = tmp_path_factory.mktemp(Path(page).stem)
        names = given()
        if page == "README.md":
            shutil.copytree(ROOT / "figures/digits/raster", folder / "figures/digits/raster")
        if page == "docs/recurrence.md":
            with in_small():
                names["memory"] = AssociativeMemory(64, (6, 5), 24).learn(names["images"])
        if page == "docs/sweeps.md":
            (folder / "DIR").mkdir()
            pd.DataFrame({"seed": [0]}).to_parquet(folder / "DIR" / "runs.parquet")
        with redirect_stdout(StringIO()) as printed:
            names = run(TEXTS[page], page, names, folder)
        return Ran(names, printed.getvalue(), folder)

    return ran


# --- Code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", RUN)
def test_code_runs(page, ran):
    ran(page)


def test_few_blocks_are_not_run_and_each_says_why():
    skipped = [block for text in TEXTS.values() for block in blocks_of(text) if not block.runs]
    assert len(skipped) <= 6
    for block in skipped:
        assert re.fullmatch(r"no-run: [\w ,:]{10,}", block.info)
        ast.parse(block.code)


@pytest.mark.parametrize("example", sorted(p.name for p in (ROOT / "docs/examples").glob("*.py")))
def test_examples_import_what_there_is(example):
    """They run when the documentation is built; what they import is imported here."""
    for node in ast.parse((ROOT / "docs/examples" / example).read_text()).body:
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            assert not [name.name for name in node.names if not hasattr(module, name.name)]


# --- Command lines -------------------------------------------------------------------------


def command_lines() -> list[tuple[str, str]]:
    """Protocols with their options, of all pages."""
    others = [(ROOT / name).read_text() for name in ("CONTRIBUTING.md", "figures/README.md")]
    found = {}
    for text in (*TEXTS.values(), *others):
        for name, options in COMMAND.findall(text):
            options = shlex.join(shlex.split(re.sub(r"\\?\n *", " ", options), comments=True))
            if "NAME" not in (name, *options.split()) and "--help" not in options:
                found[name, options] = None
    return list(found)


@pytest.mark.parametrize("name, options", command_lines())
def test_command_lines_are_understood(name, options):
    module = importlib.import_module(f"protocols.{name}")
    command = getattr(module, name)
    arguments = shlex.split(options)
    if isinstance(command, Experiment):
        command._parse(arguments)
    else:
        bind(application(name, command), arguments)


# --- docs/networks.md ----------------------------------------------------------------------


@pytest.fixture
def networks(ran) -> dict:
    return ran("docs/networks.md").names


def test_the_example_learns_layer_by_layer_and_names_what_it_sees(networks):
    memory, recall = networks["memory"], networks["recall"]
    assert [memory.has_learned(p.name) for p in memory.architecture.projections] == [True] * 5
    assert memory.n_learned == 24 and recall.moments == ["feedforward", "attractor"]
    assert set(networks["named"]) <= {0, 1} and networks["unsure"].z["attractor"]["OUT"].shape == (6, 2)


def test_what_is_heard_is_not_needed(networks):
    """EAR is given nothing, and leads nowhere: it is off."""
    protocol = networks["memory"].recall_protocol(["EYE"])
    assert all("heard" not in phase.gains for phase in protocol)
    assert "around" in protocol[-1].gains


def test_the_drawing_has_the_phases_of_both(networks, ran):
    picture = ran("docs/networks.md").folder / "eye_and_ear.png"
    assert len(networks["figure"].axes) == 4 and picture.stat().st_size > 1000


def test_the_module_is_a_network_of_a_sweep(networks, monkeypatch):
    module = ModuleType("my_networks")
    module.two_paths = networks["two_paths"]
    monkeypatch.setitem(sys.modules, "my_networks", module)
    wine = load("wine")
    settings = resolve({"network": "my_networks:two_paths", "variant": "rate-ff"}, wine)
    network = architecture_of(settings, wine)
    assert {p.name: p.size for p in network.populations} == {"INP": 65, "A": 900, "B": 900, "OUT": 3}


def test_every_network_has_a_row():
    assert re.findall(r"^\| `([\w-]+)` \|", TEXTS["docs/networks.md"], re.M) == list(ARCHITECTURES)


def test_what_functions_are_given_is_said():
    for name in OFFERED:
        assert f"`{name}`" in TEXTS["docs/networks.md"]


# --- docs/tweak_equations.md ---------------------------------------------------------------


def test_what_goes_wrong_in_the_tutorial_is_said_as_it_says(ran):
    name = "docs/tweak_equations.md"
    page = ran(name)
    quoted = re.search(r"    (equations of minicolumn .*?)\n\n", TEXTS[name], re.S)[1]
    assert " ".join(quoted.split()) in " ".join(page.printed.split())
    assert page.names["memory"].parameters.minicolumn == page.names["adapting"]


# --- docs/tutorials/own_rule.md ------------------------------------------------------------


def test_weights_of_known_probabilities_are_those_that_the_tutorial_says(ran):
    found = ran("docs/tutorials/own_rule.md").names["found"]
    together, never = np.eye(2, dtype=bool), ~np.eye(2, dtype=bool)
    for rule, said, lowest, highest in (("BCPNN", np.log(2), -12, -4), ("linear", 1, -1.01, -0.95)):
        agree, apart = found[rule]
        np.testing.assert_allclose(agree[together], said, atol=0.05)
        assert ((lowest < agree[never]) & (agree[never] < highest)).all()
        np.testing.assert_allclose(apart, 0, atol=0.05)


# --- docs/glossary.md ----------------------------------------------------------------------


def test_phases_and_variants_of_the_glossary_are_those_of_the_package():
    text = TEXTS["docs/glossary.md"]
    for variant in (*cortical_bcpnn.VARIANTS, *cortical_bcpnn.CALIBRATED_VARIANTS):
        assert all(f"`{part}`" in text for part in variant.split("-"))
