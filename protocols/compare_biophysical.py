"""The abstract recurrent network and its biophysical twin, on the same patterns and cues.

python -m protocols.compare_biophysical --patterns 4,10 --seeds 3
"""

from __future__ import annotations

import argparse
from dataclasses import fields

import numpy as np
import pandas as pd

from cortical_bcpnn.analysis.comparison import summarise
from cortical_bcpnn.biophysical.recurrent import recalling
from cortical_bcpnn.drawing.comparison import (
    draw_dynamics,
    draw_learned,
    draw_rasters,
    draw_recall,
    draw_single_synapses,
)
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.options import (
    add_output_options,
    open_results,
    parse,
    run_protocol,
    seeds,
    several,
    whole,
)
from cortical_bcpnn.experiments.parallel import in_parallel
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.experiments.two_models import MODELS, Outcome, build, run_seed, single_synapses

#: Measures with half the hypercolumns cued, in the order of the table: name, text, unit.
MEASURES = (
    ("complete_ms", "time to complete", "ms"),
    ("attractor_ms", "duration of the attractor", "ms"),
    ("outlasts", "attractors that outlast the trial", ""),
    ("mean_hz", "mean firing rate", "Hz"),
    ("winners_hz", "firing rate of winning minicolumns", "Hz"),
    ("peak_hz", "peak firing rate", "Hz"),
    ("cv_isi", "CV of inter-spike intervals", ""),
    ("synchrony", "synchrony", ""),
)
TABLES = tuple(item.name for item in fields(Outcome))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.compare_biophysical", description=__doc__.split("\n")[0]
    )
    add = parser.add_argument
    add("--patterns", type=several(whole("patterns")), default=[4, 10], metavar="N,…",
        help="random patterns to store; each number in networks of its own (default: 4,10)")  # fmt: skip
    for name, default, text in (
        ("hypercolumns", 9, "hypercolumns of both networks"),
        ("minicolumns", 9, "minicolumns of each hypercolumn"),
        ("seeds", 3, "networks, with seeds from --seed upwards"),
        ("jobs", 1, "seeds that run side by side; speeds are those of a machine that is shared then"),
    ):
        add(f"--{name}", type=whole(name), default=default, metavar="N",
            help=f"{text} (default: {default})")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="seed of everything random (default: 0)")
    add_output_options(parser)
    options = parse(parser, "compare_biophysical", arguments)
    for name, least in (("hypercolumns", 4), ("minicolumns", 3)):
        if getattr(options, name) < least:
            raise ValueError(f"--{name} is {getattr(options, name)}: give {least} or more.")
    if options.seed < 0:
        raise ValueError(f"--seed is {options.seed}: give 0 or more.")
    with open_results("compare_biophysical", options) as results:
        if not results.finished:
            run(options, results)
        _report(results)


def run(options: argparse.Namespace, results: Results) -> None:
    """All seeds that have not been run, the single synapses, the table and the pictures."""
    tables = _all_seeds(options, results)
    synapses = ResumableTables(results, [()], "synapse_rates", "synapse_timing")
    for key in synapses.missing:
        synapses.append(key, *single_synapses())
    rates, timing = synapses.table("synapse_rates"), synapses.table("synapse_timing")
    half = options.hypercolumns // 2
    by_condition = _by_condition(tables["trials"])
    results.save_table(by_condition, "recall")
    table = pd.concat([_table(_of(tables, n), half).assign(stored=n) for n in options.patterns])
    table.insert(0, "stored", table.pop("stored"))
    results.save_table(table, "comparison")
    shown = _of(tables, max(options.patterns))
    results.save_figure(draw_learned(shown["weights"], shown["biases"]), "learned")
    results.save_figure(draw_recall(by_condition), "recall")
    results.save_figure(draw_dynamics(shown["course"], _half(shown["trials"], half)), "dynamics")
    results.save_figure(draw_rasters(shown["spikes"], options.minicolumns), "spikes")
    results.save_figure(draw_single_synapses(rates, timing), "single_synapses")
    results.finish({
        "patterns": options.patterns,
        "hypercolumns": options.hypercolumns,
        "minicolumns": options.minicolumns,
        "seeds": seeds(options),
        "cued_half": half,
        "patterns_in_figures": max(options.patterns),
        "abstract_recall": [
            {"ms": round(1e3 * float(phase.duration)), "clamped": list(phase.clamped),
             "gains": dict(phase.gains)} for phase in recalling()
        ],
        "comparison": {str(n): _plain(table[table["stored"] == n]) for n in options.patterns},
    })  # fmt: skip


