"""What happens over the course of a recall: phases, time bins, firing rates, likeness to a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from brian2 import ms
from sklearn.metrics.pairwise import cosine_similarity

from ..model.parameters import Parameters
from ..model.phases import Phase
from ..recall import Recall


def phase_names(protocol: Sequence[Phase]) -> list[str]:
    """A name for every phase; where a name comes again, it is numbered ('gap', …, 'gap 2')."""
    names = [phase.name or "phase" for phase in protocol]
    before = [names[:position].count(name) for position, name in enumerate(names)]
    return [f"{name} {n + 1}" if n else name for name, n in zip(names, before)]


def read_every_phase(protocol: Sequence[Phase]) -> list[Phase]:
    """The same protocol, with the state read at the end of every phase, under `phase_names`."""
    return [replace(phase, read=name) for phase, name in zip(protocol, phase_names(protocol))]


def phase_steps(protocol: Sequence[Phase], parameters: Parameters) -> np.ndarray:
    """Time steps at which phases begin, and at which the last one ends, shape (phases + 1,)."""
    return np.cumsum([0, *(parameters.steps(phase.duration) for phase in protocol)])


def time_bins(
    protocol: Sequence[Phase], parameters: Parameters, n_bins: int
) -> np.ndarray:
    """Cut a protocol into bins of about equal length, none of which crosses phases.

    Parameters
    ----------
    protocol : sequence of Phase
    parameters : Parameters
        For the time step.
    n_bins : int
        About how many; bins of equal length are worth a few more or fewer.

    Returns
    -------
    ndarray of int
        Edges of the bins in time steps, from 0 to the length of the protocol.
    """
    lengths = np.diff(phase_steps(protocol, parameters))
    shares = lengths / lengths.sum()
    best, least = np.empty(0, int), np.inf
    for total in range(1, 2 * max(n_bins, len(lengths)) + 1):
        counts = np.clip(np.round(total * shares).astype(int), 1, lengths)
        widths = np.concatenate([_split(length, n) for length, n in zip(lengths, counts)])
        unevenness = np.log(widths.max() / widths.min())
        cost = unevenness + 0.5 * abs(np.log(len(widths) / n_bins))
        if cost < least:
            best, least = widths, cost
    return np.cumsum([0, *best])


def resemblance(z: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Cosine similarity of the ON minicolumns to images, over time.

    Parameters
    ----------
    z : ndarray, shape (n, time steps, 2 H)
        z traces of a population of ON and OFF minicolumns.
    images : ndarray, shape (m, H) or (m, side, side)

    Returns
    -------
    ndarray, shape (n, m, time steps)
        0 where all ON minicolumns have z = 0, or an image is all 0.
    """
    on = z[..., 0::2].astype(float)
    images = images.reshape(len(images), -1).astype(float)
    products = np.einsum("nth,mh->nmt", on, images)
    lengths = np.linalg.norm(on, axis=-1)[:, None] * np.linalg.norm(images, axis=-1)[:, None]
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)


def similarity_over_time(z: np.ndarray, images: np.ndarray) -> pd.DataFrame:
    """How alike a population is to the image that it should recall, see `resemblance`.

    Parameters
    ----------
    z : ndarray, shape (n, time steps, 2 H)
    images : ndarray, shape (n, H) or (n, side, side)
        The image of each recall.

    Returns
    -------
    DataFrame
        One row per time step: 'similarity' to the image, its standard deviation 'sd', and
        similarity to the images of the other recalls, 'others' (NaN if there are none); means
        over recalls.
    """
    alike = resemblance(z, images)
    n = len(alike)
    same = np.eye(n, dtype=bool)
    others = alike[~same].mean(axis=0) if n > 1 else np.nan
    own = alike[same]
    return pd.DataFrame({"similarity": own.mean(axis=0), "sd": own.std(axis=0), "others": others})


def difference_over_time(recall: Recall, population: str, bins: np.ndarray) -> dict[str, np.ndarray]:
    """ON minus OFF of every hypercolumn in bins of time.

    Parameters
    ----------
    recall : Recall
        With z over time.
    population : str
        Of two minicolumns, ON and OFF, per hypercolumn.
    bins : ndarray of int
        Edges in time steps, see `time_bins`.

    Returns
    -------
    dict of ndarray, shape (cues, bins, H)
        'spikes', the difference of spikes per time step (left out where there are no spikes),
        and 'z', the difference of z traces at the end of each bin.

    Raises
    ------
    ValueError
        If hypercolumns have another number of minicolumns.
    """
    if recall.minicolumns[population] != 2:
        raise ValueError(
            f"{population} has {recall.minicolumns[population]} minicolumns per hypercolumn: give a "
            "population of ON and OFF minicolumns."
        )
    result = {}
    if population in recall.spikes_over_time:
        spikes = recall.spikes_over_time[population]
        rate = np.add.reduceat(spikes, bins[:-1], axis=1, dtype=float) / np.diff(bins)[:, None]
        result["spikes"] = rate[..., 0::2] - rate[..., 1::2]
    z = recall.z_over_time[population][:, bins[1:] - 1]
    result["z"] = z[..., 0::2] - z[..., 1::2]
    return result


