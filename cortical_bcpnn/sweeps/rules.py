"""Rules of plasticity as genomes: the factors of the rule 'logarithms', and lines through BCPNN.

Exact, of the support of minicolumn j with a fan-in of H hypercolumns:
sum_i w_ij z_i + b_j = theta_1 sum_i z_i log p_ij + (theta_3 sum_i z_i + theta_b) log p_j + c, where
c holds theta_2 and theta_4. All j of a hypercolumn have the same c, which softmax does not see; and
where the z of each presynaptic hypercolumn sum to 1, sum_i z_i = H. So what a network does follows
from theta_1 and theta_b + H theta_3 alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..model.plasticity import LOGARITHMS
from .departures import FROM
from .search_spec import SearchSpec
from .verdicts import PUBLISHED, compared, verdict, without_published

FACTORS: tuple[str, ...] = tuple(LOGARITHMS.parameters)
BCPNN_FACTORS: dict[str, float] = {name: float(value) for name, value in LOGARITHMS.parameters.items()}


def directions(fan_in: int) -> dict[str, dict[str, float]]:
    """Directions through BCPNN: each factor, 'merged' (theta_b makes up for theta_3), and 'gain'.

    Along 'gain' all factors grow together: the rule stays BCPNN, and softmax becomes sharper.
    """
    return {
        **{name: {name: 1.0} for name in FACTORS},
        "merged": {"theta_3": 1.0, "theta_b": -float(fan_in)},
        "gain": BCPNN_FACTORS,
    }


def line(direction: Mapping[str, float], offset: float) -> dict[str, float]:
    """Factors at some distance from BCPNN."""
    return {name: at + offset * direction.get(name, 0.0) for name, at in BCPNN_FACTORS.items()}


def lines(fan_in: int, offsets: Sequence[float]) -> dict[tuple[str, float], dict[str, float]]:
    """Factors on all `directions`, by direction and offset."""
    return {(name, float(offset)): line(direction, offset)
            for name, direction in directions(fan_in).items() for offset in offsets}  # fmt: skip


def identifiable(factors: Mapping[str, float] | pd.DataFrame, fan_in: int) -> tuple:
    """What a network of that fan-in shows of factors: theta_1, and theta_b + H theta_3.

    Of BCPNN these are 1 and 1 - H.
    """
    return factors["theta_1"], factors["theta_b"] + fan_in * factors["theta_3"]


def canonical(factors: Mapping[str, float], fan_in: int) -> dict[str, float]:
    """The same rule at that fan-in, with theta_2, theta_4 and theta_b as BCPNN has them beside theta_1.

    Along flat directions, theta_b is moved to theta_1, theta_2 to -theta_1, and theta_4 to theta_1.
    What is left of BCPNN times theta_1 is then theta_3 alone.
    """
    first, merged = identifiable(factors, fan_in)
    moved = {"theta_1": first, "theta_2": -first, "theta_3": (merged - first) / fan_in,
             "theta_4": first, "theta_b": first}  # fmt: skip
    return {name: float(value) for name, value in moved.items()}


def factors_about_bcpnn(reach: float, departure: float) -> dict[str, dict]:
    """What a search over rules has: ranges of factors, and of departures from BCPNN times theta_1.

    Parameters
    ----------
    reach : float
        theta_1, theta_2 and theta_4 are between minus this and this.
    departure : float
        So are H (theta_3 + theta_1) and theta_b - theta_1, within this.
    """
    ends = {name: reach + departure if name in FROM else reach for name in FACTORS}
    return {"search": {name: [-end, end] for name, end in ends.items()},
            "departures": {name: [-departure, departure] for name in FROM}}  # fmt: skip


def departure(factors: Mapping[str, float] | pd.DataFrame, fan_in: int):
    """How often more log p_j is added to the support than BCPNN in the gain theta_1 adds it.

    The only thing beside theta_1 that a network of that fan-in shows of the factors; 0 for BCPNN.
    """
    first, merged = identifiable(factors, fan_in)
    return merged - (1 - fan_in) * first


def best_of_chance(floor: Sequence[float], candidates: int) -> float:
    """What the best of so many candidates would be expected to achieve if all were the same.

    Parameters
    ----------
    floor : sequence of float
        What one of them achieves with several seeds, taken as normal.
    candidates : int

    Returns
    -------
    float
        NaN of fewer than two seeds.
    """
    if len(floor) < 2:
        return float("nan")
    draws = np.random.default_rng(0).standard_normal((4000, candidates)).max(axis=1)
    return float(np.mean(floor) + np.std(floor, ddof=1) * draws.mean())


def resized(spec: SearchSpec, fan_in: int) -> SearchSpec:
    """A search over networks of another fan-in, and of as many hidden hypercolumns."""
    sizes = {"hypercolumns": fan_in, "fan_in": fan_in}
    return replace(spec, parameters={**spec.parameters, **sizes})


def flatness(scan: pd.DataFrame, aim: str) -> dict[str, dict[str, float]]:
    """How far the aim, mean over networks, goes from that of BCPNN along each line.

    Returns
    -------
    dict
        ``near`` and ``far``: the largest difference at offsets of up to 0.1, and at any.
    """
    means = scan.groupby(["direction", "offset"], sort=False)[aim].mean()
    found = {}
    for name in scan["direction"].unique():
        away = (means[name] - means[name][0.0]).abs()
        near = away[np.abs(away.index.to_numpy(float)) <= 0.1]
        found[name] = {"near": float(near.max()), "far": float(away.max())}
    return found


def recovered(searches: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Searches from several starts as one table; a candidate is called START.NUMBER."""
    rows = [searches[0][searches[0]["candidate"] == PUBLISHED].assign(start=-1)]
    for start, search in enumerate(searches):
        own = without_published(search)
        rows.append(own.assign(candidate=f"{start}." + own["candidate"], start=start))
    return pd.concat(rows, ignore_index=True)


