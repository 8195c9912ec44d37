"""A change in the equations from the command line, in small, and the tables of the tutorial about it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.image import imread
from redrawing import assert_redrawn

from cortical_bcpnn import BCPNN, POISSON
from protocols.compare_models import MODELS
from protocols.tweak_equations import tweak_equations

SMALL = ["--limit", "30", "--epochs", "2", "--jobs", "1", "--seed", "5"]
HALVED = "0.5*log(p_ij*p/(p_i*p_j))"
GALLERY = Path(__file__).parents[2] / "figures" / "digits"
TUTORIAL = Path(__file__).parents[2] / "docs" / "tweak_equations.md"


# --- A change from the command line ------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, match",
    [
        (["--replace", "evidenz", "e"], "'evidenz' is in no text of minicolumn model 'Poisson': copy"),
        (["--threshold", POISSON.threshold], "the change changes nothing: give another"),
        (["--replace", "", "e"], "'' is in no text of minicolumn model 'Poisson'"),
        (["--set", "tau_a=200ms"], "--set gives tau_a, which no equation names: add it by"),
        (["--add", "da/dt = -a/tau_a : 1", "--set", "tau_a=0.2"],
         "equations of minicolumn model 'Poisson, changed' .* 'a': Expression '-a/tau_a' does not"),
        (["--set", "tau_a"], "'tau_a' sets nothing: give NAME=VALUE.*see --help"),
        (["--set", "tau_a=fast"], "--set tau_a=fast: 'fast' is no value: give a number with its unit"),
        (["--weight", "-log(p_ij", "--bias", "-p_j"], "weight"),
        (["--replace", "- s", "-a", "--replace", "-a", "- s"], "the change changes nothing"),
        (["--model", "neuron"], "minicolumn 'neuron' is unknown: choose one of Poisson"),
    ],
)
def test_what_cannot_be_changed_is_said(tmp_path, arguments, match):
    with pytest.raises(ValueError, match=match):
        tweak_equations.run([*SMALL, *arguments, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def tweaked(tmp_path_factory):
    """Recall runs the same program before and after: only the weights that it is given differ."""
    out = tmp_path_factory.mktemp("tweak") / "out"
    tweak_equations.run([*SMALL, "--weight", HALVED, "--out", str(out)])
    return out


@pytest.mark.long
def test_both_equations_are_recalled_at_every_difficulty(tweaked):
    table = pd.read_csv(tweaked / "completion.csv")
    assert list(table["equations"]) == ["before"] * 6 + ["changed"] * 6
    assert table["ff"].between(0, 1).all()
    summary = json.loads((tweaked / "summary.json").read_text())
    assert summary["equations"]["changed"]["plasticity"]["weight"] == HALVED
    assert summary["rate_hz"]["changed"]["feedforward"]["mean"] == pytest.approx(100 / 30, rel=0.05)
    assert list(summary["rate_hz"]["before"]) == ["feedforward", "attractor"]
    assert imread(tweaked / "tweak.png").std() > 0


@pytest.mark.long
def test_picture_is_drawn_again(tweaked, tmp_path):
    assert_redrawn(tweak_equations, tweaked, tmp_path / "copy")


@pytest.mark.long
def test_the_change_is_said(tweaked):
    """As text, with accuracies in per cent, and from the folder alone."""
    said = tweak_equations.report(tweak_equations.run(["--resume", str(tweaked)]))
    assert f"plasticity, weight:\n{BCPNN.weight}\n  has become\n{HALVED}" in said
    assert "changed: HID feedforward 3." in said and "0.2  " in said


# --- The tutorial ------------------------------------------------------------------------


def test_the_tutorial_shows_the_equations_as_they_are():
    shown = re.search(r"    ds/dt.*?\n\n", TUTORIAL.read_text(), flags=re.DOTALL)[0]
    for line in filter(lambda line: ":" in line, shown.splitlines()):
        assert line.strip() in POISSON.equations


def test_the_tutorial_has_the_table_of_the_gallery():
    """Every model with its accuracy and rates, as published."""
    models = json.loads((GALLERY / "models" / "summary.json").read_text())["models"]
    *own, by_gradient = models
    assert own == list(MODELS)
    for name, found in models.items():
        row = next(line for line in TUTORIAL.read_text().splitlines() if line.startswith(f"| {name} |"))
        settled = "" if name == by_gradient else f" → {100 * found['attractor']:.1f}"
        assert f"| {100 * found['ff']:.1f}{settled} % |" in row
        assert f"| {found['rate_mean_hz']:.1f} ({found['rate_max_hz']:.0f}) Hz |" in row
