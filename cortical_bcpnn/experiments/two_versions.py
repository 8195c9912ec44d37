"""This version of the package and another checkout, measured by the same script, and held together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import psutil

ROOT = Path(__file__).parents[2]
SPEED = Path(__file__).with_name("speed.py")
MEASURES = {
    "build_s": "s, building both programs",
    "learn_ms": "ms a pattern, learning, with all that goes with it",
    "recall_us": "us a step, recall",
    "peak_mb": "MB at most while learning, all processes",
}


def check_checkout(folder: Path | None) -> Path:
    """The folder of a version, in full.

    Raises
    ------
    ValueError
        If there is none.
    """
    if folder is None or not (folder / "cortical_bcpnn" / "__init__.py").is_file():
        raise ValueError(f"checkout is {folder or 'missing'}: give a folder that holds cortical_bcpnn.")
    return folder.resolve()


def measure_version(checkout: Path, asked: dict, cache: Path) -> dict[str, float]:
    """What `speed` finds in a checkout, and the largest memory of its processes while they learn.

    Memory that processes share counts once (proportional set size).

    Parameters
    ----------
    checkout : Path
    asked : dict
        What `speed` is asked for.
    cache : Path
        Of its programs, and of the networks that it learns.

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
    assert process.stdout is not None and process.stderr is not None
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


def compare_versions(measurements: pd.DataFrame) -> pd.DataFrame:
    """Medians of both versions, and median and range of the ratios of neighbouring measurements.

    Parameters
    ----------
    measurements : DataFrame
        Columns 'version' ('this' or 'other'), 'variant', 'repeat', and those of `MEASURES`, NaN
        where one was not taken.

    Returns
    -------
    DataFrame
        One row a variant and measure: 'other', 'this', 'ratio', 'lowest' and 'highest'.
    """
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
