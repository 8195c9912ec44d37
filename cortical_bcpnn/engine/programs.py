"""Programs of networks: generated, compiled, kept, and found again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import brian2
import numpy as np
from brian2 import prefs, second
from brian2.core.names import Nameable
from brian2.core.tracking import InstanceFollower
from brian2.devices.device import reset_device, set_device
from platformdirs import user_cache_path

from ..files.locks import locked
from . import cache_keys  # noqa: F401 - Brian2's caches use its keys from now on
from .circuit import Circuit
from .compiler import compile_program, compiler_key
from .device import LiveDevice
from .garbage import only_new_garbage
from .preferences import INCLUDE_DIRS, include_dirs, preferences_key
from .process import ArrayLayout, LiveProcess, ProcessLayout
from .units import OPTIONS, unite

_OPTIONS_OF_GCC = "codegen.cpp.extra_compile_args_gcc"
_LOCK = threading.Lock()  # Brian2 has one active device per Python process
_CHECKSUMS, _KNOWN = "checksums.json", "known"
_HEADERS = sorted(Path(__file__).parent.glob("*.h"))


@dataclass
class Program:
    """A compiled network.

    Attributes
    ----------
    directory : Path
        Its folder in the cache.
    layout : ProcessLayout
    device : LiveDevice or None
        None where no code had to be generated.
    seconds : float
        Time taken to generate and, unless it was in the cache, to compile it.
    compiled : bool
        Whether it had to be compiled.
    """

    directory: Path
    layout: ProcessLayout
    device: LiveDevice | None
    seconds: float
    compiled: bool

    def start(self) -> LiveProcess:
        """Start a process of this program. Brian2 objects show the values of the first."""
        process = LiveProcess(self.directory, self.layout)
        if self.device is not None and self.device.process is None:
            self.device.process = process
        return process


def cache_directory() -> Path:
    """Folder of compiled programs: ``$CORTICAL_BCPNN_CACHE`` or in the user's cache."""
    if "CORTICAL_BCPNN_CACHE" in os.environ:
        return Path(os.environ["CORTICAL_BCPNN_CACHE"])
    return user_cache_path("cortical_bcpnn", appauthor=False)


def build(make_circuit: Callable[[], Circuit], description: Mapping | None = None) -> Program:
    """Generate and compile a network, or find it in the cache.

    Parameters
    ----------
    make_circuit : callable
        Builds the circuit on the active device.
    description : mapping, optional
        All that decides what `make_circuit` builds, as plain values. Networks of one description
        are taken for the same, so that their code need not be generated again.

    Raises
    ------
    ValueError
        If Brian2's preferences ask for OpenMP.
    RuntimeError
        If the compiler fails; the message ends with its output.
    """
    started = time.perf_counter()
    threads = prefs.devices.cpp_standalone.openmp_threads
    if threads:
        raise ValueError(
            f"Brian2's preference devices.cpp_standalone.openmp_threads is {threads}: set it to 0, "
            "since synapses are not shared between threads (recall takes jobs=…)."
        )
    known = None if description is None else cache_directory() / _KNOWN / _key_of(description)
    with _LOCK:
        found = None if known is None else _recall(known)
        if found is not None:
            return Program(*found, None, time.perf_counter() - started, False)
        with tempfile.TemporaryDirectory(prefix="cortical_bcpnn_") as scratch:
            device, layout = generate(make_circuit, Path(scratch))
            directory = cache_directory() / _fingerprint(Path(scratch), device)
            compiled = not _is_intact(directory) and _compile_once(Path(scratch), directory, device)
        if known is not None:
            _remember(known, directory, layout)
    return Program(directory, layout, device, time.perf_counter() - started, compiled)


# --- Generating --------------------------------------------------------------------------


def generate(
    make_circuit: Callable[[], Circuit], directory: Path
) -> tuple[LiveDevice, ProcessLayout]:
    """Write the sources of a program.

    Parameters
    ----------
    make_circuit : callable
        Builds the circuit on the active device.
    directory : Path
        An empty folder.

    Returns
    -------
    device : LiveDevice
        With the flags to compile them with.
    layout : ProcessLayout
    """
    device, layout = _write_sources(make_circuit, directory, ())
    if indexed := device.unindexed():
        shutil.rmtree(directory)
        directory.mkdir()
        device, layout = _write_sources(make_circuit, directory, indexed)
    for header in _HEADERS:
        shutil.copy(header, directory / header.name)
    unite(directory)
    return device, layout


