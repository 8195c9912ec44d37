"""Test accuracy over the time constant of the z trace and the largest firing rate.

Every pair is a network of its own, which learns and recalls with the support's time constant
and the phases of the variant.

python -m protocols.time_constants --help
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd
from brian2 import Hz, Quantity, ms
from scipy.stats import spearmanr

from cortical_bcpnn import AssociativeMemory, Parameters
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.time_constants import draw_time_constants
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    duration,
    open_results,
    parse,
    rate,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.parallel import in_parallel
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.setup import flat
from cortical_bcpnn.model.paper import find_variant

TAU_Z = (1, 2, 5, 10, 20, 50, 100, 200) * ms
F_MAX = (20, 50, 100, 200, 500, 1000) * Hz
FEW_SPIKES = 2.0  # tau_z f_max at which the summary parts the grid in two
CARRIED_OVER = 0.05  # share of z left of the pattern before, above which it disturbs learning
MOMENTS = ("ff", "attractor")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.time_constants", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--tau-z-grid", type=several(duration), metavar="TIME,…",
        help="time constants of the z trace: 5ms,20ms say (default: --tau-z if that is given, "
        "else 1, 2, 5, 10, 20, 50, 100 and 200 ms)")
    add("--f-max-grid", type=several(rate), metavar="RATE,…",
        help="largest firing rates: 20,100Hz say (default: --f-max if that is given, else 20, "
        "50, 100, 200, 500 and 1000 Hz)")
    add("--readout-images", type=whole("readout-images"), default=READOUT_IMAGES, metavar="N",
        help=f"training images for the readout (default: all, at most {READOUT_IMAGES})")  # fmt: skip
    options = parse(parser, "time_constants", arguments)
    dataset = load_dataset(options)
    memory = make_memory(options, dataset)
    cells = choose_cells(memory.parameters, options)
    with open_results("time_constants", options) as results:
        if not results.finished:
            grid = measure(cells, dataset, options, results)
            finish(grid, memory, dataset, options, results)
        _report(results)


def choose_cells(
    parameters: Parameters, options: argparse.Namespace
) -> list[tuple[Quantity, Quantity]]:
    """Pairs of tau_z and f_max.

    Raises
    ------
    ValueError
        If a network cannot have one of them.
    """
    grids = []
    for name, default in (("tau_z", TAU_Z), ("f_max", F_MAX)):
        grid, single = getattr(options, f"{name}_grid"), getattr(options, name)
        grids.append(grid or (list(default) if single is None else [single]))
    cells = [(tau_z, f_max) for tau_z in grids[0] for f_max in grids[1]]
    for tau_z, f_max in cells:
        replace(parameters, variant=replace(parameters.variant, tau_z=tau_z, f_max=f_max))  # raises
    return cells


def measure(
    cells: list[tuple[Quantity, Quantity]], dataset: Dataset, options: argparse.Namespace,
    results: Results,
) -> pd.DataFrame:  # fmt: skip
    """Accuracy of every network, one row each; what a stopped run has found is kept."""
    pieces = {(seed, *_in_units(*cell)): (seed, *cell) for seed in seeds(options) for cell in cells}
    kept = ResumableTables(results, sorted(pieces), "grid")
    work = [(options, dataset, *pieces[key]) for key in kept.missing]
    if work:
        build_once(dataset, options)
    for row in in_parallel(measure_cell, work, options.jobs, desc="networks", unit="network"):
        kept.append((row["seed"], row["tau_z_ms"], row["f_max_hz"]), [row])
    return kept.table()


def build_once(dataset: Dataset, options: argparse.Namespace) -> None:
    """Compile the programs that all cells run: time constants and rates are data to them."""
    few = flat(dataset.train_images[:1])
    with make_memory(options, dataset) as memory:
        memory.learn(few)
        memory.recall(few)


def measure_cell(
    options: argparse.Namespace, dataset: Dataset, seed: int, tau_z: Quantity, f_max: Quantity
) -> dict[str, float]:
    """Learn and test one network, in a process of its own."""
    own = argparse.Namespace(**{**vars(options), "tau_z": tau_z, "f_max": f_max})
    in_ms, in_hz = _in_units(tau_z, f_max)
    with learned(own, dataset, seed=seed, progress=False) as memory:
        readout = fit_readout(memory, dataset, n_images=options.readout_images, progress=False)
        recall = memory.recall(flat(dataset.test_images), populations=["HID"])
        scores = accuracy(readout, recall, dataset.test_labels)
    return {"seed": seed, "tau_z_ms": in_ms, "f_max_hz": in_hz, **scores,
            "images": len(dataset.test_images)}  # fmt: skip


def finish(
    grid: pd.DataFrame, memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace,
    results: Results,
) -> None:  # fmt: skip
    """The figure of the means over networks, and the summary."""
    means = grid.groupby(["tau_z_ms", "f_max_hz"])[list(MOMENTS)].mean().reset_index()
    variant = memory.parameters.variant
    phases = (variant.gap, variant.feedforward, variant.overlap, variant.recurrent)
    published = find_variant(options.variant)
    framed = _in_units(published.tau_z, published.f_max)
    is_there = framed in set(zip(means["tau_z_ms"], means["f_max_hz"]))
    figure = draw_time_constants(
        means,
        framed=framed,
        settled=float(variant.feedforward / ms) / -np.log(CARRIED_OVER),
        note=f"support $\\tau_m$ {variant.tau_m / ms:g} ms, phases "
        f"{', '.join(f'{phase / ms:g}' for phase in phases)} ms as in {variant.name}"
        f"{' (framed)' * is_there}\n"
        "dashed: spikes within $\\tau_z$ at $f_{max}$; dotted: above it, more than "
        f"{CARRIED_OVER:.0%} of z is left of the pattern before when a pattern is learned",
    )
    results.save_figure(figure, "time_constants")
    made_with = {**settings(memory, dataset, options), "seeds": seeds(options)}
    for name in ("tau_z", "f_max"):
        del made_with["parameters"]["variant"][name]
    results.finish({**made_with, **summarise(means, memory.parameters)})


def summarise(means: pd.DataFrame, parameters: Parameters) -> dict:
    """Every cell, and how accuracy goes with the spikes within tau_z at f_max.

    Of all cells, and of those where z settles while a pattern is shown: in learning the
    next pattern follows at once, and a slow trace still holds the one before.
    """
    tau_z = means["tau_z_ms"]
    steps = parameters.steps(parameters.variant.feedforward)
    carried_over = (1 - float(parameters.dt / ms) / tau_z) ** steps
    cells = means.assign(spikes=tau_z * means["f_max_hz"] / 1000, carried_over=carried_over)
    settled = cells[carried_over <= CARRIED_OVER]
    return {
        "cells": cells.to_dict("records"),
        "few_spikes": FEW_SPIKES,
        "carried_over_max": CARRIED_OVER,
        **{
            moment: {
                "best": cells.loc[cells[moment].idxmax()].to_dict(),
                "all": _with_spikes(cells, moment),
                "settled": _with_spikes(settled, moment),
            }
            for moment in MOMENTS
        },
    }


def _with_spikes(cells: pd.DataFrame, moment: str) -> dict:
    """Mean accuracies below and above `FEW_SPIKES`, and the rank correlation with spikes."""
    few = cells["spikes"] < FEW_SPIKES
    means = {"fewer": cells[few][moment].mean(), "as_many_or_more": cells[~few][moment].mean()}
    known = cells["spikes"].nunique() > 1 and cells[moment].nunique() > 1
    return {
        "mean": {name: None if np.isnan(value) else float(value) for name, value in means.items()},
        "rank_correlation": float(spearmanr(cells["spikes"], cells[moment])[0]) if known else None,
    }


def _in_units(tau_z: Quantity, f_max: Quantity) -> tuple[float, float]:
    """In ms and Hz, without the last bits that units bring with them."""
    return round(float(tau_z / ms), 9), round(float(f_max / Hz), 9)


def _report(results: Results) -> None:
    summary = results.summary()
    cells = pd.DataFrame(summary["cells"])
    n = len(summary["seeds"])
    print(f"\naccuracy in per cent on {summary['dataset']}, mean of {n} network{'s' * (n > 1)}")
    for moment in MOMENTS:
        wide = 100 * cells.pivot(index="tau_z_ms", columns="f_max_hz", values=moment)
        best = summary[moment]["best"]
        print(f"\n{moment}: rows tau_z in ms, columns f_max in Hz; best at "
              f"{best['tau_z_ms']:g} ms, {best['f_max_hz']:g} Hz")  # fmt: skip
        print(wide.to_string(float_format="{:.1f}".format, index_names=False))
    print(f"\nmean below and above {summary['few_spikes']:g} spikes within tau_z at f_max")
    for moment in MOMENTS:
        for which in ("all", "settled"):
            found = summary[moment][which]
            means = ["-" if v is None else f"{v:.1%}" for v in found["mean"].values()]
            correlation = found["rank_correlation"]
            print(f"{moment:10}{which:9}{means[0]:>7}{means[1]:>7}  rank correlation "
                  + ("-" if correlation is None else f"{correlation:.2f}"))  # fmt: skip
    print(f"settled: at most {summary['carried_over_max']:.0%} of z left of the pattern before")
    print(f"\ntables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
