"""The spiking recurrent cell: its recurrence against NumPy, and against what is known of it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, StateMonitor, TimedArray, ms, prefs
from scipy.special import logsumexp
from tiny import record, tiny_memory

from cortical_bcpnn import GRADED_NOISY_SRC, GRADED_SRC, NOISY_SRC, SRC, STEP_SRC, Phase
from cortical_bcpnn.engine.garbage import only_new_garbage
from cortical_bcpnn.recall import _empty_result, _State

REST = -0.902688933056


@pytest.fixture(scope="module", autouse=True)
def numpy_target():
    """In Brian2's runtime mode, without a compiler."""
    before, prefs.codegen.target = prefs.codegen.target, "numpy"
    yield
    prefs.codegen.target = before


def cell(model=SRC) -> str:
    return next(step.statements for step in model.steps if step.name == "cell")


def simulated(drive: np.ndarray, model=SRC, **parameters) -> np.ndarray:
    """h of free cells, shape (steps, cells), with a drive of that shape."""
    clock = Clock(1 * ms)
    parameters = {**model.parameters, **parameters}
    namespace = {"given": TimedArray(drive, 1 * ms), **parameters}
    variables = "drive = given(t, i) : 1\nh : 1\nh_before : 1\nh_s : 1"
    group = NeuronGroup(drive.shape[1], variables, namespace=namespace, clock=clock)
    group.h = group.h_s = REST
    group.run_regularly(cell(model))
    monitor = StateMonitor(group, "h", record=True, when="end", clock=clock)
    with only_new_garbage():
        Network(group, monitor).run(len(drive) * ms, namespace={})
    return monitor.h.T


def recurrence(c: np.ndarray, step_gate: bool = False) -> np.ndarray:
    """The same in NumPy; `c` is all that adds to the cell's own feedback."""
    h = slow = np.full(c.shape[1], REST)
    found = []
    for now in c:
        gate = 0.9 * (h <= 0.5) if step_gate else 0.9 - 0.9 / (1 + np.exp(-10 * (h - 0.5)))
        h, slow = np.tanh(now + 2 * h - 7 * slow), gate * slow + (1 - gate) * h
        found.append(h)
    return np.array(found)


def rising(h: np.ndarray) -> np.ndarray:
    """Where h comes to be above 0.5."""
    return (h[1:] > 0.5) & (h[:-1] <= 0.5)


def period(h: np.ndarray) -> float:
    """Mean steps between spikes of a single cell, the first left out."""
    times = np.flatnonzero(rising(h))
    return float(np.diff(times[1:]).mean())


@pytest.mark.parametrize("model, step_gate", [(SRC, False), (STEP_SRC, True)], ids=["sigmoid", "step"])
def test_the_cell_is_the_recurrence(model, step_gate):
    """400 steps of random input, leaky sums of which come to above and below its threshold."""
    rng = np.random.default_rng(1)
    drive = np.zeros((400, 6))
    for step in range(1, 400):
        drive[step] = 0.9 * drive[step - 1] + rng.normal(0.2, 1, 6)
    expected = recurrence(3 * np.tanh(drive / 3) - 6, step_gate)
    np.testing.assert_allclose(simulated(drive, model), expected, rtol=0, atol=1e-12)
    assert (rising(expected).sum(axis=0) > 5).all()


def test_graded_and_noisy_cells_are_the_same_cell():
    assert cell(GRADED_SRC) == cell(SRC)
    assert cell(NOISY_SRC).replace(" + drive_noise*sqrt(12)*(rand() - 0.5)", "") == cell(SRC)
    drive = np.full((300, 1), 2.0)
    np.testing.assert_array_equal(simulated(drive, NOISY_SRC, drive_noise=0.0), simulated(drive))
    assert np.abs(simulated(drive, NOISY_SRC) - simulated(drive)).max() > 0.1


@pytest.fixture(scope="module", params=[SRC, STEP_SRC], ids=["sigmoid", "step"])
def constant(request):
    """h of cells by c, which is constant, without the first 500 steps."""
    c = np.array([-6, -4.95, -4.89, -4.45, -4.38, -4.25, -3, -1])
    drive = np.tile(3 * np.arctanh((c + 3.5) / 3), (3000, 1))
    return request.param, dict(zip(c.tolist(), simulated(drive, request.param, b=-3.5)[500:].T))


def test_at_rest_h_is_the_fixed_point(constant):
    assert constant[1][-6][-1] == pytest.approx(-0.90269, abs=1e-5)
    assert REST == pytest.approx(np.tanh(-6 - 5 * REST), abs=1e-9)


def test_rest_gives_way_to_an_oscillation_where_theory_says(constant):
    """|λ|² = 2.5 (1 − h*²) is 1 at c = −4.9047; below it rests, above it oscillates under 0.5."""
    h = -np.sqrt(0.6)
    assert np.arctanh(h) + 5 * h == pytest.approx(-4.9047, abs=1e-4)
    assert np.ptp(constant[1][-4.95][-100:]) < 1e-3
    last = constant[1][-4.89][-600:]
    assert np.ptp(last) > 0.05 and last.max() < 0.5
    above = np.flatnonzero((last[1:] > last.mean()) & (last[:-1] <= last.mean()))
    assert np.diff(above).mean() == pytest.approx(11.43, abs=0.05)


