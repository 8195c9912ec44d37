"""How fast the network learns and recalls, what it takes, and how that grows with its size.

python -m protocols.benchmark --dataset mnist --data-dir DIR --patterns 400 --json FILE
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from brian2 import ms
from tqdm import tqdm

from cortical_bcpnn import AssociativeMemory
from cortical_bcpnn.data.patterns import minicolumn_activity
from cortical_bcpnn.drawing.benchmark import draw_scaling
from cortical_bcpnn.experiments.dense_baseline import microseconds_per_step
from cortical_bcpnn.experiments.networks import load_dataset, make_memory
from cortical_bcpnn.experiments.options import add_options, open_results, parse, run_protocol, whole
from cortical_bcpnn.experiments.results import Results
from cortical_bcpnn.files.sealed import write_atomically
from cortical_bcpnn.learned.checkpoints import LearningRun, NoCheckpoints
from cortical_bcpnn.learning import Learner
from cortical_bcpnn.provenance import provenance

DENSE_STEPS = 20  # of the baseline that steps all traces every dt: 30 ms each at paper scale
DENSE_PRESENTATIONS = 5  # of the baseline that steps them once per pattern
RECALL_CUES = 40
SCALES = (0.25, 0.5, 1.0, 2.0)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m protocols.benchmark", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    parser.add_argument("--patterns", type=whole("patterns"), default=400, metavar="N",
                        help="patterns to learn in each measurement (default: 400)")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="where to write the figures (default: benchmark.json in the output "
                        "folder)")  # fmt: skip
    parser.add_argument("--no-scaling", action="store_true",
                        help="leave out the measurements at other sizes")  # fmt: skip
    parser.add_argument("--no-dense", action="store_true",
                        help="leave out the dense baselines")  # fmt: skip
    options = parse(parser, "benchmark", arguments)
    dataset = load_dataset(options)
    images = dataset.train_images.reshape(len(dataset.train_images), -1)
    images = images[np.arange(options.patterns) % len(images)]
    with open_results("benchmark", options) as results:
        run(make_memory(options, dataset), images, options, results)


def run(
    memory: AssociativeMemory, images: np.ndarray, options: argparse.Namespace, results: Results
) -> None:
    """All measurements."""
    result = {"variant": memory.parameters.variant.name, "dataset": options.dataset,
              "patterns": len(images), "machine": _machine(), **provenance(options.arguments)}
    result |= measure_learning(memory, images)  # first, for the peak of memory
    result |= measure_recall(memory, images[:RECALL_CUES], options.jobs)
    result |= measure_build(memory)
    if not options.no_dense:
        result |= measure_dense(memory, result["learn_ms_per_pattern"])
    _write(result, options, results)
    _report(result)
    if not options.no_scaling:
        table = measure_scaling(memory, images)
        results.save_table(table, "scaling")
        exponents = _exponents(table)
        result["scaling_exponents"] = exponents
        _write(result, options, results)
        results.save_figure(draw_scaling(table, exponents), "scaling")
        print(f"\nexponents of cost against size: {exponents}")
    results.finish(result)
    print(f"figures: {results.path}")


def _write(result: dict, options: argparse.Namespace, results: Results) -> None:
    """Write the figures so far."""
    content = json.dumps(result, indent=2) + "\n"
    results.write("benchmark.json", content.encode())
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(options.json, content.encode())


def measure_build(memory: AssociativeMemory) -> dict[str, float]:
    """Seconds to generate and compile both programs, and to find them in the cache."""
    protocols = memory.parameters.variant
    kept = os.environ.get("CORTICAL_BCPNN_CACHE")
    seconds = []
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CORTICAL_BCPNN_CACHE"] = cache
        try:
            for _ in range(2):
                started = time.perf_counter()
                for plastic, protocol in (
                    (True, protocols.learning_protocol()),
                    (False, protocols.recall_protocol()),
                ):
                    for simulation in memory._start(protocol, plastic):
                        simulation.close()
                seconds.append(time.perf_counter() - started)
        finally:
            del os.environ["CORTICAL_BCPNN_CACHE"]
            if kept is not None:
                os.environ["CORTICAL_BCPNN_CACHE"] = kept
    return {"build_s": seconds[0], "rebuild_s": seconds[1]}


def measure_learning(memory: AssociativeMemory, images: np.ndarray) -> dict:
    """Milliseconds per pattern, whole and in parts, and peak memory of both processes."""
    protocol = memory.parameters.variant.learning_protocol()
    n_steps = sum(memory.parameters.steps(phase.duration) for phase in protocol)
    before = dict(memory.seconds)
    started = time.perf_counter()
    memory.learn(images)
    total = time.perf_counter() - started - (memory.seconds["build"] - before["build"])
    rewiring = memory.seconds["rewire"] - before["rewire"]
    loop = memory.seconds["learn"] - before["learn"]

    # The same presentations without the steps in which traces learn.
    simulation = memory._start(protocol, plastic=True)[0]
    run = LearningRun("", len(images), 1, False, protocol, memory.n_learned)
    Learner(memory, simulation, run, NoCheckpoints())  # puts traces and connections in place
    simulation.set("HID.g_feedforward", 1.0)
    for name in ("INP", "INPRC"):
        simulation.set(f"{name}.clamped", True)
    stimulus = np.log(minicolumn_activity(images) + memory.parameters.epsilon)

    def present():
        for row in stimulus:
            for name in ("INP", "INPRC"):
                simulation.set(f"{name}.log_stimulus", row)
            yield n_steps, False

    started = time.perf_counter()
    simulation.drive(present(), n_steps * len(images))
    without_learning = time.perf_counter() - started
    peak = simulation.peak_memory() + 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    simulation.close()
    per_pattern = 1e3 / len(images)
    presentation = float(n_steps * memory.parameters.dt / ms)
    return {
        "learn_ms_per_pattern": total * per_pattern,
        "learn_split_ms": {
            "simulation": without_learning * per_pattern,
            "plasticity": (loop - rewiring - without_learning) * per_pattern,
            "rewiring": rewiring * per_pattern,
            "startup": (total - loop) * per_pattern,
        },
        "real_time_factor": presentation / (total * per_pattern),
        "peak_memory_mb": peak / 1e6,
    }


def measure_recall(memory: AssociativeMemory, cues: np.ndarray, largest: int) -> dict:
    """Microseconds per time step of one process, and speed-up over several."""
    protocol = memory.recall_protocol()
    n_steps = sum(memory.parameters.steps(phase.duration) for phase in protocol)
    memory.recall(cues[:largest], jobs=largest)  # starts the processes
    seconds = {}
    for jobs in sorted({1, 2, largest} - {0}):
        if jobs <= largest:
            batch = np.concatenate([cues] * jobs)
            started = time.perf_counter()
            memory.recall(batch, jobs=jobs, populations=["HID"])
            seconds[jobs] = (time.perf_counter() - started) / len(batch)
    memory.close()
    return {
        "recall_us_per_step": 1e6 * seconds[1] / n_steps,
        "recall_speedup": {str(jobs): seconds[1] / value for jobs, value in seconds.items()},
    }


def measure_dense(memory: AssociativeMemory, learn_ms_per_pattern: float) -> dict[str, float]:
    """How many times faster learning is than with dense traces."""
    parameters = memory.parameters
    n_steps = parameters.steps(parameters.variant.feedforward)
    every_step = microseconds_per_step(memory.architecture, parameters, True, DENSE_STEPS)
    per_pattern = microseconds_per_step(
        memory.architecture, parameters, False, DENSE_PRESENTATIONS * n_steps
    )
    own = 1e3 * learn_ms_per_pattern / n_steps
    return {
        "dense_every_step_us_per_step": every_step,
        "dense_per_pattern_us_per_step": per_pattern,
        "ratio_to_dense_every_step": every_step / own,
        "ratio_to_dense_per_pattern": per_pattern / own,
    }


def measure_scaling(memory: AssociativeMemory, images: np.ndarray) -> pd.DataFrame:
    """Cost of learning and recall at other sizes, one size varied at a time."""
    n_inputs = memory.architecture.populations[0].hypercolumns
    hidden = memory.architecture.population("HID")
    fan_in = memory.architecture.projection("feedforward").fan_in
    rows = []
    cases = [
        (kind, scale) for kind in ("hidden minicolumns", "fan-in", "input") for scale in SCALES
    ]
    for kind, scale in tqdm(cases, desc="sizes", unit="size"):
        size = {"hidden minicolumns": hidden.minicolumns, "fan-in": fan_in, "input": n_inputs}
        size[kind] = round(size[kind] * scale)
        if not (size["fan-in"] <= size["input"] and (kind != "input" or scale <= 1)):
            continue
        scaled = AssociativeMemory(
            size["input"],
            (hidden.hypercolumns, size["hidden minicolumns"]),
            size["fan-in"],
            variant=memory.parameters.variant,
            tau_p=memory.parameters.tau_p,
            seed=memory.parameters.seed,
        )
        learning = measure_learning(scaled, images[:, : size["input"]])
        recall = measure_recall(scaled, images[:RECALL_CUES, : size["input"]], 1)
        split = learning["learn_split_ms"]
        rows.append(
            {
                "varied": kind,
                "size": size[kind],
                "learn_ms_per_pattern": learning["learn_ms_per_pattern"] - split["startup"],
                "recall_us_per_step": recall["recall_us_per_step"],
            }
        )
    return pd.DataFrame(rows)


def _exponents(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Slopes of log cost against log size."""
    exponents = {}
    for kind, rows in table.groupby("varied", sort=False):
        exponents[kind] = {
            cost: round(float(np.polyfit(np.log(rows["size"]), np.log(rows[cost]), 1)[0]), 3)
            for cost in ("learn_ms_per_pattern", "recall_us_per_step")
        }
    return exponents


def _machine() -> dict:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor()
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system()}


def _report(result: dict) -> None:
    split = ", ".join(f"{name} {value:.2f}" for name, value in result["learn_split_ms"].items())
    speedup = ", ".join(f"{j} jobs {r:.2f}" for j, r in result["recall_speedup"].items())
    print(f"{result['variant']} on {result['dataset']}, {result['patterns']} patterns")
    print(f"build {result['build_s']:.1f} s, from the cache {result['rebuild_s']:.1f} s")
    print(f"learning {result['learn_ms_per_pattern']:.2f} ms per pattern ({split})")
    print(f"  {result['real_time_factor']:.1f} times real time")
    print(f"recall {result['recall_us_per_step']:.1f} µs per step; speed-up {speedup}")
    print(f"peak memory while learning {result['peak_memory_mb']:.0f} MB")
    for name in ("every_step", "per_pattern"):
        if f"ratio_to_dense_{name}" in result:
            ratio = result[f"ratio_to_dense_{name}"]
            print(f"{ratio:.1f} times faster than dense traces, {name.replace('_', ' ')}")


if __name__ == "__main__":
    run_protocol(main)