def _write_sources(
    make_circuit: Callable[[], Circuit], directory: Path, indexed: Collection[str]
) -> tuple[LiveDevice, ProcessLayout]:
    """Write a project of Brian2's, whose synapses of these names keep their indices.

    Brian2 tells objects of one name apart by numbers, which would make the code of a network
    depend on which others are alive; so it gets to see none.
    """
    device = LiveDevice(indexed)
    set_device(device, build_on_run=False)
    others = InstanceFollower.instance_sets.pop(Nameable)
    options, folders = (prefs[name] for name in (_OPTIONS_OF_GCC, INCLUDE_DIRS))
    try:
        # With finite math assumed, as in all of -ffast-math, exp and log are vectorised.
        prefs[_OPTIONS_OF_GCC] = [o for o in options if o != "-fno-finite-math-only"]
        prefs[INCLUDE_DIRS] = include_dirs()
        circuit = make_circuit()
        device.run_args_applied = True  # the program's arguments are not state variables
        with only_new_garbage():
            circuit.network.run(0 * second, namespace={})
        clock = next(iter(circuit.objects.values())).clock
        layout = device.serve(circuit.network, circuit.learning_objects, clock)
        device.build(directory=str(directory), compile=False, run=False)
    finally:
        prefs[_OPTIONS_OF_GCC], prefs[INCLUDE_DIRS] = options, folders
        own = [reference() for reference in list(InstanceFollower.instance_sets.pop(Nameable, ()))]
        for instance in own:
            if instance is not None:
                others.add(instance)
        InstanceFollower.instance_sets[Nameable] = others
        reset_device()
    return device, layout


def _fingerprint(directory: Path, device: LiveDevice) -> str:
    """What the program depends on: its sources, flags, the compiler and the processor."""
    digest = hashlib.sha256()
    for path in _files(directory):
        digest.update(str(path.relative_to(directory)).encode())
        digest.update(path.read_bytes())
    flags = f"{device.compiler_flags} {device.linker_flags}".replace(sys.prefix, "")
    digest.update(f"{OPTIONS} {flags} {compiler_key()}".encode())
    return digest.hexdigest()[:24]


# --- Descriptions ------------------------------------------------------------------------


def _key_of(description: Mapping) -> str:
    """What the sources of a described network depend on."""
    versions = [platform.python_version(), brian2.__version__, np.__version__]
    content = json.dumps([description, _own_code(), versions], sort_keys=True)
    digest = hashlib.sha256(content.encode())
    digest.update(f"{preferences_key()} {compiler_key()} {sys.prefix}".encode())
    return digest.hexdigest()[:24] + ".json"


@lru_cache
def _own_code() -> str:
    """Checksum of this package, any part of which may be in the way from equations to sources."""
    digest = hashlib.sha256()
    for path in _files(Path(__file__).parents[1]):
        if path.suffix in (".py", ".h", ".cpp"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _recall(known: Path) -> tuple[Path, ProcessLayout] | None:
    """Program and layout of a description, if both are there."""
    try:
        content = json.loads(known.read_text())
        layout = content["layout"]
        arrays = {name: ArrayLayout(**values) for name, values in layout.pop("arrays").items()}
        directory = cache_directory() / content["program"]
        layout = ProcessLayout(arrays=arrays, **layout)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (directory, layout) if _is_intact(directory) else None


def _remember(known: Path, directory: Path, layout: ProcessLayout) -> None:
    known.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"program": directory.name, "layout": asdict(layout)})
    with tempfile.NamedTemporaryFile("w", dir=known.parent, delete=False) as partial:
        partial.write(content)
    os.replace(partial.name, known)


# --- Compiling and keeping ---------------------------------------------------------------


def _compile_once(scratch: Path, directory: Path, device: LiveDevice) -> bool:
    """Compile and store a program, unless another process is at it: then wait for it.

    Returns whether it was compiled here.
    """
    lock = directory.with_name(f".{directory.name}.lock")
    with locked(lock):
        try:
            compiled = not _is_intact(directory)
            if compiled:
                compile_program(scratch, OPTIONS, device.compiler_flags, device.linker_flags)
                _store(scratch, directory)
        finally:
            lock.unlink(missing_ok=True)
    return compiled


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
