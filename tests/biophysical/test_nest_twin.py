"""The twin in NEST against the twin in Brian2 and against theory: cells, synapses, connections."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms, prefs

from cortical_bcpnn.analysis.spike_trains import SpikeTrains
from cortical_bcpnn.biophysical import BiophysicalMemory, BiophysicalParameters, nest_kernel, to_nest
from cortical_bcpnn.biophysical.nest_kernel import has_nest, load_nest, reset_kernel
from cortical_bcpnn.biophysical.nest_models import RECEPTORS, receptor_weight
from cortical_bcpnn.biophysical.single_cells import SIMULATORS, SYNAPSES, under_currents, under_spikes

needs_nest = pytest.mark.skipif(not has_nest(), reason="NEST is not installed: the extra 'nest' has it")
CURRENTS = [160.0, 176.0, 400.0, 800.0]  # pA
TRAIN = [10.0, *np.arange(60.0, 260.0, 50.0), 400.0]  # ms


@pytest.fixture(scope="module")
def numpy_code():
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield
    prefs.codegen.target = before


# --- Single cells ----------------------------------------------------------------------------


@needs_nest
@pytest.mark.parametrize("adapting", [True, False])
def test_both_simulators_give_the_same_spikes(numpy_code, adapting):
    """As many spikes, intervals within 2 %: forward Euler in Brian2 is late by some 0.4 ms a spike."""
    brian2, nest = (
        under_currents(s, CURRENTS, 500 * ms, adapting=adapting) for s in SIMULATORS
    )  # fmt: skip
    assert len(brian2[0]) == len(nest[0]) == 0  # below rheobase, 168 pA
    for theirs, ours in zip(nest[1:], brian2[1:]):
        assert len(theirs) == len(ours) >= 1
        assert 0 < ours[0] - theirs[0] < 0.6
        np.testing.assert_allclose(np.diff(theirs), np.diff(ours), rtol=0.02)
    if adapting:
        assert np.diff(nest[2])[-1] > 1.5 * np.diff(nest[2])[0]


# --- Single synapses -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trains(numpy_code):
    return {s: under_spikes(s, TRAIN, 500 * ms).set_index("synapse") for s in SIMULATORS}


@needs_nest
@pytest.mark.parametrize("synapse", SYNAPSES)
def test_synapses_carry_the_same_charge(trains, synapse):
    """Integrals of conductances within 0.2 %, potentials within 1 % of the largest, save while
    NEST's conductances rise: at no time more than 8 % apart."""
    brian2, nest = (trains[s].loc[synapse] for s in SIMULATORS)
    np.testing.assert_allclose(brian2["ms"], nest["ms"], atol=1e-6)
    assert nest["ns"].sum() == pytest.approx(brian2["ns"].sum(), rel=2e-3)
    up, down = ((np.asarray(t["mv"]) + 70) for t in (nest, brian2))
    # What the capacitance filters starts at the leak; the exponential shifts rest by 0.1 mV.
    assert np.abs(up - down).max() < 0.08 * np.abs(down).max()
    assert np.abs(up).max() == pytest.approx(np.abs(down).max(), rel=0.01)


@needs_nest
def test_nest_depresses_as_tsodyks_and_markram(trains):
    """Charge of each spike of a train: U x with x -= U x and recovery, in NumPy; 0.2 %."""
    p, nest = BiophysicalParameters(), trains["NEST"].loc["AMPA"]
    x, released = 1.0, []
    for before, now in zip([None, *TRAIN], TRAIN):
        if before is not None:
            x = 1 - (1 - x) * np.exp(-(now - before) / 500)
        released.append(0.25 * x)
        x -= 0.25 * x
    charges = [nest["ns"][(nest["ms"] > t + 4.5) & (nest["ms"] <= t + 49)].sum() * 0.1 for t in TRAIN]
    expected = float(p.ampa_gain) * 1e9 * 5 * np.array(released)
    np.testing.assert_allclose(charges, expected, rtol=2e-3)


def test_a_weight_has_the_charge_of_a_jump():
    """The integral of a beta function of peak 1, in fine steps, times its weight is g tau; 0.1 %."""
    p = BiophysicalParameters()
    for receptor, tau in zip(RECEPTORS, (5, 100, 5, 100)):
        t = np.arange(0, 20 * tau, 0.005)
        beta = np.exp(-t / tau) - np.exp(-t / 0.2)
        charge = receptor_weight(2 * p.input_conductance, receptor, p) * beta.sum() * 0.005 / beta.max()
        assert charge == pytest.approx(3 * tau, rel=1e-3)


