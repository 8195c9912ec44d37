"""Grey medical images, 28 × 28: those of MedMNIST that have one channel."""

from __future__ import annotations

from functools import partial
from os import PathLike
from zipfile import BadZipFile

import numpy as np

from .dataset import Dataset, register
from .fetch import data_folder
from .finding import find_file

_ORGANS = ("bladder", "femur-left", "femur-right", "heart", "kidney-left", "kidney-right", "liver",
           "lung-left", "lung-right", "pancreas", "spleen")  # fmt: skip
_FINDINGS = ("atelectasis", "cardiomegaly", "effusion", "infiltration", "mass", "nodule", "pneumonia",
             "pneumothorax", "consolidation", "edema", "emphysema", "fibrosis", "pleural",
             "hernia")  # fmt: skip
#: Training and test images, and classes (medmnist/info.py).
SETS = {
    "breastmnist": ((546, 156), ("malignant", "normal, benign")),
    "chestmnist": ((78468, 22433), ("absent", "present")),
    "octmnist": ((97477, 1000), ("choroidal neovascularization", "diabetic macular edema", "drusen",
                                 "normal")),
    "organamnist": ((34581, 17778), _ORGANS),
    "organcmnist": ((13000, 8268), _ORGANS),
    "organsmnist": ((13940, 8829), _ORGANS),
    "pneumoniamnist": ((4708, 624), ("normal", "pneumonia")),
    "tissuemnist": ((165466, 47280), (
        "Collecting Duct, Connecting Tubule", "Distal Convoluted Tubule",
        "Glomerular endothelial cells", "Interstitial endothelial cells", "Leukocytes", "Podocytes",
        "Proximal Tubule Segments", "Thick Ascending Limb")),
}  # fmt: skip


def medmnist(name: str, directory: str | PathLike | None = None, target: str | None = None) -> Dataset:
    """A data set of MedMNIST; its validation images are left out.

    Parameters
    ----------
    name : str
        One of `SETS`.
    directory : path, optional
        Folder of NAME.npz.
    target : str, optional
        Finding in chestmnist, where an image can have several.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, damaged, or has not the images of that name: there are copies with
        others.
    """
    path = find_file(data_folder(name, directory), [f"{name}.npz"],
                     f"give the folder with {name}.npz of MedMNIST")  # fmt: skip
    counts, classes = SETS[name]
    arrays = {}
    try:
        with np.load(path, allow_pickle=False) as content:
            for kind in ("train", "test"):
                arrays[f"{kind}_images"] = content[f"{kind}_images"]
                arrays[f"{kind}_labels"] = content[f"{kind}_labels"]
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{path} is not a file of MedMNIST ({error}): download it again."
        ) from None
    for kind, count in zip(("train", "test"), counts):
        images, labels = arrays[f"{kind}_images"], arrays[f"{kind}_labels"]
        if len(images) != count or images.ndim != 3 or images.dtype != np.uint8:
            raise ValueError(
                f"{path} has {kind} images of shape {images.shape} and type {images.dtype}: {name} has "
                f"{count} grey ones of uint8, so give the original."
            )
        arrays[f"{kind}_images"] = images / np.float32(255)
        column = _FINDINGS.index(target) if target else 0
        arrays[f"{kind}_labels"] = labels.reshape(len(labels), -1)[:, column].astype(int)
    full = f"{name}:{target}" if target else name
    return Dataset(full, **arrays, classes=classes)


for _name in SETS:
    register(_name, _FINDINGS if _name == "chestmnist" else ())(partial(medmnist, _name))
