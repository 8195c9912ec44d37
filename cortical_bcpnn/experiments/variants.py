"""Variants that share a network: those of one kind learn alike, and differ in recall alone."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.paper import kind_of

FULL = "-full"


def share_networks(variants: Iterable[str]) -> dict[str, list[str]]:
    """Names of published variants by their kind, the one with the longest recall last.

    NAME-ff is what NAME-full has come to when the feedforward phase ends.
    """
    networks: dict[str, list[str]] = {}
    for name in variants:
        networks.setdefault(kind_of(name), []).append(name)
    return {kind: sorted(names, key=lambda n: n.endswith(FULL)) for kind, names in networks.items()}


def moment_of(variant: str) -> str:
    """What of `accuracy` of NAME-full is the accuracy of a variant."""
    return "attractor" if variant.endswith(FULL) else "ff"
