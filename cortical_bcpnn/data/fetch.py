"""Data sets from the internet into the user's cache, with checksums; and where their folder is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import pooch

from .idx import FILES


@dataclass(frozen=True)
class Source:
    """Where the files of a data set come from, and their MD5 sums.

    Attributes
    ----------
    address : str
        What stands before the names of files.
    checksums, files : tuple of str
        In the same order; default is the four gzipped files of MNIST.
    after : str
        What stands behind the names of files in their addresses.
    unpacked : bool
        Whether the file is an archive, to be unpacked.
    """

    address: str
    checksums: tuple[str, ...]
    files: tuple[str, ...] = tuple(f"{file}.gz" for file in FILES.values())
    after: str = ""
    unpacked: bool = False


def _medical(name: str, checksum: str) -> Source:
    return Source(
        "https://zenodo.org/record/6496656/files/", (checksum,), (f"{name}.npz",), "?download=1"
    )


#: Public copies of the original files, and the checksums of these: torchvision's for MNIST and its
#: relatives and for SVHN, those of their own pages for CIFAR-10 and of medmnist/info.py for MedMNIST.
SOURCES = {
    "mnist": Source(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    ),
    "fashion-mnist": Source(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    ),
    "kmnist": Source(
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
    ),
    "emnist": Source(
        "https://biometrics.nist.gov/cs_links/EMNIST/",
        ("58c8d27c78d21e728a6bc7b3cc06412e",),
        ("gzip.zip",),
        unpacked=True,
    ),
    "svhn": Source(
        "http://ufldl.stanford.edu/housenumbers/",
        ("e26dedcc434d2e4c54c9b2d4a06d8373", "eb5a983be6a315427106f1b164d9cef3"),
        ("train_32x32.mat", "test_32x32.mat"),
    ),
    "cifar-10": Source(
        "https://www.cs.toronto.edu/~kriz/",
        ("c32a1d4ab5d03f1284b67883e8d87530",),
        ("cifar-10-binary.tar.gz",),
        unpacked=True,
    ),
    "breastmnist": _medical("breastmnist", "750601b1f35ba3300ea97c75c52ff8f6"),
    "chestmnist": _medical("chestmnist", "02c8a6516a18b556561a56cbdd36c4a8"),
    "octmnist": _medical("octmnist", "c68d92d5b585d8d81f7112f81e2d0842"),
    "organamnist": _medical("organamnist", "866b832ed4eeba67bfb9edee1d5544e6"),
    "organcmnist": _medical("organcmnist", "0afa5834fb105f7705a7d93372119a21"),
    "organsmnist": _medical("organsmnist", "e5c39f1af030238290b9557d9503af9d"),
    "pneumoniamnist": _medical("pneumoniamnist", "28209eda62fecd6e6a2d98b1501bb15f"),
    "tissuemnist": _medical("tissuemnist", "ebe78ee8b05294063de985d821c1c34b"),
}


#: How archives are unpacked, by their suffix.
_UNPACK = {".zip": pooch.Unzip, ".gz": pooch.Untar}


def folder(name: str) -> Path:
    """Folder of a fetched data set in the user's cache, whether it exists or not."""
    return Path(pooch.os_cache("cortical_bcpnn")) / "data" / name


def fetch(name: str) -> Path:
    """Download a data set, unless it is in the user's cache already.

    Parameters
    ----------
    name : str
        One of `SOURCES`.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    ValueError
        If the name is unknown, or a file is not what it should be.
    ConnectionError
        If the files cannot be reached.
    """
    if name not in SOURCES:
        raise ValueError(f"dataset {name!r} cannot be fetched: choose one of {', '.join(SOURCES)}.")
    source = SOURCES[name]
    for file, checksum in zip(source.files, source.checksums):
        address = f"{source.address}{file}{source.after}"
        try:
            pooch.retrieve(
                address, f"md5:{checksum}", file, folder(name),
                processor=_UNPACK[Path(file).suffix](extract_dir=".") if source.unpacked else None,
            )  # fmt: skip
        except OSError as error:
            raise ConnectionError(
                f"{address} cannot be reached ({type(error).__name__}): connect to the internet, or "
                "give a folder with the files by --data-dir."
            ) from None
    return folder(name)


def data_folder(name: str, directory: str | PathLike | None, source: str | None = None) -> Path:
    """Folder of the files of a data set.

    Parameters
    ----------
    name : str
    directory : path, optional
        As the user gives it; default is the environment variable ``CORTICAL_BCPNN_DATA``, else what
        was fetched.
    source : str, optional
        One of `SOURCES`, where it is not called like the data set.

    Raises
    ------
    ValueError
        If there is none.
    """
    directory = directory or os.environ.get("CORTICAL_BCPNN_DATA")
    if directory is not None:
        return Path(directory)
    source = source or name
    known = SOURCES.get(source)
    if known and all((folder(source) / file).exists() for file in known.files):
        return folder(source)
    how = (
        f"'python -m cortical_bcpnn fetch {source}'" if known
        else "'python -m cortical_bcpnn fetch NAME' if it is one of " + ", ".join(SOURCES)
    )  # fmt: skip
    raise ValueError(
        f"dataset {name!r} needs its files: give their folder by --data-dir or by the environment "
        f"variable CORTICAL_BCPNN_DATA, or download them by {how}."
    )
