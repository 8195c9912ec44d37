"""How many patterns does a recurrent network hold, by rule of plasticity?

After Benchmarking Hebbian learning rules for associative memory (arXiv:2401.00335).
python -m protocols.capacity --seeds 5 --jobs 2
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from cortical_bcpnn.analysis.capacity import capacities, memory_spans, rules_compared
from cortical_bcpnn.drawing.capacity import draw_capacity, draw_forgetting_and_prototypes
from cortical_bcpnn.experiments import (
    Difficulties,
    Kinds,
    Results,
    ResumableTables,
    Whole,
    Wholes,
    experiment,
)
from cortical_bcpnn.experiments.capacity import (
    PATTERNS,
    TWIN_LOADS,
    Storage,
    build,
    forgotten,
    in_the_twin,
    prototypes_extracted,
    stored_and_recalled,
    tuned_gains,
)
from cortical_bcpnn.experiments.closing import mean_of
from cortical_bcpnn.experiments.parallel import side_by_side


@experiment
def capacity(
    storage: Storage, results: Results, *,
    kinds: Kinds = ("rate", "spspk"), tau_p: Wholes = (10, 30, 100), prototypes: Whole = 10,
    examples: Wholes = (1, 2, 4, 8, 16, 32, 64), distorted: Difficulties = (0.2, 0.3, 0.4),
    twin: bool = False, seeds: Whole = 3, seed: int = 0, jobs: Whole = 1,
) -> dict:  # fmt: skip
    """How many patterns does a recurrent network hold, by rule of plasticity?

    Parameters
    ----------
    kinds
        Of minicolumns. Forgetting and prototypes are those of the first.
    tau_p
        In patterns, for forgetting.
    prototypes
        Prototypes to extract.
    examples
        Numbers of examples of each prototype.
    distorted
        Shares of hypercolumns that differ in an example.
    twin
        Whether to ask the biophysical twin as well (4, 10 and 20 random patterns; minutes).
    seeds
        Networks, with seeds from SEED upwards.
    seed
        Seed of everything random.
    jobs
        Networks that run side by side.
    """
    memories, networks = storage.memories(), range(seed, seed + seeds)
    results.begin()

    def measured(measure: Callable, asked: Mapping[tuple, tuple], name: str) -> pd.DataFrame:
        kept = ResumableTables(results, asked, name)
        side_by_side(measure, asked, kept, jobs)
        return kept.table()

    for kind in kinds:
        build(memories, kind)
    tuned = measured(tuned_gains, {(kind,): (memories, kind, seed) for kind in kinds}, "gains")
    gains = {kind: dict(of[["rule", "gain"]].to_numpy()) for kind, of in tuned.groupby("kind")}
    of = {kind: (memories, {rule: [g] for rule, g in gains[kind].items()}, kind) for kind in kinds}

    asked: dict = {(k, p, s): (*of[k], p, s) for k in kinds for p in PATTERNS for s in networks}
    recalled = [measured(stored_and_recalled, asked, "recall")]
    if twin:
        asked = {(load, s): (memories, load, s) for load in TWIN_LOADS for s in networks}
        recalled.append(measured(in_the_twin, asked, "twin"))
    held = capacities(pd.concat(recalled))
    results.save_table(held, "capacities")
    first, length = of[kinds[0]], 3 * max(tau_p)
    asked = {(tau, s): (*first, length, tau, s) for tau in tau_p for s in networks}
    spans = memory_spans(measured(forgotten, asked, "forgetting"))
    asked = {(d, s): (*first, prototypes, examples, d, s) for d in distorted for s in networks}
    extracted = measured(prototypes_extracted, asked, "prototypes")
    others = {kinds[0]: (spans, extracted)}
    rules = {k: rules_compared(own, *others.get(k, ())) for k, own in held.groupby("kind", sort=False)}
    return {
        "size": storage.size, "cued": storage.size[0] - memories.missing, "seeds": list(networks),
        "gains": gains, "sources": {name: rule.source for name, rule in memories.rules.items()},
        "rules": {kind: table.to_dict("index") for kind, table in rules.items()},
    }  # fmt: skip


@capacity.figures
def figures(results: Results) -> dict:
    summary = results.summary()
    recall, held = results.table("recall"), results.table("capacities")
    forgetting, prototypes = results.table("forgetting"), results.table("prototypes")
    return {
        "capacity": draw_capacity(recall, held, summary["size"], summary["cued"]),
        "forgetting_and_prototypes": draw_forgetting_and_prototypes(forgetting, prototypes),
    }


@capacity.closing_table
def closing_table(results: Results) -> str:
    summary, texts = results.summary(), []
    of = f"{summary['size'][0]} x {summary['size'][1]}, {mean_of(summary)}"
    for kind, rules in summary["rules"].items():
        table = pd.DataFrame(rules).T.to_string(float_format="{:.2f}".format)
        texts.append(f"{kind}, {of}\n{table}\n")
    return "\n".join(texts)


if __name__ == "__main__":
    capacity.main()
