"""The live process: state variables in both directions, seeds, and what happens when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tiny import tiny_memory

from cortical_bcpnn.circuits.circuit import build_circuit
from cortical_bcpnn.engine.programs import build
from cortical_bcpnn.model.parameters import Parameters


@pytest.fixture(scope="module")
def program():
    """That of recall in the tiny network."""
    memory = tiny_memory()

    def make_circuit():
        return build_circuit(
            memory.architecture,
            dt=Parameters().dt,
            transmitting=list(memory.traces),
            plastic=False,
        )

    return build(make_circuit)


@pytest.fixture
def process(program):
    process = program.start()
    for population in ("INP", "HID", "INPRC"):
        for name, value in (("tau_m", 0.005), ("tau_z", 0.02), ("f_max", 100.0), ("epsilon", 1e-7)):
            process.set(f"{population}.{name}", value)
    yield process
    process.close()


def pid(process) -> int:
    return process._process.pid


# --- State variables ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, values",
    [
        ("HID.s", np.linspace(-3, 3, 20)),
        ("INP.log_stimulus", np.linspace(-16, 0, 18)),
        ("HID.spike_count", np.arange(20)),
        ("HID_hypercolumns.shift", np.arange(4.0)),
        ("HID.clamped", np.array([True])),
    ],
)
def test_arrays_of_fixed_size_round_trip(process, name, values):
    assert process.get(name).shape == values.shape
    process.set(name, values)
    np.testing.assert_array_equal(process.get(name), values)


@pytest.mark.parametrize("name, size, kind", [
    ("feedforward.w", 4 * 4 * 2 * 5, np.floating),
    ("feedback._synaptic_pre", 9 * 2 * 5 * 2, np.integer),
])  # fmt: skip
def test_growing_arrays_round_trip(process, name, size, kind):
    values = process.get(name)
    assert values.shape == (size,) and np.issubdtype(values.dtype, kind)
    new = np.arange(size) % 18
    for _ in range(2):
        process.set(name, new)
        np.testing.assert_array_equal(process.get(name), new)
        new = new[::-1]


def test_fixed_arrays_are_live_and_growing_ones_copies(process):
    s, w = process.get("HID.s"), process.get("feedforward.w")
    process.set("HID.s", 2.5)
    process.set("feedforward.w", np.full(w.size, 7.0))
    assert (s == 2.5).all() and not (w == 7.0).any()


def test_one_value_fills_an_array_of_fixed_size(process):
    process.set("HID.s", -1.5)
    np.testing.assert_array_equal(process.get("HID.s"), np.full(20, -1.5))


@pytest.mark.parametrize("name, size", [
    ("HID.s", 19), ("HID.s", 21), ("feedforward.w", 159), ("feedforward.w", 161),
    ("feedforward.w", 0),
])  # fmt: skip
def test_arrays_of_the_wrong_size_are_refused(process, name, size):
    """And the process keeps what it had."""
    before = np.array(process.get(name))
    with pytest.raises(ValueError):
        process.set(name, np.zeros(size))
    np.testing.assert_array_equal(process.get(name), before)
    process.run(1)


def test_refusal_of_growing_arrays_says_how_many_there_are(process):
    with pytest.raises(ValueError, match=r"feedforward\.w holds 160 values, not 3"):
        process.set("feedforward.w", np.zeros(3))


def test_unknown_names_are_refused(process):
    with pytest.raises(KeyError, match="HID.voltage"):
        process.get("HID.voltage")
    with pytest.raises(KeyError, match="HID.voltage"):
        process.set("HID.voltage", 0)


# --- Running -----------------------------------------------------------------------------


def test_values_set_are_those_simulated(process):
    """Euler by hand: s = -1 + dt/tau_m (0 + 1) after one step without input."""
    process.set("HID.s", -1.0)
    process.run(1)
    np.testing.assert_allclose(process.get("HID.s"), -0.8, rtol=1e-12)
    process.run(2)
    np.testing.assert_allclose(process.get("HID.s"), -0.8**3, rtol=1e-12)


def test_weights_set_are_those_transmitted(process):
    """All 0 but one synapse; its current is its weight times z of its source."""
    w = np.zeros(160)
    w[37] = 3.0
    process.set("feedforward.w", w)
    source = process.get("feedforward._synaptic_pre")[37]
    target = process.get("feedforward._synaptic_post")[37]
    process.set("INP.z", 1e-7)
    process.seed(1)
    process.run(200)
    current = process.get("HID.I_feedforward")
    z = process.get("INP.z")[source] - 1e-7
    assert z > 1e-3
    assert current[target] == pytest.approx(3 * z, rel=1e-9)
    assert np.count_nonzero(current) == 1


def test_sources_moved_are_those_that_transmit(process):
    """All synapses take their spikes from minicolumn 6 once `prepare` has been called."""
    process.set("feedforward._synaptic_pre", np.full(160, 6, np.int32))
    process.set("feedforward.w", np.ones(160))
    process.prepare("feedforward")
    process.set("INP.z", 1e-7)
    process.seed(1)
    process.run(200)
    z = process.get("INP.z")[6] - 1e-7
    assert z > 1e-3
    np.testing.assert_allclose(process.get("HID.I_feedforward"), 8 * z, rtol=1e-9)


def test_synapses_skipped_transmit_nothing(process):
    process.set("feedforward.w", np.ones(160))
    process.set("HID.I_feedforward", 0)
    process.skip("feedforward", True)
    process.seed(1)
    process.run(50)
    assert process.get("INP.spike_count").sum() > 0
    assert (process.get("HID.I_feedforward") == 0).all()
    process.skip("feedforward", False)
    process.run(50)
    assert (process.get("HID.I_feedforward") > 0).any()


def spikes(process, seed: int, steps: tuple[int, ...] = (100,)) -> np.ndarray:
    for name in ("s", "spike_count"):
        process.set(f"HID.{name}", 0)
    process.set("HID_hypercolumns.shift", 0)
    process.seed(seed)
    for n in steps:
        process.run(n)
    return np.array(process.get("HID.spike_count"))


def test_seeds_determine_the_spikes(process, program):
    first = spikes(process, 1)
    np.testing.assert_array_equal(spikes(process, 1), first)
    assert (spikes(process, 2) != first).any()
    other = program.start()
    for name, value in (("tau_m", 0.005), ("tau_z", 0.02), ("f_max", 100.0), ("epsilon", 1e-7)):
        for population in ("INP", "HID", "INPRC"):
            other.set(f"{population}.{name}", value)
    np.testing.assert_array_equal(spikes(other, 1), first)
    other.close()


def test_steps_in_portions_are_the_same_steps(process):
    first = spikes(process, 5)
    np.testing.assert_array_equal(spikes(process, 5, (1, 9, 40, 50)), first)


def test_time_does_not_drift_over_many_runs(process):
    """3000 runs of one step are 3000 steps: (1 - dt/tau_z)^3000 of a current."""
    process.set("HID.tau_z", 5.0)
    process.set("HID.I_feedforward", 1.0)
    for _ in range(3000):
        process.run(1)
    np.testing.assert_allclose(process.get("HID.I_feedforward"), (1 - 1e-3 / 5) ** 3000, rtol=1e-9)


def test_peak_memory(process):
    """Of a program of some 100 kB of state: more than nothing, less than 500 MB."""
    assert 1e5 < process.peak_memory() < 5e8


# --- The end -----------------------------------------------------------------------------


def ended(number: int) -> bool:
    """Whether a process is gone, or only waits for its parent to notice."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@linux
