"""AdEx cells and short-term depression against theory; parameters and their table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from brian2 import (
    Clock,
    DimensionMismatchError,
    Hz,
    Network,
    NeuronGroup,
    SpikeMonitor,
    ms,
    mV,
    nS,
    pA,
    prefs,
    second,
)

from cortical_bcpnn.__main__ import main
from cortical_bcpnn.biophysical import BiophysicalMemory, BiophysicalParameters, Layout, equations
from cortical_bcpnn.biophysical.connectivity import draw_connections
from cortical_bcpnn.engine.garbage import only_new_garbage

CURRENTS = np.array([0.0, 160.0, 176.0, 400.0, 800.0])  # pA


class Driven:
    """Cells under constant currents for 2 s, without synapses; their spike times in s."""

    def __init__(self, **overrides) -> None:
        parameters = BiophysicalParameters(**overrides)
        model = equations.PYRAMIDAL + equations.CELL_PARAMETERS + equations.PYRAMIDAL_PARAMETERS
        cells = NeuronGroup(
            len(CURRENTS), model + "last_spike : second", threshold=equations.THRESHOLD,
            reset=equations.RESET_PYRAMIDAL, refractory=equations.REFRACTORY, method="euler",
            namespace={}, clock=Clock(dt=0.1 * ms),
        )  # fmt: skip
        for name in cells.variables:
            if hasattr(parameters, name) and name != "dt":
                setattr(cells, name, getattr(parameters, name))
        cells.v, cells.x = parameters.E_leak, 1
        # The bias is the one current that is constant.
        cells.bias_gain, cells.bias = 1 * pA, CURRENTS
        spikes = SpikeMonitor(cells, variables=["w_adapt", "released"])
        with only_new_garbage():
            Network(cells, spikes).run(2 * second, namespace={})
        self.parameters = parameters
        self.times, values = spikes.spike_trains(), spikes.get_states(["i", "w_adapt", "released"])
        self.values = {n: [values[n][values["i"] == k] for k in range(len(CURRENTS))]
                       for n in ("w_adapt", "released")}  # fmt: skip

    def interval(self, cell: int) -> float:
        return float(np.diff(self.times[cell])[-4:].mean())


@pytest.fixture(scope="module")
def driven():
    before = prefs.codegen.target
    prefs.codegen.target = "numpy"
    yield {"adapting": Driven(), "regular": Driven(b_adapt=0 * pA)}
    prefs.codegen.target = before


def test_rheobase(driven):
    """g_L (V_T - E_L - Delta_T) = 168 pA for an AdEx cell without subthreshold adaptation."""
    counts = [len(driven["regular"].times[cell]) for cell in range(len(CURRENTS))]
    assert counts[:2] == [0, 0] and counts[2] > 0
    assert counts[2] < counts[3] < counts[4]


def test_adaptation_slows_cells_down(driven):
    for cell in (3, 4):
        intervals = np.diff(driven["adapting"].times[cell])
        assert intervals[-1] > 1.5 * intervals[0]
        assert driven["adapting"].interval(cell) > 1.5 * driven["regular"].interval(cell)


def test_adaptation_current_in_steady_state(driven):
    """b E/(1 - E) before a spike, E = exp(-interval/tau_w); 1 % for forward Euler."""
    for cell in (3, 4):
        kept = np.exp(-driven["adapting"].interval(cell) / 0.28)
        expected = float(driven["adapting"].parameters.b_adapt) * kept / (1 - kept)
        measured = np.array(driven["adapting"].values["w_adapt"][cell])[-1]
        assert measured == pytest.approx(expected, rel=0.01)


def test_depression_in_steady_state(driven):
    """A spike releases U x, x = (1 - E)/(1 - (1 - U) E), E = exp(-interval/tau_rec); 0.2 %.

    Monitors note what the spike before released.
    """
    for cell in (3, 4):
        kept = np.exp(-driven["regular"].interval(cell) / 0.5)
        expected = 0.25 * (1 - kept) / (1 - 0.75 * kept)
        assert driven["regular"].values["released"][cell][-1] == pytest.approx(expected, rel=2e-3)
        assert driven["regular"].values["released"][cell][1] == pytest.approx(0.25)


# --- Parameters ----------------------------------------------------------------------------


def test_table_names_meaning_and_source_of_every_parameter():
    table = BiophysicalParameters.table()
    assert len(table) > 40
    for name, default, meaning, source in table:
        assert getattr(BiophysicalParameters(), name) == default
        assert meaning and source.startswith(("Chrysanthidis19", "Bujanowski26", "Tully14", "here"))


def test_the_page_has_the_table_of_the_code(capsys):
    """docs/biophysical.md, word by word, as the command prints it; units are those of the code."""
    main(["parameters"])
    printed = capsys.readouterr().out.strip()
    page = Path(__file__).parents[2] / "docs" / "biophysical.md"
    assert printed in page.read_text()
    for row in ("C_m | 280 pF", "V_reset | −80 mV", "tau_p | 5 s", "dt | 0.1 ms", "f_max | 20 Hz",
                "delay_plastic | 4.5 ms", "nmda_gain | 0.21 nS", "utilization | 0.25"):  # fmt: skip
        assert f"| {row} |" in printed


@pytest.mark.parametrize(
    "override, error, message",
    [
        ({"tau_p": 5}, TypeError, "tau_p is 5, without units"),
        ({"tau_p": 5 * mV}, DimensionMismatchError, "tau_p is 5. mV, in the wrong units"),
        ({"tau_p": 0 * ms}, ValueError, "tau_p is 0. s: give one positive"),
        ({"tau_p": 50 * ms}, ValueError, "tau_z_slow is .*well below tau_p"),
        ({"ampa_gain": -1 * nS}, ValueError, "ampa_gain is -1. nS"),
        ({"E_leak": 3}, TypeError, "E_leak is 3: give a potential"),
        ({"V_spike": -60 * mV}, ValueError, "V_spike is -60. mV: give more than V_T"),
        ({"p_plastic": 1.5}, ValueError, "p_plastic is 1.5: give a probability of at most 1"),
        ({"utilization": 0}, ValueError, "utilization is 0: give a positive number"),
        ({"epsilon": 2}, ValueError, "epsilon is 2: give a number between 0 and 1"),
        ({"delay_plastic": 6 * ms}, ValueError, "delay_plastic is 6. ms: give less than t_ref"),
        ({"read_time": 1 * second}, ValueError, "read_time is 1. s: give at most free_time"),
        ({"stimulus_rate": 9000 * Hz}, ValueError, "stimulus_rate is 9. kHz: with background_rate"),
        ({"tau_q": 5 * ms}, TypeError, "tau_q is not a parameter: choose from C_m"),
        ({"hypercolumns": 1}, ValueError, "hypercolumns is 1: give a whole number of 2 or more"),
        ({"seed": -1}, ValueError, "seed is -1: give a whole number of 0 or more"),
    ],
)
def test_bad_parameters_are_refused_before_anything_is_built(override, error, message):
    with pytest.raises(error, match=message):
        BiophysicalMemory(**{"hypercolumns": 2, "minicolumns": 2, **override})


# --- Layout and connections ----------------------------------------------------------------


@pytest.fixture(scope="module")
def layout():
    return Layout(3, 4, cells_per_minicolumn=10, baskets_per_minicolumn=3)


def test_connections_have_the_given_number_of_targets(layout):
    """20 % of 10 cells in each of 8 foreign minicolumns, of 9 at home; 70 % of 12 and of 40."""
    drawn = draw_connections(layout, BiophysicalParameters(), 1)
    for name, per_source in (("plastic", 16), ("local", 2), ("excitation", 8), ("inhibition", 28)):
        sources, counts = np.unique(drawn[name].sources, return_counts=True)
        assert (counts == per_source).all()
        assert len(sources) == (layout.baskets if name == "inhibition" else layout.pyramidal)
        pairs = np.stack([drawn[name].sources, drawn[name].targets])
        assert len(np.unique(pairs, axis=1).T) == len(drawn[name].sources)


def test_connections_stay_where_they_belong(layout):
    drawn = draw_connections(layout, BiophysicalParameters(), 1)
    hypercolumn = np.arange(layout.pyramidal) // 40
    basket_hypercolumn = np.arange(layout.baskets) // 12
    plastic, local = drawn["plastic"], drawn["local"]
    assert (hypercolumn[plastic.sources] != hypercolumn[plastic.targets]).all()
    columns = layout.column_of(plastic.sources) * layout.columns + layout.column_of(plastic.targets)
    assert set(np.unique(columns, return_counts=True)[1]) == {20}  # 20 % of 10 × 10
    assert (layout.column_of(local.sources) == layout.column_of(local.targets)).all()
    assert (local.sources != local.targets).all()
    to_baskets, from_baskets = drawn["excitation"], drawn["inhibition"]
    assert (hypercolumn[to_baskets.sources] == basket_hypercolumn[to_baskets.targets]).all()
    assert (basket_hypercolumn[from_baskets.sources] == hypercolumn[from_baskets.targets]).all()


def test_connections_follow_the_seed_and_their_number_does_not(layout):
    first, again, other, none = (
        draw_connections(layout, BiophysicalParameters(), seed) for seed in (1, 1, 2, None)
    )
    for name, drawn in first.items():
        np.testing.assert_array_equal(drawn.targets, again[name].targets)
        np.testing.assert_array_equal(drawn.sources, none[name].sources)
        assert (drawn.targets != other[name].targets).any()


def test_every_cell_is_a_target(layout):
    """160 synapses on average: none is left out, and the spread is that of chance (5 sd)."""
    counts = np.bincount(draw_connections(layout, BiophysicalParameters(), 1)["plastic"].targets)
    assert len(counts) == layout.pyramidal
    assert np.abs(counts - 16).max() < 5 * 4


@pytest.mark.parametrize(
    "patterns, message",
    [
        ([[0, 1]], r"patterns have shape \(1, 2\): give an array of shape \(n, 3\)"),
        ([], r"patterns have shape \(0,\)"),
        ([[0, 1], [0]], r"patterns have shape"),
        ([[0, 1, 4]], r"patterns hold 4 at index \(0, 2\): give minicolumns from 0 to 3"),
        ([[0, -2, 1]], r"patterns hold -2 at index \(0, 1\)"),
        ([[0.5, 1, 1]], "patterns are of type float64: give whole numbers"),
    ],
)
def test_bad_patterns_are_refused(layout, patterns, message):
    with pytest.raises(ValueError, match=message):
        layout.check_patterns("patterns", patterns)


def test_active_cells(layout):
    active = layout.active_cells(np.array([2, -1, 0])).reshape(3, 4, 10)
    assert active.sum() == 20 and active[0, 2].all() and active[2, 0].all()
