"""Where C++ standalone programs are generated, compiled and kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from brian2 import prefs, second
from brian2.core.names import Nameable
from brian2.core.tracking import InstanceFollower
from brian2.devices.device import reset_device, set_device
from platformdirs import user_cache_path

from .circuit import Circuit
from .live_device import LiveDevice, LiveProcess, ProcessLayout
from .locks import locked

_LOCK = threading.Lock()  # Brian2 has one active device per Python process
_CHECKSUMS = "checksums.json"
_HEADERS = [Path(__file__).with_name(name) for name in ("live_process.h", "pathway_runs.h")]


@dataclass
class Program:
    """A compiled network.

    Attributes
    ----------
    directory : Path
        Its folder in the build cache.
    layout : ProcessLayout
    device : LiveDevice
    seconds : float
        Time taken to generate and, unless it was in the cache, to compile it.
    compiled : bool
        Whether it had to be compiled.
    """

    directory: Path
    layout: ProcessLayout
    device: LiveDevice
    seconds: float
    compiled: bool

    def start(self) -> LiveProcess:
        """Start a process of this program. Brian2 objects show the values of the first."""
        process = LiveProcess(self.directory, self.layout)
        if self.device.process is None:
            self.device.process = process
        return process


def cache_directory() -> Path:
    """Folder of compiled programs: ``$CORTICAL_BCPNN_CACHE`` or in the user's cache."""
    if "CORTICAL_BCPNN_CACHE" in os.environ:
        return Path(os.environ["CORTICAL_BCPNN_CACHE"])
    return user_cache_path("cortical_bcpnn", appauthor=False)


def compiler() -> str | None:
    """The C++ compiler that builds would use, None if it or ``make`` is missing."""
    name = os.environ.get("CXX", "g++")
    return shutil.which(name) if shutil.which("make") else None


def build(make_circuit: Callable[[], Circuit]) -> Program:
    """Generate and compile a network, or find it in the cache.

    Parameters
    ----------
    make_circuit : callable
        Builds the circuit on the active device.

    Raises
    ------
    RuntimeError
        If the compiler fails; the message ends with its output.
    """
    started = time.perf_counter()
    with _LOCK, tempfile.TemporaryDirectory(prefix="cortical_bcpnn_") as scratch:
        device, layout = _generate(make_circuit, Path(scratch))
        key = _fingerprint(Path(scratch))
        directory = cache_directory() / key
        compiled = not _is_intact(directory) and _compile_once(Path(scratch), directory)
    return Program(directory, layout, device, time.perf_counter() - started, compiled)


def _generate(
    make_circuit: Callable[[], Circuit], directory: Path
) -> tuple[LiveDevice, ProcessLayout]:
    """Write the program's sources.

    Brian2 tells objects of one name apart by numbers, which would make the code of a network
    depend on which others are alive; so it gets to see none.
    """
    device = LiveDevice()
    set_device(device, build_on_run=False)
    others = InstanceFollower.instance_sets.pop(Nameable)
    options = prefs["codegen.cpp.extra_compile_args_gcc"]
    try:
        # With finite math assumed, as in all of -ffast-math, exp and log are vectorised.
        prefs["codegen.cpp.extra_compile_args_gcc"] = [
            option for option in options if option != "-fno-finite-math-only"
        ]
        circuit = make_circuit()
        device.run_args_applied = True  # the program's arguments are not state variables
        circuit.network.run(0 * second, namespace={})
        clock = next(iter(circuit.objects.values())).clock
        layout = device.serve(circuit.network, circuit.learning_objects, clock)
        device.build(directory=str(directory), compile=False, run=False)
    finally:
        prefs["codegen.cpp.extra_compile_args_gcc"] = options
        own = [reference() for reference in list(InstanceFollower.instance_sets.pop(Nameable, ()))]
        for instance in own:
            if instance is not None:
                others.add(instance)
        InstanceFollower.instance_sets[Nameable] = others
        reset_device()
    for header in _HEADERS:
        shutil.copy(header, directory / header.name)
    return device, layout


def _fingerprint(directory: Path) -> str:
    """What the program depends on: its sources, the compiler and the processor."""
    digest = hashlib.sha256()
    for path in _files(directory):
        digest.update(str(path.relative_to(directory)).encode())
        digest.update(path.read_bytes())
    digest.update(compiler_key().encode())
    return digest.hexdigest()[:24]


def compiler_key() -> str:
    """What the last bits of results depend on beside the sources: compiler, if any, and processor."""
    name = compiler()
    digest = hashlib.sha256()
    if name is not None:
        version = subprocess.run([name, "--version"], capture_output=True, check=False)
        digest.update(version.stdout)
    digest.update(_processor().encode())
    return digest.hexdigest()[:24]


def _processor() -> str:
    """Processor features, which programs are compiled for."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return os.uname().machine
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _compile_once(scratch: Path, directory: Path) -> bool:
    """Compile and store a program, unless another process is at it: then wait for it.

    Returns whether it was compiled here.
    """
    lock = directory.with_name(f".{directory.name}.lock")
    with locked(lock):
        try:
            compiled = not _is_intact(directory)
            if compiled:
                _compile(scratch)
                _store(scratch, directory)
        finally:
            lock.unlink(missing_ok=True)
    return compiled


def _compile(directory: Path) -> None:
    jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    result = subprocess.run(
        ["make", f"-j{jobs}", f"CXX={compiler()}"],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"compiling the network failed:\n{result.stdout[-3000:]}")


def _store(scratch: Path, directory: Path) -> None:
    """Put a compiled program into the cache in one step, whoever else does the same."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial_", dir=directory.parent))
    try:
        shutil.copytree(scratch / "static_arrays", partial / "static_arrays")
        shutil.copy(scratch / "main", partial / "main")
        checksums = {str(p.relative_to(partial)): _checksum(p) for p in _files(partial)}
        (partial / _CHECKSUMS).write_text(json.dumps(checksums))
        os.replace(partial, directory)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not _is_intact(directory):  # else another process was faster
            raise


def _is_intact(directory: Path) -> bool:
    """Whether a program is in the cache; one that was damaged is deleted, with a warning."""
    if not directory.is_dir():
        return False
    try:
        checksums = json.loads((directory / _CHECKSUMS).read_text())
        if all(_checksum(directory / name) == value for name, value in checksums.items()):
            return True
    except (OSError, ValueError, AttributeError):
        pass
    warnings.warn(
        f"the compiled network in {directory} is damaged: compiling it anew.", stacklevel=4
    )
    shutil.rmtree(directory, ignore_errors=True)
    return False


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
