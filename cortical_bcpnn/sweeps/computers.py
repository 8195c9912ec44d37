"""Where runs are computed: the arguments that sweeps and searches share."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from brian2 import second
from cyclopts import Parameter

from ..experiments.arguments import Duration, Whole
from .cluster import Cluster, open_cluster
from .joined import connect

#: Those that may differ when a sweep is resumed.
FREE = ("scheduler", "workers", "patience", "data_dir")


@Parameter(name="*")
@dataclass(kw_only=True)
class Computers:
    """This machine, or those of a Dask cluster.

    Attributes
    ----------
    scheduler
        Dask scheduler to join, tcp://HOST:8786 say (default: a cluster on this machine).
    workers
        Processes on this machine (default: as many as it has cores and memory for).
    patience
        How long to wait for a scheduler that does not answer (default: 60s).
    data_dir
        Folder with the IDX files of the data set, here and on all workers.
    """

    scheduler: str | None = None
    workers: Whole | None = None
    patience: Duration | None = None
    data_dir: Path | None = None

    @property
    def _seconds(self) -> float:
        return 60.0 if self.patience is None else float(self.patience / second)

    def check(self) -> None:
        """Raise a ValueError unless the scheduler that is to be joined, if any, answers."""
        if self.scheduler is None:
            return
        if self.workers is not None:
            raise ValueError(
                "--workers comes with --scheduler: leave it out, that cluster has its own."
            )
        connect(self.scheduler, self._seconds).close()

    def cluster(self, memory: float) -> AbstractContextManager[Cluster]:
        """A cluster for runs that need so many bytes."""
        return open_cluster(self.scheduler, self.workers, memory, self._seconds)
