"""A Dask scheduler and workers as processes of their own, as on several machines."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_NAMES = "bcpnn"
_NETWORK = "10.213"  # private addresses, one small network for each namespace


@contextmanager
def joined_cluster(*, namespaces: bool, workers: int = 2) -> Iterator[str]:
    """Address of a scheduler with workers, which end with the block.

    Parameters
    ----------
    namespaces : bool
        Whether each worker has a network namespace of its own, joined to this one by a virtual
        cable, in place of loopback. Takes root.
    workers : int
    """
    with ExitStack() as stack:
        hosts = [
            stack.enter_context(_namespace(number)) if namespaces else ([], "127.0.0.1", "127.0.0.1")
            for number in range(workers)
        ]
        port = _free_port()
        host = "0.0.0.0" if namespaces else "127.0.0.1"
        stack.enter_context(_process(
            "scheduler", "--host", host, "--port", str(port), "--dashboard-address", "127.0.0.1:0",
        ))  # fmt: skip
        for prefix, near, far in hosts:
            stack.enter_context(_process(
                "worker", f"tcp://{near}:{port}", "--nthreads", "1", "--host", far,
                "--death-timeout", "60", prefix=prefix,
            ))  # fmt: skip
        yield f"tcp://127.0.0.1:{port}"


def may_make_namespaces() -> bool:
    """Whether network namespaces can be made here."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    name = f"{_NAMES}{os.getpid()}_try"
    if _ip("netns", "add", name, check=False):
        return False
    _ip("netns", "del", name, check=False)
    return True


@contextmanager
def _namespace(number: int) -> Iterator[tuple[list[str], str, str]]:
    """Prefix of commands that run in a new namespace, and the addresses of both ends of its cable."""
    name, cable = f"{_NAMES}{os.getpid()}_{number}", f"bc{os.getpid() % 10000}_{number}"
    near, far = f"{_NETWORK}.{number}.1", f"{_NETWORK}.{number}.2"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("addr", "add", f"{near}/30", "dev", cable)
        _ip("link", "set", cable, "up")
        for arguments in (["addr", "add", f"{far}/30", "dev", "eth0"],
                          ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):  # fmt: skip
            _ip("-n", name, *arguments)
        yield ["ip", "netns", "exec", name], near, far
    finally:
        _ip("netns", "del", name, check=False)
        _ip("link", "del", cable, check=False)


@contextmanager
def _process(*arguments: str, prefix: list[str] | None = None) -> Iterator[None]:
    """A command of Dask, ended with the block; it finds the modules that this process finds."""
    paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [*(prefix or []), sys.executable, "-m", "dask", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _ip(*arguments: str, check: bool = True) -> int:
    """Run ``ip``; its exit status."""
    result = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if check and result.returncode:
        raise OSError(f"ip {' '.join(arguments)} has failed: {result.stderr.strip()}.")
    return result.returncode
