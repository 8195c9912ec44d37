"""Recall of different models held against each other: the same measures from any spike trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .spike_statistics import cv_of_intervals, synchrony
from .spike_trains import SpikeTrains

__all__ = ["SpikeTrains", "compare", "completion", "measure", "rates", "winners", "winners_over_time"]

READ = 0.075  # s after the cue
WINDOW, STEP, HOLD = 0.05, 0.005, 0.025  # s, see `completion`
MOST = 0.8  # share of hypercolumns that must be right: 8 of 9


def rates(trains: SpikeTrains, start: float, stop: float) -> np.ndarray:
    """Mean firing rate of the cells of every minicolumn in [start, stop), shape (H × M,), in Hz."""
    number = trains.hypercolumns * trains.minicolumns
    counts = np.bincount(trains.columns[trains.between(start, stop)], minlength=number)
    return counts / (trains.cells_per_minicolumn * (stop - start))


def winners(trains: SpikeTrains, start: float, stop: float) -> np.ndarray:
    """Minicolumn that fires most in each hypercolumn in [start, stop), shape (H,); -1 for none."""
    return _winners(rates(trains, start, stop).reshape(trains.hypercolumns, -1))


def winners_over_time(
    trains: SpikeTrains, *, window: float = WINDOW, step: float = STEP
) -> tuple[np.ndarray, np.ndarray]:
    """Winners in a window of time that slides over the trial.

    Parameters
    ----------
    trains : SpikeTrains
    window, step : float
        In seconds; the window is a multiple of the step.

    Returns
    -------
    times : ndarray of float, shape (T,)
        Ends of the windows: only spikes before count.
    winners : ndarray of int, shape (T, H)
    """
    times, counts = _sliding_counts(trains, window, step)
    return times, _winners(counts)


def completion(
    trains: SpikeTrains,
    pattern: ArrayLike,
    *,
    most: float = MOST,
    window: float = WINDOW,
    step: float = STEP,
    hold: float = HOLD,
) -> tuple[float, float, bool]:
    """When a pattern is complete, how long it stays, and whether it outlasts the trial.

    A pattern is there while the right minicolumn wins a share `most` of the hypercolumns or more,
    in a window that ends now, by spikes since the start of the cue. It is complete when it first is
    there and stays for `hold`, and ends when it then is not there for `hold`. So its end comes late
    by up to `window`, and its begin where a wrong minicolumn has won before.

    Parameters
    ----------
    trains : SpikeTrains
    pattern : array_like of int, shape (H,)
        Right minicolumn of each hypercolumn; -1 does not count.
    most : float
        Share of the hypercolumns.
    window, step, hold : float
        In seconds.

    Returns
    -------
    time : float
        From the start of the cue until the pattern is complete, in seconds; NaN if it never is.
    duration : float
        From then until it ends, or until the trial does, in seconds; NaN likewise.
    outlasts : bool
        Whether it is there when the trial ends, so that its duration is a lower bound.
    """
    (pattern,) = _check_patterns([trains], np.asarray(pattern)[None])
    times, counts = _sliding_counts(trains, window, step, trains.cue[0])
    return _completion(trains, pattern, times, _winners(counts), most, step, hold)


def measure(
    trains: SpikeTrains | Sequence[SpikeTrains],
    patterns: ArrayLike,
    *,
    read: float = READ,
    most: float = MOST,
    window: float = WINDOW,
    step: float = STEP,
    hold: float = HOLD,
    bin_size: float = 5e-3,
    elephant: bool | None = None,
) -> pd.DataFrame:
    """Measures of every trial.

    Parameters
    ----------
    trains : SpikeTrains or sequence of them
        One for each trial.
    patterns : array_like of int, shape (trials, H)
        The pattern that each trial should recall: a minicolumn in each hypercolumn, -1 for those
        that do not count.
    read : float
        Time after the cue in which winners, rates and synchrony are taken, in seconds.
    most : float
        Share of the hypercolumns that must be right for a pattern to be recalled.
    window, step, hold : float
        See `completion`, in seconds.
    bin_size : float
        Of the synchrony, in seconds.
    elephant : bool, optional
        Whether CV and synchrony are to be taken by Elephant; default is whether it is installed.

    Returns
    -------
    DataFrame
        One row a trial: 'correct', the share of hypercolumns with the right winner; 'recalled';
        'complete_ms', 'attractor_ms' and 'outlasts', see `completion`; 'mean_hz', over all cells;
        'winners_hz', of the winning minicolumns; 'peak_hz', the largest rate of the winning
        minicolumns, mean over hypercolumns, in any window after the start of the cue; 'cv_isi',
        from the start of the cue on, mean over cells of three spikes or more; 'synchrony', mean
        correlation of cells that fire in `read`.
    """
    trials = [trains] if isinstance(trains, SpikeTrains) else list(trains)
    patterns = _check_patterns(trials, patterns)
    rows = []
    for trial, pattern in zip(trials, patterns):
        start, stop = trial.cue[1], min(trial.cue[1] + read, trial.duration)
        found = rates(trial, start, stop).reshape(trial.hypercolumns, -1)
        counted = pattern >= 0
        correct = float((_winners(found) == pattern)[counted].mean())
        times, counts = _sliding_counts(trial, window, step, trial.cue[0])
        seconds, duration, outlasts = _completion(
            trial, pattern, times, _winners(counts), most, step, hold
        )
        cued = times > trial.cue[0] + 1e-9
        highest = counts[cued].max(axis=2).mean(axis=1)
        rows.append({
            "correct": correct,
            "recalled": correct >= most - 1e-9,
            "complete_ms": 1e3 * seconds,
            "attractor_ms": 1e3 * duration,
            "outlasts": outlasts,
            "mean_hz": float(found.mean()),
            "winners_hz": float(found.max(axis=1).mean()),
            "peak_hz": float(highest.max() / (trial.cells_per_minicolumn * window)),
            "cv_isi": cv_of_intervals(
                trial.of_units(trial.cue[0], trial.duration, 3), elephant=elephant
            ),
            "synchrony": synchrony(
                trial.of_units(start, stop), start, stop, bin_size=bin_size, elephant=elephant
            ),
        })  # fmt: skip
    return pd.DataFrame(rows)


def compare(
    trains: Mapping[str, SpikeTrains | Sequence[SpikeTrains]], patterns: ArrayLike, **settings
) -> pd.DataFrame:
    """Recall of several models by the same measures.

    Parameters
    ----------
    trains : mapping of str to SpikeTrains or sequences of them
        Trials of each model, by its name: of this package or of any other.
    patterns : array_like of int, shape (trials, H)
        The pattern that each trial should recall, the same for all models.
    **settings
        See `measure`.

    Returns
    -------
    DataFrame
        One row a model: 'model', 'trials', and the means of `measure` over trials; those of
        'complete_ms', 'attractor_ms' and 'outlasts' over the trials that complete, whose share is
        'completed'.

    Examples
    --------
    >>> mine = [SpikeTrains(times, columns, 9, 9, duration=0.5, cue=(0.15, 0.2)) for ...]
    >>> twin = SpikeTrains.from_biophysical(memory.recall(cues))
    >>> compare({"mine": mine, "twin": twin}, patterns)
    """
    if not isinstance(trains, Mapping) or not trains:
        raise ValueError("trains are no mapping of names to spike trains: give {'name': trains, …}.")
    return pd.DataFrame(
        [{"model": name, **summarise(measure(t, patterns, **settings))} for name, t in trains.items()]
    )


def summarise(trials: pd.DataFrame) -> dict[str, float]:
    """Means over the trials of `measure`, see `compare`."""
    complete = trials[trials["complete_ms"].notna()]
    row = {"trials": len(trials), "completed": len(complete) / len(trials)}
    for name in trials:
        rows = complete if name in ("complete_ms", "attractor_ms", "outlasts") else trials
        row[name] = float(rows[name].astype(float).mean())
    return row


def _winners(activity: np.ndarray) -> np.ndarray:
    """Place of the largest along the last axis; -1 where all are 0."""
    return np.where(activity.max(axis=-1) > 0, activity.argmax(axis=-1), -1)


def _sliding_counts(
    trains: SpikeTrains, window: float, step: float, since: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of windows, shape (T,), and spikes in them not before `since`, shape (T, H, M)."""
    wide, steps = round(window / step), int(trains.duration / step + 1e-6)
    if wide < 1 or abs(window / step - wide) > 1e-6 or wide > steps:
        raise ValueError(
            f"window is {window:g} s: give a multiple of step = {step:g} s, at most the trial."
        )
    number = trains.hypercolumns * trains.minicolumns
    places = np.floor(trains.times / step + 1e-6).astype(int)
    inside = (places < steps) & (trains.times >= since - 1e-9)
    flat = np.bincount(places[inside] * number + trains.columns[inside], minlength=steps * number)
    summed = np.concatenate([np.zeros((1, number), int), flat.reshape(steps, number).cumsum(axis=0)])
    counts = (summed[wide:] - summed[:-wide]).reshape(-1, trains.hypercolumns, trains.minicolumns)
    return np.arange(wide, steps + 1) * step, counts


