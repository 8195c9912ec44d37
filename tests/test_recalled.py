"""Recalls as figures and as objects of Neo."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from brian2 import ms

from cortical_bcpnn import Parameters, Phase, Recall, SpikeTrains

PROTOCOL = (
    Phase(20 * ms, ("INP",), {"feedforward": 1.0}, read="feedforward", name="feedforward"),
    Phase(40 * ms, (), {"recurrent": 1.0}, read="attractor", name="recurrent"),
)
RNG = np.random.default_rng(2)
SIZES = {"INP": (9, 2), "HID": (4, 5), "INPRC": (9, 2)}
Z = {name: RNG.random((3, h * m)).astype(np.float32) for name, (h, m) in SIZES.items()}
SPIKES = {name: RNG.random((3, 60, h * m)) < 0.05 for name, (h, m) in SIZES.items()}


def recalled(over_time: bool = True, **changed) -> Recall:
    """Three cues of a recall that nobody simulated."""
    z = {name: RNG.random(of.shape, dtype=np.float32) for name, of in SPIKES.items()}
    given = {"cues": {"INP": RNG.random((3, 9))}, "protocol": PROTOCOL, "parameters": Parameters()}
    return Recall(
        {"feedforward": Z, "attractor": Z}, {}, {"feedforward": 0.02, "attractor": 0.06},
        {name: m for name, (_, m) in SIZES.items()}, z if over_time else {}, SPIKES if over_time else {},
        **{**given, **changed},
    )  # fmt: skip


def test_spikes_go_to_neo_and_come_back():
    neo = pytest.importorskip("neo")
    block = recalled().to_neo(["HID"])
    assert isinstance(block, neo.Block) and len(block.segments) == 3
    for segment, direct in zip(block.segments, SpikeTrains.from_recall(recalled(), "HID")):
        back = SpikeTrains.from_neo(segment, 4, 5)
        np.testing.assert_allclose(back.times, direct.times, atol=1e-12)
        assert back.duration == pytest.approx(0.06)
        for times in (back, direct):
            assert len(times.times) == len(times.columns)
        assert sorted(zip(back.times.round(4), back.columns)) == sorted(
            zip(direct.times.round(4), direct.columns)
        )


def test_neo_is_told_where_spikes_are_from():
    pytest.importorskip("neo")
    block = recalled().to_neo()
    trains = block.segments[1].spiketrains
    assert len(trains) == 18 + 20 + 18
    notes = trains[18 + 7].annotations
    expected = {"population": "HID", "hypercolumn": 1, "minicolumn": 7, "pattern": 1}
    assert {name: notes[name] for name in expected} == expected
    assert block.annotations["variant"] == "spspk-full"
    (phases,) = block.segments[1].epochs
    assert phases.labels.tolist() == ["feedforward", "recurrent"]
    assert phases.times.rescale("ms").magnitude.tolist() == [0, 20]
    assert phases.durations.rescale("ms").magnitude.tolist() == [20, 40]


def test_where_neo_is_missing_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "neo", None)
    with pytest.raises(ImportError, match=r"pip install 'cortical_bcpnn\[analysis\]'"):
        recalled().to_neo()


@pytest.mark.parametrize("recall, names", [(recalled(False), None), (recalled(), ["OUT"])])
def test_what_has_no_spikes_is_said(recall, names):
    with pytest.raises(ValueError, match="recall has no spikes over time of (any population|OUT)"):
        recall.to_neo(names)


def test_over_time_the_plot_is_a_raster():
    figure = recalled().plot()
    assert len(figure.axes) == 1 + 2 * 3
    assert figure.axes[-1].get_xlabel() == "time (ms)"
    assert figure.axes[1].get_xlim() == (0, 3 * 60)


def test_without_time_the_plot_is_of_images():
    cues = np.where(np.arange(9) < 3, np.nan, RNG.random((3, 9)))
    axes = recalled(False, cues={"INP": cues}).plot().axes
    assert [ax.get_ylabel() for ax in axes[::3]] == ["cue", "INPRC, feedforward", "INPRC, attractor"]
    expected = recalled().pattern("INPRC", "attractor")[2].reshape(3, 3)
    np.testing.assert_array_equal(axes[-1].images[0].get_array(), expected)


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(ValueError, match="recall with over_time=True"):
        recalled(False, cues={"INP": RNG.random((3, 8))}).plot()
