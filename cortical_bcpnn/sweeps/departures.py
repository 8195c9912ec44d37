"""Where searches over rules walk: departures from BCPNN times a gain, on which its valley is wide.

Exact, see `rules`: with theta_3 = -theta_1 + d/H and theta_b = theta_1 + e, the support of minicolumn
j is theta_1 times that of BCPNN, and (d + e) log p_j. In theta_1 and theta_3 themselves the rules that
work are a valley of width 1/H across both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

#: Factors with a departure, and the factor of theta_1 from which they depart.
FROM = {"theta_3": -1.0, "theta_b": 1.0}


def check_departures(
    departures: Mapping[str, Sequence[float]], searched: Collection[str]
) -> None:
    """Raise a ValueError unless each is a range, of a factor that is searched beside theta_1."""
    for name, (low, high) in departures.items():
        if name not in FROM or not {name, "theta_1"} <= set(searched):
            raise ValueError(
                f"departures name {name}: give theta_3 or theta_b, and search it and theta_1."
            )
        if not low < high:
            raise ValueError(
                f"departures of {name} are from {low:g} to {high:g}: give the lower end first."
            )


def expressed(
    genes: Mapping[str, float], departures: Mapping[str, object], fan_in: int
) -> dict[str, float]:
    """Factors of a rule, of genes of which some are departures.

    Parameters
    ----------
    genes : mapping of str to float
        theta_1 and others, by name; of those named in `departures` the departure, that of theta_3 for
        all inputs together: H (theta_3 + theta_1).
    departures : mapping of str
    fan_in : int
        H, hypercolumns that a hidden hypercolumn listens to.
    """
    found = dict(genes)
    for name in departures:
        share = genes[name] / (fan_in if name == "theta_3" else 1)
        found[name] = FROM[name] * genes["theta_1"] + share
    return found
