"""What a minicolumn, a spike and a pair of minicolumns cost, from networks of several sizes and rates.

python -m protocols.costs

Seconds of recall are fitted by a constant, a share for each minicolumn and time step, and a share
for each synapse that a spike reaches. docs/scaling.md extrapolates from them.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from brian2 import Hz

from cortical_bcpnn import AssociativeMemory, Parameters
from cortical_bcpnn.analysis.costs import fit_costs, measure_costs
from cortical_bcpnn.experiments import Results, ResumableTables, Whole, experiment
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.progress import progress_bar
from cortical_bcpnn.provenance import processor

INPUTS, FAN_IN, MINICOLUMNS = 196, 39, 100
#: Hidden hypercolumns, and largest rates in Hz.
CASES = ((15, 100), (30, 50), (30, 100), (30, 200), (30, 400), (60, 100))
CUES = 20
PATTERNS = 200


@experiment
def costs(results: Results, *, repeats: Whole = 5, seed: int = 0) -> dict:
    """What a minicolumn, a spike and a pair of minicolumns cost, from networks of several sizes.

    Seconds of recall are fitted by a constant, a share for each minicolumn and time step, and a
    share for each synapse that a spike reaches. docs/scaling.md extrapolates from them.

    Parameters
    ----------
    repeats
        Measurements of each case, of which the fastest counts.
    seed
        Seed of everything random.
    """
    Parameters(seed=seed)  # raises if it is none
    results.begin()

    images = np.random.default_rng(seed).random((PATTERNS, INPUTS)).round()
    kept = ResumableTables(results, CASES, "costs")
    for hypercolumns, f_max in progress_bar(kept.missing, unit="network"):
        with network(hypercolumns, f_max, seed) as memory:
            memory.learn(images)
            row = {"hypercolumns": hypercolumns, "f_max_hz": f_max,
                   **measure_costs(memory, images[:CUES], repeats)}  # fmt: skip
        kept.append((hypercolumns, f_max), [row])
    return {"processor": processor(), "load": os.getloadavg()[0], **fit_costs(kept.table())}


def network(hypercolumns: int, f_max: float, seed: int) -> AssociativeMemory:
    """A network before learning."""
    variant = replace(find_variant("spspk-full"), f_max=f_max * Hz)
    return AssociativeMemory(INPUTS, (hypercolumns, MINICOLUMNS), FAN_IN, variant=variant, seed=seed)


@costs.closing_table
def closing_table(results: Results) -> str:
    fitted = {name: v for name, v in results.summary().items() if isinstance(v, float)}
    table = results.table("costs").to_string(index=False, float_format="{:.4g}".format)
    return "\n".join([table, *(f"{name:24}{value:.4g}" for name, value in fitted.items())])


if __name__ == "__main__":
    costs.main()
