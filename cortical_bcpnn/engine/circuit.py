"""What a program is made of: Brian2 objects and their network."""

from __future__ import annotations

from dataclasses import dataclass, field

from brian2 import BrianObject, Network


@dataclass
class Circuit:
    """The Brian2 objects of one network.

    Attributes
    ----------
    network : brian2.Network
        Holds every object below.
    objects : dict
        Brian2 objects by name: the minicolumns under the name of their population, the
        hypercolumns as ``NAME_hypercolumns``, a projection's transmitting synapses under
        its name, its traces as ``NAME_traces``.
    learning_objects : list
        Those that have work to do only while ``learning`` is on.
    plastic : bool
        Whether traces are simulated.
    """

    network: Network
    objects: dict[str, BrianObject]
    learning_objects: list[BrianObject] = field(default_factory=list)
    plastic: bool = False
