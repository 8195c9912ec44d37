"""Where runs are computed: a Dask cluster on this machine, or one that is there already.

Whoever reaches a Dask scheduler can run code as its owner. The cluster on this machine is
therefore encrypted, by a certificate that it makes for itself and keeps in memory: other users
of the machine are refused. A cluster that is joined is as safe as its owner has made it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .extra import missing_extra
from .run import code_version

try:
    import cryptography  # noqa: F401 - Distributed makes certificates by it
    import dask
    import distributed
    from dask.system import CPU_COUNT
    from distributed import (
        CancelledError,
        Client,
        KilledWorker,
        LocalCluster,
        TimeoutError,
        as_completed,
    )
    from distributed.system import MEMORY_LIMIT
except ModuleNotFoundError as error:
    raise missing_extra(error) from None

PYTHON_BYTES = 400e6  # of a worker beside its network
_PRELOADED = "cortical_bcpnn.sweeps.cluster"
#: Deaths of workers in one run after which it is given up.
DEATHS = 3


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
        _close(self.client)
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
            _close(cluster.client)
        return
    _be_quiet()
    number = workers or local_workers(memory)
    _one_thread_each()
    with dask.config.set(
        {
            "distributed.worker.multiprocessing-method": "forkserver",
            "distributed.nanny.environ": _own_environment(),
            "distributed.scheduler.allowed-failures": DEATHS,
            "distributed.scheduler.worker-saturation": 1.0,  # who dies takes one run along
            "distributed.worker.daemon": True,
            # A worker holds no data of Dask's: nothing is gained by spilling or pausing.
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.target": False,
            "distributed.worker.memory.pause": False,
        }
    ):
        _fork_from_what_is_imported()
        with LocalCluster(
            n_workers=number, threads_per_worker=1, processes=True, host="127.0.0.1",
            memory_limit=int(MEMORY_LIMIT / number), dashboard_address=_dashboard(),
            silence_logs=logging.CRITICAL, security=True,
        ) as local, Client(local) as client:  # fmt: skip
            _announce(client)
            yield Cluster(client, None, patience)


def join(address: str, patience: float) -> Client:
    """A client of the scheduler at an address, whose workers have been checked.

    Raises
    ------
    ValueError
        If it does not answer for so many seconds, or its workers have other code.
    """
    until = time.monotonic() + patience
    while True:
        client = connect(address, max(1.0, until - time.monotonic()))
        try:
            _check_workers(client)
            _announce(client)
            return client
        except (OSError, TimeoutError) as error:
            _close(client)
            if time.monotonic() >= until:
                raise _no_answer(address, error, patience) from None


def connect(address: str, patience: float) -> Client:
    """A client of the scheduler at an address.

    Raises
    ------
    ValueError
        If it does not answer for so many seconds, or the address is none.
    """
    _be_quiet()
    until = time.monotonic() + patience
    while True:
        try:
            return Client(
                address, timeout=max(1.0, until - time.monotonic()), set_as_default=False
            )
        except (OSError, TimeoutError, ValueError) as error:
            if isinstance(error, ValueError) or time.monotonic() >= until:
                raise _no_answer(address, error, patience) from None
            time.sleep(0.5)


def _no_answer(address: str, error: BaseException, patience: float) -> ValueError:
    reason = str(error).split("\n")[0][:100] or type(error).__name__
    return ValueError(
        f"scheduler {address} does not answer ({reason}; waited {patience:.0f} s): start one by "
        "'dask scheduler', or give the address that it prints, and its certificate if it is tls://."
    )


def _be_quiet() -> None:
    """Lost connections are told by this module, in one line."""
    for name in ("distributed", "distributed.client", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def local_workers(memory: float) -> int:
    """Processes that this machine has cores and memory for."""
    return max(1, min(CPU_COUNT, int(MEMORY_LIMIT // (memory + PYTHON_BYTES))))


def _check_workers(client: Client) -> None:
    """Raise a ValueError unless all workers compute what this process would.

    Raises
    ------
    ValueError
        If the package is missing on a worker, or is another.
    """
    found = client.run(_worker_code, on_error="return")
    for worker, code in found.items():
        if isinstance(code, Exception):
            raise ValueError(
                f"worker {worker} cannot import this package ({code}): install it there, and start "
                "the worker in the repository's folder."
            )
        if code != code_version():
            raise ValueError(
                f"worker {worker} has other code ({code}, here {code_version()}): give it the same "
                "commit and start it again."
            )
    if not found:
        print("the scheduler has no workers yet: waiting for them", file=sys.stderr)


def _worker_code() -> str:
    from .run import code_version

    return code_version()


def _announce(client: Client) -> None:
    info = client.scheduler_info(n_workers=-1)
    threads = sum(worker["nthreads"] for worker in info["workers"].values())
    where = client.dashboard_link if info["services"].get("dashboard") else "none (install bokeh)"
    print(
        f"scheduler {info['address']}, {len(info['workers'])} workers with {threads} threads; "
        f"dashboard: {where}",
        file=sys.stderr,
    )


def _dashboard() -> str | None:
    try:
        import bokeh  # noqa: F401
    except ImportError:
        return None
    return "127.0.0.1:0"


def _fork_from_what_is_imported() -> None:
    """Let workers be forked from a process that has imported all: they start again at once."""
    choose = getattr(distributed.utils, "get_mp_context", None)
    if choose is not None:
        choose()  # sets what Distributed imports, once
    multiprocessing.get_context("forkserver").set_forkserver_preload([_PRELOADED])


def _own_environment() -> dict[str, str]:
    """What workers are told by the environment, as it is now."""
    return {n: v for n, v in os.environ.items() if n.startswith("CORTICAL_BCPNN_") or n == "CXX"}


def _one_thread_each() -> None:
    """Workers start no threads for linear algebra: there are as many of them as cores."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


@contextmanager
def _lost_connections() -> Iterator[None]:
    """Let every way in which a scheduler can be lost be one."""
    try:
        yield
    except (OSError, TimeoutError, CancelledError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        raise _SchedulerLost from error


def _close(client: Client) -> None:
    try:
        client.close(timeout=2)
    except Exception:  # noqa: BLE001
        pass

