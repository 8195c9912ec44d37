"""This version and another, side by side: seconds to build, time to learn and recall, memory.

python -m protocols.beside CHECKOUT --dataset mnist --data-dir DIR

Both run by turns on the same machine, so that what slows one slows the other: the ratios count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pandas as pd
import psutil
from tqdm import tqdm

from cortical_bcpnn.data.datasets import load
from cortical_bcpnn.experiments.journal import ResumableTables
from cortical_bcpnn.experiments.options import (
    add_output_options,
    open_results,
    parse,
    run_protocol,
    several,
    whole,
)
from cortical_bcpnn.experiments.setup import default_fan_in
from cortical_bcpnn.model.paper import find_variant
from cortical_bcpnn.provenance import provenance

ROOT = Path(__file__).parents[1]
SPEED = ROOT / "cortical_bcpnn" / "experiments" / "speed.py"
VARIANTS = ("spspk-full", "spk-full", "rate-ff")
MEASURES = {
    "build_s": "s, building both programs",
    "learn_ms": "ms a pattern, learning, with all that goes with it",
    "recall_us": "us a step, recall",
    "peak_mb": "MB at most while learning, all processes",
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m protocols.beside",
                                     description=__doc__.split("\n")[0])  # fmt: skip
    add = parser.add_argument
    add("checkout", type=Path, help="folder of the other version")
    add("--dataset", default="digits", metavar="NAME", help="images to learn (default: digits)")
    add("--data-dir", type=Path, metavar="DIR", help="folder of the data set (digits needs none)")
    add("--variants", type=several(find_variant), metavar="NAMES", default=None,
        help=f"to measure, separated by commas (default: {','.join(VARIANTS)})")  # fmt: skip
    add("--patterns", type=whole("patterns"), default=1000, metavar="N",
        help="to learn in each measurement (default: 1000)")  # fmt: skip
    add("--cues", type=whole("cues"), default=20, metavar="N", help="to recall (default: 20)")
    add("--repeats", type=whole("repeats"), default=3, metavar="N",
        help="measurements of each version (default: 3)")  # fmt: skip
    add_output_options(parser, checkpoints=False)
    options = parse(parser, "beside", arguments)
    other = options.checkout.resolve()
    if not (other / "cortical_bcpnn" / "__init__.py").is_file():
        raise ValueError(f"checkout is {options.checkout}: give a folder that holds cortical_bcpnn.")
    dataset = load(options.dataset, options.data_dir)
    asked = {
        "dataset": options.dataset, "data_dir": options.data_dir and str(options.data_dir.resolve()),
        "hidden": dataset.network.hidden, "fan_in": default_fan_in(dataset),
        "patterns": options.patterns, "cues": options.cues,
    }  # fmt: skip
    variants = [v.name for v in options.variants] if options.variants else list(VARIANTS)
    with open_results("beside", options) as results, tempfile.TemporaryDirectory() as caches:
        keys = [(n, variant, name) for n in range(options.repeats) for variant in variants
                for name in ("other", "this")]  # fmt: skip
        rows = ResumableTables(results, keys, "measurements")
        for repeat, variant, name in tqdm(rows.missing, desc="measurements", unit="run"):
            checkout = other if name == "other" else ROOT
            # Programs are built once, from an empty cache, for the first variant.
            built = variant == variants[0]
            cache = Path(caches) / (f"{name}_{repeat}" if built else f"{name}_{variant}")
            found = measure(checkout, {**asked, "variant": variant, "build": built}, cache)
            rows.append((repeat, variant, name),
                        [{"version": name, "variant": variant, "repeat": repeat, **found}])  # fmt: skip
        table = compare(rows.table())
        results.save_table(table, "beside")
        results.finish({"other": commit_of(other), "asked": asked, **provenance(options.arguments)})
        print(table.to_string(index=False, float_format="{:.3g}".format))
        print(f"tables: {results.path}")


def measure(checkout: Path, asked: dict, cache: Path) -> dict[str, float]:
    """What `speed` finds in a checkout, and the largest memory of its processes while they learn.

    Memory that processes share counts once (proportional set size).

    Raises
    ------
    RuntimeError
        If the checkout cannot do it.
    """
    environment = {**os.environ, "PYTHONPATH": str(checkout), "CORTICAL_BCPNN_CACHE": str(cache),
                   "CORTICAL_BCPNN_STORE": str(cache / "networks")}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", SPEED.read_text(), json.dumps(asked)],
        cwd=checkout, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, float] = {}
    learning = threading.Event()
    peaks = [0.0]
    watch = threading.Thread(target=_watch, args=(process, learning, peaks), daemon=True)
    watch.start()
    try:
        for line in process.stdout:
            told = json.loads(line)
            phase = told.pop("phase", None)
            if phase is not None:
                learning.set() if phase == "learn" else learning.clear()
            found |= told
        errors = process.stderr.read()
    finally:
        process.kill()
        process.wait()
        watch.join()
    if "recall_us" not in found:
        raise RuntimeError(f"{checkout} cannot be measured: {errors.strip()[-1000:]}")
    return {**found, "peak_mb": max(peaks) / 1e6}


def _watch(process: subprocess.Popen, learning: threading.Event, peaks: list[float]) -> None:
    """Note the memory of a process and its children, as long as it learns."""
    while process.poll() is None:
        time.sleep(0.2)  # to look takes time from those that are looked at
        if not learning.is_set():
            continue
        try:
            parent = psutil.Process(process.pid)
            family = [parent, *parent.children(recursive=True)]
            peaks.append(sum(member.memory_full_info().pss for member in family))
        except psutil.Error:  # one of them has ended
            continue


def compare(measurements: pd.DataFrame) -> pd.DataFrame:
    """Medians of both versions, and median and range of the ratios of neighbouring measurements."""
    rows = []
    for variant, of_variant in measurements.groupby("variant", sort=False):
        for name, meaning in MEASURES.items():
            values = of_variant.pivot(index="repeat", columns="version", values=name).dropna()
            if values.empty:
                continue
            ratios = values["other"] / values["this"]
            rows.append({
                "variant": variant, "measure": meaning, "other": values["other"].median(),
                "this": values["this"].median(), "ratio": ratios.median(),
                "lowest": ratios.min(), "highest": ratios.max(),
            })  # fmt: skip
    return pd.DataFrame(rows)


def commit_of(checkout: Path) -> str | None:
    """Commit of a checkout, None where it is none."""
    result = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=checkout,
                            capture_output=True, text=True, check=False)  # fmt: skip
    return result.stdout.strip() or None


if __name__ == "__main__":
    run_protocol(main)
