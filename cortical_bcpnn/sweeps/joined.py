"""A Dask cluster that is there already: it is joined, and its workers are checked.

It is as safe as its owner has made it: whoever reaches a Dask scheduler can run code as its owner.
"""

from __future__ import annotations

import logging
import sys
import time

from .extra import missing_extra
from .run import code_version

try:
    from distributed import Client, TimeoutError
except ModuleNotFoundError as error:
    raise missing_extra(error) from None


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
            announce(client)
            return client
        except (OSError, TimeoutError) as error:
            close(client)
            if time.monotonic() >= until:
                raise _no_answer(address, error, patience) from None


def connect(address: str, patience: float) -> Client:
    """A client of the scheduler at an address.

    Raises
    ------
    ValueError
        If it does not answer for so many seconds, or the address is none.
    """
    be_quiet()
    until = time.monotonic() + patience
    while True:
        try:
            return Client(
                address, timeout=max(1.0, until - time.monotonic()), set_as_default=False
            )
        except (OSError, TimeoutError, AssertionError, ValueError) as error:
            # AssertionError: Dask's own loop has not started in 10 s, on a machine that stalls.
            if isinstance(error, ValueError) or time.monotonic() >= until:
                raise _no_answer(address, error, patience) from None
            time.sleep(0.5)


def _no_answer(address: str, error: BaseException, patience: float) -> ValueError:
    reason = str(error).split("\n")[0][:100] or type(error).__name__
    return ValueError(
        f"scheduler {address} does not answer ({reason}; waited {patience:.0f} s): start one by "
        "'dask scheduler', or give the address that it prints, and its certificate if it is tls://."
    )


def be_quiet() -> None:
    """Lost connections are told here, in one line."""
    for name in ("distributed", "distributed.client", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


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


def announce(client: Client) -> None:
    """Say where the scheduler is, and how many workers it has."""
    info = client.scheduler_info(n_workers=-1)
    threads = sum(worker["nthreads"] for worker in info["workers"].values())
    where = client.dashboard_link if info["services"].get("dashboard") else "none (install bokeh)"
    print(
        f"scheduler {info['address']}, {len(info['workers'])} workers with {threads} threads; "
        f"dashboard: {where}",
        file=sys.stderr,
    )


def close(client: Client) -> None:
    """Leave a cluster, also one that does not answer any more."""
    try:
        client.close(timeout=2)
    except Exception:  # noqa: BLE001
        pass
