"""Draw the table of a sweep, also of one that is still under way.

python -m protocols.draw_sweep DIR
python -m protocols.draw_sweep DIR --over tau_z,f_max --measures attractor,completion@0.8
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from cortical_bcpnn.drawing.style import save
from cortical_bcpnn.drawing.sweep import draw_sweep
from cortical_bcpnn.experiments.options import run_protocol, several
from cortical_bcpnn.sweeps.folder import read_plan
from cortical_bcpnn.sweeps.parameters import find_parameter
from cortical_bcpnn.sweeps.spec import SweepSpec

from .sweep import published_pair, swept_columns


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.draw_sweep", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("folder", type=Path, metavar="DIR", help="folder of a sweep")
    add("--over", type=several(str), metavar="NAMES",
        help="one or two parameters: of two numbers the first is in rows, the second in columns "
        "(default: the last two of the grid)")
    add("--measures", type=several(str), metavar="NAMES", help="columns to show, or measures "
        "(default: all accuracies)")
    add("--out", type=Path, metavar="FILE",
        help="picture, written as PNG and SVG (default: drawing in DIR)")  # fmt: skip
    options = parser.parse_args(arguments)
    spec = SweepSpec.from_plain(read_plan(options.folder, "sweep")["spec"])
    table = pd.read_parquet(options.folder / "runs.parquet")
    over = swept_columns(spec)
    if options.over is not None:
        over = [find_parameter(name).column for name in options.over]
        if len(over) > 2:
            raise ValueError(f"--over names {len(over)} parameters: give one or two.")
    figure = draw_sweep(table, over, options.measures, spec.title, published_pair(table))
    if figure is None:
        raise ValueError(
            f"{options.folder} has nothing to draw: no run is done, or {', '.join(over) or 'nothing'} "
            "does not vary, or the measures are not in the table."
        )
    path = options.out or options.folder / "drawing"
    save(figure, path)
    print(f"{path.with_suffix('.png')}")


if __name__ == "__main__":
    run_protocol(main)
