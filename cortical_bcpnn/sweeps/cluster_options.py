"""Command-line options that say where runs are computed."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager

from brian2 import second

from ..experiments.options import duration, whole
from .cluster import Cluster, connect, open_cluster


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `cluster_of` to a parser."""
    add = parser.add_argument
    add("--scheduler", metavar="ADDRESS",
        help="Dask scheduler to join, tcp://HOST:8786 say (default: a cluster on this machine)")
    add("--workers", type=whole("workers"), metavar="N",
        help="processes on this machine (default: as many as it has cores and memory for)")
    add("--patience", type=duration, default=60 * second, metavar="TIME",
        help="how long to wait for a scheduler that does not answer (default: 60s)")  # fmt: skip


def check_scheduler(options: argparse.Namespace) -> None:
    """Raise a ValueError unless the scheduler that the options name, if any, answers."""
    if options.scheduler is not None:
        connect(options.scheduler, float(options.patience / second)).close()


def cluster_of(
    options: argparse.Namespace, memory: float
) -> AbstractContextManager[Cluster]:
    """The cluster that the options ask for, for runs that need so many bytes."""
    if options.scheduler is not None and options.workers is not None:
        raise ValueError("--workers comes with --scheduler: leave it out, that cluster has its own.")
    return open_cluster(
        options.scheduler, options.workers, memory, float(options.patience / second)
    )
