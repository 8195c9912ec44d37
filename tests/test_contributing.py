"""The recipes of CONTRIBUTING.md: their code runs, and the files that they name are there."""

from __future__ import annotations

import re

import pytest
from pages import ROOT, run

from protocols import __main__ as listing

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
SECTIONS = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
RECIPES = {title: text for title, text in SECTIONS.items() if "```python" in text}
PATH = re.compile(r"(?:cortical_bcpnn|protocols|docs|tests)/[\w/]+\.(?:py|md)\b")


@pytest.mark.parametrize("title", RECIPES)
def test_code_runs(title):
    run(RECIPES[title], f"CONTRIBUTING.md, {title}")


def test_every_addition_has_a_recipe():
    for addition in ("neuron equation", "minicolumn model", "plasticity rule", "population",
                     "data set", "measure", "protocol"):  # fmt: skip
        assert any(addition in title for title in RECIPES)


@pytest.mark.parametrize("title", RECIPES)
def test_few_files_are_to_be_read_and_one_to_be_written(title):
    first, _, _ = RECIPES[title].partition("```python")
    assert 1 <= len(set(PATH.findall(first))) <= 3
    assert len(RECIPES[title].splitlines()) < 60


def test_files_are_there():
    named = set(PATH.findall(TEXT)) - {"protocols/NAME.py"}
    assert not [path for path in named if not (ROOT / path).exists()]


def test_rooms_are_those_of_the_package():
    package = ROOT / "cortical_bcpnn"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert rooms == set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))


def test_protocols_are_listed_before_the_catalogue_has_them(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_text('"""What mine shows.\n\nMore of it.\n"""\n')
    monkeypatch.setattr(listing, "__file__", str(tmp_path / "__main__.py"))
    listing.main()
    assert re.search(r"^  mine +What mine shows\.$", capsys.readouterr().out, re.MULTILINE)
