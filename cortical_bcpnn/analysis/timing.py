"""How fast a network is built, learns and recalls, in wall time, and what memory learning takes."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator

import numpy as np
from brian2 import ms

from ..data.patterns import minicolumn_activity
from ..learned.checkpoints import LearningRun, NoCheckpoints
from ..learning import Learner
from ..network import AssociativeMemory
from .timecourse import phase_steps

TIMED_STEPS = 20_000  # of recall in one process, to time them; start-up then hardly counts


def recall_steps(memory: AssociativeMemory) -> int:
    """Time steps in the recall of one cue."""
    return int(phase_steps(memory.recall_protocol(), memory.parameters)[-1])


def learning_time(memory: AssociativeMemory) -> float:
    """Wall time per pattern learned, without rewiring, in ms, as the network remembers it."""
    seconds = memory.history[-1]["seconds"]
    return 1000 * (seconds["learn"] - seconds["rewire"]) / memory.n_learned


def recall_time(memory: AssociativeMemory, images: np.ndarray, repeats: int = 3) -> float:
    """Wall time per time step of recall in one process, in µs: the shortest of several runs.

    Parameters
    ----------
    memory : AssociativeMemory
    images : ndarray, shape (n, H)
        Cues, recalled again and again until there are `TIMED_STEPS`.
    repeats : int
        Runs; others on the machine only make them slower.
    """
    steps = recall_steps(memory)
    cues = np.resize(images, (-(-TIMED_STEPS // steps), images.shape[1]))
    return 1e6 * shortest_recall(memory, cues, repeats, populations=["HID"]) / (len(cues) * steps)


def shortest_recall(memory: AssociativeMemory, cues: np.ndarray, repeats: int, **options) -> float:
    """Wall time of the recall of cues, in s: the shortest of several runs."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        memory.recall(cues, **options)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def measure_build(memory: AssociativeMemory) -> dict[str, float]:
    """Seconds to generate and compile both programs, 'build_s', and to find them in the cache."""
    variant = memory.parameters.variant
    programs = ((variant.learning_protocol(), True), (variant.recall_protocol(), False))
    kept = os.environ.get("CORTICAL_BCPNN_CACHE")
    seconds = []
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CORTICAL_BCPNN_CACHE"] = cache
        try:
            for _ in range(2):
                started = time.perf_counter()
                for protocol, plastic in programs:
                    for simulation in memory._start(protocol, plastic):
                        simulation.close()
                seconds.append(time.perf_counter() - started)
        finally:
            del os.environ["CORTICAL_BCPNN_CACHE"]
            if kept is not None:
                os.environ["CORTICAL_BCPNN_CACHE"] = kept
    return {"build_s": seconds[0], "rebuild_s": seconds[1]}


def measure_learning(memory: AssociativeMemory, images: np.ndarray) -> dict:
    """Milliseconds per pattern, whole and in parts, and peak memory of both processes.

    The network has learned then.
    """
    before = dict(memory.seconds)
    started = time.perf_counter()
    memory.learn(images)
    total = time.perf_counter() - started - (memory.seconds["build"] - before["build"])
    rewiring = memory.seconds["rewire"] - before["rewire"]
    loop = memory.seconds["learn"] - before["learn"]
    simulated, peak = _present(memory, images)
    per_pattern = 1e3 / len(images)
    protocol = memory.parameters.variant.learning_protocol()
    presentation = float(sum(phase.duration / ms for phase in protocol))
    return {
        "learn_ms_per_pattern": total * per_pattern,
        "learn_split_ms": {
            "simulation": simulated * per_pattern,
            "plasticity": (loop - rewiring - simulated) * per_pattern,
            "rewiring": rewiring * per_pattern,
            "startup": (total - loop) * per_pattern,
        },
        "real_time_factor": presentation / (total * per_pattern),
        "peak_memory_mb": peak / 1e6,
    }


def _present(memory: AssociativeMemory, images: np.ndarray) -> tuple[float, int]:
    """Seconds of the presentations of learning without the steps in which traces learn, peak memory."""
    protocol = memory.parameters.variant.learning_protocol()
    n_steps = int(phase_steps(protocol, memory.parameters)[-1])
    simulation = memory._start(protocol, plastic=True)[0]
    run = LearningRun("", len(images), 1, False, protocol, memory.n_learned)
    Learner(memory, simulation, run, NoCheckpoints())  # puts traces and connections in place
    simulation.set("HID.g_feedforward", 1.0)
    for name in ("INP", "INPRC"):
        simulation.set(f"{name}.clamped", True)
    stimulus = np.log(minicolumn_activity(images) + memory.parameters.epsilon)

    def present() -> Iterator[tuple[int, bool]]:
        for row in stimulus:
            for name in ("INP", "INPRC"):
                simulation.set(f"{name}.log_stimulus", row)
            yield n_steps, False

    started = time.perf_counter()
    simulation.drive(present(), n_steps * len(images))
    seconds = time.perf_counter() - started
    peak = simulation.peak_memory() + 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    simulation.close()
    return seconds, peak


def measure_recall(memory: AssociativeMemory, cues: np.ndarray, most_jobs: int) -> dict:
    """Microseconds per time step of one process, and speed-up over 1, 2 and at most so many."""
    memory.recall(cues[:most_jobs], jobs=most_jobs)  # starts the processes
    seconds = {}
    for jobs in sorted({1, min(2, most_jobs), most_jobs}):
        batch = np.concatenate([cues] * jobs)
        whole = shortest_recall(memory, batch, 1, jobs=jobs, populations=["HID"])
        seconds[jobs] = whole / len(batch)
    return {
        "recall_us_per_step": 1e6 * seconds[1] / recall_steps(memory),
        "recall_speedup": {str(jobs): seconds[1] / value for jobs, value in seconds.items()},
    }
