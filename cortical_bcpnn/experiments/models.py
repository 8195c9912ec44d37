"""Models of minicolumn and plasticity that `compare_models` puts side by side, and their measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..analysis.supports import posteriors
from ..analysis.timecourse import overall_rates
from ..analysis.timing import learning_time, recall_time
from ..analysis.transfer import against_noise, transfer_curve
from ..model.minicolumns import ADAPTIVE, LIF, POISSON, RATE, MinicolumnModel
from ..model.plasticity import BCPNN, CONTINUOUS, COVARIANCE, ELIGIBILITY, PlasticityRule
from ..model.spiking_recurrent_cell import GRADED_NOISY_SRC, GRADED_SRC, NOISY_SRC, SRC
from .journal import ResumableTables
from .readouts import accuracy, fit_readout
from .results import Results
from .setup import Setup, flat


class Model(NamedTuple):
    """A row of the table; a variant of its own takes the place of the one that is asked for."""

    minicolumn: MinicolumnModel
    plasticity: PlasticityRule = BCPNN
    variant: str | None = None


MODELS = {
    "published": Model(POISSON),
    "rates": Model(RATE, BCPNN, "rate-full"),
    "adaptation": Model(ADAPTIVE),
    "integrate-and-fire": Model(LIF),
    "SRC": Model(SRC),
    "graded SRC": Model(GRADED_SRC),
    "noisy SRC": Model(NOISY_SRC),
    "graded noisy SRC": Model(GRADED_NOISY_SRC),
    "E traces": Model(POISSON, ELIGIBILITY),
    "continuous": Model(POISSON, CONTINUOUS),
    "covariance": Model(POISSON, COVARIANCE),
}
#: Noise on the drive of the spiking recurrent cell; from rest to firing it takes 0.5.
NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)


def measure_model(name: str, seed: int, setup: Setup, readout_images: int) -> dict:
    """Accuracy, rates and speed of a network of a model, after it has learned."""
    test = flat(setup.data.test_images)
    with setup.learned(**MODELS[name]._asdict(), seed=seed) as memory:
        readout = fit_readout(memory, setup.data, setup.jobs or 1, readout_images)
        recall = memory.recall(test, populations=["HID"], jobs=setup.jobs or 1, progress=True)
        rates = overall_rates(recall)["HID"]
        return {
            "model": name,
            "seed": seed,
            **accuracy(readout, recall, setup.data.test_labels),
            "rate_mean_hz": rates["mean"],
            "rate_max_hz": rates["max"],
            "ms_per_pattern": learning_time(memory),
            "us_per_step": recall_time(memory, test),
            "images": len(test),
        }


def cells_of(models: Sequence[str]) -> list[str]:
    """The models that differ in their minicolumns; rules do not matter to a cell."""
    first = {MODELS[name].minicolumn.name: name for name in reversed(models)}
    return [name for name in models if name in first.values()]


def measure_cell(name: str, seed: int, setup: Setup, readout_images: int) -> dict:
    """Feedforward accuracy of a cell in place of the published one, in a network that this one learned.

    So all cells are given the same posteriors. ``ff_broad`` and ``ff_sharp`` are accuracies of halves
    of the test images at which these are broadest and sharpest: ``certainty_broad`` and
    ``certainty_sharp`` are the means of the largest probability in a hypercolumn of HID.
    """
    data, test = setup.data, flat(setup.data.test_images)
    with (
        setup.learned(seed=seed) as memory,
        setup.network(seed=seed, minicolumn=MODELS[name].minicolumn) as changed,
    ):
        certainty = posteriors(memory, test).max(axis=-1).mean(axis=-1)
        changed.adopt(memory)
        readout = fit_readout(changed, data, setup.jobs or 1, readout_images)
        recall = changed.recall(test, until="feedforward", populations=["HID"], jobs=setup.jobs or 1)
    right = readout.predict(recall.z["feedforward"]["HID"]) == data.test_labels
    order = np.argsort(certainty, kind="stable")
    halves = {"broad": order[: len(test) // 2], "sharp": order[len(test) // 2 :]}
    return {
        "model": name,
        "seed": seed,
        **{f"ff_{half}": right[of].mean() for half, of in halves.items()},
        **{f"certainty_{half}": certainty[of].mean() for half, of in halves.items()},
    }


def measure_transfer(results: Results, models: Sequence[str], setup: Setup) -> None:
    """Tables of what cells make of a posterior: 'transfer', and 'noise' where one is noisy."""
    minicolumns = (setup.hidden or setup.data.network.hidden)[1]
    options: dict[str, Any] = {"minicolumns": minicolumns, "device": setup.device}
    curves = ResumableTables(results, [(name,) for name in cells_of(models)], "transfer")
    for (name,) in curves.missing:
        curve = transfer_curve(MODELS[name].minicolumn, setup.variant, **options)
        curves.append((name,), curve.assign(model=name))
    noisy = [NOISY_SRC.name] if NOISY_SRC.name in models else []
    noise = ResumableTables(results, [(value,) for value in NOISES for _ in noisy], "noise")
    for (value,) in noise.missing:
        noise.append((value,), against_noise(NOISY_SRC, [value], setup.variant, **options))
