"""Spiking BCPNN associative memory of cortex, in Brian2.

The model is that of Ravichandran, Lansner & Herman (2024), *Spiking representation
learning for associative memories*, doi:10.3389/fnins.2024.1439414.
"""

from .architecture import Architecture, Population, Projection, associative_memory
from .comparison import compare
from .minicolumns import ADAPTIVE, LIF, MINICOLUMN_MODELS, POISSON, RATE, MinicolumnModel, Step
from .network import AssociativeMemory
from .parameters import Parameters
from .plasticity import (
    BCPNN,
    CONTINUOUS,
    COVARIANCE,
    ELIGIBILITY,
    PLASTICITY_RULES,
    PlasticityRule,
)
from .recall import Recall
from .spike_trains import SpikeTrains
from .variants import CALIBRATED_VARIANTS, VARIANTS, Phase, Variant
from .version import __version__

__all__ = [
    "ADAPTIVE",
    "BCPNN",
    "CALIBRATED_VARIANTS",
    "CONTINUOUS",
    "COVARIANCE",
    "ELIGIBILITY",
    "LIF",
    "MINICOLUMN_MODELS",
    "PLASTICITY_RULES",
    "POISSON",
    "RATE",
    "VARIANTS",
    "Architecture",
    "AssociativeMemory",
    "MinicolumnModel",
    "Parameters",
    "Phase",
    "PlasticityRule",
    "Population",
    "Projection",
    "Recall",
    "Step",
    "SpikeTrains",
    "Variant",
    "__version__",
    "associative_memory",
    "compare",
]
