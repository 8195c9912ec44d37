"""Networks that are shipped, by name; any other is an `Architecture` of its own.

Feedforward networks are those of Ravichandran, Lansner & Herman, *Unsupervised representation
learning with Hebbian synaptic and structural plasticity in brain-like feedforward neural networks*,
arXiv:2406.04733; classifiers are populations that are clamped to labels in learning, by which BCPNN
becomes a naive Bayes classifier of what they listen to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .architecture import Architecture, Population, Projection
from .paper import associative_memory
from .phases import Phase

Size = tuple[int, int]


def classifier(
    n_inputs: int, classes: int, hidden: Size = (30, 100), fan_in: int = 78, input_minicolumns: int = 2
) -> Architecture:
    """INP → HID → OUT: a representation, and a population of classes that listens to it.

    Parameters
    ----------
    n_inputs : int
        Input hypercolumns.
    classes : int
        Minicolumns of OUT, a single hypercolumn.
    hidden : (int, int)
        Hypercolumns and minicolumns in each of HID.
    fan_in : int
        INP hypercolumns that each HID hypercolumn listens to.
    input_minicolumns : int
        Minicolumns per hypercolumn of INP.
    """
    return stack(n_inputs, classes, [hidden], [fan_in], input_minicolumns=input_minicolumns)


def stack(
    n_inputs: int, classes: int, hidden: Sequence[Size] = ((30, 100), (30, 100)),
    fan_in: Sequence[int] = (78, 30), *, recurrent: bool = False, input_minicolumns: int = 2,
) -> Architecture:  # fmt: skip
    """INP → HID1 → HID2 → … → OUT: hidden populations one above the other.

    Parameters
    ----------
    n_inputs, classes : int
        Input hypercolumns, and minicolumns of OUT.
    hidden : sequence of (int, int)
        Hypercolumns and minicolumns in each of the hidden populations. A single one is called HID.
    fan_in : sequence of int
        Hypercolumns of the population below that each of their hypercolumns listens to.
    recurrent : bool
        Whether each hidden population projects to itself.
    input_minicolumns : int
    """
    if not hidden or len(hidden) != len(fan_in):
        raise ValueError(
            f"hidden are {len(hidden)} populations and fan_in {len(fan_in)} numbers: give one of each "
            "for every layer."
        )
    names = ["HID"] if len(hidden) == 1 else [f"HID{number}" for number in range(1, len(hidden) + 1)]
    populations, projections = [Population("INP", n_inputs, input_minicolumns)], []
    for name, size, number in zip(names, hidden, fan_in):
        below, ending = populations[-1], name.removeprefix("HID")
        populations.append(Population(name, *size))
        sparse = number < below.hypercolumns
        projections.append(Projection(f"feedforward{ending}", below.name, name, number, sparse))
        if recurrent:
            projections.append(Projection(f"recurrent{ending}", name, name, size[0], False))
    populations.append(Population("OUT", 1, classes))
    projections.append(Projection("readout", names[-1], "OUT", hidden[-1][0], False))
    return Architecture(tuple(populations), tuple(projections))


def hetero_associative(
    n_inputs: int, classes: int, hidden: Size = (30, 100), fan_in: int = 78, feedback_fan_in: int = 5,
    input_minicolumns: int = 2,
) -> Architecture:  # fmt: skip
    """The associative memory with a label beside the image, which recall each other.

    INP → HID ⟲ → INPRC and HID ⇄ OUT. In learning HID follows the image alone.

    Parameters
    ----------
    n_inputs, classes, hidden, fan_in, feedback_fan_in, input_minicolumns
        See `associative_memory` and `classifier`.
    """
    memory = associative_memory(n_inputs, hidden, fan_in, feedback_fan_in, input_minicolumns)
    return Architecture(
        (*memory.populations, Population("OUT", 1, classes)),
        (*memory.projections, Projection("readout", "HID", "OUT", hidden[0], False),
         Projection("label", "OUT", "HID", 1, False)),
        learning=(Phase("feedforward", ("INP", "INPRC", "OUT"), {"feedforward": 1.0},
                        name="feedforward"),),
    )  # fmt: skip


def attractor(hypercolumns: int, minicolumns: int) -> Architecture:
    """HID alone, connected to itself: patterns are given to it, and completed by it."""
    return Architecture(
        (Population("HID", hypercolumns, minicolumns),),
        (Projection("recurrent", "HID", "HID", hypercolumns, False),),
        learning=(Phase("feedforward", ("HID",), {}, name="feedforward"),),
        recall=(
            Phase("feedforward", ("HID",), {}, read="feedforward", name="feedforward"),
            Phase("recurrent", (), {"recurrent": 1.0}, read="attractor", name="recurrent"),
        ),
    )  # fmt: skip


#: Networks by name.
ARCHITECTURES: dict[str, Callable[..., Architecture]] = {
    "associative-memory": associative_memory,
    "classifier": classifier,
    "stack": stack,
    "hetero-associative": hetero_associative,
    "attractor": attractor,
}
