"""Projections that nothing hears in a recall."""

from __future__ import annotations

import pytest
from brian2 import ms
from tiny import tiny_memory

from cortical_bcpnn import POISSON, Phase
from cortical_bcpnn.circuits.composition import composition_of
from cortical_bcpnn.circuits.unheard import unheard
from cortical_bcpnn.model import equations

EVERY = {"feedforward", "recurrent", "feedback"}


def found(populations, phases=None, **parameters) -> list[set[str]]:
    memory = tiny_memory(**parameters)
    protocol = phases or memory.recall_protocol()
    composed = composition_of(memory.architecture, memory.parameters, plastic=False)
    return unheard(memory.architecture, composed, protocol, populations)


def test_gains_of_the_published_recall():
    """Recurrence is prepared before it is on; after the cue INP is heard no more."""
    assert found(["INP", "HID", "INPRC"]) == [set(), set(), set(), {"feedforward"}]


@pytest.mark.parametrize(
    "population, unneeded", [("INP", EVERY), ("HID", {"feedback"}), ("INPRC", set())]
)
def test_populations_that_are_not_asked_for(population, unneeded):
    first = found([population])[0]
    assert first == unneeded


def test_what_is_off_for_good():
    phases = [
        Phase(1 * ms, ("INP",), {"feedforward": 1.0, "feedback": 0.0}),
        Phase(1 * ms, ("INP",), {"feedforward": 0.0, "recurrent": -0.5}, read="end"),
        Phase(1 * ms, ("INP",), {}, read="after"),
    ]
    assert found(["HID"], phases) == [{"feedback"}, {"feedforward", "feedback"}, EVERY]


def test_a_model_that_hears_past_the_gain():
    """Its own equations name the input of the projection, which then always transmits."""
    hearing = POISSON.replaced("evidence - s", "evidence + 0.1*I_recurrent - s")
    off = [Phase(1 * ms, ("INP",), {"feedforward": 1.0}, read="end")]
    assert found(["HID"], off) == [{"recurrent", "feedback"}]
    assert found(["HID"], off, minicolumn={"HID": hearing}) == [{"feedback"}]


def test_evidence_that_a_gain_does_not_silence(monkeypatch):
    monkeypatch.setattr(equations, "EVIDENCE", "(1 + g_{projection})*(b_{projection} + I_{projection})")
    assert found(["INP", "HID", "INPRC"], [Phase(1 * ms, read="end")]) == [set()]
