"""The network as a drawing: populations, projections, phases of learning and recall, equations.

python -m protocols.architecture --variant spspk-full --hidden 30x100
"""

from __future__ import annotations

import argparse

import pandas as pd
from brian2 import ms

from cortical_bcpnn import AssociativeMemory, Phase
from cortical_bcpnn.analysis.timecourse import phase_names
from cortical_bcpnn.circuits.resources import pairs
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.architecture import draw_architecture
from cortical_bcpnn.experiments.networks import load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import add_options, open_results, parse, run_protocol
from cortical_bcpnn.experiments.results import Results


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.architecture", description=__doc__.split("\n")[0],
        epilog="Nothing is learned, and networks of all seeds look alike.",
    )  # fmt: skip
    add_options(parser)
    options = parse(parser, "architecture", arguments)
    dataset = load_dataset(options)
    memory = make_memory(options, dataset)
    with open_results("architecture", options) as results:
        if not results.finished:
            run(memory, dataset, options, results)
        _report(results)


def run(
    memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace, results: Results
) -> None:
    """Draw the network and count its parts."""
    variant = memory.parameters.variant
    # Drawn is what is on; a gain that is open depends on what will be learned.
    gain = 1.0 if variant.recurrent_gain is None else None
    learning, recall = variant.learning_protocol(), variant.recall_protocol(gain)
    table = projection_table(memory, learning, recall)
    results.save_table(table, "projections")
    figure = draw_architecture(memory.architecture, memory.parameters, learning, recall)
    results.save_figure(figure, "architecture")
    results.finish({
        **settings(memory, dataset, options),
        "minicolumns": {p.name: p.size for p in memory.architecture.populations},
        "projections": table.set_index("projection").to_dict("index"),
        "totals": {name: int(table[name].sum()) for name in ("synapses", "plastic_pairs")},
        "phases": {"learning": _plain(learning), "recall": _plain(recall)},
    })  # fmt: skip


def projection_table(
    memory: AssociativeMemory, learning: list[Phase], recall: list[Phase]
) -> pd.DataFrame:
    """Projections of a network and what they consist of.

    Parameters
    ----------
    memory : AssociativeMemory
    learning, recall : list of Phase
        Protocols to say when projections are on.

    Returns
    -------
    DataFrame
        One row per projection: 'pre' and 'post' population, 'fan_in' of the 'available'
        hypercolumns, connected pairs of hypercolumns ('connections'), connected pairs of
        minicolumns, which transmit ('synapses'), all pairs, which learn ('plastic_pairs'),
        'rewired' or not, 'conditioning' (see `Projection`), and the phases in which it is on.
    """
    rows = []
    for projection in memory.architecture.projections:
        pre, post = memory.architecture.ends(projection)
        connections = int(memory.connections(projection.name).sum())
        rows.append({
            "projection": projection.name, "pre": pre.name, "post": post.name,
            "fan_in": projection.fan_in, "available": pre.hypercolumns, "connections": connections,
            "synapses": connections * pre.minicolumns * post.minicolumns,
            "plastic_pairs": pairs(memory.architecture, projection),
            "rewired": projection.rewired, "conditioning": projection.conditioning,
            "on_in_learning": _phases_with(projection.name, learning),
            "on_in_recall": _phases_with(projection.name, recall),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _phases_with(projection: str, protocol: list[Phase]) -> str:
    """Names of the phases in which a projection is on."""
    named = zip(phase_names(protocol), protocol)
    return " ".join(name for name, phase in named if phase.gains.get(projection))


def _plain(protocol: list[Phase]) -> list[dict]:
    return [
        {"phase": name, "duration_ms": float(phase.duration / ms), "clamped": list(phase.clamped),
         "gains": dict(phase.gains), "read": phase.read}
        for name, phase in zip(phase_names(protocol), protocol)
    ]  # fmt: skip


def _report(results: Results) -> None:
    summary = results.summary()
    table = pd.DataFrame.from_dict(summary["projections"], orient="index")
    print(f"\n{summary['variant']} for {summary['dataset']}: projections")
    columns = ["pre", "post", "fan_in", "available", "connections", "synapses", "plastic_pairs",
               "rewired", "conditioning"]  # fmt: skip
    print(table[columns].to_string())
    totals = summary["totals"]
    print(f"\nin all {totals['synapses']:,} synapses and {totals['plastic_pairs']:,} plastic pairs")
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
