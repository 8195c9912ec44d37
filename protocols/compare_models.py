"""Models of minicolumns and of plasticity side by side: accuracy, firing rates and speed.

Each model learns the same images with the same constants; the rate-based one has the time
constants and phases that the paper gives it. python -m protocols.compare_models --help
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.models import draw_models
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    open_results,
    parse,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.setup import flat
from cortical_bcpnn.model.minicolumns import ADAPTIVE, LIF, POISSON, RATE, MinicolumnModel
from cortical_bcpnn.model.plasticity import (
    BCPNN,
    CONTINUOUS,
    COVARIANCE,
    ELIGIBILITY,
    PlasticityRule,
)

TIMED_STEPS = 20_000  # of recall in one process, to time them; start-up then hardly counts
MEASURES = ("ff", "attractor", "rate_mean_hz", "rate_max_hz", "ms_per_pattern", "us_per_step")


@dataclass(frozen=True)
class Model:
    """A row of the table.

    Attributes
    ----------
    minicolumn : MinicolumnModel
    plasticity : PlasticityRule
    variant : str, optional
        In place of that of the options.
    """

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


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.compare_models", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--models", type=several(_model), metavar="NAME,…", default=list(MODELS),
        help=f"which to compare: {', '.join(MODELS)} (default: all)")
    add("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES, metavar="N",
        help=f"training images for the readout (default: all, at most {READOUT_IMAGES})")  # fmt: skip
    options = parse(parser, "compare_models", arguments)
    dataset = load_dataset(options)
    with open_results("compare_models", options) as results:
        if not results.finished:
            finish(measure(dataset, options, results), dataset, options, results)
        _report(results)


def measure(dataset: Dataset, options: argparse.Namespace, results: Results) -> pd.DataFrame:
    """One row for each model and seed; what a stopped run has found is kept."""
    networks = [(name, seed) for name in options.models for seed in seeds(options)]
    kept = ResumableTables(results, networks, "models")
    for name, seed in tqdm(kept.missing, desc="networks", unit="network"):
        row = {"model": name, "seed": seed, **measure_model(name, seed, dataset, options)}
        kept.append((name, seed), [row])
    return kept.table()


def measure_model(
    name: str, seed: int, dataset: Dataset, options: argparse.Namespace
) -> dict[str, float]:
    """Learn and test one network."""
    model = MODELS[name]
    test, jobs = flat(dataset.test_images), options.jobs
    parameters = {"minicolumn": model.minicolumn, "plasticity": model.plasticity}
    with learned(options, dataset, seed=seed, variant=model.variant, **parameters) as memory:
        readout = fit_readout(memory, dataset, jobs, options.readout_images)
        recall = memory.recall(test, populations=["HID"], jobs=jobs, progress=True)
        rates = {moment: recall.rates("HID", moment) for moment in recall.moments}
        return {
            **accuracy(readout, recall, dataset.test_labels),
            "rate_mean_hz": float(sum(r.mean() for r in rates.values()) / len(rates)),
            "rate_max_hz": float(max(r.max() for r in rates.values())),
            "ms_per_pattern": learning_time(memory),
            "us_per_step": recall_time(memory, test),
            "images": len(test),
        }


def learning_time(memory: AssociativeMemory) -> float:
    """Wall time per pattern learned, without rewiring, in ms."""
    seconds = memory.history[-1]["seconds"]
    return 1000 * (seconds["learn"] - seconds["rewire"]) / memory.n_learned


def recall_time(memory: AssociativeMemory, images: np.ndarray) -> float:
    """Wall time per time step of recall in one process, in µs: the shortest of three runs."""
    protocol = memory.recall_protocol()
    steps = sum(memory.parameters.steps(phase.duration) for phase in protocol)
    cues = np.resize(images, (-(-TIMED_STEPS // steps), images.shape[1]))
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        memory.recall(cues, populations=["HID"])
        seconds.append(time.perf_counter() - started)
    return 1e6 * min(seconds) / (len(cues) * steps)


def finish(
    table: pd.DataFrame, dataset: Dataset, options: argparse.Namespace, results: Results
) -> None:
    """The figure, and the summary with the equations that made it."""
    results.save_figure(draw_models(table), "models")
    means = table.groupby("model", sort=False)[list(MEASURES)].mean()
    sources = {
        name: {"minicolumn": MODELS[name].minicolumn.source,
               "plasticity": MODELS[name].plasticity.source}
        for name in options.models
    }  # fmt: skip
    results.finish({
        **settings(make_memory(options, dataset), dataset, options),
        "seeds": seeds(options),
        "models": means.to_dict("index"),
        "sources": sources,
    })  # fmt: skip


def _model(text: str) -> str:
    if text not in MODELS:
        raise argparse.ArgumentTypeError(
            f"model {text!r} is unknown: choose from {', '.join(MODELS)}"
        )
    return text


def _report(results: Results) -> None:
    summary = results.summary()
    table = pd.DataFrame(summary["models"]).T
    n = len(summary["seeds"])
    print(f"\n{summary['variant']} on {summary['dataset']}, mean of {n} network{'s' * (n > 1)}")
    print(table.to_string(formatters={
        "ff": "{:.1%}".format, "attractor": "{:.1%}".format, "rate_mean_hz": "{:.2f}".format,
        "rate_max_hz": "{:.0f}".format, "ms_per_pattern": "{:.2f}".format,
        "us_per_step": "{:.0f}".format}))  # fmt: skip
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
