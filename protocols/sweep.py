"""Run a network for every combination of parameters and seed: a table with a row for each.

python -m protocols.sweep SPEC --out DIR
python -m protocols.sweep --grid tau_z=5ms,20ms f_max=100Hz,200Hz --seeds 5

SPEC is a TOML or YAML file, or the name of a shipped one; docs/sweeps.md says what it holds.
The same command goes on with a sweep that was stopped.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
from brian2 import Hz, ms

from cortical_bcpnn.data.datasets import Dataset
from cortical_bcpnn.drawing.sweep import draw_sweep
from cortical_bcpnn.experiments.options import (
    add_output_options,
    parse,
    run_protocol,
    several,
    whole,
)
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.sweeps.batch import compute_missing, memory_of
from cortical_bcpnn.sweeps.cluster_options import add_cluster_options, check_scheduler, cluster_of
from cortical_bcpnn.sweeps.folder import open_folder, read_plan
from cortical_bcpnn.sweeps.parameters import PARAMETERS
from cortical_bcpnn.sweeps.run import FAILED, LOST, Run
from cortical_bcpnn.sweeps.run_table import RunTable, fingerprint
from cortical_bcpnn.sweeps.spec import (
    SPECS,
    SweepSpec,
    grid_from_arguments,
    load_images,
    parse_parameters,
    parse_values,
    read_spec,
    spec_from,
)

FREE = ("resume", "data_dir", "scheduler", "workers", "patience", "retry_failed")


def main(arguments: list[str] | None = None) -> None:
    options = parse(make_parser(), "sweep", arguments, FREE)
    spec = choose_spec(options)
    dataset = load_images(spec.dataset, options.data_dir)
    runs = spec.runs(dataset)
    check_scheduler(options)  # before anything is written, or replaced
    with open_sweep(options, spec, runs) as results:
        table = RunTable(results)
        missing = table.missing(runs, (LOST, FAILED) if options.retry_failed else (LOST,))
        if missing:
            with cluster_of(options, memory_of(runs, dataset)) as cluster:
                compute_missing(table, runs, missing, cluster, options.data_dir)
        table.write(runs)
        found = table.table(runs)
        if missing or not results.finished:
            finish(found, spec, dataset, results)
        _report(found, spec, results)


def make_parser() -> argparse.ArgumentParser:
    """Options of a sweep."""
    names = ", ".join(sorted(file.stem for file in SPECS.glob("*.toml")))
    parser = argparse.ArgumentParser(
        prog="python -m protocols.sweep", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="parameters:\n" + "\n".join(
            f"  {p.name:16}{p.kind:8}{p.meaning}" for p in PARAMETERS.values()
        ),
    )  # fmt: skip
    add = parser.add_argument
    add("spec", nargs="?", type=Path, metavar="SPEC",
        help=f"specification: a TOML or YAML file, or one of {names}")
    add("--grid", nargs="+", metavar="NAME=VALUE,…",
        help="values of parameters, all combinations of which are run; in place of those of SPEC")
    add("--set", nargs="+", default=[], metavar="NAME=VALUE",
        help="parameters that are the same in all runs, besides those of SPEC")
    add("--dataset", metavar="NAME", help="images to learn (default: those of SPEC, else digits)")
    add("--data-dir", type=Path, metavar="DIR",
        help="folder with the IDX files of the data set, here and on all workers")
    add("--seeds", type=whole("seeds"), metavar="N", help="run each combination with seeds 0 to N - 1 "
        "(default: as SPEC says, else 1)")
    add("--measures", type=several(str), metavar="NAMES",
        help="accuracy, spikes, similarity, completion@0.8, … (default: as SPEC says, else "
        "accuracy,spikes)")
    add("--retry-failed", action="store_true",
        help="run those again that ended with an error")  # fmt: skip
    add_cluster_options(parser)
    add_output_options(parser, checkpoints=False)
    return parser


def choose_spec(options: argparse.Namespace) -> SweepSpec:
    """The specification that the options ask for; a run to go on with has its own.

    Raises
    ------
    ValueError
        If something in it is wrong, or there is nothing to run.
    """
    if options.resume is not None:
        return SweepSpec.from_plain(read_plan(options.resume, "sweep")["spec"])
    if options.spec is None and not options.grid:
        raise ValueError("the grid is empty: give SPEC, or --grid tau_z=5ms,20ms say.")
    spec = read_spec(options.spec) if options.spec is not None else spec_from({})
    if options.grid:
        grid = grid_from_arguments(options.grid)
        spec = replace(spec, grid={name: parse_values(name, grid[name]) for name in grid})
    fixed = {name: values[0] for name, values in grid_from_arguments(options.set).items()}
    spec = replace(spec, parameters={**spec.parameters, **parse_parameters(fixed)})
    for name in spec.grid.keys() & spec.parameters.keys():
        raise ValueError(f"{name} is in the grid and among the parameters: name it once.")
    return replace(
        spec,
        dataset=options.dataset or spec.dataset,
        seeds=tuple(range(options.seeds)) if options.seeds else spec.seeds,
        measures=tuple(options.measures or spec.measures),
    )


def open_sweep(options: argparse.Namespace, spec: SweepSpec, runs: list[Run]) -> Results:
    """The folder of a sweep; one that holds a part of the same runs is resumed."""
    ids = [run.id for run in runs]

    def check(before: dict) -> str | None:
        others = set(before["runs"]) - set(ids)
        return f"{len(others)} of whose runs are not in this one" if others else None

    options.dataset, options.seed = spec.dataset, spec.seeds[0]
    return open_folder("sweep", options, {"spec": asdict(spec), "runs": ids}, check)


def finish(table: pd.DataFrame, spec: SweepSpec, dataset: Dataset, results: Results) -> None:
    """Figure and summary."""
    figure = draw_sweep(
        table, swept_columns(spec), title=spec.title, framed=published_pair(table)
    )
    if figure is not None:
        results.save_figure(figure, "sweep")
    results.finish(
        {
            "dataset": dataset.name,
            "seeds": list(spec.seeds),
            "spec": asdict(spec),
            "runs": {"all": len(table), **table["status"].value_counts().to_dict()},
            "results": fingerprint(table),
            "seconds": round(float(table["seconds"].sum()), 1),
            "processors": sorted(set(table["processor"]) - {""}),
        }
    )


def swept_columns(spec: SweepSpec) -> list[str]:
    """Columns of the parameters that runs differ in."""
    return [PARAMETERS[name].column for name in spec.grid]


def published_pair(table: pd.DataFrame) -> tuple[float, float] | None:
    """tau_z (ms) and f_max (Hz) of the variant, None if there are several."""
    names = table["variant"].unique()
    if len(names) != 1:
        return None
    variant = find_variant(names[0])
    return round(float(variant.tau_z / ms), 9), round(float(variant.f_max / Hz), 9)


def _report(table: pd.DataFrame, spec: SweepSpec, results: Results) -> None:
    bad = table[table["status"] != "done"]
    swept, names = swept_columns(spec), list(table.columns)
    measured = names[names.index("seed") + 1 : names.index("status")]
    done = table[table["status"] == "done"]
    if len(done) and swept:
        means = done.groupby(swept, sort=False)[measured].mean()
        print(f"\nmeans over {len(spec.seeds)} seed{'s' * (len(spec.seeds) > 1)}")
        print(means.to_string(float_format="{:.4g}".format))
    for row in bad.itertuples():
        print(f"{row.status}: run {row.run}, seed {row.seed}: {row.error}")
    if len(bad):
        print("--retry-failed runs these again")
    print(f"\n{len(done)} of {len(table)} runs done, results {fingerprint(table)}: {results.path}")
    print(f"pandas.read_parquet({str(results.path / 'runs.parquet')!r}) reads the table")


if __name__ == "__main__":
    run_protocol(main)
