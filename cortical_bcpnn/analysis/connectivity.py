"""Connections between hypercolumns: what a network has, and how they move as it learns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..circuits.resources import pairs
from ..learned.network import LearnedNetwork
from ..model.phases import Phase
from .timecourse import phase_names

#: Maps of connections: of each projection, after a number of training patterns.
ConnectionMaps = dict[int, dict[str, np.ndarray]]


def connection_maps(network: LearnedNetwork) -> ConnectionMaps:
    """Connections of hidden hypercolumns to pixels, at the checkpoints of learning and now.

    Parameters
    ----------
    network : LearnedNetwork

    Returns
    -------
    dict of dict of ndarray
        ``maps[patterns][projection]``, bool of shape (H hidden, pixels): the pixels that a
        hidden hypercolumn listens to (feedforward), or that listen to it (feedback).
    """
    history = {**network.connection_history, network.n_learned: network.rewired_connections()}
    return {
        patterns: {name: _map(network, name, pre) for name, pre in connections.items()}
        for patterns, connections in history.items()
    }


def _map(network: LearnedNetwork, name: str, connections: np.ndarray) -> np.ndarray:
    projection = network.architecture.projection(name)
    n_pre = network.architecture.ends(projection)[0].hypercolumns
    connected = np.zeros((len(connections), n_pre), bool)
    connected[np.arange(len(connections))[:, None], connections] = True
    return connected if projection.post == "HID" else connected.T


def describe_connections(maps: ConnectionMaps, images: np.ndarray) -> pd.DataFrame:
    """Where connections are in the image, as learning proceeds.

    Parameters
    ----------
    maps : dict of dict of ndarray
        See `connection_maps`.
    images : ndarray, shape (n, side, side)
        What is learned.

    Returns
    -------
    DataFrame
        One row per checkpoint and projection. 'overlap': share of the final connections that
        are there; 'covered': number of pixels with a connection; 'fewest' and 'most': pixels
        of a hidden hypercolumn. Means over connections: 'centre_distance' from the centre of
        the image in pixels, 'pixel_sd', the standard deviation of the grey level of the
        pixel over images. 'extent': mean distance between two pixels of the same hidden
        hypercolumn, in pixels (mean over hypercolumns that have two).
    """
    side = images.shape[-1]
    places = np.stack(np.divmod(np.arange(side * side), side), axis=1).astype(float)
    from_centre = np.linalg.norm(places - (side - 1) / 2, axis=1)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    sd = images.reshape(len(images), -1).std(axis=0)
    final = maps[max(maps)]
    rows = []
    for patterns, projections in sorted(maps.items()):
        for name, connected in projections.items():
            per_pixel, per_hidden = connected.sum(axis=0), connected.sum(axis=1)
            rows.append({
                "patterns": patterns, "projection": name,
                "overlap": (connected & final[name]).sum() / final[name].sum(),
                "covered": int((per_pixel > 0).sum()),
                "fewest": int(per_hidden.min()), "most": int(per_hidden.max()),
                "centre_distance": per_pixel @ from_centre / per_pixel.sum(),
                "pixel_sd": per_pixel @ sd / per_pixel.sum(),
                "extent": _extent(connected, apart),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _extent(connected: np.ndarray, apart: np.ndarray) -> float:
    connected = connected[connected.sum(axis=1) > 1].astype(float)
    n = connected.sum(axis=1)
    pairs = ((connected @ apart) * connected).sum(axis=1)
    return float((pairs / (n * (n - 1))).mean()) if len(n) else np.nan


def busiest_fields(network: LearnedNetwork, hypercolumns: int, minicolumns: int) -> np.ndarray:
    """What the minicolumns that have been active most often prefer to see.

    Parameters
    ----------
    network : LearnedNetwork
    hypercolumns : int
        Of the hidden population, the first so many (all, if there are fewer).
    minicolumns : int
        Of each, those of highest bias first.

    Returns
    -------
    ndarray of float32, shape (hypercolumns, minicolumns, pixels)
        See `LearnedNetwork.receptive_fields`.
    """
    fields = network.receptive_fields()
    bias = network.biases("feedforward").reshape(fields.shape[:2])[:hypercolumns]
    busiest = np.argsort(-bias, axis=1, kind="stable")[:, :minicolumns]
    chosen = np.take_along_axis(fields[:hypercolumns], busiest[..., None], axis=1)
    return chosen.astype(np.float32)


def describe_rewiring(rewiring: pd.DataFrame, share: float = 0.1) -> pd.DataFrame:
    """How structural plasticity has begun and where it has come to.

    Parameters
    ----------
    rewiring : DataFrame
        `LearnedNetwork.rewiring`, with a column 'seed' if it is of several networks.
    share : float
        Share of the rewirings, at the beginning and at the end, over which flips are averaged.

    Returns
    -------
    DataFrame
        One row per network and projection: number of 'rewirings', flips per rewiring at the
        beginning ('flips_first') and at the end ('flips_last'), and the summed score of
        active connections after the first and the last ('score_first', 'score_last') and at
        its lowest ('score_lowest'; traces of few patterns overestimate information).
    """
    keys = [name for name in ("seed", "projection") if name in rewiring]
    rows = []
    for key, table in rewiring.sort_values("patterns", kind="stable").groupby(keys, sort=False):
        few = max(1, round(share * len(table)))
        rows.append({
            **dict(zip(keys, key)), "rewirings": len(table),
            "flips_first": table["flips"].iloc[:few].mean(),
            "flips_last": table["flips"].iloc[-few:].mean(),
            "score_first": table["score"].iloc[0], "score_lowest": table["score"].min(),
            "score_last": table["score"].iloc[-1],
        })  # fmt: skip
    return pd.DataFrame(rows)


def projection_table(
    network: LearnedNetwork, learning: list[Phase], recall: list[Phase]
) -> pd.DataFrame:
    """Projections of a network and what they consist of.

    Parameters
    ----------
    network : LearnedNetwork
    learning, recall : list of Phase
        Protocols to say when projections are on.

    Returns
    -------
    DataFrame
        One row per projection: 'pre' and 'post' population, 'fan_in' of the 'available'
        hypercolumns, connected pairs of hypercolumns ('connections'), connected pairs of
        minicolumns, which transmit ('synapses'), all pairs, which learn ('plastic_pairs'),
        'rewired' or not, 'conditioning' (see `Projection`), and the phases in which it is on.
    """
    rows = []
    for projection in network.architecture.projections:
        pre, post = network.architecture.ends(projection)
        connections = int(network.connections(projection.name).sum())
        rows.append({
            "projection": projection.name, "pre": pre.name, "post": post.name,
            "fan_in": projection.fan_in, "available": pre.hypercolumns, "connections": connections,
            "synapses": connections * pre.minicolumns * post.minicolumns,
            "plastic_pairs": pairs(network.architecture, projection),
            "rewired": projection.rewired, "conditioning": projection.conditioning,
            "on_in_learning": _phases_with(projection.name, learning),
            "on_in_recall": _phases_with(projection.name, recall),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _phases_with(projection: str, protocol: list[Phase]) -> str:
    """Names of the phases in which a projection is on."""
    named = zip(phase_names(protocol), protocol)
    return " ".join(name for name, phase in named if phase.gains.get(projection))
