"""The biophysical twin by Brian2 and by NEST: single cells, the same networks, and their cost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing import get_context

import numpy as np
import pandas as pd
import psutil
from brian2 import ms, prefs

from ..analysis.comparison import measure
from ..analysis.spike_trains import SpikeTrains
from ..biophysical import BiophysicalMemory, BiophysicalParameters, Layout, to_nest
from ..biophysical.nest_kernel import load_nest
from ..biophysical.single_cells import BRIAN2, NEST, SIMULATORS, under_currents, under_spikes
from .two_models import draw_cues, draw_patterns

CURRENTS = (150, 165, 170, 180, 200, 250, 300, 400, 500, 600, 700, 800)  # pA
STEP = 400  # pA, whose intervals show adaptation
DURATION = 1000 * ms
TRAIN = (10.0, *np.arange(60.0, 510.0, 50.0), 1010.0)  # ms: one spike, 20 Hz, and recovery
#: Recall, shorter than by default: NEST takes its time.
TRIAL = {"settle_time": 50 * ms}
#: What one measurement of speed simulates: 50 ms.
SHORT = {"settle_time": 10 * ms, "cue_time": 25 * ms, "free_time": 15 * ms, "read_time": 15 * ms}
_CUES, _WEIGHTS = 23, 24  # streams of random numbers


def check_nest() -> None:
    """Raise a ValueError where NEST is not installed."""
    load_nest()


# --- Single cells ------------------------------------------------------------------------------


def single_cells() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rates against currents, intervals between spikes, and synapses under a train of spikes."""
    rates, intervals, synapses = [], [], []
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"  # few cells: nothing to compile
    try:
        for simulator in SIMULATORS:
            for cells, adapting in (("adapting", True), ("without adaptation", False)):
                trains = under_currents(simulator, CURRENTS, DURATION, adapting=adapting)
                rates += [{"simulator": simulator, "cells": cells, "pa": current, "spikes": len(train),
                           "hz": 1e3 * len(train) / float(DURATION / ms),
                           "first_ms": train[0] if len(train) else None}
                          for current, train in zip(CURRENTS, trains)]  # fmt: skip
                train = trains[CURRENTS.index(STEP)]
                intervals += [{"simulator": simulator, "cells": cells, "interval": number, "ms": length}
                              for number, length in enumerate(np.diff(train), 1)]  # fmt: skip
            table = under_spikes(simulator, TRAIN, 1200 * ms)
            table.insert(0, "simulator", simulator)
            steps = (table["ms"] * 10).round()
            synapses.append(table[(table["ms"] < 60) | (steps % 5 == 0)].round(5))
    finally:
        prefs.codegen.target = target
    return pd.DataFrame(rates), pd.DataFrame(intervals), pd.concat(synapses)


# --- The same networks -------------------------------------------------------------------------


