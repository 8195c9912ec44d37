"""Networks that are shipped: their populations and projections, and what is refused."""

from __future__ import annotations

import pytest

from cortical_bcpnn import VARIANTS, associative_memory
from cortical_bcpnn.model.architecture import Architecture
from cortical_bcpnn.model.architectures import (
    ARCHITECTURES,
    attractor,
    classifier,
    hetero_associative,
    stack,
)
from cortical_bcpnn.model.protocols import learning_protocol, recall_protocol


def populations(network: Architecture) -> dict:
    return {p.name: (p.hypercolumns, p.minicolumns) for p in network.populations}


def projections(network: Architecture) -> list[tuple]:
    return [(p.name, p.pre, p.post, p.fan_in, p.rewired) for p in network.projections]


def test_names():
    assert set(ARCHITECTURES) == {"associative-memory", "classifier", "stack", "hetero-associative",
                                  "attractor"}  # fmt: skip
    assert ARCHITECTURES["associative-memory"] is associative_memory


def test_classifier():
    network = classifier(9, 3, (4, 5), 6, input_minicolumns=7)
    assert populations(network) == {"INP": (9, 7), "HID": (4, 5), "OUT": (1, 3)}
    assert projections(network) == [("feedforward", "INP", "HID", 6, True),
                                    ("readout", "HID", "OUT", 4, False)]  # fmt: skip
    assert network.reconstructing == () and not network.learning and not network.recall


@pytest.mark.parametrize("fan_in, rewired", [(9, False), (8, True)])
def test_connections_are_rewired_where_there_are_others(fan_in, rewired):
    assert classifier(9, 3, (4, 5), fan_in).projection("feedforward").rewired is rewired


def test_stack():
    network = stack(9, 3, [(4, 5), (2, 6), (3, 3)], [6, 4, 1], recurrent=True)
    assert populations(network) == {"INP": (9, 2), "HID1": (4, 5), "HID2": (2, 6), "HID3": (3, 3),
                                    "OUT": (1, 3)}  # fmt: skip
    assert projections(network) == [
        ("feedforward1", "INP", "HID1", 6, True), ("recurrent1", "HID1", "HID1", 4, False),
        ("feedforward2", "HID1", "HID2", 4, False), ("recurrent2", "HID2", "HID2", 2, False),
        ("feedforward3", "HID2", "HID3", 1, True), ("recurrent3", "HID3", "HID3", 3, False),
        ("readout", "HID3", "OUT", 3, False),
    ]  # fmt: skip
    assert stack(9, 3, [(4, 5)], [6]) == classifier(9, 3, (4, 5), 6)


@pytest.mark.parametrize("hidden, fan_in", [([], []), ([(4, 5)], [6, 4]), ([(4, 5), (4, 5)], [6])])
def test_a_stack_has_a_fan_in_for_every_layer(hidden, fan_in):
    message = f"hidden are {len(hidden)} populations and fan_in {len(fan_in)}"
    with pytest.raises(ValueError, match=message):
        stack(9, 3, hidden, fan_in)


@pytest.mark.parametrize("classes", [0, 2.5, -1])
def test_classes_are_a_number(classes):
    with pytest.raises(ValueError, match="minicolumns of population OUT is"):
        classifier(9, classes, (4, 5), 6)


def test_hetero_associative():
    """The published network, with a population of classes to and from HID."""
    network, memory = hetero_associative(9, 3, (4, 5), 6, 2), associative_memory(9, (4, 5), 6, 2)
    assert network.populations[:-1] == memory.populations
    assert network.projections[:-2] == memory.projections
    assert populations(network)["OUT"] == (1, 3) and network.reconstructing == ("INPRC",)
    assert projections(network)[-2:] == [("readout", "HID", "OUT", 4, False),
                                         ("label", "OUT", "HID", 1, False)]  # fmt: skip


def test_images_and_labels_are_learned_together_and_recalled_from_each_other():
    network, variant = hetero_associative(9, 3, (4, 5), 6, 2), VARIANTS["spk-full"]
    (phase,) = learning_protocol(network, variant, ["INP", "INPRC", "OUT"])
    assert phase.clamped == ("INP", "INPRC", "OUT") and phase.gains == {"feedforward": 1}
    assert phase.duration == variant.feedforward
    on = [set(recall_protocol(network, variant, [given])[-1].gains) for given in ("INP", "OUT")]
    assert on == [{"recurrent", "feedback", "readout"}, {"recurrent", "feedback"}]
    cued = recall_protocol(network, variant, ["OUT"])[1]
    assert cued.clamped == ("OUT",) and dict(cued.gains) == {"label": 1, "feedback": 1}


def test_attractor_learns_what_it_is_given_and_completes_it():
    network = attractor(4, 5)
    assert populations(network) == {"HID": (4, 5)}
    assert projections(network) == [("recurrent", "HID", "HID", 4, False)]
    variant = VARIANTS["spk-full"]
    (phase,) = learning_protocol(network, variant, ["HID"])
    assert phase.clamped == ("HID",) and not phase.gains
    cue, free = recall_protocol(network, variant, ["HID"])
    assert (cue.clamped, cue.read, dict(cue.gains)) == (("HID",), "feedforward", {})
    assert (free.clamped, free.read, dict(free.gains)) == ((), "attractor", {"recurrent": 1})
    assert free.duration == variant.recurrent


def test_sparse_sides_condition_traces():
    """OUT has few minicolumns: its traces are kept by the hidden ones, which are more."""
    assert classifier(9, 3, (4, 5), 6).projection("readout").conditioning == "pre"
    assert classifier(9, 10, (4, 5), 6).projection("readout").conditioning == "post"