def test_the_first_spike_and_the_periods_are_those_of_the_literature(constant):
    """Spikes from about c = −4.41 on, at a rate that is high at once."""
    model, h = constant
    assert not rising(h[-4.45]).any() and rising(h[-4.38]).any()
    tolerance = 0.15 if model is SRC else 1.0
    for c, expected in ((-4.25, 24.0), (-3, 19.5), (-1, 14.7)):
        assert period(h[c]) == pytest.approx(expected, abs=tolerance)


# --- In a network ------------------------------------------------------------------------


def recalled(model, device: str, patterns) -> tuple:
    """State variables of INP and HID after every time step of a recall, by name; and the memory."""
    memory = tiny_memory(minicolumn=model, device=device, variant="spk-full").learn(patterns[:4])
    cued = [Phase(150 * ms, ("INP",), {"feedforward": 1.0}, read="cued")]
    simulation = memory._recalling(1)[0]
    simulation.seed(8)
    own = ("s", "drive", "h", "h_s", "z", "spike_count")
    names = [f"{population}.{name}" for population in ("INP", "HID") for name in own]
    arguments = simulation, memory.architecture, memory.parameters, cued
    result = _empty_result(*arguments[1:], 1, ["INP", "HID"], ())
    experiment = _State(*arguments).recall({"INP": patterns[1][None]}, 0, result, ())
    values, _ = record(simulation, experiment, 150, names)
    memory.close()
    return values, memory


def after(first: float, values: np.ndarray) -> np.ndarray:
    """Values at the start of every time step."""
    return np.concatenate([np.full((1, values.shape[1]), first), values[:-1]])


@pytest.mark.parametrize("model", [SRC, GRADED_SRC], ids=lambda model: model.name)
@pytest.mark.parametrize(
    "device", ["runtime", pytest.param("cpp_standalone", marks=pytest.mark.long)]
)
def test_a_network_drives_its_cells_by_the_posterior(model, device, patterns):
    """Softmax, drive, cell, and z, against NumPy in every time step, after learning."""
    values, memory = recalled(model, device, patterns)
    parameters = memory.parameters
    decay = 1 - 1 / float(parameters.variant.tau_z / ms)
    jump = (1 - parameters.epsilon) / float(model.parameters["f_saturated"] * parameters.variant.tau_z)
    for population, minicolumns in (("INP", 2), ("HID", 5)):
        s, drive, h, h_s, z, count = (
            values[f"{population}.{name}"] for name in ("s", "drive", "h", "h_s", "z", "spike_count")
        )
        grouped = s.reshape(len(s), -1, minicolumns)
        log_pi = (grouped - logsumexp(grouped, axis=2, keepdims=True)).reshape(s.shape)
        expected = 0.9 * after(0, drive) + 0.1 * (2.5 + 2 * log_pi)
        np.testing.assert_allclose(drive, expected, rtol=0, atol=1e-9)
        old, slow = after(REST, h), after(REST, h_s)
        expected = np.tanh(3 * np.tanh(drive / 3) - 6 + 2 * old - 7 * slow)
        np.testing.assert_allclose(h, expected, rtol=0, atol=1e-12)
        gate = 0.9 - 0.9 / (1 + np.exp(-10 * (old - 0.5)))
        np.testing.assert_allclose(h_s, gate * slow + (1 - gate) * old, rtol=0, atol=1e-12)
        emitted = (h > 0.5) & (old <= 0.5) if model is SRC else np.maximum(h, 0) / 1.3645
        np.testing.assert_allclose(np.diff(count, axis=0, prepend=0), emitted, rtol=0, atol=1e-9)
        leaked = after(parameters.epsilon, z) * decay + parameters.epsilon * (1 - decay)
        np.testing.assert_allclose(z, leaked + jump * emitted, rtol=0, atol=1e-9)
        assert emitted.sum() > 5 or population == "HID"


@pytest.mark.parametrize("model", [SRC, GRADED_SRC, NOISY_SRC, GRADED_NOISY_SRC, STEP_SRC])
def test_spikes_are_weighed_so_that_certainty_is_1(model):
    """Mean emission at π = 1 against f_saturated: a jump of z each is (1 − ε)/(f_saturated τ_z)."""
    drive = np.full((2500, 1 if "noisy" not in model.name else 60), 2.5)
    h = simulated(drive, model)[500:]
    emitted = rising(h) if model.spiking else np.maximum(h, 0) / model.parameters["h_per_spike"]
    rate = 1000 * emitted.mean()
    assert rate == pytest.approx(float(model.parameters["f_saturated"]), rel=0.02)


def test_the_example_of_the_docs_runs():
    text = (Path(__file__).parents[2] / "docs" / "spiking_recurrent_cell.md").read_text()
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)
    assert names["memory"].parameters.minicolumn is SRC
    assert names["less"].parameters["drive_noise"] == 0.2