def conditions(hypercolumns: int) -> list[tuple[int, int]]:
    """Hypercolumns cued, and how many of them wrongly: half, and two thirds with a third wrong."""
    most = round(2 * hypercolumns / 3)
    return [(hypercolumns // 2, 0), (most, round(most / 3))]


def recall_by_both(
    seed: int, number: int, hypercolumns: int, minicolumns: int
) -> tuple[pd.DataFrame]:
    """Trials of one learned network by both simulators, from the same cues."""
    patterns = draw_patterns(seed, number, hypercolumns, minicolumns)
    rng, asked = np.random.default_rng([seed, _CUES]), conditions(hypercolumns)
    cues = np.concatenate([draw_cues(patterns, minicolumns, *c, rng) for c in asked])
    labels = pd.DataFrame(np.repeat(asked, number, axis=0), columns=["cued", "wrong"])
    labels["pattern"] = np.tile(np.arange(number), len(asked))
    with BiophysicalMemory(hypercolumns, minicolumns, seed=seed, **TRIAL) as memory:
        memory.learn(patterns)
        recalled = {BRIAN2: memory.recall(cues)}
    recalled[NEST] = to_nest(memory).recall(cues)
    tables = []
    for model, recall in recalled.items():
        trains = SpikeTrains.from_biophysical(recall)
        found = measure(trains, np.tile(patterns, (len(asked), 1)))
        about = pd.DataFrame({"stored": number, "seed": seed, "model": model}, labels.index)
        tables.append(pd.concat([about, labels, found], axis=1))
    return (pd.concat(tables),)


def build(hypercolumns: int, minicolumns: int) -> None:
    """Compile Brian2's program, so that processes side by side find it."""
    with BiophysicalMemory(hypercolumns, minicolumns, **TRIAL) as memory:
        memory.recall(np.full((1, hypercolumns), -1))


# --- Speed and memory --------------------------------------------------------------------------


def p_plastic_within(hypercolumns: int, minicolumns: int, synapses: float) -> float:
    """The connection probability of the twin, or the largest that needs no more plastic synapses.

    A cell has a whole number of synapses onto each foreign minicolumn, one at least.
    """
    p = BiophysicalParameters()
    layout = Layout(hypercolumns, minicolumns)
    cells = layout.cells_per_minicolumn
    each = layout.pyramidal * (layout.columns - minicolumns)  # with one synapse onto a minicolumn
    return max(min(round(cells * p.p_plastic), int(synapses / each)), 1) / cells


def speed(
    hypercolumns: int, minicolumns: int, threads: list[int], repeats: int, synapses: float
) -> list[dict]:
    """Cost of recall by both simulators, a row for each measurement, in a process of its own.

    Parameters
    ----------
    threads : list of int
        Of NEST.
    repeats : int
        Measurements of each.
    synapses : float
        Plastic synapses at most.
    """
    arguments = hypercolumns, minicolumns, threads, repeats, synapses
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_speed, arguments)


def _speed(
    hypercolumns: int, minicolumns: int, threads: list[int], repeats: int, synapses: float
) -> list[dict]:
    # Where a machine is shared, threads that wait had better not spin.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    p_plastic = p_plastic_within(hypercolumns, minicolumns, synapses)
    memory = BiophysicalMemory(hypercolumns, minicolumns, p_plastic=p_plastic, **SHORT)
    plastic = memory.connections["plastic"]
    rng, p = np.random.default_rng([0, _WEIGHTS]), memory.parameters.p_start
    for trace in memory.learned.p_ij:  # weights of both signs that leave cells at their rates
        memory.learned.p_ij[trace] = p * p * np.exp(0.01 * rng.normal(size=len(plastic.sources)))
    network = {"hypercolumns": hypercolumns, "minicolumns": minicolumns, "p_plastic": p_plastic,
               "cells": memory.layout.pyramidal + memory.layout.baskets,
               "plastic_synapses": len(plastic.sources)}  # fmt: skip
    cue = np.zeros((1, hypercolumns), int)
    rows, me = [], psutil.Process()
    for number in threads:
        before, started = me.memory_info().rss, time.perf_counter()
        twin = to_nest(memory, threads=number)
        twin.recall(cue)  # the first run sorts connections
        built = time.perf_counter() - started
        # Later networks may find memory that an earlier one has left.
        taken = (me.memory_info().rss - before) / 1e6 if number == threads[0] else None
        about = {**network, "simulator": NEST, "threads": number, "build_s": built, "memory_mb": taken}
        rows += _timed(twin.recall, cue, me, about, repeats)
    with memory:
        started = time.perf_counter()
        memory.recall(cue)
        built, taken = time.perf_counter() - started, memory.peak_memory() / 1e6
        about = {**network, "simulator": BRIAN2, "threads": 1, "build_s": built, "memory_mb": taken}
        child = max(me.children(), key=lambda process: process.memory_info().rss)
        rows += _timed(memory.recall, cue, child, about, repeats)
    return rows


def _timed(
    recall: Callable, cue: np.ndarray, process: psutil.Process, about: dict, repeats: int
) -> list[dict]:
    """Wall and processor time of one trial, per second of model time."""
    simulated = sum(float(SHORT[name]) for name in ("settle_time", "cue_time", "free_time"))
    rows = []
    for repeat in range(repeats):
        load, before, started = os.getloadavg()[0], process.cpu_times(), time.perf_counter()
        recall(cue)
        wall, after = time.perf_counter() - started, process.cpu_times()
        cpu = after.user + after.system - before.user - before.system
        rows.append({**about, "repeat": repeat, "wall": wall / simulated, "cpu": cpu / simulated,
                     "load": load})  # fmt: skip
    return rows
