"""Draw the table of a sweep, also of one that is still under way.

python -m protocols.draw_sweep DIR
python -m protocols.draw_sweep DIR --over tau_z,f_max --measures attractor,completion@0.8
"""

from __future__ import annotations

from pathlib import Path

from cortical_bcpnn.drawing import sweep as drawing
from cortical_bcpnn.drawing.style import save
from cortical_bcpnn.experiments import Texts
from cortical_bcpnn.experiments.program import run_as_program
from cortical_bcpnn.sweeps.folder import read_plan
from cortical_bcpnn.sweeps.parameters import find_parameter
from cortical_bcpnn.sweeps.run_table import published_pair, read_runs
from cortical_bcpnn.sweeps.spec import SweepSpec


def draw_sweep(
    folder: Path, *, over: Texts | None = None, measures: Texts | None = None, out: Path | None = None
) -> None:
    """Draw the table of a sweep, also of one that is still under way.

    Parameters
    ----------
    folder
        Folder of a sweep.
    over
        One or two parameters: of two numbers the first is in rows, the second in columns (default:
        the last two of the grid).
    measures
        Columns to show, or measures (default: all accuracies).
    out
        Picture, written as PNG and SVG (default: drawing in the folder).
    """
    spec = SweepSpec.from_plain(read_plan(folder, "sweep")["spec"])
    swept = spec.columns if over is None else [find_parameter(name).column for name in over]
    if over is not None and len(over) > 2:
        raise ValueError(f"--over names {len(over)} parameters: give one or two.")
    table = read_runs(folder)
    figure = drawing.draw_sweep(table, swept, measures, spec.title, published_pair(table))
    if figure is None:
        raise ValueError(
            f"{folder} has nothing to draw: no run is done, or {', '.join(swept) or 'nothing'} "
            "does not vary, or the measures are not in the table."
        )
    path = out or folder / "drawing"
    save(figure, path)
    print(path.with_suffix(".png"))


if __name__ == "__main__":
    run_as_program(draw_sweep)
