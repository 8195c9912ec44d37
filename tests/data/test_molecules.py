"""Fingerprints, and tables of molecules in the form of MoleculeNet's, written here.

The tables of MoleculeNet themselves are not at hand; molecules and their labels below are made up for
their fingerprints.
"""

from __future__ import annotations

import gzip
import sys

import numpy as np
import pytest

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.data.encoded import encoded
from cortical_bcpnn.data.molecules import TARGETS, fingerprints, from_table

TABLE = """,smiles,activity,HIV_active
0,CCO,CI,0
1,CCCO,CI,0
2,CCCCO,CI,0
3,CCN,CI,0
4,OCC,CI,0
5,c1ccccc1,CM,1
6,C1=CC=CC=C1,CA,1
7,Cc1ccccc1,CA,1
8,CCc1ccccc1,CA,1
9,CCCc1ccccc1,CA,1
"""


@pytest.fixture
def rdkit():
    return pytest.importorskip("rdkit", reason="needs the extra 'molecules'")


def test_fingerprints_are_of_the_molecule_and_not_of_how_it_is_written(rdkit):
    found = fingerprints(["CCO", "OCC", "c1ccccc1", "C1=CC=CC=C1", "CCN"])
    assert found.shape == (5, 2048) and set(np.unique(found)) == {0, 1}
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[2], found[3])
    assert (found[0] != found[4]).any()


def test_groups_of_atoms_are_counted_up_to_the_radius(rdkit):
    """Benzene has one kind of atom: one group each with none, one and two bonds around it."""
    assert [fingerprints(["c1ccccc1"], radius=r).sum() for r in range(3)] == [1, 2, 3]


def test_a_table_becomes_bits(rdkit, tmp_path):
    (tmp_path / "HIV.csv").write_text(TABLE)
    dataset = load("hiv", tmp_path)
    assert dataset.train_images.shape == (8, 2048) and dataset.test_images.shape == (2, 2048)
    assert sorted(dataset.test_labels) == [0, 1] and dataset.encoder == "bits"
    np.testing.assert_array_equal(dataset.test_labels, load("hiv", tmp_path).test_labels)
    data = encoded(dataset)
    assert data.train.shape == (8, 2048, 2)
    np.testing.assert_array_equal(data.encoder.inverse_transform(data.test), dataset.test_images)
    with pytest.raises(ValueError, match=r"hiv has samples of shape \(2048,\) where square grey"):
        dataset.side  # noqa: B018


def test_rows_without_label_are_left_out(rdkit, tmp_path):
    header, *rows = TABLE.splitlines()
    names = TARGETS["tox21"][:2]
    lines = [f"{names[0]},{names[1]},mol_id,smiles"]
    for number, row in enumerate(rows):
        _, smiles, _, label = row.split(",")
        lines.append(f"{label}.0,{'' if number in (0, 7) else label + '.0'},TOX{number},{smiles}")
    with gzip.open(tmp_path / "tox21.csv.gz", "wt") as file:
        file.write("\n".join(lines))
    sizes = {}
    for name in names:
        dataset = load(f"tox21:{name}", tmp_path)
        sizes[name] = len(dataset.train_labels) + len(dataset.test_labels)
        assert dataset.name == f"tox21:{name}"
    assert sizes == {names[0]: 10, names[1]: 8}


def test_unreadable_smiles_are_left_out_with_a_warning(rdkit, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(TABLE + "10,nonsense,CI,0\n")
    with pytest.warns(UserWarning, match="RDKit cannot read 1 of 11 SMILES; they are left out"):
        dataset = from_table("own", path, "HIV_active")
    assert len(dataset.train_labels) + len(dataset.test_labels) == 10


@pytest.mark.parametrize("table, message", [
    ("molecule,HIV_active\nCCO,0\n", "has no column 'smiles': give a table that has, of molecule, HIV"),
    ("smiles,active\nCCO,0\n", "has no column 'HIV_active'"),
    ("smiles,HIV_active\nCCO,2\n", "column 'HIV_active' of .* has values other than 0 and 1"),
])  # fmt: skip
def test_other_tables_are_refused(tmp_path, table, message):
    (tmp_path / "hiv.csv").write_text(table)
    with pytest.raises(ValueError, match=message):
        load("hiv", tmp_path)


def test_without_rdkit(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "rdkit", None)
    (tmp_path / "hiv.csv").write_text(TABLE)
    with pytest.raises(ValueError, match="fingerprint of molecules needs the package rdkit: .*rdkit"):
        load("hiv", tmp_path)


def test_one_of_several_targets_must_be_chosen():
    with pytest.raises(ValueError, match="'tox21' needs one of its targets: give tox21:TARGET, .*NR-AR"):
        load("tox21")
    with pytest.raises(ValueError, match="'muv:466' needs one of its targets: .*MUV-466"):
        load("muv:466")
