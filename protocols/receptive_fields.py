"""Receptive fields: connections of hidden hypercolumns over training, and what minicolumns prefer.

python -m protocols.receptive_fields --seed 1
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cortical_bcpnn.analysis.connectivity import busiest_fields, connection_maps, describe_connections
from cortical_bcpnn.drawing.receptive_fields import draw_connections, draw_preferences
from cortical_bcpnn.experiments import Results, Setup, Whole, experiment

HYPERCOLUMNS, MINICOLUMNS = 10, 5  # that are shown, at most


@experiment
def receptive_fields(
    setup: Setup,
    results: Results,
    *,
    hypercolumns: Whole | None = None,
    minicolumns: Whole | None = None,
) -> dict:
    """Receptive fields: connections of hidden hypercolumns over training, and what minicolumns prefer.

    The table is of all networks, pictures are of the first.

    Parameters
    ----------
    hypercolumns
        Hidden hypercolumns to show, the first N (default: 10).
    minicolumns
        Minicolumns of each to show, the busiest N (default: 5).
    """
    hidden = setup.network().architecture.population("HID")
    hypercolumns = _shown("hypercolumns", hypercolumns, HYPERCOLUMNS, hidden.hypercolumns)
    minicolumns = _shown("minicolumns", minicolumns, MINICOLUMNS, hidden.minicolumns)
    results.begin()

    tables = []
    for memory in setup.each():
        seed, maps = memory.parameters.seed, connection_maps(memory)
        table = describe_connections(maps, setup.data.train_images)
        table.insert(0, "seed", seed)
        tables.append(table)
        if seed == setup.seed:
            drawn = {name: np.stack([maps[patterns][name][:hypercolumns] for patterns in sorted(maps)])
                     for name in memory.rewired_connections()}  # fmt: skip
            results.save_arrays("connections", patterns=sorted(maps), **drawn)
            preferred = busiest_fields(memory, hypercolumns, minicolumns)
            results.save_arrays("preferences", preferred=preferred)
    table = pd.concat(tables, ignore_index=True)
    results.save_table(table, "connections")
    return {
        "pixels": setup.data.side**2,
        "connections": {
            name: _mean_by_time(rows) for name, rows in table.groupby("projection", sort=False)
        },
    }


def _shown(name: str, number: int | None, default: int, available: int) -> int:
    """How many of something to show."""
    number = number or min(default, available)
    if number > available:
        raise ValueError(
            f"{name} is {number}: the hidden population has {available}, give at most as many."
        )
    return number


def _mean_by_time(table: pd.DataFrame) -> dict[str, list[float]]:
    """Columns of a table of one projection, means over seeds, in order of training."""
    mean = table.drop(columns=["seed", "projection"]).groupby("patterns").mean()
    return {"patterns": mean.index.tolist(), **mean.to_dict("list")}


@receptive_fields.figures
def figures(results: Results) -> dict:
    maps = results.arrays("connections")
    return {
        "connections": draw_connections(maps.pop("patterns"), maps),
        "preferences": draw_preferences(**results.arrays("preferences")),
    }


@receptive_fields.closing_table
def closing_table(results: Results) -> str:
    summary, table = results.summary(), results.table("connections")
    mean = table.drop(columns="seed").groupby(["projection", "patterns"]).mean()
    mean = mean.sort_index(level="projection", ascending=False, sort_remaining=False)
    return (
        f"{summary['variant']} on {summary['dataset']}, seeds {summary['seeds']}: connections over "
        f"training\n{mean.reset_index().to_string(index=False, float_format='{:.3f}'.format)}\n\n"
        "overlap: share of the final connections; covered: pixels with a connection; fewest, most: "
        "pixels\nof a hidden hypercolumn; centre_distance and extent in pixels; pixel_sd: of grey levels"
    )


if __name__ == "__main__":
    receptive_fields.main()
