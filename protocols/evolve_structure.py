"""Connections by evolution, by rewiring and at random, for as many presentations of patterns.

python -m protocols.evolve_structure
"""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.evolve_structure import draw_evolve_structure
from cortical_bcpnn.experiments import Hidden, Results, Threshold, Whole, experiment
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import rows_of
from cortical_bcpnn.sweeps.networks import architecture_of
from cortical_bcpnn.sweeps.parameters import resolve
from cortical_bcpnn.sweeps.run_table import RunTable, described
from cortical_bcpnn.sweeps.search_spec import search_from
from cortical_bcpnn.sweeps.structure import (
    ConnectionStrategy,
    best_connections,
    doublings,
    evolve_connections,
    structure_in_words,
)
from cortical_bcpnn.sweeps.tuning import Tuning, open_batches
from cortical_bcpnn.values.numbers import check_whole

AIM = "out_ff"
REWIRED = 100  # patterns between rewirings
CONTROL = "best of random"


@experiment(free=FREE)
def evolve_structure(
    computers: Computers, results: Results, *, dataset: str = "digits", fan_in: Whole = 8,
    hidden: Hidden = (10, 10), train_images: Whole = 600, rate: Threshold = 1.0,
    population: Whole = 12, generations: Whole = 4, searches: Whole = 1, networks: Whole = 3,
    check_networks: Whole = 5, seed: int = 0,
) -> dict:  # fmt: skip
    """Connections by evolution, by rewiring and at random, for as many presentations of patterns.

    Evolution is NES over the probabilities that hypercolumns are connected; every candidate is a
    network that learns its weights locally, and each pattern that it is shown counts. Rewiring by
    mutual information goes on within a single network. All have the same fan-in.

    Parameters
    ----------
    dataset
        Images to learn.
    fan_in
        Input hypercolumns per hidden hypercolumn.
    hidden
        Hypercolumns and minicolumns of the hidden population.
    train_images
        Training images, the first ones; a fifth of them is kept back to judge candidates.
    rate
        Step of the strategy.
    population
        Candidates in a generation.
    generations
        Generations.
    searches
        Evolutions, and as many draws of the best of random connections.
    networks
        Networks for the curves of rewired and of random connections.
    check_networks
        Networks, of fresh seeds, for the test.
    seed
        Of the first search.
    """
    check_whole("seed", seed, 0)
    images = load(dataset, computers.data_dir)
    spec = search_from({
        "dataset": dataset, "aims": [AIM], "population": population, "generations": generations,
        "check_networks": check_networks,
        "parameters": {
            "variant": "rate-ff", "network": "classifier", "hypercolumns": hidden[0],
            "minicolumns": hidden[1], "fan_in": fan_in, "epochs": 1, "train_images": train_images,
            "readout_images": min(200, train_images), "rewire_every": 0,
        },
    })  # fmt: skip
    spec.check(images)
    computers.check()
    results.begin()

    architecture = architecture_of(resolve(spec.parameters, images), images)
    inputs = architecture.populations[0].hypercolumns
    budget = 2 * population * generations  # a candidate learns once without labels, once with them
    ways = {"random": {}, "rewired": {"rewire_every": REWIRED}}
    with open_batches(RunTable(results), computers, (spec, images)) as batches:
        tuning = Tuning(spec, seed, images, batches)
        points = {(way, 2 * e): {**given, "epochs": 2 * e - 1}
                  for e in doublings(budget // 2) for way, given in ways.items()}  # fmt: skip
        curves = tuning.networks(points, range(networks), "validation", "rewired and random")
        curves = curves.assign(way=curves["candidate"].str[0], shown=curves["candidate"].str[1])
        found, tested = [], {
            "random, once": {}, "random": {"epochs": budget - 1},
            "rewired": {"epochs": budget - 1, **ways["rewired"]},
        }  # fmt: skip
        for number in range(searches):
            for way, step in (("evolved", rate), (CONTROL, 0.0)):
                strategy = ConnectionStrategy(
                    inputs, hidden[0], fan_in, population, step, seed + number
                )
                table = evolve_connections(tuning, strategy, generations, AIM, f"{way} {number}")
                found.append(table.assign(way=way, search=number, shown=2 * table.index + 2))
                best = {"connections": best_connections(tuning, table, AIM)}
                tested[f"{way}, {number}"] = best
                tested[f"{way} and learned on, {number}"] = {**best, "epochs": budget - 1}
        held_out = tuning.networks(tested, tuning.check_seeds, "test", "unseen images")
        rows = rows_of(results, spec, batches)
    for name, table in (("curves", curves.drop(columns="candidate")), ("search", pd.concat(found)),
                        ("held_out", held_out)):  # fmt: skip
        results.save_table(table, name)
    return {
        "dataset": dataset, "aim": AIM, "spec": asdict(spec), "fan_in": fan_in, "hidden": list(hidden),
        "rate": rate, "budget": budget, "learned_images": train_images - train_images // 5,
        **described(rows),
    }  # fmt: skip


@evolve_structure.figures
def figures(results: Results) -> dict:
    tables = {name: results.table(name) for name in ("curves", "search", "held_out")}
    return {"evolve_structure": draw_evolve_structure(**tables, summary=results.summary())}


@evolve_structure.closing_table
def closing_table(results: Results) -> str:
    return structure_in_words(results.summary(), results.table("held_out"))


if __name__ == "__main__":
    evolve_structure.main()
