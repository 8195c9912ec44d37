"""Models of minicolumns and of plasticity side by side: accuracy, firing rates and speed.

Each model learns the same images with the same constants; the rate-based one has the time
constants and phases that the paper gives it. python -m protocols.compare_models --seeds 3
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import pandas as pd

from cortical_bcpnn.analysis.timecourse import overall_rates
from cortical_bcpnn.analysis.timing import learning_time, recall_time
from cortical_bcpnn.drawing.models import draw_models
from cortical_bcpnn.experiments import (
    Results,
    ResumableTables,
    Setup,
    Whole,
    argument,
    experiment,
    flat,
    one_of,
    several,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.model.minicolumns import ADAPTIVE, LIF, POISSON, RATE, MinicolumnModel
from cortical_bcpnn.model.plasticity import (
    BCPNN,
    CONTINUOUS,
    COVARIANCE,
    ELIGIBILITY,
    PlasticityRule,
)

MEASURES = ("ff", "attractor", "rate_mean_hz", "rate_max_hz", "ms_per_pattern", "us_per_step")
FORMATS = dict(zip(MEASURES, ("{:.1%}", "{:.1%}", "{:.2f}", "{:.0f}", "{:.2f}", "{:.0f}")))


class Model(NamedTuple):
    """A row of the table; a variant of its own takes the place of the one that is asked for."""

    minicolumn: MinicolumnModel
    plasticity: PlasticityRule
    variant: str | None = None


MODELS = {
    "published": Model(POISSON, BCPNN),
    "rates": Model(RATE, BCPNN, "rate-full"),
    "adaptation": Model(ADAPTIVE, BCPNN),
    "integrate-and-fire": Model(LIF, BCPNN),
    "E traces": Model(POISSON, ELIGIBILITY),
    "continuous": Model(POISSON, CONTINUOUS),
    "covariance": Model(POISSON, COVARIANCE),
}
Models = Annotated[list[str], argument(several(one_of("model", tuple(MODELS))))]


@experiment
def compare_models(
    setup: Setup, results: Results, *,
    models: Models = tuple(MODELS), readout_images: Whole = READOUT_IMAGES,
) -> dict:  # fmt: skip
    """Models of minicolumns and of plasticity side by side: accuracy, firing rates and speed.

    Parameters
    ----------
    models
        Which to compare, separated by commas.
    readout_images
        Training images for the readout, at most.
    """
    if setup.minicolumn or setup.plasticity:
        raise ValueError("--minicolumn and --plasticity are those of the models: give --models alone.")
    for name in models:  # which may not go with the options
        setup.network(**MODELS[name]._asdict())
    results.begin()

    data, test = setup.data, flat(setup.data.test_images)
    kept = ResumableTables(results, [(n, seed) for n in models for seed in setup.all_seeds], "models")
    for name, seed in kept.missing:
        with setup.learned(**MODELS[name]._asdict(), seed=seed) as memory:
            readout = fit_readout(memory, data, setup.jobs, readout_images)
            recall = memory.recall(test, populations=["HID"], jobs=setup.jobs, progress=True)
            rates = overall_rates(recall)["HID"]
            row = {
                "model": name,
                "seed": seed,
                **accuracy(readout, recall, data.test_labels),
                "rate_mean_hz": rates["mean"],
                "rate_max_hz": rates["max"],
                "ms_per_pattern": learning_time(memory),
                "us_per_step": recall_time(memory, test),
                "images": len(test),
            }
        kept.append((name, seed), [row])
    means = kept.table().groupby("model", sort=False)[list(MEASURES)].mean()
    return {
        "models": means.to_dict("index"),
        "sources": {name: {"minicolumn": MODELS[name].minicolumn.source,
                           "plasticity": MODELS[name].plasticity.source} for name in models},
    }  # fmt: skip


@compare_models.figures
def figures(results: Results) -> dict:
    return {"models": draw_models(results.table("models"))}


@compare_models.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    table = pd.DataFrame(summary["models"]).T
    text = table.to_string(formatters={name: form.format for name, form in FORMATS.items()})
    return f"{summary['variant']} on {summary['dataset']}, {mean_of(summary)}\n{text}"


if __name__ == "__main__":
    compare_models.main()
