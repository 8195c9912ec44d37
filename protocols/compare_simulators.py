"""The biophysical twin by Brian2 and by NEST: cells, synapses, recall of the same networks.

python -m protocols.compare_simulators --patterns 4,10 --seeds 3
"""

from __future__ import annotations

from cortical_bcpnn.analysis.paired import by_network, paired
from cortical_bcpnn.biophysical.single_cells import SIMULATORS
from cortical_bcpnn.drawing.simulators import draw_recall_by_both, draw_single_cells
from cortical_bcpnn.experiments import Results, ResumableTables, Whole, Wholes, experiment
from cortical_bcpnn.experiments.arguments import check_at_least
from cortical_bcpnn.experiments.parallel import side_by_side
from cortical_bcpnn.experiments.two_simulators import (
    build,
    check_nest,
    recall_by_both,
    single_cells,
)


@experiment
def compare_simulators(
    results: Results, *,
    patterns: Wholes = (4, 10), hypercolumns: Whole = 9, minicolumns: Whole = 9, seeds: Whole = 3,
    seed: int = 0, jobs: Whole = 1,
) -> dict:  # fmt: skip
    """The biophysical twin by Brian2 and by NEST: cells, synapses, recall of the same networks.

    Networks learn in Brian2. NEST has to be installed: pip install cortical_bcpnn[nest].

    Parameters
    ----------
    patterns
        Random patterns to store, separated by commas; each number in networks of its own.
    hypercolumns
        Hypercolumns of the networks that recall.
    minicolumns
        Minicolumns of each hypercolumn.
    seeds
        Networks, with seeds from SEED upwards.
    seed
        Seed of everything random.
    jobs
        Networks that recall side by side.
    """
    check_at_least(hypercolumns=(hypercolumns, 3), minicolumns=(minicolumns, 3), seed=(seed, 0))
    check_nest()
    results.begin()

    cells = ResumableTables(results, [()], "rates", "intervals", "synapses")
    for key in cells.missing:
        cells.append(key, *single_cells())

    all_seeds = [seed + number for number in range(seeds)]
    sides = hypercolumns, minicolumns
    networks = {(n, s): (s, n, *sides) for n in sorted(patterns) for s in all_seeds}
    kept = ResumableTables(results, networks, "trials")
    if kept.missing:
        build(*sides)
    side_by_side(recall_by_both, networks, kept, jobs)
    by_seed = by_network(kept.table("trials"), SIMULATORS)
    results.save_table(by_seed, "networks")
    results.save_table(paired(by_seed, SIMULATORS), "comparison")
    return {
        "patterns": list(patterns),
        "hypercolumns": hypercolumns,
        "minicolumns": minicolumns,
        "seeds": all_seeds,
        "comparison": results.table("comparison").astype(object).to_dict("records"),
    }


@compare_simulators.figures
def figures(results: Results) -> dict:
    tables = (results.table(name) for name in ("rates", "intervals", "synapses"))
    return {
        "cells": draw_single_cells(*tables),
        "recall": draw_recall_by_both(results.table("networks"), SIMULATORS),
    }


@compare_simulators.closing_table
def closing_table(results: Results) -> str:
    table = results.table("comparison").fillna({"unit": ""})
    return table.to_string(index=False, float_format="{:.3g}".format)


if __name__ == "__main__":
    compare_simulators.main()
