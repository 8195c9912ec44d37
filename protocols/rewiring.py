"""Structural plasticity: flips per rewiring and scores of connections, over training.

python -m protocols.rewiring --seeds 3
"""

from __future__ import annotations

import pandas as pd

from cortical_bcpnn.analysis.connectivity import describe_rewiring
from cortical_bcpnn.analysis.representations import mean_and_spread
from cortical_bcpnn.drawing.rewiring import draw_rewiring
from cortical_bcpnn.experiments import Results, Setup, experiment

SHARE = 0.1  # of the rewirings, at the beginning and at the end, over which flips are averaged


@experiment
def rewiring(setup: Setup, results: Results) -> dict:
    """Structural plasticity: flips per rewiring and scores of connections, over training."""
    patterns = len(setup.data.train_images) * setup.shown
    every = setup.network().parameters.rewire_every
    if patterns < every:
        raise ValueError(
            f"{patterns} patterns are shown, and connections are rewired every {every}: give more "
            "training images by --limit-train, or more --epochs."
        )
    results.begin()

    tables = []
    for memory in setup.each():
        table = memory.rewiring.copy()
        table.insert(0, "seed", memory.parameters.seed)
        tables.append(table)
    n_connections = {name: c.size for name, c in memory.rewired_connections().items()}
    table = pd.concat(tables, ignore_index=True)
    described = describe_rewiring(table, SHARE)
    results.save_table(table, "rewiring")
    results.save_table(described, "summary")
    return {
        "share": SHARE,
        "rewiring": {
            name: {
                "connections": int(n_connections[name]),
                **{column: mean_and_spread(rows[column])
                   for column in rows.columns.drop(["seed", "projection"])},
            }
            for name, rows in described.groupby("projection", sort=False)
        },
    }  # fmt: skip


@rewiring.figures
def figures(results: Results) -> dict:
    return {"rewiring": draw_rewiring(results.table("rewiring"))}


@rewiring.closing_table
def closing_table(results: Results) -> str:
    summary, table = results.summary(), results.table("summary")
    formats = {name: "{:.1f}".format for name in ("flips_first", "flips_last")}
    formats |= {name: "{:.4f}".format for name in table if name.startswith("score")}
    return (
        f"{summary['variant']} on {summary['dataset']}: structural plasticity\n"
        f"{table.to_string(index=False, formatters=formats)}\n\n"
        f"flips: per rewiring, over the first and last {summary['share']:.0%} of rewirings; score: "
        "summed over the\nactive connections of a postsynaptic hypercolumn, in nats"
    )


if __name__ == "__main__":
    rewiring.main()
