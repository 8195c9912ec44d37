"""This version and another, side by side: seconds to build, time to learn and recall, memory.

python -m protocols.beside CHECKOUT --dataset mnist --data-dir DIR

Both run by turns on the same machine, so that what slows one slows the other: the ratios count.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.experiments import (
    Results,
    ResumableTables,
    Whole,
    argument,
    experiment,
    several,
)
from cortical_bcpnn.experiments.setup import default_fan_in
from cortical_bcpnn.experiments.two_versions import (
    ROOT,
    check_checkout,
    compare_versions,
    measure_version,
)
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.progress import progress_bar
from cortical_bcpnn.provenance import commit

Variants = Annotated[list[str], argument(several(lambda text: find_variant(text).name))]


@experiment
def beside(
    results: Results, checkout: Path | None = None, *,
    dataset: str = "digits", data_dir: Path | None = None,
    variants: Variants = ("spspk-full", "spk-full", "rate-ff"),
    patterns: Whole = 1000, cues: Whole = 20, repeats: Whole = 3,
) -> dict:  # fmt: skip
    """This version and another, side by side: seconds to build, time to learn and recall, memory.

    Parameters
    ----------
    checkout
        Folder of the other version.
    dataset
        Images to learn.
    data_dir
        Folder of the data set (digits needs none).
    variants
        To measure, separated by commas.
    patterns
        To learn in each measurement.
    cues
        To recall.
    repeats
        Measurements of each version.
    """
    folders = {"other": check_checkout(checkout), "this": ROOT}
    images = load(dataset, data_dir)
    asked = {
        "dataset": dataset, "data_dir": data_dir and str(data_dir.resolve()),
        "hidden": images.network.hidden, "fan_in": default_fan_in(images),
        "patterns": patterns, "cues": cues,
    }  # fmt: skip
    results.begin()

    keys = [(n, variant, name) for n in range(repeats) for variant in variants for name in folders]
    rows = ResumableTables(results, keys, "measurements")
    with tempfile.TemporaryDirectory() as caches:
        for repeat, variant, name in progress_bar(rows.missing, desc="measurements", unit="run"):
            # Programs are built once, from an empty cache, for the first variant.
            built = variant == variants[0]
            cache = Path(caches) / (f"{name}_{repeat}" if built else f"{name}_{variant}")
            found = measure_version(folders[name], {**asked, "variant": variant, "build": built}, cache)
            rows.append((repeat, variant, name),
                        [{"version": name, "variant": variant, "repeat": repeat, **found}])  # fmt: skip
    results.save_table(compare_versions(rows.table()), "beside")
    return {"other": commit(folders["other"]), "asked": asked, **results.made_by()}


@beside.closing_table
def closing_table(results: Results) -> str:
    return results.table("beside").to_string(index=False, float_format="{:.3g}".format)


if __name__ == "__main__":
    beside.main()
