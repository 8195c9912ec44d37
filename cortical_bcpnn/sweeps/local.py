"""A Dask cluster of this machine's own.

Whoever reaches a Dask scheduler can run code as its owner. This one is therefore encrypted, by a
certificate that it makes for itself and keeps in memory: other users of the machine are refused.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager

from .extra import missing_extra
from .joined import announce, be_quiet

try:
    import cryptography  # noqa: F401 - Distributed makes certificates by it
    import dask
    import distributed
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster
    from distributed.system import MEMORY_LIMIT
except ModuleNotFoundError as error:
    raise missing_extra(error) from None

PYTHON_BYTES = 400e6  # of a worker beside its network
_PRELOADED = "cortical_bcpnn.sweeps.local"
#: Deaths of workers in one run after which it is given up.
DEATHS = 3


@contextmanager
def local_client(workers: int | None, memory: float) -> Iterator[Client]:
    """A client of a new cluster, for as long as the block runs; see `open_cluster`."""
    be_quiet()
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
            announce(client)
            yield client


def local_workers(memory: float) -> int:
    """Processes that this machine has cores and memory for."""
    return max(1, min(CPU_COUNT, int(MEMORY_LIMIT // (memory + PYTHON_BYTES))))


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
