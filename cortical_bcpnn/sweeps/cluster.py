"""Where runs are computed: a Dask cluster on this machine, or one that is there already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .extra import missing_extra
from .joined import close, join
from .local import local_client

try:
    from distributed import CancelledError, Client, KilledWorker, TimeoutError, as_completed
except ModuleNotFoundError as error:
    raise missing_extra(error) from None


class WorkersLost(Exception):
    """The workers of a run have died, again and again."""


@dataclass
class Cluster:
    """A Dask cluster, local or not.

    Attributes
    ----------
    client : Client
    address : str or None
        Of the scheduler, if it is not ours.
    patience : float
        Seconds to wait for a scheduler that does not answer.
    """

    client: Client
    address: str | None
    patience: float

    def compute(self, function: Callable, calls: Mapping[Hashable, tuple]) -> Iterator[tuple]:
        """Results of calls, as they come, each with its key.

        A call whose worker dies is computed again on another; one that costs several workers
        their lives comes back as `WorkersLost`. If the scheduler is lost, calls that have not
        come back are computed again once it answers.

        Parameters
        ----------
        function : callable
            Known to workers by its module and name.
        calls : mapping
            Arguments by key.

        Yields
        ------
        key, result
            The result may be an exception that the function raised.

        Raises
        ------
        ValueError
            If the scheduler is lost and does not come back.
        """
        waiting = dict(calls)
        while waiting:
            try:
                for key, result in self._results(function, waiting):
                    del waiting[key]
                    yield key, result
            except _SchedulerLost:
                self._reconnect()

    def _results(self, function: Callable, calls: Mapping[Hashable, tuple]) -> Iterator[tuple]:
        with _lost_connections():
            futures = {
                self.client.submit(function, *arguments, pure=False, priority=-number): key
                for number, (key, arguments) in enumerate(calls.items())
            }
        try:
            done = as_completed(list(futures), loop=self.client.loop, raise_errors=False)
            for future in done:
                if future.status == "cancelled" or future.status == "lost":
                    raise _SchedulerLost
                with _lost_connections():
                    failure = future.exception() if future.status == "error" else None
                    result = future.result() if failure is None else failure
                if isinstance(failure, KilledWorker):
                    result = WorkersLost(
                        f"{failure.allowed_failures + 1} workers in turn have died in this run: it may "
                        "need more memory than a worker has"
                    )
                key = futures.pop(future)
                future.release()
                yield key, result
        finally:
            for future in futures:
                future.release()

    def _reconnect(self) -> None:
        """Wait for the scheduler to answer again."""
        if self.address is None:
            raise ValueError("the scheduler has died: start the sweep again, it is resumed.")
        print(f"\nscheduler {self.address} is lost: waiting for it", file=sys.stderr)
        close(self.client)
        self.client = join(self.address, self.patience)


class _SchedulerLost(Exception):
    pass


@contextmanager
def open_cluster(
    address: str | None, workers: int | None, memory: float, patience: float = 60.0
) -> Iterator[Cluster]:
    """A cluster for as long as the block runs.

    Parameters
    ----------
    address : str or None
        Of a scheduler to join; None for a cluster on this machine.
    workers : int or None
        Number of processes on this machine; default is as many as it has cores and memory for.
    memory : float
        Bytes that a run needs.
    patience : float
        Seconds to wait for a scheduler that does not answer.

    Raises
    ------
    ValueError
        If the scheduler does not answer, or its workers have other code.
    """
    if address is not None:
        cluster = Cluster(join(address, patience), address, patience)
        try:
            yield cluster
        finally:
            close(cluster.client)
        return
    with local_client(workers, memory) as client:
        yield Cluster(client, None, patience)


@contextmanager
def _lost_connections() -> Iterator[None]:
    """Let every way in which a scheduler can be lost be one."""
    try:
        yield
    except (OSError, TimeoutError, CancelledError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        raise _SchedulerLost from error
