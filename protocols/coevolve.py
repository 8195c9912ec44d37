"""Parameters and rule evolved together, one at a time, and at random: accuracy against spikes.

python -m protocols.coevolve
"""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.coevolve import draw_coevolve
from cortical_bcpnn.experiments import Hidden, Results, Whole, experiment
from cortical_bcpnn.sweeps.coevolution import (
    REFERENCE,
    WAYS,
    chosen_fronts,
    coevolution_in_words,
    divided,
    volumes,
)
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import rows_of
from cortical_bcpnn.sweeps.run_table import RunTable, described
from cortical_bcpnn.sweeps.search_spec import search_from
from cortical_bcpnn.sweeps.tuning import Tuning, open_batches
from cortical_bcpnn.sweeps.verdicts import PUBLISHED
from cortical_bcpnn.values.numbers import check_whole

AIMS = ("out_ff", "hid_spikes")
SPREAD = 4.0  # of the first candidates: a standard deviation of a fifth of the ranges
GROUPS = {
    "tau_z": {"tau_z": "1ms..50ms"}, "f_max": {"f_max": "50Hz..1000Hz"}, "fan-in": {"fan_in": "4..40"},
    "θ": {"theta_1": "0.8..1.2", "theta_3": [-1.2, -0.8], "theta_b": "0..2"},
}  # fmt: skip


@experiment(free=FREE)
def coevolve(
    computers: Computers, results: Results, *, dataset: str = "digits", hidden: Hidden = (10, 10),
    train_images: Whole = 500, population: Whole = 4, generations: Whole = 8, searches: Whole = 1,
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
    if generations % len(GROUPS):
        raise ValueError(
            f"generations is {generations}: give a multiple of {len(GROUPS)}, so that each of "
            f"{', '.join(GROUPS)} has as many."
        )
    images = load(dataset, computers.data_dir)
    spec = search_from({
        "dataset": dataset, "aims": list(AIMS), "population": population, "generations": generations,
        "check_networks": check_networks, "spread": SPREAD,
        "search": {name: span for group in GROUPS.values() for name, span in group.items()},
        "parameters": {
            "variant": "spk-ff", "network": "classifier", "hypercolumns": hidden[0],
            "minicolumns": hidden[1], "epochs": 1, "train_images": train_images,
            "readout_images": min(200, train_images),
        },
    })  # fmt: skip
    spec.check(images)
    computers.check()
    results.begin()

    with open_batches(RunTable(results), computers, (spec, images)) as batches:
        found = []
        for number in range(searches):
            for way in WAYS:
                for part, (name, own) in enumerate(divided(spec, way, GROUPS).items()):
                    tuning = Tuning(own, seed + 100 * number + part, images, batches)
                    table = tuning.evolve().assign(way=way, search=number, part=name)
                    found.append(table if not found else table[table["candidate"] != PUBLISHED])
        candidates = pd.concat(found, ignore_index=True)
        tuning = Tuning(spec, seed, images, batches)
        floor = tuning.floor()
        fronts = chosen_fronts(spec, candidates)
        held_out = tuning.networks(fronts, tuning.check_seeds, "test", "unseen images")
        rows = rows_of(results, spec, batches)
    names = pd.DataFrame(held_out.pop("candidate").tolist(), columns=["way", "search", "candidate"])
    held_out = pd.concat([names, held_out], axis=1)
    for name, table in (("search", candidates), ("floor", floor), ("held_out", held_out)):
        results.save_table(table, name)
    found_volumes = volumes(candidates, held_out, AIMS)
    results.save_table(found_volumes, "hypervolume")
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
