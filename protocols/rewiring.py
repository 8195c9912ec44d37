"""Structural plasticity: flips per rewiring and scores of connections, over training.

python -m protocols.rewiring --seeds 3
"""

from __future__ import annotations

import argparse

import pandas as pd

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.connectivity import describe_rewiring
from cortical_bcpnn.analysis.representations import mean_and_spread
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.rewiring import draw_rewiring
from cortical_bcpnn.experiments.networks import epochs, learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import add_options, open_results, parse, run_protocol, seeds
from cortical_bcpnn.experiments.results import Results

SHARE = 0.1  # of the rewirings, at the beginning and at the end, over which flips are averaged


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.rewiring", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    options = parse(parser, "rewiring", arguments)
    dataset = load_dataset(options)
    memory = make_memory(options, dataset)
    _check_length(memory, dataset, options)
    made_with = settings(memory, dataset, options)
    with open_results("rewiring", options) as results:
        if not results.finished:
            results.finish({**made_with, **run(dataset, options, results)})
        _report(results)


def run(dataset: Dataset, options: argparse.Namespace, results: Results) -> dict:
    """Rewirings of all networks, drawn. Returns what the summary says."""
    tables = []
    for seed in seeds(options):
        with learned(options, dataset, seed=seed) as memory:
            table = memory.rewiring.copy()
            n_connections = {
                name: int(connections.size)
                for name, connections in memory.rewired_connections().items()
            }
        table.insert(0, "seed", seed)
        tables.append(table)
    rewiring = pd.concat(tables, ignore_index=True)
    summary = describe_rewiring(rewiring, SHARE)
    results.save_table(rewiring, "rewiring")
    results.save_table(summary, "summary")
    results.save_figure(draw_rewiring(rewiring), "rewiring")
    return {
        "seeds": seeds(options),
        "share": SHARE,
        "rewiring": {
            name: {
                "connections": n_connections[name],
                **{column: mean_and_spread(rows[column])
                   for column in rows.columns.drop(["seed", "projection"])},
            }
            for name, rows in summary.groupby("projection", sort=False)
        },
    }  # fmt: skip


def _check_length(memory: AssociativeMemory, dataset: Dataset, options) -> None:
    """Raise a ValueError if learning ends before the first rewiring."""
    shown, every = len(dataset.train_images) * epochs(options, dataset), memory.parameters.rewire_every
    if shown < every:
        raise ValueError(
            f"{shown} patterns are shown, and connections are rewired every {every}: give more "
            "training images by --limit-train, or more --epochs."
        )


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("summary")
    print(f"\n{summary['variant']} on {summary['dataset']}: structural plasticity")
    print(table.to_string(index=False, formatters={
        name: "{:.1f}".format for name in ("flips_first", "flips_last")
    } | {name: "{:.4f}".format for name in table if name.startswith("score")}))  # fmt: skip
    print(
        f"\nflips: per rewiring, over the first and last {SHARE:.0%} of rewirings; score: summed over "
        "the\nactive connections of a postsynaptic hypercolumn, in nats"
    )
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
