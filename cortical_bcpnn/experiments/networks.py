"""Command-line options of argparse handed to `setup`, for protocols that are no experiments yet."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import TypeVar

from ..data.datasets import Dataset
from ..network import AssociativeMemory
from .setup import Data, Networks

Shared = TypeVar("Shared", bound=Data)


def load_dataset(options: argparse.Namespace) -> Dataset:
    """The images that the options ask for."""
    return _from_options(Data, options).data


def epochs(options: argparse.Namespace, dataset: Dataset) -> int:
    """Number of epochs that the options ask for."""
    return _networks(options, dataset).shown


def make_memory(
    options: argparse.Namespace, dataset: Dataset, *, variant: str | None = None, **which
) -> AssociativeMemory:
    """The network that the options ask for, before learning.

    Parameters
    ----------
    options : argparse.Namespace
    dataset : Dataset
    variant : str, optional
        In place of that of the options.
    **which
        Seed, minicolumn or plasticity, see `Networks.network`.
    """
    return _networks(options, dataset).network(variant or options.variant, **which)


def learned(
    options: argparse.Namespace, dataset: Dataset, *, variant: str | None = None, **which
) -> AssociativeMemory:
    """The network that the options ask for, having learned; see `Networks.learned`."""
    return _networks(options, dataset).learned(variant or options.variant, **which)


def settings(memory: AssociativeMemory, dataset: Dataset, options: argparse.Namespace) -> dict:
    """What a network was made with, as plain values for a summary."""
    described = _networks(options, dataset).described(memory)
    return {name: value for name, value in described.items() if name != "seeds"}


def _networks(options: argparse.Namespace, dataset: Dataset) -> Networks:
    found = _from_options(Networks, options)
    found.__dict__["data"] = dataset
    return found


def _from_options(kind: type[Shared], options: argparse.Namespace) -> Shared:
    names = (field.name for field in fields(kind))
    return kind(**{name: getattr(options, name) for name in names if hasattr(options, name)})
