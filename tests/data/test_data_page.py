"""docs/data.md: its tables name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cortical_bcpnn.data.datasets import DATASETS
from cortical_bcpnn.data.encoders import ENCODERS, make_encoder

TEXT = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
SECTIONS = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))


def rows(section: str) -> list[list[str]]:
    """Cells of the rows of a table, without its head."""
    lines = re.findall(r"^\| (.*) \|$", SECTIONS[section], re.MULTILINE)
    return [line.split(" | ") for line in lines[2:]]


def test_every_encoder_has_a_row():
    named = {row[0].strip("`"): row[1].strip("`") for row in rows("Encoders")}
    assert named == {name: type(make_encoder(name)).__name__ for name in ENCODERS}


def test_every_data_set_has_a_row():
    named = {name: row for row in rows("Data sets") for name in re.findall(r"`([^`]+)`", row[0])}
    assert set(named) == set(DATASETS)
    assert {row[-1].strip("`") for row in named.values()} <= set(ENCODERS)


@pytest.mark.parametrize("name", ["digits", "breast-cancer", "wine"])
def test_encoders_and_numbers_are_those_of_the_data_sets(name):
    dataset = DATASETS[name](None)
    (row,) = (row for row in rows("Data sets") if row[0] == f"`{name}`")
    assert row[-1].strip("`") == dataset.encoder
    assert row[1].startswith(f"{len(dataset.train_images)} + {len(dataset.test_images)} ")
