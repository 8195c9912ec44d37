"""NaN, infinity and traces out of bounds stop learning, before they are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, ms
from comparing import assert_same
from sealing import assert_one_sentence
from tasks import SHORT, names
from tiny import LEARNING, tiny_memory

from cortical_bcpnn import VARIANTS, AssociativeMemory, Parameters, network
from cortical_bcpnn.learned.bounds import largest_trace, trace_fault

NUMBERS = (np.nan, np.inf, -np.inf)


class FaultySimulation:
    """A simulation in which a state variable turns into something else, in a given segment.

    Parameters
    ----------
    simulation : Simulation
    name : str
        'object.variable'; its last element changes, of log_q all, which few spikes reach.
    value : float
    segment : int
        From 0.
    when : {'before', 'after'}
        Before the pattern in the middle of the segment, or when the segment is over.
    """

    def __init__(self, simulation, name: str, value: float, segment: int, when: str) -> None:
        self._simulation, self._name, self._value = simulation, name, value
        self._segments_left, self._when = segment, when

    def __getattr__(self, name: str):
        return getattr(self._simulation, name)

    def drive(self, experiment, n_steps: int) -> None:
        if self._segments_left == 0 and self._when == "before":
            experiment = self._faulty(experiment)
        self._simulation.drive(experiment, n_steps)
        if self._segments_left == 0 and self._when == "after":
            self._fail()
        self._segments_left -= 1

    def _faulty(self, experiment):
        for number, steps in enumerate(experiment):
            if number == 7:
                self._fail()
            yield steps

    def _fail(self) -> None:
        values = np.array(self._simulation.get(self._name))
        values[None if self._name.endswith("log_q") else -1] = self._value
        self._simulation.set(self._name, values)


@pytest.fixture
def faulty():
    """Makes the next simulations faulty."""
    start = network.start_simulations
    with pytest.MonkeyPatch.context() as patch:

        def make(name: str, value: float, segment: int = 3, when: str = "after") -> None:
            def start_faulty(*arguments, **options):
                started, seconds = start(*arguments, **options)
                return [FaultySimulation(s, name, value, segment, when) for s in started], seconds

            patch.setattr(network, "start_simulations", start_faulty)

        yield make


@pytest.fixture(scope="module")
def last_sound():
    """What has been learned after three of six segments. Do not change it."""
    memory = tiny_memory(**SHORT.parameters).learn(SHORT.patterns(), protocol=LEARNING)
    yield memory
    memory.close()


def stopped(task, folder) -> tuple[AssociativeMemory, str]:
    """A memory whose learning has failed, and the message."""
    memory = tiny_memory(**task.parameters)
    with pytest.raises(FloatingPointError) as error:
        memory.learn(
            task.patterns(), task.epochs, protocol=LEARNING, checkpoints=folder,
            checkpoint_every=0 * ms,
        )  # fmt: skip
    return memory, str(error.value)


STATE = [
    f"{group}.{variable}"
    for group, variables in {
        "HID": (
            "s", "z", "excess", "activation", "log_stimulus", "I_feedforward", "g_feedforward",
            "b_feedforward", "b_recurrent", "p", "p_post_feedforward", "p_post_recurrent",
            "p_pre_recurrent", "p_pre_feedback", "eta_feedforward", "deferred_recurrent",
            "average_recurrent", "log_prior_recurrent", "tau_m", "f_max", "kappa", "z_min",
        ),
        "INP": ("s", "z", "p_pre_feedforward", "average_feedforward", "log_prior_feedforward"),
        "INPRC": ("s", "z", "p_post_feedback", "b_feedback", "average_feedback"),
        "HID_hypercolumns": ("partition", "shift"),
        "INP_hypercolumns": ("partition", "shift"),
        "INPRC_hypercolumns": ("partition", "shift"),
    }.items()
    for variable in variables
]  # fmt: skip


def test_all_variables_of_the_model_are_among_those_that_are_tested():
    """Of one population at least, each variable that holds numbers."""
    (simulation,) = tiny_memory()._start(LEARNING, plastic=True)
    groups = [name for p in ("INP", "HID", "INPRC") for name in (p, f"{p}_hypercolumns")]
    found = simulation.state(groups)
    floats = {n.split(".")[1] for n in found if simulation.get(n).dtype.kind == "f"}
    simulation.close()
    assert set(STATE) <= set(found)
    tested = {name.split(".")[1] for name in STATE}
    # Those of other projections are named alike.
    alike = {v.rsplit("_", 1)[0] for v in tested if v.endswith(("forward", "recurrent", "feedback"))}
    constants = {"tau_z", "epsilon", "deferred_max"}
    left = {v for v in floats - tested - constants if v.rsplit("_", 1)[0] not in alike}
    assert left == set()


@pytest.mark.parametrize("name", [*STATE, "feedforward_traces.q", "recurrent_traces.q"])
def test_a_variable_that_is_no_number_stops_learning(faulty, last_sound, tmp_path, name):
    """With its name and the time; memory and checkpoint are those of the last sound segment."""
    value = NUMBERS[len(name) % 3]
    faulty(name, value)
    memory, message = stopped(SHORT, tmp_path)
    owner, variable = name.split(".")
    assert f"{variable} of {owner.removesuffix('_traces')} " in message
    assert str(value) in message
    assert "found after 16 patterns, 112. ms into learning" in message
    assert_one_sentence(message)
    assert_same(memory, last_sound)
    assert names(tmp_path) == ["checkpoint_000000008.h5", "checkpoint_000000012.h5"]
    assert_same(AssociativeMemory.load(tmp_path / "checkpoint_000000012.h5"), last_sound)


WITHIN = (
    "HID.s", "HID.z", "INP.s", "INPRC.z", "HID.I_feedforward", "HID.p", "HID.p_post_recurrent",
    "INP.p_pre_feedforward", "HID_hypercolumns.shift", "feedback_traces.q", "feedforward.log_q",
)  # fmt: skip


@pytest.mark.parametrize("name, value", [*zip(WITHIN, NUMBERS * 4), ("HID.s", np.inf)])
def test_what_goes_wrong_within_a_segment_is_found_at_its_end(faulty, last_sound, tmp_path, name, value):
    """Though compiled code assumes that all numbers are finite."""
    faulty(name, value, when="before")
    memory, message = stopped(SHORT, tmp_path)
    assert "found after 16 patterns" in message
    assert_same(memory, last_sound)


def test_learning_goes_on_from_the_last_sound_checkpoint(faulty, finished, tmp_path):
    """Once what was wrong has been put right."""
    faulty("HID.z", np.nan)
    stopped(SHORT, tmp_path)
    faulty("HID.z", np.nan, segment=-1)
    with SHORT.learn(tmp_path) as memory:
        assert_same(memory, finished)


def test_a_fault_in_the_first_segment_leaves_the_memory_as_it_was(faulty, tmp_path):
    faulty("HID.s", np.inf, segment=0)
    memory, message = stopped(SHORT, tmp_path)
    assert "found after 4 patterns, 28. ms into learning" in message
    assert_same(memory, tiny_memory(**SHORT.parameters))
    assert names(tmp_path) == []


def test_a_fault_that_a_hook_brings_in_is_found_in_runtime_mode(numpy_target):
    """In the middle of the second of three segments."""

    def on_build(circuit):
        circuit.objects["HID"].run_regularly("s += exp(1000*int(t > 40*ms))", when="before_start")

    memory = tiny_memory(rewire_every=4, device="runtime", on_build=on_build)
    with pytest.raises(FloatingPointError, match="of HID is .* found after 8 patterns, 56. ms"):
        with np.errstate(all="ignore"):
            memory.learn(SHORT.patterns(), protocol=LEARNING)
    assert memory.n_learned == 4
    assert trace_fault("recurrent", memory.traces["recurrent"], memory.parameters) is None


# --- Bounds of traces --------------------------------------------------------------------


@pytest.mark.parametrize(
    "field, value, low, high",
    [
        ("q", 0.0, 0, 1e3), ("q", 1e4, 0, 1e3), ("q", np.nan, 0, 1e3), ("q", -1e-3, 0, 1e3),
        ("p_pre", 10.1, 0, 10), ("p_pre", 0.0, 0, 10), ("p_post", -0.1, 0, 10),
        ("p_post", np.inf, 0, 10), ("deferred", -0.1, 0, 1), ("deferred", 1.1, 0, 1),
    ],
)  # fmt: skip
def test_traces_out_of_their_bounds_are_found(field, value, low, high):
    """f_max dt = 0.1, so no trace exceeds 10; initial q may be up to 100 times as large."""
    state = tiny_memory().traces["feedforward"]
    getattr(state, field).flat[3] = value
    shown = np.asarray(value, getattr(state, field).dtype).item()
    fault = trace_fault("feedforward", state, Parameters())
    assert fault.startswith(f"{field} of feedforward holds {getattr(state, field).flat[3]}"), shown
    assert fault.endswith(f"outside its bounds {low} to {high:.4g}")


@pytest.mark.parametrize("p", [0.0, -0.1, 1.1, np.nan, np.inf])
def test_a_total_mass_out_of_bounds_is_found(p):
    state = tiny_memory().traces["feedforward"]
    state.p = p
    fault = trace_fault("feedforward", state, Parameters())
    assert fault == f"p of feedforward is {p}, outside (0, 1]"


def test_traces_at_their_bounds_are_sound():
    state = tiny_memory().traces["feedforward"]
    state.p = 1.0
    state.p_pre[:], state.p_post[:], state.q[:], state.deferred[:] = 10, 10, 10, 1
    assert trace_fault("feedforward", state, Parameters()) is None


@pytest.mark.parametrize("variant", ["spk-full", "spspk-full"])
def test_a_spike_in_every_step_gives_the_largest_trace(variant):
    """By iterating z: decay, then a spike (1e-9)."""
    parameters = Parameters(variant=variant)
    tau_z, f_max = float(parameters.variant.tau_z), float(parameters.variant.f_max)
    z = 1e-7
    for _ in range(2000):
        z += 1e-3 / tau_z * (1e-7 - z) + (1 - 1e-7) / (f_max * tau_z)
    assert largest_trace(parameters) == pytest.approx(z, rel=1e-6)
    slow = replace(VARIANTS[variant], f_max=10 * Hz)
    assert largest_trace(Parameters(variant=slow)) == pytest.approx(100)
