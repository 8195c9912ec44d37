"""The network as a drawing: populations, projections, phases of learning and recall, equations.

python -m protocols.architecture --variant spspk-full --hidden 30x100
"""

from __future__ import annotations

import pandas as pd

from cortical_bcpnn.analysis.connectivity import projection_table
from cortical_bcpnn.drawing.architecture import draw_architecture
from cortical_bcpnn.experiments import Results, Setup, experiment
from cortical_bcpnn.experiments.recalls import parameters_of, phases_of
from cortical_bcpnn.model.plain import (
    architecture_from_plain,
    architecture_to_plain,
    protocol_to_plain,
)


@experiment
def architecture(setup: Setup, results: Results) -> dict:
    """The network as a drawing: populations, projections, phases of learning and recall, equations.

    Nothing is learned, and networks of all seeds look alike.
    """
    memory = setup.network()
    results.begin()

    variant = memory.parameters.variant
    # Drawn is what is on; a gain that is open depends on what will be learned.
    gain = 1.0 if variant.recurrent_gain is None else None
    learning, recall = variant.learning_protocol(), variant.recall_protocol(gain)
    table = projection_table(memory, learning, recall)
    results.save_table(table, "projections")
    return {
        "architecture": architecture_to_plain(memory.architecture),
        "minicolumns": {p.name: p.size for p in memory.architecture.populations},
        "projections": table.set_index("projection").to_dict("index"),
        "totals": {name: int(table[name].sum()) for name in ("synapses", "plastic_pairs")},
        "phases": {"learning": protocol_to_plain(learning), "recall": protocol_to_plain(recall)},
    }


@architecture.figures
def figures(results: Results) -> dict:
    summary = results.summary()
    network, phases = architecture_from_plain(summary["architecture"]), summary["phases"]
    learning, recall = (phases_of(phases, name) for name in ("learning", "recall"))
    return {"architecture": draw_architecture(network, parameters_of(summary), learning, recall)}


@architecture.closing_table
def closing_table(results: Results) -> str:
    summary = results.summary()
    table = pd.DataFrame.from_dict(summary["projections"], orient="index")
    columns = ["pre", "post", "fan_in", "available", "connections", "synapses", "plastic_pairs",
               "rewired", "conditioning"]  # fmt: skip
    totals = summary["totals"]
    return (
        f"{summary['variant']} for {summary['dataset']}: projections\n{table[columns].to_string()}\n\n"
        f"in all {totals['synapses']:,} synapses and {totals['plastic_pairs']:,} plastic pairs"
    )


if __name__ == "__main__":
    architecture.main()
