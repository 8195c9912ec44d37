"""Networks that no one shipped, as sweeps take them: MODULE:FUNCTION."""

from __future__ import annotations

from cortical_bcpnn import Architecture, Phase, Population, Projection

P, J = Population, Projection


def pair(n_inputs, input_minicolumns, classes, hidden, fan_in):
    """Two hidden populations side by side, and classes that listen to both."""
    return Architecture(
        (P("INP", n_inputs, input_minicolumns), P("A", *hidden), P("B", *hidden), P("OUT", 1, classes)),
        (J("to_a", "INP", "A", fan_in, True), J("to_b", "INP", "B", fan_in, True),
         J("a_out", "A", "OUT", hidden[0], False), J("b_out", "B", "OUT", hidden[0], False)),
    )  # fmt: skip


def bayes(n_inputs, classes, input_minicolumns=2, hidden=None):
    """Classes that listen to the input itself, a naive Bayes classifier, whatever is to be hidden."""
    return Architecture(
        (P("INP", n_inputs, input_minicolumns), P("OUT", 1, classes)),
        (J("readout", "INP", "OUT", n_inputs, False),),
    )


def greedy(n_inputs, weather, hidden):
    """Asks for what there is not."""


def small(n_inputs):
    """Begins with fewer hypercolumns than samples have."""
    return Architecture((P("INP", n_inputs - 1, 2),), ())


def nothing():
    """Makes no network."""


def taught(n_inputs):
    """Clamps in learning what a run has nothing for."""
    return Architecture(
        (P("INP", n_inputs, 2), P("SIDE", 1, 5)), (J("side", "SIDE", "INP", 1, False),),
        learning=(Phase("feedforward", ("INP", "SIDE"), {}),),
    )  # fmt: skip


def blind(n_inputs):
    """Reads nothing while the cue is there."""
    return Architecture(
        (P("INP", n_inputs, 2), P("HID", 2, 3)), (J("up", "INP", "HID", 2, False),),
        recall=(Phase("feedforward", ("INP",), {"up": 1.0}, read="end"),),
    )  # fmt: skip


something = 3