def versions(held_out: pd.DataFrame, fan_in: int) -> dict[str, dict[str, float]]:
    """BCPNN, the rule that was evolved, and the same moved along its flat lines, see `canonical`.

    BCPNN is there twice: as the rule that is shipped, and in the 'gain' that is theta_1 of the evolved
    rule, which tells a sharper softmax from another rule.
    """
    evolved = held_out[held_out["candidate"] != PUBLISHED].iloc[0]
    factors = {name: float(evolved[name]) for name in FACTORS}
    scaled = {name: factors["theta_1"] * value for name, value in BCPNN_FACTORS.items()}
    return {"BCPNN": {}, "evolved": factors, "evolved, moved": canonical(factors, fan_in),
            "BCPNN times θ1": scaled}  # fmt: skip


def summary_of_rules(
    searches: pd.DataFrame, floor: pd.DataFrame, held_out: pd.DataFrame, aims: Sequence[str],
    fan_in: int,
) -> dict:  # fmt: skip
    """What came out: the noise floor, the best of every start, and the verdicts.

    Parameters
    ----------
    searches, floor, held_out : DataFrame
        See `recovered`, and `Tuning.floor` and `Tuning.check`.
    aims : sequence of str
        Accuracy, and the fitness that searches climbed.
    fan_in : int
    """
    accuracy, fitness = aims
    own = without_published(searches)
    mean, sd = float(floor[accuracy].mean()), float(floor[accuracy].std())
    starts = []
    for start, of in own.groupby("start"):
        best = of.loc[of[fitness].idxmax()]
        first, last = (of[of["generation"] == at]["theta_1"] for at in (0, of["generation"].max()))
        starts.append({
            "start": int(start), "first": float(first.mean()), "last": float(last.mean()),
            "candidate": best["candidate"], **{name: float(best[name]) for name in FACTORS},
            "departure": float(departure(best, fan_in)),
            **{aim: float(best[aim]) for aim in aims},
            "recovered": bool(best["theta_1"] > 0 and best[accuracy] >= mean - 2 * sd),
        })  # fmt: skip
    table = compared(held_out)
    return {
        "floor": {aim: {"mean": float(floor[aim].mean()), "sd": float(floor[aim].std()),
                        "best_of_chance": best_of_chance(floor[aim].tolist(), len(own))}
                  for aim in aims},
        "starts": starts, "recovered": [sum(s["recovered"] for s in starts), len(starts)],
        "verdicts": [verdict(table, searches, aim) for aim in aims],
    }  # fmt: skip


def rules_in_words(summary: Mapping, transfer: pd.DataFrame) -> str:
    """The lines, the best of every start, other data, and the verdicts."""
    aim, fitness = summary["aim"], summary["fitness"]
    floor, (found, starts) = summary["floor"], summary["recovered"]
    show = "{:.4g}".format
    groups = transfer.groupby(["dataset", "fan_in", "candidate"], sort=False)
    table = groups[[aim, fitness]].agg(["mean", "std"])
    return "\n".join([
        f"lines through BCPNN: largest change of {aim}, at offsets of up to 0.1 and of up to 1",
        pd.DataFrame(summary["flatness"]).T.to_string(float_format=show),
        f"\nbest of every start by {fitness} (validation); first and last: mean theta_1 of the "
        "generation; departure: of what is added of log p_j",
        pd.DataFrame(summary["starts"]).to_string(index=False, float_format=show),
        f"recovered from {found} of {starts} starts: theta_1 above 0, and {aim} no more than 2 SD below "
        "that of BCPNN",
        *(f"noise floor, BCPNN with fresh seeds, {name}: {of['mean']:.4g} ± {of['sd']:.2g}; best of as "
          f"many equal candidates by chance: {of['best_of_chance']:.4g}" for name, of in floor.items()),
        "\ntest samples that had no part in the search", table.to_string(float_format=show),
        *summary["verdicts"],
    ])  # fmt: skip