def reconstruction_course(
    recall: Recall, cues: np.ndarray, originals: np.ndarray, parameters: Parameters
) -> pd.DataFrame:
    """How alike the originals INPRC grows as cues are recalled.

    Parameters
    ----------
    recall : Recall
        With z of INP and INPRC over time.
    cues, originals : ndarray, shape (n, side, side)
        Of each recall.
    parameters : Parameters
        For the time step.

    Returns
    -------
    DataFrame
        One row per time step, 'time_ms' its end: 'similarity', 'sd' and 'others' of INPRC (see
        `similarity_over_time`), 'inp', the similarity of INP to the originals, 'cue', that of the
        cues themselves, and 'images', their number.
    """
    table = similarity_over_time(recall.z_over_time["INPRC"], originals)
    table["inp"] = similarity_over_time(recall.z_over_time["INP"], originals)["similarity"]
    pairs = cosine_similarity(cues.reshape(len(cues), -1), originals.reshape(len(cues), -1))
    table["cue"], table["images"] = pairs.diagonal().mean(), len(cues)
    table.insert(0, "time_ms", np.arange(1, len(table) + 1) * float(parameters.dt / ms))
    return table


def images_over_time(
    recall: Recall, bins: np.ndarray, parameters: Parameters
) -> dict[str, np.ndarray]:
    """What populations of ON and OFF minicolumns show in bins of time, in the recall of one cue.

    Parameters
    ----------
    recall : Recall
        With activity over time of such populations, with a hypercolumn for each pixel.
    bins : ndarray of int
        See `time_bins`.
    parameters : Parameters
        For f_max and the time step.

    Returns
    -------
    dict of ndarray of float16, shape (bins, side, side)
        ON minus OFF as a share of f_max, as 'INP spikes', 'INP z', …; see `difference_over_time`.
    """
    scales = {"spikes": float(parameters.variant.f_max * parameters.dt), "z": 1.0}
    found = {}
    for population in recall.minicolumns:
        for kind, values in difference_over_time(recall, population, bins).items():
            side = int(np.sqrt(values.shape[-1]))
            images = values[0].reshape(-1, side, side) / scales[kind]
            found[f"{population} {kind}"] = images.astype(np.float16)
    return found


def firing_rates(recall: Recall) -> pd.DataFrame:
    """Firing rates of every population in every phase, and in the whole of a recall.

    Parameters
    ----------
    recall : Recall
        By a protocol that is read in every phase (`read_every_phase`).

    Returns
    -------
    DataFrame
        Columns population, phase, duration_ms, mean_hz (over minicolumns and cues), max_hz (of
        the minicolumn that fires most, mean over cues) and largest_hz (the same, of all cues).
        A rate is a number of spikes over a duration, and may exceed f_max by chance. Rows 'all'
        are of all phases together.
    """
    ends = np.array([recall.elapsed[moment] for moment in recall.moments])
    durations = np.diff(ends, prepend=0)
    rows = []
    for population in recall.minicolumns:
        rates = [recall.rates(population, moment) for moment in recall.moments]
        together = np.average(rates, axis=0, weights=durations)
        for phase, duration, rate in zip(
            [*recall.moments, "all"], [*durations, ends[-1]], [*rates, together]
        ):
            rows.append({
                "population": population, "phase": phase, "duration_ms": round(1e3 * duration, 6),
                "mean_hz": rate.mean(), "max_hz": rate.max(axis=1).mean(), "largest_hz": rate.max(),
            })  # fmt: skip
    return pd.DataFrame(rows)


def overall_rates(recall: Recall) -> dict[str, dict[str, float]]:
    """Rates in Hz of every population, from one moment of a recall to the next.

    Returns
    -------
    dict of dict of float
        Of each population the 'mean' over moments, cues and minicolumns, and the largest, 'max'.
    """
    found = {}
    for population in recall.minicolumns:
        rates = np.concatenate([recall.rates(population, moment) for moment in recall.moments])
        found[population] = {"mean": float(rates.mean()), "max": float(rates.max())}
    return found


def rates_by_population(rates: pd.DataFrame) -> dict[str, dict]:
    """Mean over networks of what `firing_rates` gives, by population and phase.

    Returns
    -------
    dict
        Of each population 'mean' rate, 'max' over phases (mean of networks), 'largest' of all, and
        'phases' with the same of each.
    """
    mean = rates.groupby(["population", "phase"], sort=False)[["mean_hz", "max_hz"]].mean()
    mean["largest_hz"] = rates.groupby(["population", "phase"], sort=False)["largest_hz"].max()
    result = {}
    for population, table in mean.groupby(level="population", sort=False):
        phases = table.droplevel("population").drop(index="all")
        result[population] = {
            "mean": float(table.loc[(population, "all"), "mean_hz"]),
            "max": float(phases["max_hz"].max()),
            "largest": float(phases["largest_hz"].max()),
            "phases": {phase: {name.removesuffix("_hz"): float(value) for name, value in row.items()}
                       for phase, row in phases.iterrows()},
        }  # fmt: skip
    return result


def _split(length: int, n: int) -> np.ndarray:
    """Whole numbers, as equal as can be, that sum to a length."""
    return np.diff(np.round(np.linspace(0, length, n + 1)).astype(int))