def test_closing_ends_the_process(program):
    process = program.start()
    assert not ended(pid(process))
    process.close()
    assert ended(pid(process))
    process.close()


def test_a_closed_process_gives_a_clear_error(program):
    process = program.start()
    process.close()
    for request in (lambda: process.run(10), lambda: process.get("feedforward.w")):
        with pytest.raises(RuntimeError, match="closed"):
            request()


def test_a_killed_process_gives_a_clear_error(process):
    os.kill(pid(process), signal.SIGKILL)
    for request in (lambda: process.run(10), lambda: process.get("feedforward.w")):
        with pytest.raises(RuntimeError, match="process ended with status -9: it printed nothing"):
            request()


def test_a_process_killed_at_work_gives_a_clear_error(process):
    threading.Timer(0.3, os.kill, (pid(process), signal.SIGKILL)).start()
    with pytest.raises(RuntimeError, match="simulation process ended with status -9"):
        process.run(10**9)


def test_a_process_killed_before_it_read_the_request_gives_a_clear_error(process):
    os.kill(pid(process), signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (pid(process), signal.SIGKILL)).start()
    with pytest.raises(RuntimeError, match="simulation process ended with status -9"):
        process.run(10)


def test_killing_ends_whatever_a_process_does(process):
    """At once; who waits for the reply is told."""
    threading.Timer(0.3, process.kill).start()
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="simulation process ended with status -9"):
        process.run(10**9)
    assert time.monotonic() - started < 2 and not process.is_alive()


def test_a_process_is_alive_until_it_is_closed(program):
    process = program.start()
    assert process.is_alive()
    process.close()
    assert not process.is_alive()


@linux
@pytest.mark.parametrize("last", ["", "simulation._process.run(10**12)\n"], ids=["waiting", "at work"])
def test_the_process_ends_when_python_does(patterns, last):
    """Even if Python had no time to say goodbye."""
    script = (
        "import os, sys, threading; sys.path[:0] = sys.argv[1].split(os.pathsep)\n"
        "from tiny import tiny_memory\n"
        "simulation = tiny_memory()._recalling(1)[0]\n"
        "print(simulation._process._process.pid, flush=True)\n"
        "threading.Timer(0.1, os._exit, (1,)).start()\n" + last
    )
    output = subprocess.run(
        [sys.executable, "-c", script, os.pathsep.join(sys.path)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    number = int(output.stdout)
    deadline = time.monotonic() + 30
    while not ended(number) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ended(number)