# --- Networks --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def memory(numpy_code):
    """A small memory with made-up traces: weights of both signs, biases of all cells differ."""
    memory = BiophysicalMemory(
        2, 2, cells_per_minicolumn=20, p_plastic=0.4, device="runtime", settle_time=20 * ms,
        cue_time=60 * ms, free_time=20 * ms, read_time=20 * ms,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    sources, targets = memory.connections["plastic"].sources, memory.connections["plastic"].targets
    for trace, p in memory.learned.p.items():
        p[:] = rng.uniform(0.02, 0.1, len(p))
        w = rng.normal(size=len(sources))
        memory.learned.p_ij[trace] = p[sources] * p[targets] * np.exp(w)
    yield memory
    memory.close()


@needs_nest
def test_every_synapse_is_there(memory):
    """Sources, targets, receptors, weights and delays of all connections, and bias currents."""
    twin, p = to_nest(memory), memory.parameters
    found = pd.DataFrame(load_nest().GetConnections(twin.pyramidal, twin.pyramidal).get(
        ["source", "target", "receptor", "weight", "delay", "U", "tau_rec"]))  # fmt: skip
    first = twin.pyramidal[0].global_id
    plastic, local = memory.connections["plastic"], memory.connections["local"]
    parts = []
    for trace, gain, receptors in (("fast", p.ampa_gain, ("g_ampa", "g_gaba")),
                                   ("slow", p.nmda_gain, ("g_nmda", "g_inh_slow"))):  # fmt: skip
        w = memory.learned.weights(plastic, trace)
        for drawn, weights, delay in ((plastic, w, 4.5), (local, np.ones(len(local.sources)), 1.5)):
            names = np.where(weights > 0, *receptors)
            unit = [receptor_weight(gain, name, p) for name in names]
            parts.append(pd.DataFrame({
                "source": drawn.sources + first, "target": drawn.targets + first, "delay": delay,
                "receptor": [RECEPTORS[name] for name in names], "weight": np.abs(weights) * unit,
            }))  # fmt: skip
    expected, keys = pd.concat(parts), ["source", "target", "receptor"]
    assert len(found) == len(expected)
    found, expected = (t.sort_values(keys).reset_index(drop=True) for t in (found, expected))
    assert (found["U"] == 0.25).all() and (found["tau_rec"] == 500).all()
    for name in (*keys, "weight", "delay"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12)
    np.testing.assert_allclose(twin.pyramidal.I_e, 31.7 * np.log(memory.learned.p["fast"]))
    get = load_nest().GetConnections
    inward, outward = get(twin.pyramidal, twin.basket), get(twin.basket, twin.pyramidal)
    assert len(inward) == len(memory.connections["excitation"].sources)
    assert len(outward) == len(memory.connections["inhibition"].sources)
    assert set(inward.weight) == {3.5} and set(inward.receptor) == {0}
    assert set(outward.receptor) == {RECEPTORS["g_gaba"]} and set(outward.delay) == {1.5}


@needs_nest
def test_recall_is_that_of_brian2(memory):
    """Spikes of 10 trials within 10 %, some 570 in all; cued cells fire, nobody before the cue."""
    cues = np.array([[0, 1], [1, -1]] * 5)
    mine, twin = memory.recall(cues), to_nest(memory)
    theirs = twin.recall(cues)
    assert mine.cue == theirs.cue and mine.read == theirs.read
    ours, others = (sum(len(s.times) for s in r.spikes) for r in (mine, theirs))
    assert ours > 400 and others == pytest.approx(ours, rel=0.1)
    rates = theirs.rates_between(*theirs.cue)
    assert rates[0, [0, 3]].min() > 10 > 5 > rates[0, [1, 2]].max()
    assert all(len(s.times) == 0 or s.times.min() > 0.015 for s in theirs.spikes)
    assert len(theirs.spikes[0].baskets) > 0
    assert twin.seconds["simulated"] == pytest.approx(1.0)


@needs_nest
def test_spikes_of_a_recorder_are_those_of_recall(memory):
    """`SpikeTrains.from_nest` on the twin's own recorder: the same, stamped a time step later."""
    twin = to_nest(memory)
    (spikes,), end = twin.recall([[0, 1]]).spikes, 1e-3 * load_nest().biological_time
    trial = SpikeTrains.from_nest(twin.recorders[0], twin.pyramidal, 2, 2, start=end - 0.1, stop=end)
    assert len(trial.times) == len(spikes.times) > 20 and trial.cells_per_minicolumn == 20
    np.testing.assert_allclose(trial.times, spikes.times + 1e-4, atol=1e-9)
    assert sorted(trial.columns) == sorted(spikes.columns)
    with pytest.raises(ValueError, match="no events with 'senders' and 'times'"):
        SpikeTrains.from_nest(twin.recorders, twin.pyramidal, 2, 2, stop=end)


@needs_nest
def test_a_kernel_emptied_by_others_is_built_anew_and_gives_the_same(memory):
    twin = to_nest(memory)
    first = twin.recall([[0, 1]])
    reset_kernel(0.1 * ms, 7)
    again = twin.recall([[0, 1]])
    np.testing.assert_array_equal(first.spikes[0].cells, again.spikes[0].cells)
    np.testing.assert_array_equal(first.spikes[0].times, again.spikes[0].times)


@needs_nest
def test_nothing_is_left_of_the_trial_before(memory):
    """After a trial in which cells fire, one without input is silent from its first moment."""
    twin = to_nest(memory)
    twin.recall([[0, 1]])
    twin.background.rate = 0.0
    assert len(twin.recall([[-1, -1]]).spikes[0].times) == 0
    at_rest = np.asarray(twin.pyramidal.g)
    assert np.abs(at_rest).max() < 1e-9
    assert np.asarray(twin.pyramidal.w).max() == 0


# --- What does not work ------------------------------------------------------------------------


def test_without_nest_one_sentence_says_what_to_install(memory, monkeypatch):
    monkeypatch.setattr(nest_kernel, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"NEST is not installed: pip install cortical_bcpnn\[nest\]"):
        to_nest(memory)


def test_what_nest_cannot_do_is_refused(memory):
    fast = BiophysicalMemory(2, 2, tau_ampa=0.3 * ms, background_rate=0 * Hz)
    with pytest.raises(ValueError, match="tau_ampa is 0.3 ms: give more than 0.4 ms in NEST"):
        to_nest(fast)
    with pytest.raises(ValueError, match="simulator is 'NEURON': choose one of Brian2, NEST"):
        under_currents("NEURON", CURRENTS, 500 * ms)