def _plain(table: pd.DataFrame) -> dict:
    """The table of one number of patterns, by quantity."""
    return {
        row["quantity"]: {name: None if pd.isna(value) else value
                          for name, value in row.items() if name not in ("quantity", "stored")}
        for row in table.to_dict("records")
    }  # fmt: skip


def _of(tables: dict[str, pd.DataFrame], stored: int) -> dict[str, pd.DataFrame]:
    """Tables of the networks that store so many patterns."""
    return {name: table[table["stored"] == stored] for name, table in tables.items()}


def _all_seeds(options: argparse.Namespace, results: Results) -> dict[str, pd.DataFrame]:
    """Tables of all networks, in order; those of each are saved when it has been run."""
    pieces = [(number, seed) for number in options.patterns for seed in seeds(options)]
    kept = ResumableTables(results, sorted(pieces), *TABLES)
    sizes = options.hypercolumns, options.minicolumns
    if kept.missing:
        build(*sizes)
    work = [(seed, number, *sizes) for number, seed in kept.missing]
    for outcome in in_parallel(run_seed, work, options.jobs, desc="networks", unit="pair"):
        tables = [getattr(outcome, name) for name in TABLES]
        key = (tables[0]["stored"].iloc[0], tables[0]["seed"].iloc[0])
        kept.append(key, *tables)
    return {name: kept.table(name) for name in TABLES}


def _half(trials: pd.DataFrame, half: int) -> pd.DataFrame:
    return trials[(trials["cued"] == half) & (trials["wrong"] == 0)]


def _by_condition(trials: pd.DataFrame) -> pd.DataFrame:
    """Means over the trials of every seed, model and condition."""
    groups = trials.groupby(["stored", "seed", "model", "cued", "wrong"], sort=True)
    measures = ["recalled", *(name for name, _, _ in MEASURES), "correct"]
    rows = [dict(zip(groups.keys, key)) | summarise(trials[measures]) for key, trials in groups]
    return pd.DataFrame(rows)


def _table(tables: dict[str, pd.DataFrame], half: int) -> pd.DataFrame:
    """Mean and standard deviation over seeds of all that is compared."""
    by_condition, rows = _by_condition(tables["trials"]), []
    for (cued, wrong), found in by_condition.groupby(["cued", "wrong"], sort=True):
        by_seed = {m: found.loc[found["model"] == m, "recalled"] for m in MODELS}
        text = f"{cued} cued" + (f", {wrong} of them wrongly" if wrong else "")
        rows.append(_row(f"patterns recalled, {text}", "", by_seed))
    found = _half(by_condition, half)
    for name, text, unit in MEASURES:
        by_seed = {m: found.loc[found["model"] == m, name] for m in MODELS}
        rows.append(_row(text, unit, by_seed))
    for name in ("learning", "recall"):
        speed = tables["speed"]
        by_seed = {m: speed.loc[speed["model"] == m, name] for m in MODELS}
        rows.append(_row(f"simulated seconds per wall second, {name}", "", by_seed))
    pairs, used = tables["weights"], tables["biases"]
    pairs, used = pairs[pairs["used"]], used[used["patterns"] > 0]
    for what, table in (("weights", pairs), ("biases", used)):
        for trace, receptor in (("fast", "AMPA"), ("slow", "NMDA")):
            for kind, method in (("correlation", "pearson"), ("rank correlation", "spearman")):
                r = pd.Series([rows_[["abstract", trace]].corr(method).iloc[0, 1]
                               for _, rows_ in table.groupby("seed")])  # fmt: skip
                rows.append(_row(f"{kind} of {what}, {receptor} against abstract", "",
                                 {"biophysical": r}))  # fmt: skip
    return pd.DataFrame(rows)


def _row(text: str, unit: str, by_model: dict[str, pd.Series]) -> dict:
    row = {"quantity": text, "unit": unit}
    for model in MODELS:
        values = by_model.get(model, pd.Series(dtype=float))
        row[model] = float(values.mean()) if len(values) else np.nan
        row[f"{model}_sd"] = float(values.std()) if len(values) > 1 else np.nan
    return row


def _report(results: Results) -> None:
    summary, table = results.summary(), results.load_table("comparison")
    table["unit"] = table["unit"].fillna("")
    for number, rows in table.groupby("stored", sort=False):
        print(f"\n{number} patterns in {summary['hypercolumns']} x {summary['minicolumns']}, seeds "
              f"{summary['seeds']}; {summary['cued_half']} hypercolumns cued if not said")  # fmt: skip
        rows = rows.drop(columns="stored")
        print(rows.to_string(index=False, na_rep="", float_format="{:.3g}".format))
    print(f"\ntables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
