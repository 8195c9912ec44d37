"""Test accuracy over the time constant of the z trace and the largest firing rate.

python -m protocols.time_constants --tau-z-grid 5ms,20ms --f-max-grid 100,1000
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from brian2 import Hz, Quantity, ms

from cortical_bcpnn.analysis.time_constants import MOMENTS, spikes_and_accuracy
from cortical_bcpnn.drawing.time_constants import draw_grid
from cortical_bcpnn.experiments import (
    Durations,
    Rates,
    Results,
    ResumableTables,
    Setup,
    Whole,
    experiment,
    flat,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.parallel import side_by_side
from cortical_bcpnn.experiments.readouts import READOUT_IMAGES, accuracy, fit_readout
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.values.quantities import parse_quantity

TAU_Z = (1, 2, 5, 10, 20, 50, 100, 200) * ms
F_MAX = (20, 50, 100, 200, 500, 1000) * Hz


@experiment
def time_constants(
    setup: Setup,
    results: Results,
    *,
    tau_z_grid: Durations | None = None,
    f_max_grid: Rates | None = None,
    readout_images: Whole = READOUT_IMAGES,
) -> dict:
    """Test accuracy over the time constant of the z trace and the largest firing rate.

    Every pair is a network of its own, which learns and recalls with the support's time constant
    and the phases of the variant.

    Parameters
    ----------
    tau_z_grid
        Time constants of the z trace, 5ms,20ms say (default: --tau-z if that is given, else 1, 2, 5,
        10, 20, 50, 100 and 200 ms).
    f_max_grid
        Largest firing rates, 20,100Hz say (default: --f-max if that is given, else 20, 50, 100, 200,
        500 and 1000 Hz).
    readout_images
        Training images for the readout, at most.
    """
    times = tau_z_grid or ([setup.tau_z] if setup.tau_z is not None else TAU_Z)
    rates = f_max_grid or ([setup.f_max] if setup.f_max is not None else F_MAX)
    parameters = setup.network().parameters
    variant = parameters.variant
    for tau_z, f_max in ((t, f) for t in times for f in rates):
        replace(parameters, variant=replace(variant, tau_z=tau_z, f_max=f_max))  # raises
    results.begin()

    networks = {(seed, *_in_units(tau_z, f_max)): (setup, seed, tau_z, f_max, readout_images)
                for seed in setup.all_seeds for tau_z in times for f_max in rates}  # fmt: skip
    grid = ResumableTables(results, sorted(networks), "grid")
    if grid.missing:
        setup.build(setup.variant)  # once: time constants and rates are data to the program
    side_by_side(measure, networks, grid, setup.jobs)
    means = grid.table().groupby(["tau_z_ms", "f_max_hz"])[list(MOMENTS)].mean().reset_index()
    in_common = setup.parameters(setup.network())
    for name in ("tau_z", "f_max"):
        del in_common["variant"][name]
    shown = float(variant.feedforward / ms)
    return {"parameters": in_common, **spikes_and_accuracy(means, float(parameters.dt / ms), shown)}


def measure(
    setup: Setup, seed: int, tau_z: Quantity, f_max: Quantity, readout_images: int
) -> tuple[list[dict]]:
    """Accuracy of one network."""
    own, test = setup.changed(tau_z=tau_z, f_max=f_max), setup.data.test_images
    with own.learned(seed=seed, progress=False) as memory:
        readout = fit_readout(memory, own.data, n_images=readout_images, progress=False)
        recall = memory.recall(flat(test), populations=["HID"])
        scores = accuracy(readout, recall, own.data.test_labels)
    cell = dict(zip(("tau_z_ms", "f_max_hz"), _in_units(tau_z, f_max)))
    return ([{"seed": seed, **cell, **scores, "images": len(test)}],)


def _in_units(tau_z: Quantity, f_max: Quantity) -> tuple[float, float]:
    """In ms and Hz, without the last bits that units bring with them."""
    return round(float(tau_z / ms), 9), round(float(f_max / Hz), 9)


@time_constants.figures
def figures(results: Results) -> dict:
    summary = results.summary()
    tau_m = parse_quantity(summary["parameters"]["variant"]["tau_m"])
    variant = replace(find_variant(summary["variant"]), tau_m=tau_m)
    return {"time_constants": draw_grid(pd.DataFrame(summary["cells"]), variant)}


@time_constants.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    cells = pd.DataFrame(summary["cells"])
    text = f"accuracy in per cent on {summary['dataset']}, {mean_of(summary)}\n"
    for moment in MOMENTS:
        wide = 100 * cells.pivot(index="tau_z_ms", columns="f_max_hz", values=moment)
        best = summary[moment]["best"]
        text += (f"\n{moment}: rows tau_z in ms, columns f_max in Hz; best at {best['tau_z_ms']:g} ms, "
                 f"{best['f_max_hz']:g} Hz\n"
                 f"{wide.to_string(float_format='{:.1f}'.format, index_names=False)}\n")  # fmt: skip
    text += f"\nmean below and above {summary['few_spikes']:g} spikes within tau_z at f_max\n"
    parts = {(moment, which): {**summary[moment][which]["mean"],
                               "rank correlation": summary[moment][which]["rank_correlation"]}
             for moment in MOMENTS for which in ("all", "settled")}  # fmt: skip
    text += pd.DataFrame(parts).T.astype(float).to_string(float_format="{:.3f}".format, na_rep="-")
    return f"{text}\nsettled: at most {summary['carried_over_max']:.0%} of z left of the pattern before"


if __name__ == "__main__":
    time_constants.main()
