"""How fast the network learns and recalls, what it takes, and how that grows with its size.

python -m protocols.benchmark --dataset mnist --data-dir DIR --patterns 400 --json FILE
"""

from __future__ import annotations

import os
import platform
from json import dumps
from pathlib import Path

import numpy as np

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.analysis.dense_baseline import against_dense
from cortical_bcpnn.analysis.size_scaling import cases, exponents, measure_scaled
from cortical_bcpnn.analysis.timing import measure_build, measure_learning, measure_recall
from cortical_bcpnn.drawing.benchmark import draw_scaling
from cortical_bcpnn.experiments import Results, ResumableTables, Setup, Whole, experiment, flat
from cortical_bcpnn.experiments.journal import Journal
from cortical_bcpnn.files.sealed import write_atomically
from cortical_bcpnn.progress import progress_bar
from cortical_bcpnn.provenance import processor

RECALL_CUES = 40


@experiment(free=["json"], single=True)
def benchmark(
    setup: Setup, results: Results, *,
    patterns: Whole = 400, json: Path | None = None, no_scaling: bool = False, no_dense: bool = False,
) -> dict:  # fmt: skip
    """How fast the network learns and recalls, what it takes, and how that grows with its size.

    Parameters
    ----------
    patterns
        Patterns to learn in each measurement.
    json
        Where to write the figures as well (default: benchmark.json in the output folder alone).
    no_scaling
        Leave out the measurements at other sizes.
    no_dense
        Leave out the dense baselines.
    """
    images = flat(setup.data.train_images)
    images = images[np.arange(patterns) % len(images)]
    memory = setup.network()
    results.begin()

    machine = {"processor": processor(), "cores": os.cpu_count(), "system": platform.system()}
    found = {"variant": memory.parameters.variant.name, "dataset": setup.dataset,
             "patterns": patterns, "machine": machine, **results.made_by()}  # fmt: skip
    parts = {
        "network": lambda: measure_network(memory, images, setup.jobs),  # first, for the peak of memory
        "build": lambda: measure_build(memory),
        "dense": lambda: against_dense(memory, found["learn_ms_per_pattern"]),
    }
    kept = Journal(results, "parts.jsonl", ["found"])
    for name, measure in parts.items():
        if name == "dense" and no_dense:
            continue
        if name not in kept:
            kept.append(name, {"found": measure()})
        found |= kept[name]["found"]
        write(found, results, json)
    if not no_scaling:
        table = ResumableTables(results, cases(memory), "scaling")
        for kind, scale in progress_bar(table.missing, desc="sizes", unit="size"):
            table.append((kind, scale), [measure_scaled(memory, kind, scale, images, RECALL_CUES)])
        found["scaling_exponents"] = exponents(table.table())
        write(found, results, json)
    return found


def measure_network(memory: AssociativeMemory, images: np.ndarray, jobs: int) -> dict:
    """Time to learn and to recall, and memory."""
    with memory:
        learning = measure_learning(memory, images)
        return {**learning, **measure_recall(memory, images[:RECALL_CUES], jobs)}


def write(found: dict, results: Results, path: Path | None) -> None:
    """Write the figures so far."""
    content = (dumps(found, indent=2) + "\n").encode()
    results.write("benchmark.json", content)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)


@benchmark.figures
def figures(results: Results) -> dict:
    fitted = results.summary().get("scaling_exponents")
    return {} if fitted is None else {"scaling": draw_scaling(results.table("scaling"), fitted)}


@benchmark.closing_table
def closing_table(results: Results) -> str:
    found = results.summary()
    split = ", ".join(f"{name} {value:.2f}" for name, value in found["learn_split_ms"].items())
    speedup = ", ".join(f"{j} jobs {r:.2f}" for j, r in found["recall_speedup"].items())
    lines = [
        f"{found['variant']} on {found['dataset']}, {found['patterns']} patterns",
        f"build {found['build_s']:.1f} s, from the cache {found['rebuild_s']:.1f} s",
        f"learning {found['learn_ms_per_pattern']:.2f} ms per pattern ({split})",
        f"  {found['real_time_factor']:.1f} times real time",
        f"recall {found['recall_us_per_step']:.1f} µs per step; speed-up {speedup}",
        f"peak memory while learning {found['peak_memory_mb']:.0f} MB",
    ]
    for name in ("every_step", "per_pattern"):
        if f"ratio_to_dense_{name}" in found:
            ratio = found[f"ratio_to_dense_{name}"]
            lines.append(f"{ratio:.1f} times faster than dense traces, {name.replace('_', ' ')}")
    if "scaling_exponents" in found:
        lines.append(f"exponents of cost against size: {found['scaling_exponents']}")
    return "\n".join(lines)


if __name__ == "__main__":
    benchmark.main()
