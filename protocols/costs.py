"""What a minicolumn, a spike and a pair of minicolumns cost, from networks of several sizes and rates.

python -m protocols.costs

Seconds of recall are fitted by a constant, a share for each minicolumn and time step, and a share
for each synapse that a spike reaches. docs/scaling.md extrapolates from them.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from dataclasses import replace

import numpy as np
import pandas as pd
from brian2 import Hz
from scipy.optimize import nnls
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.circuits.resources import pairs
from cortical_bcpnn.experiments.options import (
    add_output_options,
    open_results,
    parse,
    run_protocol,
    whole,
)
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.provenance import processor

INPUTS, FAN_IN, MINICOLUMNS = 196, 39, 100
#: Hidden hypercolumns, and largest rates in Hz.
CASES = ((15, 100), (30, 50), (30, 100), (30, 200), (30, 400), (60, 100))
CUES = 20
PATTERNS = 200


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.costs", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--repeats", type=whole("repeats"), default=5, metavar="N",
                        help="measurements of each case, of which the fastest counts "
                        "(default: %(default)s)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    add_output_options(parser, checkpoints=False)
    options = parse(parser, "costs", arguments)
    with open_results("costs", options) as results:
        if not results.finished:
            rows = [measure(*case, options) for case in tqdm(CASES, unit="network")]
            table = pd.DataFrame(rows)
            results.save_table(table, "costs")
            results.finish({"processor": processor(), "load": os.getloadavg()[0], **fit(table)})
        _report(results)


def measure(hypercolumns: int, f_max: int, options: argparse.Namespace) -> dict[str, float]:
    """Time of recall per step, and what happens in a step; time of learning; memory.

    Of several measurements the fastest counts: others on the machine only make it slower.
    """
    variant = replace(find_variant("spspk-full"), f_max=f_max * Hz)
    memory = AssociativeMemory(
        INPUTS, (hypercolumns, MINICOLUMNS), FAN_IN, variant=variant, seed=options.seed
    )
    images = np.random.default_rng(options.seed).random((PATTERNS, INPUTS)).round()
    n_steps = sum(memory.parameters.steps(p.duration) for p in variant.recall_protocol())
    with memory:
        memory.learn(images)
        memory.recall(images[:1])  # starts the process
        seconds = []
        for _ in range(options.repeats):
            began = time.perf_counter()
            recall = memory.recall(images[:CUES])
            seconds.append(time.perf_counter() - began)
        peak = memory._recalling(1)[0].peak_memory()
        counts = {n: float(c.sum()) for n, c in recall.spike_counts[recall.moments[-1]].items()}
        return {
            "hypercolumns": hypercolumns,
            "f_max_hz": f_max,
            "minicolumns": sum(p.size for p in memory.architecture.populations),
            "synapses": sum(_synapses(memory, p) for p in memory.architecture.projections),
            "pairs": sum(pairs(memory.architecture, p) for p in memory.architecture.projections),
            "events_per_step": _events(memory, counts) / CUES / n_steps,
            "us_per_step": 1e6 * min(seconds) / CUES / n_steps,
            "recall_mb": peak / 1e6,
            "python_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        }


def fit(table: pd.DataFrame) -> dict[str, float]:
    """Costs that explain the table best, none of them negative, and how well they do.

    Returns
    -------
    dict of float
        us_per_step, ns_per_minicolumn_step, ns_per_event, bytes_per_synapse (of the process
        that recalls), and largest_error, relative.
    """
    seconds = table["us_per_step"].to_numpy()
    causes = np.column_stack([np.ones(len(table)), table["minicolumns"], table["events_per_step"]])
    costs, _ = nnls(causes / seconds[:, None], np.ones(len(table)))  # relative errors
    slope = np.polyfit(table["synapses"], table["recall_mb"] * 1e6, 1)[0]
    return {
        "us_per_step": costs[0],
        "ns_per_minicolumn_step": 1e3 * costs[1],
        "ns_per_event": 1e3 * costs[2],
        "bytes_per_synapse": float(slope),
        "largest_error": float(np.abs(causes @ costs / seconds - 1).max()),
    }


def _synapses(memory: AssociativeMemory, projection) -> int:
    """Connected pairs of minicolumns."""
    pre, _ = memory.architecture.ends(projection)
    return pairs(memory.architecture, projection) * projection.fan_in // pre.hypercolumns


def _events(memory: AssociativeMemory, counts: dict[str, float]) -> float:
    """Synapses that spikes have reached."""
    return sum(
        counts[p.pre] * _synapses(memory, p) / memory.architecture.population(p.pre).size
        for p in memory.architecture.projections
    )


def _report(results: Results) -> None:
    print(results.load_table("costs").to_string(index=False, float_format="{:.4g}".format))
    for name, value in results.summary().items():
        if isinstance(value, float):
            print(f"{name:24}{value:.4g}")
    print(f"table: {results.path}")


if __name__ == "__main__":
    run_protocol(main)
