"""Models of minicolumns and of plasticity side by side: accuracy, firing rates and speed.

Each model learns the same images with the same constants; the rate-based one has the time
constants and phases that the paper gives it. python -m protocols.compare_models --seeds 3
"""

from __future__ import annotations

from typing import Annotated

import pandas as pd

from cortical_bcpnn.drawing.models import draw_models
from cortical_bcpnn.drawing.transfer import draw_transfer
from cortical_bcpnn.experiments import (
    Results,
    ResumableTables,
    Setup,
    Whole,
    argument,
    experiment,
    one_of,
    several,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.gradient import BY_GRADIENT, check_torch, measure_gradient
from cortical_bcpnn.experiments.models import (
    MODELS,
    cells_of,
    measure_cell,
    measure_model,
    measure_transfer,
)
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES
from cortical_bcpnn.experiments.results import plain

FORMATS = {"ff": "{:.1%}", "attractor": "{:.1%}", "rate_mean_hz": "{:.2f}", "rate_max_hz": "{:.0f}",
           "ms_per_pattern": "{:.2f}", "us_per_step": "{:.0f}"}  # fmt: skip
Models = Annotated[list[str], argument(several(one_of("model", tuple(MODELS))))]


@experiment
def compare_models(
    setup: Setup, results: Results, *,
    models: Models = tuple(MODELS), readout_images: Whole = READOUT_IMAGES, gradient: bool = False,
) -> dict:  # fmt: skip
    """Models of minicolumns and of plasticity side by side: accuracy, firing rates and speed.

    Beside them how well a single cell of each estimates the probability that it is given, and what that
    costs in a network that the published one has learned, where posteriors are broad and sharp.

    Parameters
    ----------
    models
        Which to compare, separated by commas.
    readout_images
        Training images for the readout, at most.
    gradient
        Add a network of spiking recurrent cells that is trained by gradient (needs PyTorch).
    """
    if setup.minicolumn or setup.plasticity:
        raise ValueError("--minicolumn and --plasticity are those of the models: give --models alone.")
    for name in models:  # which may not go with the options
        setup.network(**MODELS[name]._asdict())
    if gradient:
        check_torch()
    results.begin()

    rows = [*models, *([BY_GRADIENT] if gradient else [])]
    kept = ResumableTables(results, [(n, seed) for n in rows for seed in setup.all_seeds], "models")
    for name, seed in kept.missing:
        if name == BY_GRADIENT:
            row = measure_gradient(seed, setup)
        else:
            row = measure_model(name, seed, setup, readout_images)
        kept.append((name, seed), [row])
    cells = [(name, seed) for name in cells_of(models) for seed in setup.all_seeds]
    swapped = ResumableTables(results, cells, "cells")
    for name, seed in swapped.missing:
        swapped.append((name, seed), [measure_cell(name, seed, setup, readout_images)])
    measure_transfer(results, models, setup)
    means = kept.table().groupby("model", sort=False)[list(FORMATS)].mean()
    return {
        "models": plain(means).to_dict("index"),
        "sources": {name: {"minicolumn": MODELS[name].minicolumn.source,
                           "plasticity": MODELS[name].plasticity.source} for name in models},
    }  # fmt: skip


@compare_models.figures
def figures(results: Results) -> dict:
    noise = results.table("noise") if (results.path / "noise.csv").exists() else None
    curves, cells = results.table("transfer"), results.table("cells")
    return {"models": draw_models(results.table("models")),
            "transfer": draw_transfer(curves, cells, noise)}  # fmt: skip


@compare_models.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    table = pd.DataFrame(summary["models"]).T.astype(float)
    text = table.to_string(formatters={n: form.format for n, form in FORMATS.items()}, na_rep="-")
    return f"{summary['variant']} on {summary['dataset']}, {mean_of(summary)}\n{text}"


if __name__ == "__main__":
    compare_models.main()
