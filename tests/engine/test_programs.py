"""Compiled programs are kept, found again and shared safely.

Most of these tests have a stand-in for the compiler, since only what is kept where matters.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from brian2 import ms

from cortical_bcpnn import Architecture, Population
from cortical_bcpnn.circuits.circuit import build_circuit
from cortical_bcpnn.engine.compiler import compiler, compiler_key
from cortical_bcpnn.engine.programs import build, cache_directory


def circuit(minicolumns: int = 3):
    """A population on its own."""
    architecture = Architecture((Population("P", 2, minicolumns),), ())
    return build_circuit(architecture, dt=1 * ms, transmitting=(), plastic=False)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache of one's own."""
    monkeypatch.setenv("CORTICAL_BCPNN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A compiler that writes empty programs, and a list of how often it linked one."""
    links = tmp_path / "links"
    script = tmp_path / "stand-in"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in --version) echo stand-in; exit 0;; esac\n'
        'while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; shift; done\n'
        'echo > "$output"\n'
        f'[ "$output" = main ] && echo link >> "{links}"\n'
        "exit 0\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))
    return lambda: len(links.read_text().split()) if links.exists() else 0


def programs(cache: Path) -> list[str]:
    return sorted(os.listdir(cache)) if cache.exists() else []


def test_the_second_build_is_found_in_the_cache(cache, stand_in):
    first, second = build(circuit), build(circuit)
    assert first.compiled and not second.compiled and stand_in() == 1
    assert first.directory == second.directory and first.directory.parent == cache
    assert programs(cache) == [first.directory.name]


def test_other_networks_are_other_programs(cache, stand_in):
    first, second = build(circuit), build(lambda: circuit(4))
    assert second.compiled and first.directory != second.directory
    assert not build(circuit).compiled and not build(lambda: circuit(4)).compiled
    assert len(programs(cache)) == stand_in() == 2


def test_another_compiler_makes_another_program(cache, stand_in, monkeypatch, tmp_path):
    first = build(circuit)
    other = tmp_path / "other"
    other.write_text(Path(os.environ["CXX"]).read_text().replace("echo stand-in", "echo newer"))
    other.chmod(0o755)
    monkeypatch.setenv("CXX", str(other))
    second = build(circuit)
    assert second.compiled and second.directory != first.directory


def test_another_processor_makes_another_program(cache, stand_in, monkeypatch):
    """Programs use all that a processor can do (-march=native), and would stop on another."""
    first = build(circuit)
    monkeypatch.setattr("cortical_bcpnn.engine.compiler._processor", lambda: "flags : fpu sse2")
    second = build(circuit)
    assert second.compiled and second.directory != first.directory
    assert not build(circuit).compiled


def test_threads_may_build_at_once(cache, stand_in):
    """The same network and others: each is compiled once."""
    barrier = threading.Barrier(4)

    def work(minicolumns):
        barrier.wait()
        return build(lambda: circuit(minicolumns))

    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(work, [3, 3, 4, 3]))
    assert stand_in() == sum(program.compiled for program in built) == 2
    assert built[0].directory == built[1].directory == built[3].directory != built[2].directory


PROCESS = """
import os, sys, time
sys.path[:0] = sys.argv[1].split(os.pathsep)
from cortical_bcpnn.engine.programs import build
from test_programs import circuit
open(sys.argv[2], "w").close()
while len(os.listdir(os.path.dirname(sys.argv[2]))) < 2:  # until the other is here too
    time.sleep(0.01)
program = build(circuit)
process = program.start()
process.set("P.s", 2.0)
print(process.get("P.s").sum(), program.compiled)
process.close()
"""


def test_processes_may_build_at_once(cache, tmp_path):
    """With the real compiler, in an empty cache: one compiles, and both run its program."""
    (tmp_path / "here").mkdir()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, os.pathsep.join(sys.path), str(tmp_path / "here" / n)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in "ab"
    ]  # fmt: skip
    compiled = []
    for process in running:
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        total, by_itself = output.split()
        assert float(total) == 12.0
        compiled.append(by_itself)
    assert sorted(compiled) == ["False", "True"]
    program = build(circuit)
    assert not program.compiled and programs(cache) == [program.directory.name]
    live = program.start()
    assert live.get("P.s").shape == (6,)
    live.close()


@pytest.mark.parametrize("file", ["main", "static_arrays"])
def test_a_program_damaged_in_the_cache_is_built_again(cache, stand_in, file):
    """Truncated or lost."""
    program = build(circuit)
    damaged = program.directory / file
    if damaged.is_dir():
        damaged = next(path for path in damaged.rglob("*") if path.is_file())
    content = damaged.read_bytes()
    for damage in (lambda: damaged.write_bytes(content[:-1]), damaged.unlink):
        damage()
        with pytest.warns(UserWarning, match="is damaged: compiling it anew"):
            again = build(circuit)
        assert again.compiled and again.directory == program.directory
        assert damaged.read_bytes() == content
        assert not build(circuit).compiled


def test_a_failed_compilation_says_why_and_leaves_nothing(cache, monkeypatch, tmp_path):
    script = tmp_path / "broken"
    script.write_text("#!/bin/sh\necho 'error: this compiler is broken' >&2\nexit 3\n")
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))
    with pytest.raises(RuntimeError, match=r"(?s)compiling the network failed:.*is broken"):
        build(circuit)
    assert programs(cache) == []


def test_an_interrupted_build_leaves_nothing(cache, stand_in, monkeypatch):
    """Whatever was copied before is removed or not taken for a program."""

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copy", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build(circuit)
    assert build(circuit).compiled and stand_in() >= 1


def test_an_error_in_building_the_circuit_is_passed_on(cache, stand_in):
    """And the next build works: the device is back."""

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        build(fail)
    assert build(circuit).compiled


def test_time_taken(cache, stand_in):
    assert build(circuit).seconds > 0


# --- Where -------------------------------------------------------------------------------


def test_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("CORTICAL_BCPNN_CACHE", str(tmp_path / "a"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    monkeypatch.setenv("HOME", str(tmp_path / "c"))
    assert cache_directory() == tmp_path / "a"
    monkeypatch.delenv("CORTICAL_BCPNN_CACHE")
    assert cache_directory() == tmp_path / "b" / "cortical_bcpnn"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_directory() == tmp_path / "c" / ".cache" / "cortical_bcpnn"


def test_compiler_is_that_of_the_environment(monkeypatch, tmp_path, stand_in):
    assert compiler() == os.environ["CXX"]
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert compiler() is None
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiler() is None


def test_layout_names_every_state_variable(cache, stand_in):
    """Sizes and types as Brian2 has them."""
    arrays = build(circuit).layout.arrays
    assert {"P.s", "P.z", "P.spike_count", "P.activation", "P.clamped"} <= arrays.keys()
    assert {"P_hypercolumns.shift", "P_normalisation._synaptic_pre"} <= arrays.keys()
    assert arrays["P.s"].size == 6 and arrays["P_hypercolumns.shift"].size == 2
    assert arrays["P.clamped"].size == 1 and np.dtype(arrays["P.clamped"].dtype) == bool
    assert arrays["P_normalisation._synaptic_pre"].size == -1
    assert np.dtype(arrays["P.s"].dtype) == np.float64


def test_without_a_compiler_there_is_a_key_all_the_same(monkeypatch):
    """Learning in runtime mode goes through the store, too."""
    before = compiler_key()
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    assert compiler() is None and compiler_key() != before
