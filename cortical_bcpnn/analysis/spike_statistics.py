"""Irregularity and synchrony of spike trains, by Elephant where it is installed.

Without Elephant and Neo (``pip install cortical_bcpnn[analysis]``) the same definitions are
evaluated in NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np


def has_elephant() -> bool:
    """Whether Elephant and Neo are installed."""
    return all(find_spec(name) is not None for name in ("elephant", "neo", "quantities"))


def cv_of_intervals(trains: Sequence[np.ndarray], *, elephant: bool | None = None) -> float:
    """Coefficient of variation of inter-spike intervals, mean over spike trains.

    That is the standard deviation (of all intervals, not n - 1) over the mean: 0 for a clock, 1
    for a long Poisson train, less for a short one, from which long intervals are missing.

    Parameters
    ----------
    trains : sequence of ndarray
        Spike times in seconds, in order. Those of fewer than three spikes are left out.
    elephant : bool, optional
        Whether `elephant.statistics.cv` is to be used; default is whether it is installed.

    Returns
    -------
    float
        NaN if no train has three spikes.
    """
    intervals = [np.diff(train) for train in trains if len(train) > 2]
    if not intervals:
        return float("nan")
    if has_elephant() if elephant is None else elephant:
        from elephant.statistics import cv

        return float(np.mean([cv(i) for i in intervals]))
    return float(np.mean([i.std() / i.mean() for i in intervals]))


def synchrony(
    trains: Sequence[np.ndarray],
    start: float,
    stop: float,
    *,
    bin_size: float = 5e-3,
    elephant: bool | None = None,
) -> float:
    """Correlation of spike counts in bins, mean over all pairs of spike trains.

    Parameters
    ----------
    trains : sequence of ndarray
        Spike times in seconds.
    start, stop, bin_size : float
        Stretch of time and width of bins, in seconds; what is left over at the end is ignored.
    elephant : bool, optional
        Whether `elephant.spike_train_correlation.correlation_coefficient` is to be used; default
        is whether it is installed.

    Returns
    -------
    float
        1 if all fire together, about 0 if they are independent; NaN for fewer than two trains
        whose counts vary.
    """
    n_bins = int((stop - start) / bin_size + 1e-8)
    if n_bins < 2:
        raise ValueError(
            f"bin_size is {bin_size:g} s in {stop - start:g} s: give at most half of it."
        )
    # A spike on the edge of a bin belongs to the next, also where it is rounded down.
    places = [np.floor((np.asarray(t) - start) / bin_size + 1e-8).astype(int) for t in trains]
    counts = [np.bincount(p[(p >= 0) & (p < n_bins)], minlength=n_bins) for p in places]
    varying = [n for n, count in enumerate(counts) if count.std() > 0]
    if len(varying) < 2:
        return float("nan")
    if has_elephant() if elephant is None else elephant:
        matrix = _elephant_correlation([np.sort(places[n]) for n in varying], n_bins, bin_size)
    else:
        matrix = np.asarray(np.corrcoef(np.array(counts)[varying]))
    return float(matrix[~np.eye(len(varying), dtype=bool)].mean())


def _elephant_correlation(
    places: Sequence[np.ndarray], n_bins: int, bin_size: float
) -> np.ndarray:
    """Correlation coefficients of spike trains by Elephant, shape (trains, trains).

    It is given the middle of the bin of each spike: on the edges of bins it has a rounding, and a
    line in its log, of its own.
    """
    import neo
    import quantities as pq
    from elephant.conversion import BinnedSpikeTrain
    from elephant.spike_train_correlation import correlation_coefficient

    stop, inside = n_bins * bin_size, (p[(p >= 0) & (p < n_bins)] for p in places)
    trains = [neo.SpikeTrain((p + 0.5) * bin_size * pq.s, t_stop=stop * pq.s) for p in inside]
    binned = BinnedSpikeTrain(trains, bin_size=bin_size * pq.s, n_bins=n_bins, t_start=0 * pq.s)
    return np.asarray(correlation_coefficient(binned, binary=False))
