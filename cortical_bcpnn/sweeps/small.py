"""Searches over small classifiers, of which a candidate costs about a second."""

from __future__ import annotations

from typing import Any

from ..data.datasets import Dataset
from .search_spec import SearchSpec, search_from

OUT_AIM = "out_ff"  # what OUT says, which learns by the rule as well: nothing is fitted by gradients
READOUT = 50  # samples that the readout needs where it is no aim


def small_search(
    dataset: Dataset, variant: str, hidden: tuple[int, int], train_images: int, *,
    aims: tuple[str, ...] = (OUT_AIM,), fixed: dict[str, Any] | None = None,
    readout: int = 200, **others: Any,
) -> SearchSpec:  # fmt: skip
    """A search over INP, HID and OUT, each sample shown once to each, checked.

    Parameters
    ----------
    dataset : Dataset
    variant : str
    hidden : (int, int)
    train_images : int
        At most; a fifth is kept back to judge candidates.
    aims : tuple of str
    fixed : dict of str to plain value
        Other parameters that are the same in all runs.
    readout : int
        Samples of the readout of HID, at most.
    **others
        Of a specification, see `search_from`.

    Raises
    ------
    ValueError
        If no network can be had, at some end of a range.
    """
    shown = min(train_images, len(dataset.train_images))
    parameters = {
        "variant": variant, "network": "classifier", "hypercolumns": hidden[0],
        "minicolumns": hidden[1], "epochs": 1, "train_images": shown,
        "readout_images": min(readout, shown), **(fixed or {}),
    }  # fmt: skip
    spec = search_from({
        "dataset": dataset.name, "aims": list(aims), "parameters": parameters, **others
    })  # fmt: skip
    spec.check(dataset)
    return spec
