"""The abstract and the biophysical model, taught the same patterns and given the same cues."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from brian2 import Hz, ms, prefs, second

from ..analysis.comparison import measure, winners_over_time
from ..analysis.comparison_tables import ABSTRACT, MODELS
from ..analysis.spike_trains import SpikeTrains
from ..biophysical import BiophysicalMemory, BiophysicalParameters
from ..biophysical.recurrent import (
    EPOCHS,
    LEARNING,
    POPULATION,
    PROJECTION,
    one_hot,
    recalling,
    recurrent_memory,
)
from ..biophysical.single_synapse import (
    AbstractRule,
    BiophysicalRule,
    Rule,
    weights_against_rates,
    weights_against_timing,
)
from ..network import AssociativeMemory

FREE = 300 * ms  # after the cue: longer than the attractor of the twin
_PATTERNS, _CUES = 21, 22  # streams of random numbers


class Outcome(NamedTuple):
    """What one seed gives, as tables with columns 'stored', the number of patterns, and 'seed'."""

    trials: pd.DataFrame
    weights: pd.DataFrame
    biases: pd.DataFrame
    course: pd.DataFrame
    spikes: pd.DataFrame
    speed: pd.DataFrame


def conditions(hypercolumns: int) -> list[tuple[int, int]]:
    """Hypercolumns that are cued, and how many of them wrongly: a third, in even numbers."""
    right = [(cued, 0) for cued in range(2, hypercolumns + 1)]
    return right + [(cued, round(cued / 3)) for cued in range(4, hypercolumns + 1, 2)]


def draw_patterns(seed: int, number: int, hypercolumns: int, minicolumns: int) -> np.ndarray:
    """Random patterns, shape (number, H)."""
    rng = np.random.default_rng([seed, _PATTERNS])
    return rng.integers(0, minicolumns, (number, hypercolumns))


def draw_cues(
    patterns: np.ndarray, minicolumns: int, cued: int, wrong: int, rng: np.random.Generator
) -> np.ndarray:
    """Cues in hypercolumns drawn at random, -1 in the others; the first `wrong` name another."""
    cues = np.full_like(patterns, -1)
    for cue, pattern in zip(cues, patterns):
        chosen = rng.permutation(len(pattern))[:cued]
        cue[chosen] = pattern[chosen]
        cue[chosen[:wrong]] += rng.integers(1, minicolumns, wrong)
    return np.where(cues < 0, -1, cues % minicolumns)


def run_seed(seed: int, number: int, hypercolumns: int, minicolumns: int) -> Outcome:
    """Both models on the same patterns and cues."""
    patterns = draw_patterns(seed, number, hypercolumns, minicolumns)
    rng = np.random.default_rng([seed, _CUES])
    asked = conditions(hypercolumns)
    cues = np.concatenate([draw_cues(patterns, minicolumns, *c, rng) for c in asked])
    wanted = np.tile(patterns, (len(asked), 1))
    labels = pd.DataFrame(np.repeat(asked, number, axis=0), columns=["cued", "wrong"])
    labels["pattern"] = np.tile(np.arange(number), len(asked))
    with recurrent_memory(hypercolumns, minicolumns, number, seed=seed) as memory:
        trains, speeds = _abstract(memory, patterns, cues)
        learned = {"abstract": (memory.weights(PROJECTION), memory.biases(PROJECTION))}
    with BiophysicalMemory(hypercolumns, minicolumns, seed=seed, free_time=FREE) as twin:
        twin_trains, twin_speeds = _biophysical(twin, patterns, cues)
        learned |= {t: (twin.weights(t), twin.biases(t)) for t in ("fast", "slow")}
    trials, course, spikes = [], [], []
    half = ((labels["cued"] == hypercolumns // 2) & (labels["wrong"] == 0)).to_numpy()
    for model, of_model in zip(MODELS, (trains, twin_trains)):
        table = pd.concat([labels, measure(of_model, wanted)], axis=1)
        table.insert(0, "model", model)
        trials.append(table)
        course.append(_course(model, [of_model[n] for n in np.flatnonzero(half)], patterns))
        spikes.append(_spikes(model, of_model[int(half.argmax())], patterns[0]))
    speed = pd.DataFrame([(m, *s) for m, s in zip(MODELS, (speeds, twin_speeds))],
                         columns=["model", "learning", "recall"])  # fmt: skip
    weights, biases = _learned(learned, patterns, minicolumns)
    tables = (pd.concat(trials), weights, biases, pd.concat(course), pd.concat(spikes), speed)
    for table in tables:
        table.insert(0, "seed", seed)
        table.insert(0, "stored", number)
    return Outcome(*tables)


def build(hypercolumns: int, minicolumns: int) -> None:
    """Compile all programs, so that processes side by side find them."""
    patterns = draw_patterns(0, 1, hypercolumns, minicolumns)
    with recurrent_memory(hypercolumns, minicolumns, 1) as memory:
        memory.learn(one_hot(patterns, minicolumns), protocol=LEARNING)
        memory.recall(one_hot(patterns, minicolumns), protocol=recalling())
    with BiophysicalMemory(hypercolumns, minicolumns, free_time=FREE) as twin:
        twin.recall(patterns)


def _abstract(memory: AssociativeMemory, patterns: np.ndarray, cues: np.ndarray) -> tuple:
    """Spike trains of recall, and model time over wall time of learning and of recall."""
    p = BiophysicalParameters()
    minicolumns = memory.architecture.populations[0].minicolumns
    memory.learn(one_hot(patterns, minicolumns), EPOCHS, protocol=LEARNING)
    protocol = recalling(p.settle_time, p.cue_time, FREE)
    onset = float(p.settle_time)
    cue = (onset, onset + float(p.cue_time))
    cues = one_hot(cues, minicolumns)
    recall = memory.recall(cues, protocol=protocol, over_time=True)
    # What takes time there is to hand over every time step, so that speed is measured without.
    before = memory.seconds["recall"]
    memory.recall(cues, protocol=protocol)
    shown = EPOCHS * len(patterns) * sum(float(phase.duration) for phase in LEARNING)
    asked = len(cues) * float(p.settle_time + p.cue_time + FREE)
    speeds = shown / memory.seconds["learn"], asked / (memory.seconds["recall"] - before)
    return SpikeTrains.from_recall(recall, POPULATION, cue=cue), speeds


def _biophysical(memory: BiophysicalMemory, patterns: np.ndarray, cues: np.ndarray) -> tuple:
    memory.learn(patterns)
    learned = memory.seconds["simulated"]
    recall = memory.recall(cues)
    asked = memory.seconds["simulated"] - learned
    speeds = learned / memory.seconds["learning"], asked / memory.seconds["recall"]
    return SpikeTrains.from_biophysical(recall), speeds


def _learned(learned: dict, patterns: np.ndarray, minicolumns: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights between hypercolumns, and biases, of all models; with what patterns say of them.

    'together' counts the patterns in which both minicolumns of a pair are active, 'apart' those
    in which one is, and 'patterns' those in which a minicolumn is.
    """
    active = one_hot(patterns, minicolumns).reshape(len(patterns), -1)
    number = active.sum(axis=0).astype(int)
    together = (active.T @ active).astype(int)
    hypercolumn = np.arange(len(number)) // minicolumns
    pre, post = np.nonzero(hypercolumn[:, None] != hypercolumn)
    weights = {"pre": pre, "post": post, "together": together[pre, post],
               "used": (number[pre] > 0) & (number[post] > 0)}  # fmt: skip
    weights |= {name: w[pre, post].round(5) for name, (w, _) in learned.items()}
    biases = {"minicolumn": np.arange(len(number)), "patterns": number}
    biases |= {name: b.round(5) for name, (_, b) in learned.items()}
    return pd.DataFrame(weights), pd.DataFrame(biases)


