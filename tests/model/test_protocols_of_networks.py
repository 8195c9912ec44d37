"""Protocols of any network: derived from what is given, or owned by the architecture."""

from __future__ import annotations

import pytest
from brian2 import ms

from cortical_bcpnn import CALIBRATED_VARIANTS, VARIANTS, Phase
from cortical_bcpnn.model.architecture import Architecture, Population, Projection
from cortical_bcpnn.model.paper import associative_memory
from cortical_bcpnn.model.plain import architecture_from_plain, architecture_to_plain
from cortical_bcpnn.model.protocols import away_from, learning_protocol, recall_protocol

PAPER = associative_memory(9, (4, 5), 3, 2)


@pytest.mark.parametrize("name", [*VARIANTS, *CALIBRATED_VARIANTS])
def test_the_published_network_learns_and_recalls_as_published(name):
    """What follows from INP and INPRC, or INP, being given are the protocols of the paper."""
    variant = {**VARIANTS, **CALIBRATED_VARIANTS}[name]
    gain = 0.3 if variant.recurrent_gain is None else 1.0
    assert PAPER.reconstructing == ("INPRC",)
    assert learning_protocol(PAPER, variant, ["INP", "INPRC"]) == variant.learning_protocol()
    derived = recall_protocol(PAPER, variant, ["INP"], {"recurrent": gain})
    published = variant.recall_protocol(gain)
    if not variant.recurs:  # in which the published protocol is as long
        assert [p.name for p in published] == [p.name for p in derived]
    for one, other in zip(derived, published, strict=True):
        assert (one.duration, one.clamped, one.read) == (other.duration, other.clamped, other.read)
        assert dict(one.gains) == dict(other.gains)


def stack(**owned) -> Architecture:
    """Two hidden layers, the second recurrent, and a classifier that tells the first what it says."""
    return Architecture(
        (Population("INP", 9, 2), Population("ONE", 4, 5), Population("TWO", 3, 4),
         Population("OUT", 1, 3)),
        (Projection("up", "INP", "ONE", 3, True), Projection("higher", "ONE", "TWO", 2, True),
         Projection("around", "TWO", "TWO", 3, False), Projection("out", "TWO", "OUT", 3, False),
         Projection("down", "OUT", "ONE", 1, False)),
        **owned,
    )  # fmt: skip


def test_evidence_flows_away_from_what_is_given():
    assert away_from(stack(), ["INP"]) == ["up", "higher", "out"]
    assert away_from(stack(), ["OUT"]) == ["higher", "down"]
    assert away_from(stack(), ["INP", "OUT"]) == ["up", "higher", "down"]
    assert away_from(stack(), ["TWO"]) == ["out", "down"]


def test_learning_layer_by_layer_leaves_the_rest_off():
    variant = VARIANTS["spspk-full"]
    (phase,) = learning_protocol(stack(), variant, ["INP"])
    assert dict(phase.gains) == {"up": 1, "higher": 1, "out": 1} and phase.clamped == ("INP",)
    (phase,) = learning_protocol(stack(), variant, ["INP"], ["up"])
    assert dict(phase.gains) == {"up": 1}
    (phase,) = learning_protocol(stack(), variant, ["INP"], ["around"])
    assert dict(phase.gains) == {"up": 1, "higher": 1}
    (phase,) = learning_protocol(stack(), variant, ["INP", "OUT"], ["out"])
    assert dict(phase.gains) == {"up": 1, "higher": 1, "down": 1}


def test_recurrence_within_what_is_not_given():
    """Where the cue is withdrawn what it brought directly is off; projections further up stay on."""
    last = recall_protocol(stack(), VARIANTS["spspk-full"], ["INP"])[-1]
    assert dict(last.gains) == {"around": 1, "higher": 1, "out": 1} and last.clamped == ()
    names = [phase.name for phase in recall_protocol(stack(), VARIANTS["spspk-full"], ["TWO"])]
    assert names == ["gap", "feedforward"]


def test_an_architecture_can_own_its_protocols():
    learning = (Phase("feedforward", ("INP", "OUT"), {"up": 1.0}), Phase("gap"))
    own = stack(learning=learning, recall=[Phase(7 * ms, ("INP",), {"up": 1.0}, read="end")])
    variant = VARIANTS["spk-full"]
    assert learning_protocol(own, variant, ["INP"]) == [
        Phase(25 * ms, ("INP", "OUT"), {"up": 1.0}), Phase(25 * ms),
    ]  # fmt: skip
    assert len(learning_protocol(own, VARIANTS["rate-full"], ["INP"])) == 1, "its gap takes no time"
    assert recall_protocol(own, variant, ["INP"])[0].duration == 7 * ms
    assert architecture_from_plain(architecture_to_plain(own)) == own
    assert set(architecture_to_plain(PAPER)) == {"populations", "projections"}
    with pytest.raises(ValueError, match="duration of a phase of recall is 'long': give a time, or"):
        stack(recall=[Phase("long")])
