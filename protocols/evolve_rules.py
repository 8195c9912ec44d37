"""Evolve the factors of the learning rule, and see which of them matter.

python -m protocols.evolve_rules --others breast-cancer,wine
"""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.evolve_rules import draw_evolve_rules
from cortical_bcpnn.experiments import Results, Texts, Threshold, Whole, experiment
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import rows_of
from cortical_bcpnn.sweeps.rules import (
    factors_about_bcpnn,
    flatness,
    lines,
    recovered,
    resized,
    rules_in_words,
    summary_of_rules,
    versions,
)
from cortical_bcpnn.sweeps.run_table import RunTable, described
from cortical_bcpnn.sweeps.small import OUT_AIM, READOUT, small_search
from cortical_bcpnn.sweeps.tuning import Tuning, open_batches
from cortical_bcpnn.values.numbers import check_whole

FITNESS = "out_likelihood_ff"  # rises where accuracy stands still
SPREAD = 4.0  # of the first candidates of a start: a standard deviation of a fifth of the ranges
OFFSETS = (-1, -0.5, -0.1, 0, 0.1, 0.5, 1)


@experiment(free=FREE)
def evolve_rules(
    computers: Computers, results: Results, *, dataset: str = "digits",
    others: Texts = ("breast-cancer",), fan_in: Whole = 10, minicolumns: Whole = 10,
    train_images: Whole = 400, reach: Threshold = 2.0, departure: Threshold = 4.0, starts: Whole = 4,
    population: Whole = 10, generations: Whole = 7, scan_networks: Whole = 1, check_networks: Whole = 5,
    seed: int = 0,
) -> dict:  # fmt: skip
    """Evolve the factors of the learning rule, and see which of them matter.

    w = θ1 log p_ij + θ2 log p_i + θ3 log p_j + θ4 log p and b = θb log(p_j/p); BCPNN is
    (1, -1, -1, 1; 1). Accuracy is scanned along lines through BCPNN, evolution begins from several
    random rules, and the best rule is held against BCPNN on images that had no part in the search,
    and on other data. The strategy walks in θ1, θ2, θ4, H (θ3 + θ1) and θb - θ1; fitness is the
    likelihood that OUT gives to the right classes. Evolution chooses the rule; weights are learned
    locally.

    Parameters
    ----------
    dataset
        Images that the rule is evolved on.
    others
        Data sets that the best rule is tried on, separated by commas.
    fan_in
        Input hypercolumns per hidden hypercolumn, and the number of these, which OUT listens to.
    minicolumns
        In each hidden hypercolumn.
    train_images
        Samples to learn, the first ones; a fifth of them is kept back to judge candidates.
    reach
        θ1, θ2 and θ4 are between minus this and this.
    departure
        H (θ3 + θ1) and θb - θ1, which are 0 for BCPNN in any gain, are between minus this and this.
    starts
        Searches, each from a random rule.
    population
        Candidates in a generation.
    generations
        Generations.
    scan_networks
        Networks at each point of the lines.
    check_networks
        Networks, of fresh seeds, of the noise floor and of all comparisons.
    seed
        Of the first search.
    """
    check_whole("seed", seed, 0)
    images = {name: load(name, computers.data_dir) for name in (dataset, *others)}
    specs = {
        name: small_search(
            of, "rate-ff", (fan_in, minicolumns), train_images, fixed={"fan_in": fan_in},
            population=population, generations=generations, check_networks=check_networks,
            start="random", spread=SPREAD, aims=(FITNESS,), readout=READOUT,
            **factors_about_bcpnn(reach, departure),
        ) for name, of in images.items()
    }  # fmt: skip
    spec = specs[dataset]
    computers.check()
    results.begin()

    largest = [(of, images[name]) for name, of in specs.items()]
    with open_batches(RunTable(results), computers, *largest) as batches:
        tunings = [Tuning(specs[dataset], seed + n, images[dataset], batches) for n in range(starts)]
        points = lines(fan_in, OFFSETS)
        found = tunings[0].networks(points, range(scan_networks), "validation", "lines through BCPNN")
        scan = found.assign(direction=found["candidate"].str[0], offset=found["candidate"].str[1])
        floor = tunings[0].floor()
        searches = recovered([tuning.evolve() for tuning in tunings])
        held_out = tunings[0].check(searches)
        tried, places = versions(held_out, fan_in), [(name, fan_in) for name in specs]
        transfer = []
        for name, size in [*places, (dataset, 2 * fan_in)]:
            tuning = Tuning(resized(specs[name], size), seed, images[name], batches)
            rows = tuning.networks(tried, tuning.check_seeds, "test", f"{name}, fan-in {size}")
            transfer.append(rows.assign(dataset=name, fan_in=size))
        rows = rows_of(results, spec, batches)
    tables = {"scan": scan.drop(columns="candidate"), "floor": floor, "search": searches,
              "held_out": held_out, "transfer": pd.concat(transfer, ignore_index=True)}  # fmt: skip
    for name, table in tables.items():
        results.save_table(table, name)
    return {
        "dataset": dataset, "fan_in": fan_in, "aim": OUT_AIM, "fitness": FITNESS, "spec": asdict(spec),
        **described(rows), "flatness": flatness(scan, OUT_AIM),
        "flatness_of_fitness": flatness(scan, FITNESS),
        **summary_of_rules(searches, floor, held_out, (OUT_AIM, FITNESS), fan_in),
    }  # fmt: skip


@evolve_rules.figures
def figures(results: Results) -> dict:
    tables = {name: results.table(name) for name in ("scan", "search", "floor", "transfer")}
    summary = results.summary()
    return {"evolve_rules": draw_evolve_rules(**tables, summary=summary)}


@evolve_rules.closing_table
def closing_table(results: Results) -> str:
    return rules_in_words(results.summary(), results.table("transfer"))


if __name__ == "__main__":
    evolve_rules.main()