def _course(model: str, trains: list[SpikeTrains], patterns: np.ndarray) -> pd.DataFrame:
    """Share of hypercolumns with the right winner against time since the cue, mean of trials."""
    found = [winners_over_time(trial) for trial in trains]
    right = np.mean([won == pattern for (_, won), pattern in zip(found, patterns)], axis=(0, 2))
    times = 1e3 * (found[0][0] - trains[0].cue[0])
    return pd.DataFrame({"model": model, "ms": times.round(3), "correct": right})


def _spikes(model: str, trial: SpikeTrains, pattern: np.ndarray) -> pd.DataFrame:
    """Spikes of one trial, with time since the cue, and whether the minicolumn is a right one."""
    right = np.isin(trial.columns, np.arange(trial.hypercolumns) * trial.minicolumns + pattern)
    height = trial.columns.astype(float)
    if trial.cells is not None:
        height += trial.cells % trial.cells_per_minicolumn / trial.cells_per_minicolumn
    times = 1e3 * (trial.times - trial.cue[0])
    return pd.DataFrame({"model": model, "ms": times.round(3), "minicolumn": height, "right": right})


def single_synapses(trials: int = 20, pairs: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights against rates, and against spike times, of all rules.

    Rates reach to twice f_max in the twin, whose cells may fire faster, and to f_max in the
    abstract model. Both cells fire for 1 s.
    """
    p = BiophysicalParameters()
    rules: dict[str, Rule] = {
        ABSTRACT: AbstractRule(),
        "fast": BiophysicalRule(tau_zi=p.tau_z_fast, tau_zj=p.tau_z_fast),
        "slow": BiophysicalRule(tau_zi=p.tau_z_slow, tau_zj=p.tau_z_slow),
    }
    against_rates, against_times = [], []
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"  # many synapses, few time steps: nothing to compile
    try:
        for name, rule in rules.items():
            grid, curve = _single(name, rule, trials, pairs)
            against_rates.append(grid)
            against_times.append(curve)
    finally:
        prefs.codegen.target = target
    return pd.concat(against_rates), pd.concat(against_times)


def _single(name: str, rule: Rule, trials: int, pairs: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights of one rule against rates and against spike times."""
    differences = np.unique(np.concatenate([np.arange(-240, 241, 20), np.arange(-40, 41, 5)]))
    highest = float(rule.f_max / Hz) * (1 if name == ABSTRACT else 2)
    rates = np.linspace(0, highest, 9)
    weights = weights_against_rates(rule, rates, rates, 1 * second, trials=trials)
    pre, post = np.meshgrid(rates, rates, indexing="ij")
    values = {"pre_hz": pre.ravel(), "post_hz": post.ravel(), "weight": weights.ravel()}
    grid = pd.DataFrame({"rule": name, **values})
    changes = weights_against_timing(rule, differences, pairs=pairs)
    values = {"post_minus_pre_ms": differences, "weight_change": changes}
    return grid, pd.DataFrame({"rule": name, **values})
