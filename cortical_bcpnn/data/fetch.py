"""MNIST and Fashion-MNIST into the user's cache, with checksums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pooch

from .idx import FILES


@dataclass(frozen=True)
class Source:
    """Where the four files of a data set come from, and their MD5 sums in the order of `FILES`."""

    address: str
    checksums: tuple[str, str, str, str]


#: Public copies of the original gzipped files, and the checksums of these.
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
}


def folder(name: str) -> Path:
    """Folder of a fetched data set in the user's cache, whether it exists or not."""
    return Path(pooch.os_cache("cortical_bcpnn")) / "data" / name


def fetch(name: str) -> Path:
    """Download a data set, unless it is in the user's cache already.

    Parameters
    ----------
    name : {'mnist', 'fashion-mnist'}

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
    for file, checksum in zip(FILES.values(), source.checksums):
        address = f"{source.address}{file}.gz"
        try:
            pooch.retrieve(address, f"md5:{checksum}", f"{file}.gz", folder(name))
        except OSError as error:
            raise ConnectionError(
                f"{address} cannot be reached ({type(error).__name__}): connect to the internet, or "
                "give a folder with the files by --data-dir."
            ) from None
    return folder(name)
