"""The associative memory as a whole: reproducibility, looking inside, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from brian2 import DimensionMismatchError, SpikeMonitor, ms, mV, second
from tiny import RECALL, SIZE, tiny_memory

from cortical_bcpnn import Architecture, AssociativeMemory, Phase, Population, Projection


def learn(memory: AssociativeMemory, patterns) -> AssociativeMemory:
    return memory.learn(patterns, epochs=2)


# --- Reproducibility ---------------------------------------------------------------------


def test_same_seed_same_memory(make_memory, patterns):
    """Traces, connections and table, bit by bit."""
    first, second = (learn(make_memory(rewire_every=6), patterns) for _ in range(2))
    for name, state in first.traces.items():
        for field in ("p", "p_pre", "p_post", "q", "deferred", "connections"):
            np.testing.assert_array_equal(
                getattr(state, field), getattr(second.traces[name], field)
            )
    assert first.rewiring.equals(second.rewiring)


def test_another_seed_another_memory(make_memory, patterns):
    first, second = (learn(make_memory(seed=seed), patterns) for seed in (3, 4))
    for name in first.traces:
        assert (first.traces[name].q != second.traces[name].q).mean() > 0.9
    assert (first.connections("feedforward") != second.connections("feedforward")).any()


def test_memories_do_not_disturb_each_other(make_memory, patterns):
    """Two in one Python process, learning and recalling by turns."""
    alone = learn(make_memory(), patterns)
    expected = alone.recall(patterns).z["attractor"]["HID"]
    first, second = make_memory(), make_memory(seed=9)
    second.recall(patterns[:2])
    learn(first, patterns)
    learn(second, patterns)
    second.recall(patterns[:2])
    np.testing.assert_array_equal(first.recall(patterns).z["attractor"]["HID"], expected)


# --- Looking inside ----------------------------------------------------------------------


def test_weights_and_biases_are_zero_before_learning(make_memory):
    memory = make_memory()
    for name, shape in (("feedforward", (18, 20)), ("recurrent", (20, 20)), ("feedback", (20, 18))):
        assert memory.weights(name).shape == shape and not memory.weights(name).any()
        assert memory.biases(name).shape == shape[1:] and not memory.biases(name).any()


def test_weights_and_biases_are_logarithms_of_probabilities(learned):
    """w_ij = log(p_ij p/(p_i p_j)) to 1e-5 (float32), b_j = log(p_j/p) to 1e-12."""
    for name, state in learned.traces.items():
        expected = np.log(state.joint() * state.p / np.outer(state.p_pre, state.p_post))
        np.testing.assert_allclose(learned.weights(name), expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(
            learned.biases(name), np.log(state.p_post / state.p), rtol=1e-12
        )


def test_connections_have_the_fan_in(learned):
    for name, shape, fan_in in (
        ("feedforward", (9, 4), 4), ("recurrent", (4, 4), 4), ("feedback", (4, 9), 2),
    ):  # fmt: skip
        connections = learned.connections(name)
        assert connections.shape == shape and connections.dtype == bool
        assert (connections.sum(axis=0) == fan_in).all()


def test_receptive_fields_are_weights_of_on_minus_off(learned):
    fields = learned.receptive_fields()
    w, connected = learned.weights("feedforward"), learned.connections("feedforward")
    assert fields.shape == (4, 5, 9)
    for h in range(4):
        for m in range(5):
            for pixel in range(9):
                on, off = w[2 * pixel, 5 * h + m], w[2 * pixel + 1, 5 * h + m]
                if connected[pixel, h]:
                    assert fields[h, m, pixel] == pytest.approx(on - off, rel=1e-5, abs=1e-6)
                else:
                    assert np.isnan(fields[h, m, pixel])


def test_time_is_accounted_for(learned):
    assert {"build", "start", "learn", "rewire", "recall"} <= learned.seconds.keys()
    assert learned.seconds["build"] > 0 and learned.seconds["learn"] > learned.seconds["rewire"] > 0


@pytest.mark.parametrize("method", ["weights", "biases", "connections"])
def test_unknown_projection_is_refused(learned, method):
    with pytest.raises(ValueError, match="projection 'lateral' is unknown: choose .*recurrent"):
        getattr(learned, method)("lateral")


# --- Monitors ----------------------------------------------------------------------------


def monitor_hidden(circuit) -> None:
    circuit.network.add(SpikeMonitor(circuit.objects["HID"], name="hidden_spikes"))


def test_monitors_added_on_build_hold_the_spikes_of_recall(patterns):
    """In C++ standalone: number, neurons and times of spikes are those that recall returns."""
    circuits = []

    def on_build(circuit):
        monitor_hidden(circuit)
        circuits.append(circuit)

    with tiny_memory(on_build=on_build) as memory:
        recall = memory.recall(patterns[:3], over_time=True)
        monitor = next(o for o in circuits[-1].network.objects if o.name == "hidden_spikes")
        expected = recall.spike_counts["attractor"]["HID"].sum(axis=0)
        np.testing.assert_array_equal(np.bincount(monitor.i[:], minlength=20), expected)
        np.testing.assert_array_equal(monitor.count[:], expected)
        assert monitor.num_spikes == expected.sum()
        steps, _ = np.nonzero(recall.spikes_over_time["HID"].reshape(-1, 20))
        times = np.sort(np.round(np.asarray(monitor.t[:]) / 1e-3).astype(int))
        np.testing.assert_array_equal(times - times[0], steps - steps[0])


def test_monitors_may_be_added_after_a_recall(patterns):
    """The next recall has them, and recalls the same."""
    with tiny_memory() as memory:
        before = memory.recall(patterns[:3])
        circuits = []
        memory.on_build = lambda circuit: (monitor_hidden(circuit), circuits.append(circuit))
        after = memory.recall(patterns[:3])
        monitor = next(o for o in circuits[-1].network.objects if o.name == "hidden_spikes")
        assert monitor.num_spikes == after.spike_counts["attractor"]["HID"].sum() > 0
        np.testing.assert_array_equal(after.z["attractor"]["HID"], before.z["attractor"]["HID"])


def test_monitors_in_runtime_mode(patterns, numpy_target):
    circuits = []

    def on_build(circuit):
        monitor_hidden(circuit)
        circuits.append(circuit)

    memory = tiny_memory(on_build=on_build, device="runtime")
    recall = memory.recall(patterns[:2], protocol=RECALL)
    monitor = next(o for o in circuits[-1].network.objects if o.name == "hidden_spikes")
    np.testing.assert_array_equal(
        np.bincount(monitor.i[:], minlength=20), recall.spike_counts["free"]["HID"].sum(axis=0)
    )


# --- Other architectures -----------------------------------------------------------------


def other_architecture() -> Architecture:
    """Other names, three minicolumns a hypercolumn, no recurrence, conditioning on both sides."""
    return Architecture(
        (Population("SENSE", 4, 3), Population("CORE", 2, 4), Population("MOTOR", 4, 3)),
        (
            Projection("up", "SENSE", "CORE", 2, True, "post"),
            Projection("down", "CORE", "MOTOR", 1, True, "pre"),
            Projection("short", "SENSE", "MOTOR", 3, False, "pre"),
        ),
    )


def test_other_architectures_learn_and_recall(numpy_target):
    """With a protocol of their own; p of every projection counts the patterns (1e-12)."""
    rng = np.random.default_rng(1)
    activity = rng.dirichlet([0.3] * 3, (6, 4))
    memory = AssociativeMemory(
        architecture=other_architecture(), device="runtime", tau_p=40 * ms, rewire_every=3
    )
    on = {"up": 1.0, "down": 0.3}
    memory.learn(activity, protocol=[Phase(5 * ms, ("SENSE", "MOTOR"), on)])
    assert memory.n_learned == 6 and list(memory.rewiring["projection"]) == ["up", "down"] * 2
    for state in memory.traces.values():
        assert state.p == pytest.approx(1 - (1 - 1 / 40) ** 7, rel=1e-12)
    recall = memory.recall(
        activity[:2], protocol=[Phase(10 * ms, ("SENSE",), {**on, "short": 1.0}, read="motor")]
    )
    shares = recall.pattern("MOTOR", "motor")
    assert shares.shape == (2, 4, 3)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-6)


def test_receptive_fields_need_on_and_off():
    memory = AssociativeMemory(
        architecture=Architecture(
            (Population("INP", 4, 3), Population("HID", 2, 4)),
            (Projection("feedforward", "INP", "HID", 2, True, "post"),),
        )
    )
    with pytest.raises(ValueError, match="images of ON and OFF minicolumns: INP has none"):
        memory.receptive_fields()


# --- What is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"n_inputs": None}, ValueError, "n_inputs is missing: give the number of pixels"),
        ({"fan_in": 10}, ValueError, "fan-in of the feedforward projection is 10: .* from 1 to 9"),
        ({"fan_in": 0}, ValueError, "fan-in of the feedforward projection is 0: .* from 1 to 9"),
        ({"feedback_fan_in": 5}, ValueError, "fan-in of the feedback projection is 5: .* 1 to 4"),
        ({"device": "gpu"}, ValueError, "device 'gpu' is unknown: .*cpp_standalone, runtime"),
        ({"variant": "spk"}, ValueError, "variant 'spk' is unknown: choose one of .*spk-full"),
        ({"tau_p": -1 * second}, ValueError, r"tau_p is -1\. s: give one positive"),
        ({"tau_p": 5 * mV}, DimensionMismatchError, r"tau_p is 5\. mV, in the wrong"),
        ({"tau_p": 5000}, TypeError, "tau_p is 5000, without units: give a quantity"),
        ({"tau": 5 * second}, TypeError, "tau"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        tiny_memory(**arguments)


@pytest.mark.parametrize(
    "patterns, message",
    [
        (np.full((2, 9), np.nan), r"patterns hold the value nan at index \(0, 0\): give finite"),
        (np.full((2, 9), 1.5), r"patterns hold the value 1\.5 at index \(0, 0\): give .* 0 to 1"),
        (np.full((2, 9), -1.0), r"patterns hold the value -1\.0 at index"),
        (np.zeros((2, 8)), r"patterns have shape \(2, 8\): population INP .* takes \(n, 9\)"),
        (np.zeros(9), r"patterns have shape \(9,\): population INP .* takes \(n, 9\)"),
        (np.zeros((2, 3, 3)), r"patterns have shape \(2, 3, 3\): .* takes \(n, 9\)"),
        (np.zeros((0, 9)), r"patterns are empty: give at least one pattern"),
    ],
)
def test_bad_patterns_are_refused(make_memory, patterns, message):
    """Nothing has been learned then."""
    memory = make_memory()
    with pytest.raises(ValueError, match=message):
        memory.learn(patterns)
    if not np.isnan(patterns).any():  # what is unknown can be recalled
        with pytest.raises(ValueError, match=message.replace("patterns", "cues", 1)):
            memory.recall(patterns)
    assert memory.n_learned == 0 and memory.traces["feedforward"].p == 1 / 40


@pytest.mark.parametrize("epochs", [0, -1, 1.5, "2", None])
def test_bad_epochs_are_refused(make_memory, patterns, epochs):
    with pytest.raises(ValueError, match="epochs is .*: give a whole number of 1 or more"):
        make_memory().learn(patterns, epochs=epochs)


@pytest.mark.parametrize("jobs", [0, -2, 1.5, None])
def test_bad_jobs_are_refused(learned, patterns, jobs):
    with pytest.raises(ValueError, match="jobs is .*: give a whole number of 1 or more"):
        learned.recall(patterns, jobs=jobs)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"until": "end"}, "until is 'end', at which nothing is read: choose .*attractor"),
        ({"populations": ["HIP"]}, "population 'HIP' is unknown: choose from INP, HID, INPRC"),
        ({"protocol": []}, "protocol is empty: give at least one Phase"),
        ({"protocol": [Phase(5 * ms)]}, "no phase of the protocol is read: give one of them read"),
        ({"protocol": [Phase(5 * ms, (), {"ff": 1.0})]}, "phase 1 names the projection 'ff'"),
        ({"protocol": [Phase(0.5 * ms)]}, r"duration of phase 1 is 0\.5 ms: give a multiple of dt"),
        # HID has 20 minicolumns, a cue 18.
        ({"protocol": [Phase(5 * ms, ("HID",), read="x")]}, "HID"),
    ],
)
def test_bad_recall_is_refused(learned, patterns, arguments, message):
    with pytest.raises(ValueError, match=message):
        learned.recall(patterns, **arguments)
    assert learned.recall(patterns[:1]).moments == ["feedforward", "attractor"]


def test_clamping_a_population_of_another_size_is_refused_in_learning(make_memory, patterns):
    with pytest.raises(ValueError, match="HID"):
        make_memory().learn(patterns, protocol=[Phase(5 * ms, ("HID",), {"feedforward": 1.0})])


def test_closing_twice_is_harmless(make_memory, patterns):
    memory = make_memory()
    memory.recall(patterns[:1])
    memory.close()
    memory.close()
    assert memory.recall(patterns[:1]).reconstruction.shape == (1, SIZE["n_inputs"])