def _completion(
    trains: SpikeTrains, pattern: np.ndarray, times: np.ndarray, won: np.ndarray,
    most: float, step: float, hold: float,
) -> tuple[float, float, bool]:  # fmt: skip
    """See `completion`."""
    counted = pattern >= 0
    cued = times > trains.cue[0] + 1e-9
    times = times[cued]
    there = (won[cued] == pattern)[:, counted].mean(axis=1) >= most - 1e-9
    long = max(round(hold / step), 1)
    stays = np.array([n + long <= len(there) and there[n : n + long].all() for n in range(len(there))])
    gone = np.array([not there[n : n + long].any() for n in range(len(there))])
    if not stays.any():
        return float("nan"), float("nan"), False
    first = int(stays.argmax())
    ends = np.flatnonzero(gone[first:])
    last = first + int(ends[0]) if len(ends) else len(there) - 1
    return float(times[first] - trains.cue[0]), float(times[last] - times[first]), not len(ends)


def _check_patterns(trials: Sequence[SpikeTrains], patterns: ArrayLike) -> np.ndarray:
    """Patterns as an array of shape (trials, H), int."""
    if not trials or not all(isinstance(trial, SpikeTrains) for trial in trials):
        raise ValueError("trains are no spike trains: give SpikeTrains, or a list of them.")
    h, m = trials[0].hypercolumns, trials[0].minicolumns
    if any((trial.hypercolumns, trial.minicolumns) != (h, m) for trial in trials):
        raise ValueError("trains differ in hypercolumns or minicolumns: give trials of one network.")
    patterns = np.asarray(patterns)
    if patterns.shape != (len(trials), h) or patterns.dtype.kind not in "iu":
        raise ValueError(
            f"patterns are {patterns.dtype} of shape {patterns.shape}: give whole numbers of shape "
            f"{len(trials), h}, a minicolumn for each trial and hypercolumn, -1 for none."
        )
    if (patterns < -1).any() or (patterns >= m).any() or (patterns < 0).all(axis=1).any():
        raise ValueError(
            f"patterns hold no minicolumn, or one that does not exist: give 0 to {m - 1}, or -1."
        )
    return patterns
