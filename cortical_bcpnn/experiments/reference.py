"""Accuracies on clean images that an independent implementation came to, to hold ours against."""

from __future__ import annotations

import pandas as pd

from ..model.paper import kind_of
from .setup import Networks

SOURCE = "independent implementation in float32 C++, dense traces"
_COLUMNS = ["dataset", "kind", "hidden", "images", "epochs", "ff", "attractor", "networks"]
#: MNIST: readout trained on 10,000 images, 1,000 test images; digits: all images.
_KNOWN = pd.DataFrame([
    ("mnist", "rate", (30, 100), 60_000, 1, 0.964, 0.930, 1),
    ("mnist", "spk", (30, 100), 60_000, 1, 0.950, 0.919, 1),
    ("mnist", "spspk", (30, 100), 60_000, 1, 0.936, 0.827, 1),
    ("digits", "spspk", (30, 30), 1437, 10, 0.900, 0.721, 3),
    ("digits", "spk", (30, 50), 1437, 10, 0.957, 0.876, 2),
], columns=_COLUMNS)  # fmt: skip


def references(setup: Networks, variants: list[str]) -> pd.DataFrame:
    """Those of the variants that learned the same images, in networks of the same size.

    Returns
    -------
    DataFrame
        Columns variant, epochs, ff, attractor (accuracies from 0 to 1), networks and source.
    """
    size = setup.hidden or setup.data.network.hidden
    same = _KNOWN[(_KNOWN["dataset"] == setup.data.name) & (_KNOWN["hidden"] == tuple(size))
                  & (_KNOWN["images"] == len(setup.data.train_images))]  # fmt: skip
    given = [setup.fan_in, setup.tau_p, setup.tau_m, setup.tau_z, setup.f_max, setup.minicolumn,
             setup.plasticity]  # fmt: skip
    if setup.shuffle or any(value is not None for value in given):
        same = same.iloc[:0]
    rows = [same[same["kind"] == kind_of(v)].assign(variant=v) for v in variants]
    columns = ["variant", "epochs", "ff", "attractor", "networks"]
    return pd.concat(rows)[columns].assign(source=SOURCE)
