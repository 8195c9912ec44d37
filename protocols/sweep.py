"""Run a network for every combination of parameters and seed: a table with a row for each.

python -m protocols.sweep SPEC --out DIR
python -m protocols.sweep --grid tau_z=5ms,20ms f_max=100Hz,200Hz --seeds 5
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.drawing.sweep import draw_sweep
from cortical_bcpnn.experiments import Assignments, Results, Texts, Whole, experiment
from cortical_bcpnn.sweeps.batch import Batches, memory_of
from cortical_bcpnn.sweeps.computers import FREE, Computers
from cortical_bcpnn.sweeps.folder import begin, resumed_spec, rows_of
from cortical_bcpnn.sweeps.parameters import list_of_parameters
from cortical_bcpnn.sweeps.run import FAILED, LOST
from cortical_bcpnn.sweeps.run_table import RunTable, described, in_words, published_pair, read_runs
from cortical_bcpnn.sweeps.spec import SweepSpec, asked_for, runs_left_out


@experiment(grows=True, free=[*FREE, "retry_failed"], epilogue=list_of_parameters())
def sweep(
    computers: Computers,
    results: Results,
    spec: Path | None = None,
    *,
    grid: Assignments | None = None,
    set: Assignments | None = None,
    dataset: str | None = None,
    seeds: Whole | None = None,
    measures: Texts | None = None,
    retry_failed: bool = False,
) -> dict:
    """Run a network for every combination of parameters and seed: a table with a row for each.

    The same command resumes a sweep that was stopped, and one with more seeds or values adds what is
    missing.

    Parameters
    ----------
    spec
        Specification: a TOML or YAML file, or one of six_variants, time_constants; docs/sweeps.md
        says what it holds.
    grid
        NAME=VALUE,… values of parameters, all combinations of which are run; in place of those of
        SPEC.
    set
        NAME=VALUE of parameters that are the same in all runs, besides those of SPEC.
    dataset
        Images to learn (default: those of SPEC, else digits).
    seeds
        Run each combination with seeds 0 to N - 1 (default: as SPEC says, else 1).
    measures
        accuracy, spikes, similarity, completion@0.8, … (default: as SPEC says, else accuracy,spikes).
    retry_failed
        Run those again that ended with an error.
    """
    asked = resumed_spec(results, SweepSpec) or asked_for(
        spec, grid or (), set or (), dataset=dataset, seeds=seeds, measures=measures
    )
    images = load(asked.dataset, computers.data_dir)
    runs = asked.runs(images)
    computers.check()
    begin(results, {"spec": asdict(asked), "runs": [run.id for run in runs]}, runs_left_out)

    with Batches(RunTable(results), computers, memory_of(runs, images)) as batches:
        batches.compute(runs, (LOST, FAILED) if retry_failed else (LOST,))
    rows = rows_of(results, asked, batches)
    return {
        "dataset": images.name,
        "seeds": list(asked.seeds),
        "spec": asdict(asked),
        **described(rows),
        "processors": sorted({*rows["processor"]} - {""}),
    }


@sweep.figures
def figures(results: Results) -> dict:
    table, asked = read_runs(results.path), SweepSpec.from_plain(results.summary()["spec"])
    figure = draw_sweep(table, asked.columns, title=asked.title, framed=published_pair(table))
    return {} if figure is None else {"sweep": figure}


@sweep.closing_table
def closing_table(results: Results) -> str:
    swept = SweepSpec.from_plain(results.summary()["spec"]).columns
    return (
        f"{in_words(read_runs(results.path), swept)}\n"
        f"pandas.read_parquet({str(results.path / 'runs.parquet')!r}) reads the table"
    )


if __name__ == "__main__":
    sweep.main()
