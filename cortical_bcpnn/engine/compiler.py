"""The C++ compiler that programs are built with."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path


def compiler() -> str | None:
    """The C++ compiler that builds would use, ``$CXX`` or g++; None if there is none."""
    return shutil.which(os.environ.get("CXX", "g++"))


def compiler_key() -> str:
    """What the last bits of results depend on beside the sources: compiler and processor."""
    digest = hashlib.sha256((compiler_version() or "").encode())
    digest.update(_processor().encode())
    return digest.hexdigest()[:24]


def compiler_version() -> str | None:
    """What the compiler says of itself, None where there is none."""
    path = compiler()
    return None if path is None else _version(path, os.stat(path).st_mtime_ns)


@lru_cache
def _version(path: str, _modified: int) -> str:
    return subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout


def _processor() -> str:
    """Processor features, which programs are compiled for."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return os.uname().machine
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def compile_program(
    directory: Path, units: Mapping[str, Sequence[str]], compiler_flags: str, linker_flags: str
) -> None:
    """Compile translation units side by side, and link them to the program ``main``.

    Parameters
    ----------
    directory : Path
        Where they are.
    units : mapping of str to sequence of str
        File names, and options of each beside the flags.
    compiler_flags, linker_flags : str
        As on a command line.

    Raises
    ------
    RuntimeError
        If the compiler fails; the message ends with its output.
    """
    flags = ["-c", "-I.", *shlex.split(compiler_flags)]
    running = [
        _start(directory, [*flags, *options, unit, "-o", f"{unit}.o"])
        for unit, options in units.items()
    ]
    try:
        _finish(running)
        objects = [f"{unit}.o" for unit in units]
        running = [_start(directory, [*objects, *shlex.split(linker_flags), "-o", "main"])]
        _finish(running)
    finally:
        for process in running:
            process.kill()
            process.wait()


def _start(directory: Path, arguments: Sequence[str]) -> subprocess.Popen:
    return subprocess.Popen(
        [compiler() or "g++", *arguments], cwd=directory, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _finish(running: Sequence[subprocess.Popen]) -> None:
    outputs = [process.communicate()[0] for process in running]
    for process, output in zip(running, outputs):
        if process.returncode:
            raise RuntimeError(f"compiling the network failed:\n{output[-3000:]}")
