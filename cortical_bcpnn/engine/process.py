"""A running program, driven from Python: state variables in both directions, time steps, seeds."""

from __future__ import annotations

import mmap
import os
import socket
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

_MESSAGE = struct.Struct("=qqq")
_RUN, _SEED, _SEEK, _READ, _WRITE, _SHARE, _PREPARE, _SKIP, _QUIT = range(1, 10)


@dataclass(frozen=True)
class ArrayLayout:
    """Where a state variable lies in a live process.

    Attributes
    ----------
    dtype : str
    size : int
        Number of elements; -1 where the array can grow.
    position : int
        Offset in bytes in the shared memory, or index among the growing arrays.
    rows : int
        Length of the second dimension of a two-dimensional growing array, else 0.
    """

    dtype: str
    size: int
    position: int
    rows: int = 0


@dataclass(frozen=True)
class ProcessLayout:
    """All that Python needs to know to talk to a built program."""

    arrays: dict[str, ArrayLayout]
    shared_bytes: int
    synapses: dict[str, int]
    #: Indices that synapses between all pairs do not keep: number of neurons in whose order they
    #: lie, number of those opposite, and whether they are the indices of the former.
    implied: dict[str, tuple[int, int, bool]]


class LiveProcess:
    """A running program of a `LiveDevice`, seen from Python.

    Parameters
    ----------
    directory : Path
        Folder of the built program.
    layout : ProcessLayout
        What `LiveDevice.serve` returned for it.

    Raises
    ------
    RuntimeError
        If the process ends unexpectedly; the message holds what it last printed.
    """

    def __init__(self, directory: Path, layout: ProcessLayout) -> None:
        self._layout = layout
        self._errors = tempfile.TemporaryFile()
        self._memory = _shared_file(layout.shared_bytes)
        self._shared = mmap.mmap(self._memory.fileno(), layout.shared_bytes)
        self._socket, child = socket.socketpair()
        inherited = (child.fileno(), self._memory.fileno())
        self._process = subprocess.Popen(
            [str(directory / "main"), *map(str, inherited)],
            cwd=directory,
            pass_fds=inherited,
            start_new_session=True,  # Ctrl-C is for Python to handle
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
        )
        child.close()
        self._views = {
            name: np.frombuffer(self._shared, array.dtype, array.size, array.position)
            for name, array in layout.arrays.items()
            if array.size >= 0
        }
        self._grown: set[str] = set()
        self._reply()

    def get(self, name: str) -> np.ndarray:
        """Value of a state variable: a live view where it is in shared memory, else a copy."""
        if name in self._views:
            return self._views[name]
        array = self._layout.arrays[name]
        if name in self._layout.implied:
            outer, inner, is_outer = self._layout.implied[name]
            if is_outer:
                return np.repeat(np.arange(outer, dtype=array.dtype), inner)
            return np.tile(np.arange(inner, dtype=array.dtype), outer)
        n_bytes = self._request(_READ, array.position)
        values = np.empty(n_bytes // np.dtype(array.dtype).itemsize, array.dtype)
        self._receive(values.data.cast("B"))
        return values.reshape(-1, array.rows) if array.rows else values

    def set(self, name: str, values: np.ndarray | float) -> None:
        """Set a state variable; one value fills arrays of fixed size."""
        if name in self._views:
            self._views[name][...] = values
            return
        array = self._layout.arrays[name]
        if name in self._layout.implied:
            raise ValueError(f"{name} follows from the place of each synapse: it cannot be set.")
        values = np.ascontiguousarray(values, dtype=array.dtype)
        expected = self._request(_WRITE, array.position, values.nbytes)
        if expected != values.nbytes:
            raise ValueError(
                f"{name} holds {expected // values.itemsize} values, not {values.size}."
            )
        self._send(values.data.cast("B"))
        self._reply()

    def share(self, name: str) -> None:
        """Have a state variable of synapses in shared memory, if there is room.

        From then on `get` returns a live view of it. It must not grow any more.
        """
        if name in self._views:
            return
        array = self._layout.arrays[name]
        start, n_bytes = self._request_two(_SHARE, array.position)
        if start < 0:
            return
        page = start - start % mmap.ALLOCATIONGRANULARITY
        shared = mmap.mmap(self._memory.fileno(), start - page + n_bytes, offset=page)
        count = n_bytes // np.dtype(array.dtype).itemsize
        self._views[name] = np.frombuffer(shared, array.dtype, count, start - page)
        self._grown.add(name)

    def run(self, steps: int, learning: bool = False) -> None:
        """Simulate that many time steps, with or without the objects that learn."""
        self._request(_RUN, steps, learning)

    def seed(self, seed: int) -> None:
        """Seed the random numbers of the process."""
        self._request(_SEED, seed)

    def seek(self, step: int) -> None:
        """Set the time, in steps since the start."""
        self._request(_SEEK, step)

    @property
    def fixed(self) -> list[str]:
        """Names of the state variables of fixed size."""
        return [name for name in self._views if name not in self._grown]

    def prepare(self, synapses: str) -> None:
        """Let synapses look up their sources again, after these have changed."""
        self._request(_PREPARE, self._layout.synapses[synapses])

    def skip(self, synapses: str, skipped: bool) -> None:
        """Let synapses transmit nothing, at no cost, or again; learning is not touched."""
        self._request(_SKIP, self._layout.synapses[synapses], skipped)

    def peak_memory(self) -> int:
        """Largest resident memory of the process so far, in bytes (0 where unknown)."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(lines[0].split()[1]) * 1024 if lines else 0

    def is_alive(self) -> bool:
        """Whether the process is there to take requests."""
        return not self._errors.closed and self._process.poll() is None

    def kill(self) -> None:
        """End the process at once; a request that waits for its reply fails."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            try:
                self._socket.sendall(_MESSAGE.pack(_QUIT, 0, 0))
            except OSError:
                pass
        self._socket.close()
        self._process.wait()
        self._memory.close()
        self._errors.close()

    def _request(self, operation: int, first: int = 0, second: int = 0) -> int:
        return self._request_two(operation, first, second)[0]

    def _request_two(self, operation: int, first: int = 0, second: int = 0) -> tuple[int, int]:
        if self._errors.closed:
            raise RuntimeError("the simulation process has been closed: start another.")
        self._send(_MESSAGE.pack(operation, first, second))
        return self._reply()

    def _reply(self) -> tuple[int, int]:
        reply = bytearray(_MESSAGE.size)
        self._receive(memoryview(reply))
        return _MESSAGE.unpack(reply)[1:]

    def _send(self, content: bytes | memoryview) -> None:
        try:
            self._socket.sendall(content)
        except OSError:
            self._fail()

    def _receive(self, to: memoryview) -> None:
        done = 0
        while done < len(to):
            try:
                received = self._socket.recv_into(to[done:])
            except ConnectionError:
                received = 0
            if not received:
                self._fail()
            done += received

    def _fail(self) -> None:
        status = self._process.wait()
        self._errors.seek(0)
        output = self._errors.read()[-2000:].decode(errors="replace").strip()
        raise RuntimeError(
            f"the simulation process ended with status {status}: {output or 'it printed nothing.'}"
        )


def _shared_file(n_bytes: int) -> IO[bytes]:
    """A file that takes so many bytes for certain: in memory, or on the disk where that is full.

    Containers often have a small /dev/shm, where a process that writes more is ended by SIGBUS.

    Raises
    ------
    OSError
        If there is no room at all.
    """
    try:
        return _allocated("/dev/shm", n_bytes)
    except OSError:
        return _allocated(None, n_bytes)


def _allocated(directory: str | None, n_bytes: int) -> IO[bytes]:
    file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115
    try:
        os.posix_fallocate(file.fileno(), 0, n_bytes)
    except OSError:
        file.close()
        raise
    return file
