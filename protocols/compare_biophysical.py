"""The abstract recurrent network and its biophysical twin, on the same patterns and cues.

python -m protocols.compare_biophysical --patterns 10 --seeds 3
"""

from __future__ import annotations

import argparse
from dataclasses import fields

import numpy as np
import pandas as pd

from cortical_bcpnn.comparison import summarise
from cortical_bcpnn.recurrent import recalling
from figures.comparison import (
    draw_dynamics,
    draw_learned,
    draw_rasters,
    draw_recall,
    draw_single_synapses,
)

from .options import add_output_options, open_results, parse, run_protocol, seeds, whole
from .parallel import in_parallel
from .results import Results
from .two_models import MODELS, Outcome, build, run_seed, single_synapses

#: Measures of half the hypercolumns cued, in the order of the table: name, text, unit.
MEASURES = (
    ("recalled", "patterns recalled", ""),
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
    for name, default, text in (
        ("patterns", 10, "random patterns to store"),
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
    if results.load_table("synapse_timing") is None:
        rates, timing = single_synapses()
        results.save_table(rates, "synapse_rates")
        results.save_table(timing, "synapse_timing")
    rates, timing = results.load_table("synapse_rates"), results.load_table("synapse_timing")
    half = options.hypercolumns // 2
    by_condition = _by_condition(tables["trials"])
    results.save_table(by_condition, "recall")
    table = _table(tables, half)
    results.save_table(table, "comparison")
    results.save_figure(draw_learned(tables["weights"], tables["biases"]), "learned")
    results.save_figure(draw_recall(by_condition), "recall")
    results.save_figure(draw_dynamics(tables["course"], _half(tables["trials"], half)), "dynamics")
    results.save_figure(draw_rasters(tables["spikes"], options.minicolumns), "spikes")
    results.save_figure(draw_single_synapses(rates, timing), "single_synapses")
    results.finish({
        "patterns": options.patterns,
        "hypercolumns": options.hypercolumns,
        "minicolumns": options.minicolumns,
        "seeds": seeds(options),
        "cued_half": half,
        "abstract_recall": [
            {"ms": round(1e3 * float(phase.duration)), "clamped": list(phase.clamped),
             "gains": dict(phase.gains)} for phase in recalling()
        ],
        "comparison": {
            row["quantity"]: {name: None if pd.isna(value) else value
                              for name, value in row.items() if name != "quantity"}
            for row in table.to_dict("records")
        },
    })  # fmt: skip


def _all_seeds(options: argparse.Namespace, results: Results) -> dict[str, pd.DataFrame]:
    """Tables of all seeds, in order of the seeds; those of each are saved when it has been run."""
    known = {name: results.load_table(name) for name in TABLES}
    done = set()
    if all(table is not None for table in known.values()):
        done = set.intersection(*(set(table["seed"]) for table in known.values()))
    parts = {name: [] if table is None else [table[table["seed"].isin(done)]]
             for name, table in known.items()}  # fmt: skip
    missing = [seed for seed in seeds(options) if seed not in done]
    sizes = options.patterns, options.hypercolumns, options.minicolumns
    if missing:
        build(*sizes[1:])
    work = [(seed, *sizes) for seed in missing]
    for outcome in in_parallel(run_seed, work, options.jobs, desc="networks", unit="pair"):
        for name in TABLES:
            parts[name].append(getattr(outcome, name))
            table = pd.concat(parts[name]).sort_values("seed", kind="stable")
            results.save_table(table, name)
    # As they have been written, so that a run that was stopped comes to the same, bit for bit.
    return {name: results.load_table(name) for name in TABLES}


def _half(trials: pd.DataFrame, half: int) -> pd.DataFrame:
    return trials[(trials["cued"] == half) & (trials["wrong"] == 0)]


def _by_condition(trials: pd.DataFrame) -> pd.DataFrame:
    """Means over the trials of every seed, model and condition."""
    groups = trials.groupby(["seed", "model", "cued", "wrong"], sort=True)
    rows = [dict(zip(groups.keys, key)) | summarise(rows[[m for m, _, _ in MEASURES] + ["correct"]])
            for key, rows in groups]  # fmt: skip
    return pd.DataFrame(rows)


def _table(tables: dict[str, pd.DataFrame], half: int) -> pd.DataFrame:
    """Mean and standard deviation over seeds of all that is compared."""
    by_seed = {}
    found = _half(_by_condition(tables["trials"]), half)
    rows = []
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
    print(f"\n{summary['patterns']} patterns in {summary['hypercolumns']} x {summary['minicolumns']}, "
          f"seeds {summary['seeds']}, {summary['cued_half']} hypercolumns cued")  # fmt: skip
    table["unit"] = table["unit"].fillna("")
    print(table.to_string(index=False, na_rep="", float_format="{:.3g}".format))
    print(f"\ntables and pictures: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
