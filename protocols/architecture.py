"""The network as a drawing: populations, projections, phases of learning and recall, equations.

python -m protocols.architecture --network hetero-associative --variant spspk-full
"""

from __future__ import annotations

from typing import Annotated

import pandas as pd

from cortical_bcpnn.analysis.connectivity import projection_table
from cortical_bcpnn.drawing.architecture import draw_architecture
from cortical_bcpnn.experiments import Results, Setup, Whole, argument, experiment
from cortical_bcpnn.experiments.recalls import parameters_of, phases_of
from cortical_bcpnn.experiments.shipped import network_name, network_of
from cortical_bcpnn.model.plain import (
    architecture_from_plain,
    architecture_to_plain,
    protocol_to_plain,
)
from cortical_bcpnn.model.protocols import learning_protocol, recall_protocol

Network = Annotated[str, argument(network_name)]


@experiment(single=True)
def architecture(
    setup: Setup, results: Results, *, network: Network = "associative-memory", layers: Whole = 2
) -> dict:
    """The network as a drawing: populations, projections, phases of learning and recall, equations.

    Nothing is learned, and networks of all seeds look alike.

    Parameters
    ----------
    network
        One of those that are shipped: associative-memory, classifier, stack, hetero-associative or
        attractor.
    layers
        Hidden populations of a stack.
    """
    memory = setup.network(architecture=network_of(network, setup, layers))
    results.begin()

    variant, drawn = memory.parameters.variant, memory.architecture
    # Drawn is what is on; a gain that is open depends on what will be learned.
    gains = {} if variant.recurrent_gain is not None else {p.name: 1.0 for p in drawn.projections}
    first = drawn.populations[0].name
    taught = [first, *drawn.reconstructing, *(p.name for p in drawn.populations if p.name == "OUT")]
    learning = learning_protocol(drawn, variant, taught)
    recall = recall_protocol(drawn, variant, [first], gains)
    table = projection_table(memory, learning, recall)
    results.save_table(table, "projections")
    return {
        "network": network,
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
