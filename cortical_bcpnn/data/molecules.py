"""Molecules as fingerprints: which small groups of atoms they have."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from .dataset import Dataset, register, split
from .fetch import data_folder
from .finding import find_file, need_package

RADIUS = 2  # in bonds: ECFP4
BITS = 2048
#: Columns that tell what molecules do, in MoleculeNet's tables.
TARGETS = {
    "hiv": ("HIV_active",),
    "tox21": ("NR-AR", "NR-AR-LBD", "NR-AhR", "NR-Aromatase", "NR-ER", "NR-ER-LBD", "NR-PPAR-gamma",
              "SR-ARE", "SR-ATAD5", "SR-HSE", "SR-MMP", "SR-p53"),
    "muv": tuple(f"MUV-{number}" for number in (466, 548, 600, 644, 652, 689, 692, 712, 713, 733, 737,
                                                810, 832, 846, 852, 858, 859)),
}  # fmt: skip


def fingerprints(smiles: Sequence[str], radius: int = RADIUS, bits: int = BITS) -> np.ndarray:
    """Extended-connectivity fingerprints by RDKit.

    Parameters
    ----------
    smiles : sequence of str
    radius : int
        Of the groups of atoms, in bonds: 2 makes ECFP4.
    bits : int

    Returns
    -------
    ndarray of float32, shape (n, bits)
        1 where a molecule has a group, 0 where not; NaN for SMILES that RDKit cannot read.

    Raises
    ------
    ValueError
        If RDKit is not installed.
    """
    need_package("rdkit", "molecules", "a fingerprint of molecules")
    from rdkit import Chem, rdBase
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

    generator = GetMorganGenerator(radius=radius, fpSize=bits)
    found = np.full((len(smiles), bits), np.nan, np.float32)
    with rdBase.BlockLogs():
        for row, text in zip(found, smiles):
            molecule = Chem.MolFromSmiles(text)
            if molecule is not None:
                row[:] = generator.GetFingerprintAsNumPy(molecule)
    return found


def from_table(name: str, path: Path, target: str) -> Dataset:
    """A data set of a table of molecules; a fifth of them, always the same, is for test.

    Molecules of one scaffold can be in both sets, so results are not to be compared with those of
    scaffold splits.

    Parameters
    ----------
    name : str
    path : Path
        CSV, gzipped or not, with a column 'smiles'.
    target : str
        Column of 0 and 1; rows without are left out.

    Raises
    ------
    ValueError
        If a column is missing, or has other values.
    """
    table = pd.read_csv(path)
    for column in ("smiles", target):
        if column not in table:
            raise ValueError(
                f"{path} has no column {column!r}: give a table that has, of {', '.join(table.columns)}."
            )
    table = table[["smiles", target]].dropna()
    if not table[target].isin([0, 1]).all():
        raise ValueError(f"column {target!r} of {path} has values other than 0 and 1: give another.")
    images = fingerprints(list(table["smiles"]))
    read = ~np.isnan(images[:, 0])
    if not read.all():
        warnings.warn(
            f"{path}: RDKit cannot read {(~read).sum()} of {len(read)} SMILES; they are left out.",
            stacklevel=2,
        )
    labels = table[target].to_numpy().astype(int)[read]
    return split(name, images[read], labels, encoder="bits", classes=("inactive", "active"))


def moleculenet(
    name: str, directory: str | PathLike | None = None, target: str | None = None
) -> Dataset:
    """A table of MoleculeNet.

    Parameters
    ----------
    name : str
        One of `TARGETS`.
    directory : path, optional
        Folder of NAME.csv or NAME.csv.gz, in small or capital letters.
    target : str, optional
        One of its columns.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, or is not such a table.
    """
    names = [f"{written}.csv{packed}" for written in (name, name.upper()) for packed in ("", ".gz")]
    path = find_file(data_folder(name, directory), names,
                     f"give the folder with the table {name} of MoleculeNet")  # fmt: skip
    full = f"{name}:{target}" if target else name
    return from_table(full, path, target or TARGETS[name][0])


for _name, _targets in TARGETS.items():
    register(_name, _targets if len(_targets) > 1 else ())(partial(moleculenet, _name))
