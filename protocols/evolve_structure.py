"""Connections by evolution, by rewiring and at random, for as many presentations of patterns.

python -m protocols.evolve_structure
"""

from __future__ import annotations

from dataclasses import asdict

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.evolve_structure import draw_evolve_structure
from cortical_bcpnn.experiments import Hidden, Results, Threshold, Whole, experiment
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import rows_of
from cortical_bcpnn.sweeps.networks import input_size
from cortical_bcpnn.sweeps.parameters import resolve
from cortical_bcpnn.sweeps.run_table import RunTable, described
from cortical_bcpnn.sweeps.small import OUT_AIM, small_search
from cortical_bcpnn.sweeps.structure import (
    connections_by_search,
    doublings,
    structure_in_words,
)
from cortical_bcpnn.sweeps.tuning import Tuning, open_batches
from cortical_bcpnn.values.numbers import check_whole

REWIRED = {"rewire_every": 100}


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
    spec = small_search(
        images, "rate-ff", hidden, train_images, fixed={"fan_in": fan_in, "rewire_every": 0},
        population=population, generations=generations, check_networks=check_networks,
    )  # fmt: skip
    computers.check()
    results.begin()

    inputs = input_size(resolve(spec.parameters, images), images)[0]
    budget = 2 * population * generations  # a candidate learns once without labels, once with them
    ways = {"random": {}, "rewired": REWIRED}
    with open_batches(RunTable(results), computers, (spec, images)) as batches:
        tuning = Tuning(spec, seed, images, batches)
        points = {(way, 2 * e): {**given, "epochs": 2 * e - 1}
                  for e in doublings(budget // 2) for way, given in ways.items()}  # fmt: skip
        curves = tuning.networks(points, range(networks), "validation", "rewired and random")
        curves = curves.assign(way=curves["candidate"].str[0], shown=curves["candidate"].str[1])
        learned_on = {"epochs": budget - 1}
        tested = {"random, once": {}, "random": learned_on, "rewired": {**learned_on, **REWIRED}}
        found, chosen = connections_by_search(
            tuning, {"evolved": rate, "best of random": 0.0}, searches, seed, OUT_AIM,
            (inputs, hidden[0], fan_in), population, generations,
        )  # fmt: skip
        for name, text in chosen.items():
            tested[name] = {"connections": text}
            tested[f"{name}, learned on"] = {"connections": text, **learned_on}
        held_out = tuning.networks(tested, tuning.check_seeds, "test", "unseen images")
        rows = rows_of(results, spec, batches)
    tables = {"curves": curves.drop(columns="candidate"), "search": found, "held_out": held_out}
    for name, table in tables.items():
        results.save_table(table, name)
    return {
        "dataset": dataset, "aim": OUT_AIM, "spec": asdict(spec), "fan_in": fan_in, "budget": budget,
        "learned_images": train_images - train_images // 5, **described(rows),
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
