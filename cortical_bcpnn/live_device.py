"""C++ standalone whose process stays alive, so that segments follow each other in it.

Brian2's own standalone device runs a program once, from start to end. Learning needs to
look at the traces every few hundred patterns and move connections; recall needs another
cue every few hundred time steps. `LiveDevice` therefore ends Brian2's generated ``main``
in a loop that takes requests from Python (``live_process.h``), and `LiveProcess` is the
Python side of that loop. The model itself is Brian2's generated code, unchanged.
"""

from __future__ import annotations

import mmap
import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brian2 import BrianObject, Clock, Network, Synapses
from brian2.core.variables import DynamicArrayVariable, Variable
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.synapses.synapses import SynapticPathway

_MESSAGE = struct.Struct("=qqq")
_RUN, _SEED, _SEEK, _READ, _WRITE, _PREPARE, _QUIT = range(1, 8)


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


class ImmediateCodeObject(CPPStandaloneCodeObject):
    """Code of pathways without delay: ``templates/immediate_*.cpp`` over Brian2's own."""

    templater = CPPStandaloneCodeObject.templater.derive("cortical_bcpnn")


class LiveDevice(CPPStandaloneDevice):
    """A C++ standalone device that serves requests after it has set up the network.

    Pathways whose delay is given as 0 do without a queue of synapses: their statements run
    over stretches of memory (``pathway_runs.h``), in the same order.

    Once `process` is set, values of the device's variables are those in that process, so
    that monitors and groups can be read as in runtime mode.
    """

    def __init__(self) -> None:
        super().__init__()
        self.process: LiveProcess | None = None
        self.layout: ProcessLayout | None = None
        self.headers.append('"pathway_runs.h"')
        self._no_delay: set[Variable] = set()

    def fill_with_array(self, var: Variable, arr: np.ndarray) -> None:
        super().fill_with_array(var, arr)
        if var.name == "delay":
            self._no_delay.add(var) if not np.any(arr) else self._no_delay.discard(var)

    def code_object(self, owner, name, abstract_code, variables, template_name, **kwds):
        pathway = (kwds.get("template_kwds") or {}).get("pathway", owner)
        if (
            template_name in ("synapses", "synapses_push_spikes")
            and isinstance(pathway, SynapticPathway)
            and pathway.variables["delay"].scalar
            and pathway.variables["delay"] in self._no_delay
        ):
            template_name = f"immediate_{template_name.removeprefix('synapses_')}"
            kwds["codeobj_class"] = ImmediateCodeObject
        return super().code_object(owner, name, abstract_code, variables, template_name, **kwds)

    def get_value(self, var: Variable, access_data: bool = True) -> np.ndarray:
        if self.process is not None and _key(var) in self.layout.arrays:
            return self.process.get(_key(var))
        return super().get_value(var, access_data)

    def serve(
        self, network: Network, learning_objects: Collection[BrianObject], clock: Clock
    ) -> ProcessLayout:
        """End the generated ``main`` in the request loop of ``live_process.h``.

        Call once, after ``network.run(0*second)`` has generated the code of the network.
        """
        lines, arrays, shared_bytes = [], {}, 0
        fixed = [(n, v) for v, n in self.arrays.items() if not isinstance(v, DynamicArrayVariable)]
        for name, variable in sorted(fixed, key=lambda item: item[0]):
            if isinstance(variable.owner, Clock):
                continue  # clocks hold pointers of their own to these
            lines.append(f"process.share({name}, _num_{name});")
            arrays[_key(variable)] = ArrayLayout(
                np.dtype(variable.dtype).str, variable.size, shared_bytes
            )
            shared_bytes += -(-variable.size * np.dtype(variable.dtype).itemsize // 64) * 64
        growing = {**self.dynamic_arrays, **self.dynamic_arrays_2d}
        for index, (name, variable) in enumerate(
            sorted(((n, v) for v, n in growing.items()), key=lambda item: item[0])
        ):
            lines.append(f"process.grow({name});")
            rows = variable.size[1] if variable.ndim == 2 else 0
            arrays[_key(variable)] = ArrayLayout(np.dtype(variable.dtype).str, -1, index, rows)
        synapses = {}
        prepared = [
            codeobj.name
            for kind, args in self.main_queue
            if kind == "before_run_code_object"
            for codeobj in args
        ]
        for group in sorted(
            (o for o in network.objects if isinstance(o, Synapses)), key=lambda o: o.name
        ):
            names = {p._pushspikes_codeobj.name for p in group._pathways}
            calls = ", ".join(f"_before_run_{n}" for n in sorted(names & set(prepared)))
            synapses[group.name] = len(synapses)
            lines.append(f"process.pathway({{{calls}}});")
        functions = ", ".join(
            f"_run_{codeobj.name}" for obj in learning_objects for codeobj in obj._code_objects
        )
        lines.append(f"process.learning({{{functions}}});")
        lines.append(f"process.serve({network.name}, {float(clock.dt)!r});")
        lines.append("_exit(0);  // nothing to write: Python has read what it wanted")
        self.insert_code("main", f"live::Process process(args, {max(shared_bytes, 64)});")
        self.insert_code("main", "\n".join(lines))
        self.headers.append('"live_process.h"')
        self.layout = ProcessLayout(arrays, max(shared_bytes, 64), synapses)
        return self.layout


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
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self._transfer = tempfile.TemporaryFile(dir=memory)
        self._errors = tempfile.TemporaryFile()
        with tempfile.TemporaryFile(dir=memory) as shared:
            shared.truncate(layout.shared_bytes)
            self._shared = mmap.mmap(shared.fileno(), layout.shared_bytes)
            self._socket, child = socket.socketpair()
            inherited = (child.fileno(), shared.fileno(), self._transfer.fileno())
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
        self._reply()

    def get(self, name: str) -> np.ndarray:
        """Value of a state variable: a live view where its size is fixed, else a copy."""
        if name in self._views:
            return self._views[name]
        array = self._layout.arrays[name]
        n_bytes = self._request(_READ, array.position)
        if not n_bytes:
            values = np.empty(0, array.dtype)
        else:
            self._transfer.seek(0)
            values = np.fromfile(
                self._transfer, array.dtype, n_bytes // np.dtype(array.dtype).itemsize
            )
        return values.reshape(-1, array.rows) if array.rows else values

    def set(self, name: str, values: np.ndarray | float) -> None:
        """Set a state variable; one value fills arrays of fixed size."""
        if name in self._views:
            self._views[name][...] = values
            return
        array = self._layout.arrays[name]
        values = np.ascontiguousarray(values, dtype=array.dtype)
        self._transfer.seek(0)
        values.tofile(self._transfer)
        self._transfer.flush()
        expected = self._request(_WRITE, array.position, values.nbytes)
        if expected != values.nbytes:
            raise ValueError(
                f"{name} holds {expected // values.itemsize} values, not {values.size}."
            )

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
        return list(self._views)

    def prepare(self, synapses: str) -> None:
        """Let synapses look up their sources again, after these have changed."""
        self._request(_PREPARE, self._layout.synapses[synapses])

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
        self._transfer.close()
        self._errors.close()

    def _request(self, operation: int, first: int = 0, second: int = 0) -> int:
        if self._errors.closed:
            raise RuntimeError("the simulation process has been closed: start another.")
        try:
            self._socket.sendall(_MESSAGE.pack(operation, first, second))
        except OSError:
            self._fail()
        return self._reply()

    def _reply(self) -> int:
        reply = b""
        while len(reply) < _MESSAGE.size:
            try:
                received = self._socket.recv(_MESSAGE.size - len(reply))
            except ConnectionError:
                received = b""
            if not received:
                self._fail()
            reply += received
        return _MESSAGE.unpack(reply)[1]

    def _fail(self) -> None:
        status = self._process.wait()
        self._errors.seek(0)
        output = self._errors.read()[-2000:].decode(errors="replace").strip()
        raise RuntimeError(
            f"the simulation process ended with status {status}: {output or 'it printed nothing.'}"
        )


def _key(variable: Variable) -> str:
    """Name of a state variable as used here: object and variable."""
    return f"{variable.owner.name}.{variable.name}"
