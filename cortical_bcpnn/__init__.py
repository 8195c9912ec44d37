"""Spiking BCPNN associative memory of cortex, in Brian2.

The model is that of Ravichandran, Lansner & Herman (2024), *Spiking representation
learning for associative memories*, doi:10.3389/fnins.2024.1439414.
"""

from .architecture import Architecture, Population, Projection, associative_memory
from .comparison import compare
from .network import AssociativeMemory
from .parameters import VARIANTS, Parameters, Phase, Variant
from .recall import Recall
from .spike_trains import SpikeTrains
from .version import __version__

__all__ = [
    "VARIANTS",
    "Architecture",
    "AssociativeMemory",
    "Parameters",
    "Phase",
    "Population",
    "Projection",
    "Recall",
    "SpikeTrains",
    "Variant",
    "__version__",
    "associative_memory",
    "compare",
]
