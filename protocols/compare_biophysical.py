"""The abstract recurrent network and its biophysical twin, on the same patterns and cues.

python -m protocols.compare_biophysical --patterns 4,10 --seeds 3
"""

from __future__ import annotations

from cortical_bcpnn.analysis.comparison_tables import (
    by_quantity,
    compare_two_models,
    recall_by_condition,
    rightly_cued,
)
from cortical_bcpnn.biophysical.recurrent import recalling
from cortical_bcpnn.drawing.comparison import (
    draw_dynamics,
    draw_learned,
    draw_rasters,
    draw_recall,
    draw_single_synapses,
)
from cortical_bcpnn.experiments import Results, ResumableTables, Whole, Wholes, experiment
from cortical_bcpnn.experiments.arguments import check_at_least
from cortical_bcpnn.experiments.parallel import side_by_side
from cortical_bcpnn.experiments.two_models import Outcome, build, run_seed, single_synapses


@experiment
def compare_biophysical(
    results: Results, *,
    patterns: Wholes = (4, 10), hypercolumns: Whole = 9, minicolumns: Whole = 9,
    seeds: Whole = 3, seed: int = 0, jobs: Whole = 1,
) -> dict:  # fmt: skip
    """The abstract recurrent network and its biophysical twin, on the same patterns and cues.

    Parameters
    ----------
    patterns
        Random patterns to store, separated by commas; each number in networks of its own.
    hypercolumns
        Hypercolumns of both networks.
    minicolumns
        Minicolumns of each hypercolumn.
    seeds
        Networks, with seeds from SEED upwards.
    seed
        Seed of everything random.
    jobs
        Networks that run side by side; speeds are those of a machine that is shared then.
    """
    check_at_least(hypercolumns=(hypercolumns, 4), minicolumns=(minicolumns, 3), seed=(seed, 0))
    results.begin()

    all_seeds = [seed + number for number in range(seeds)]
    sizes = hypercolumns, minicolumns
    networks = {(n, s): (s, n, *sizes) for n in sorted(patterns) for s in all_seeds}
    kept = ResumableTables(results, networks, *Outcome._fields)
    if kept.missing:
        build(*sizes)
    side_by_side(run_seed, networks, kept, jobs)
    synapses = ResumableTables(results, [()], "synapse_rates", "synapse_timing")
    for key in synapses.missing:
        synapses.append(key, *single_synapses())

    tables = {name: kept.table(name) for name in Outcome._fields}
    half = hypercolumns // 2
    results.save_table(recall_by_condition(tables["trials"]), "recall")
    comparison = compare_two_models(tables, half)
    results.save_table(comparison, "comparison")
    return {
        "patterns": list(patterns),
        "hypercolumns": hypercolumns,
        "minicolumns": minicolumns,
        "seeds": all_seeds,
        "cued_half": half,
        "patterns_in_figures": max(patterns),
        "abstract_recall": [
            {"ms": round(1e3 * float(phase.duration)), "clamped": list(phase.clamped),
             "gains": dict(phase.gains)} for phase in recalling()
        ],
        "comparison": by_quantity(comparison),
    }  # fmt: skip


@compare_biophysical.figures
def figures(results: Results) -> dict:
    summary = results.summary()
    shown = {name: results.table(name) for name in Outcome._fields}
    shown = {n: t[t["stored"] == summary["patterns_in_figures"]] for n, t in shown.items()}
    half_cued = rightly_cued(shown["trials"], summary["cued_half"])
    synapses = results.table("synapse_rates"), results.table("synapse_timing")
    return {
        "learned": draw_learned(shown["weights"], shown["biases"]),
        "recall": draw_recall(results.table("recall")),
        "dynamics": draw_dynamics(shown["course"], half_cued),
        "spikes": draw_rasters(shown["spikes"], summary["minicolumns"]),
        "single_synapses": draw_single_synapses(*synapses),
    }


@compare_biophysical.closing_table
def closing_table(results: Results) -> str:
    summary, table = results.summary(), results.table("comparison").fillna({"unit": ""})
    sizes = f"{summary['hypercolumns']} x {summary['minicolumns']}"
    said = f"seeds {summary['seeds']}; {summary['cued_half']} hypercolumns cued if not said"
    texts = []
    for number, rows in table.groupby("stored", sort=False):
        shown = rows.drop(columns="stored")
        text = shown.to_string(index=False, na_rep="", float_format="{:.3g}".format)
        texts.append(f"{number} patterns in {sizes}, {said}\n{text}\n")
    return "\n".join(texts)


if __name__ == "__main__":
    compare_biophysical.main()
