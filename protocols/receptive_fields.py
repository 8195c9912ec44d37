"""Receptive fields: connections of hidden hypercolumns over training, and what minicolumns prefer.

python -m protocols.receptive_fields --seed 1
"""

from __future__ import annotations

import argparse

import pandas as pd

from cortical_bcpnn.analysis.connectivity import connection_maps, describe_connections
from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.receptive_fields import (
    N_HYPERCOLUMNS,
    draw_connections,
    draw_preferences,
)
from cortical_bcpnn.experiments.networks import learned, load_dataset, make_memory, settings
from cortical_bcpnn.experiments.options import (
    add_options,
    open_results,
    parse,
    run_protocol,
    seeds,
    whole,
)
from cortical_bcpnn.experiments.results import Results

N_MINICOLUMNS = 5  # of each hypercolumn whose preferences are shown


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.receptive_fields", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    add = parser.add_argument
    add("--hypercolumns", type=whole("hypercolumns"), metavar="N",
        help=f"hidden hypercolumns to show, the first N (default: {N_HYPERCOLUMNS})")  # fmt: skip
    add("--minicolumns", type=whole("minicolumns"), metavar="N",
        help=f"minicolumns of each to show, the busiest N (default: {N_MINICOLUMNS})")  # fmt: skip
    options = parse(parser, "receptive_fields", arguments)
    dataset = load_dataset(options)
    made_with = settings(make_memory(options, dataset), dataset, options)
    hypercolumns, minicolumns = made_with["parameters"]["populations"]["HID"]
    options.hypercolumns = _shown("hypercolumns", options, N_HYPERCOLUMNS, hypercolumns)
    options.minicolumns = _shown("minicolumns", options, N_MINICOLUMNS, minicolumns)
    with open_results("receptive_fields", options) as results:
        if not results.finished:
            results.finish({**made_with, **run(dataset, options, results)})
        _report(results)


def run(dataset: Dataset, options: argparse.Namespace, results: Results) -> dict:
    """Connections of all networks; the figures are of the first. Returns what the summary says."""
    tables = []
    for seed in seeds(options):
        with learned(options, dataset, seed=seed) as memory:
            maps = connection_maps(memory)
            if seed == options.seed:
                results.save_figure(draw_connections(maps, options.hypercolumns), "connections")
                fields = memory.receptive_fields()
                bias = memory.biases("feedforward").reshape(fields.shape[:2])
                figure = draw_preferences(fields, bias, options.hypercolumns, options.minicolumns)
                results.save_figure(figure, "preferences")
        table = describe_connections(maps, dataset.train_images)
        table.insert(0, "seed", seed)
        tables.append(table)
    table = pd.concat(tables, ignore_index=True)
    results.save_table(table, "connections")
    return {
        "seeds": seeds(options),
        "pixels": dataset.side**2,
        "connections": {
            name: _mean_by_time(rows) for name, rows in table.groupby("projection", sort=False)
        },
    }


def _mean_by_time(table: pd.DataFrame) -> dict[str, list[float]]:
    """Columns of a table of one projection, means over seeds, in order of training."""
    mean = table.drop(columns=["seed", "projection"]).groupby("patterns").mean()
    return {"patterns": mean.index.tolist(), **mean.to_dict("list")}


def _shown(name: str, options: argparse.Namespace, default: int, available: int) -> int:
    """How many of something to show."""
    number = getattr(options, name) or min(default, available)
    if number > available:
        raise ValueError(
            f"{name} is {number}: the hidden population has {available}, give at most as many."
        )
    return number


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("connections")
    print(f"\n{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}: "
          "connections over training")  # fmt: skip
    mean = table.drop(columns="seed").groupby(["projection", "patterns"]).mean()
    mean = mean.sort_index(level="projection", ascending=False, sort_remaining=False)
    print(mean.reset_index().to_string(index=False, float_format="{:.3f}".format))
    print(
        "\noverlap: share of the final connections; covered: pixels with a connection; fewest, most: "
        "pixels\nof a hidden hypercolumn; centre_distance and extent in pixels; pixel_sd: of grey levels"
    )
    print(f"tables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
