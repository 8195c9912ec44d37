"""Text that closing tables share."""

from __future__ import annotations

from collections.abc import Mapping


def mean_of(summary: Mapping) -> str:
    """Of how many networks numbers are the mean."""
    n = len(summary["seeds"])
    return f"mean of {n} network{'s' * (n > 1)}"
