"""Parameters and rule evolved together, one at a time, and at random: accuracy against spikes.

python -m protocols.coevolve
"""

from __future__ import annotations

from dataclasses import asdict

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.coevolve import draw_coevolve
from cortical_bcpnn.experiments import Hidden, Results, Whole, experiment
from cortical_bcpnn.sweeps.coevolution import (
    REFERENCE,
    all_ways,
    check_divisible,
    chosen_fronts,
    coevolution_in_words,
    named,
    volumes,
)
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import rows_of
from cortical_bcpnn.sweeps.run_table import RunTable, described
from cortical_bcpnn.sweeps.small import OUT_AIM, READOUT, small_search
from cortical_bcpnn.sweeps.tuning import Tuning, open_batches
from cortical_bcpnn.values.numbers import check_whole

AIMS = (OUT_AIM, "hid_spikes")
SPREAD = 4.0  # of the first candidates: a standard deviation of a fifth of the ranges
FAN_IN = {"from": 4, "to": 44, "step": 10}  # each is a program of its own to compile
GROUPS = {
    "tau_z": {"tau_z": "1ms..50ms"}, "f_max": {"f_max": "50Hz..1000Hz"}, "fan-in": {"fan_in": FAN_IN},
    "θ": {"theta_1": "0.5..2:log", "theta_3": [-3, 0.5], "theta_b": [-2, 5]},
}  # fmt: skip
DEPARTURES = {"theta_3": [-2.0, 1.0], "theta_b": [-2.0, 1.0]}  # from BCPNN times theta_1


@experiment(free=FREE)
def coevolve(
    computers: Computers, results: Results, *, dataset: str = "digits", hidden: Hidden = (10, 10),
    train_images: Whole = 400, population: Whole = 4, generations: Whole = 8, searches: Whole = 2,
    check_networks: Whole = 3, seed: int = 0,
) -> dict:  # fmt: skip
    """Parameters and rule evolved together, one at a time, and at random: accuracy against spikes.

    τ_z, f_max, fan-in and the factors θ of the rule are evolved at once, or each with the others as
    published, or all drawn at random, with as many evaluations. Fronts are compared by their
    hypervolume, in the search and on unseen images with fresh networks.

    Parameters
    ----------
    dataset
        Images to learn.
    hidden
        Hypercolumns and minicolumns of the hidden population.
    train_images
        Training images, the first ones; a fifth of them is kept back to judge candidates.
    population
        Candidates in a generation.
    generations
        Generations, a multiple of four: one at a time has a quarter for each.
    searches
        Searches of each kind.
    check_networks
        Networks, of fresh seeds, for the test.
    seed
        Of the first search.
    """
    check_whole("seed", seed, 0)
    check_divisible(generations, GROUPS)
    images = load(dataset, computers.data_dir)
    spec = small_search(
        images, "spk-ff", hidden, train_images, aims=AIMS, population=population,
        generations=generations, check_networks=check_networks, spread=SPREAD,
        search={name: span for group in GROUPS.values() for name, span in group.items()},
        departures=DEPARTURES, readout=READOUT,
    )  # fmt: skip
    computers.check()
    results.begin()

    with open_batches(RunTable(results), computers, (spec, images)) as batches:
        candidates = all_ways(spec, GROUPS, searches, seed, images, batches)
        tuning = Tuning(spec, seed, images, batches)
        floor = tuning.floor()
        fronts = chosen_fronts(spec, candidates)
        held_out = tuning.networks(fronts, tuning.check_seeds, "test", "unseen images")
        rows = rows_of(results, spec, batches)
    held_out = named(held_out)
    tables = {"search": candidates, "floor": floor, "held_out": held_out,
              "hypervolume": volumes(candidates, held_out, AIMS)}  # fmt: skip
    for name, table in tables.items():
        results.save_table(table, name)
    return {
        "dataset": dataset, "aims": list(AIMS), "reference": REFERENCE, "spec": asdict(spec),
        "evaluations": population * generations, **described(rows),
        "floor": {aim: [float(floor[aim].mean()), float(floor[aim].std())] for aim in AIMS},
    }  # fmt: skip


@coevolve.figures
def figures(results: Results) -> dict:
    tables = {name: results.table(name) for name in ("search", "held_out", "hypervolume")}
    return {"coevolve": draw_coevolve(**tables, summary=results.summary())}


@coevolve.closing_table
def closing_table(results: Results) -> str:
    return coevolution_in_words(results.summary(), results.table("hypervolume"))


if __name__ == "__main__":
    coevolve.main()
