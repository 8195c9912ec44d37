"""Spiking BCPNN associative memory of cortex, in Brian2.

The model is that of Ravichandran, Lansner & Herman (2024), *Spiking representation
learning for associative memories*, doi:10.3389/fnins.2024.1439414.
"""

from .analysis.comparison import compare
from .analysis.spike_trains import SpikeTrains
from .model.architecture import Architecture, Population, Projection
from .model.minicolumns import (
    ACCUMULATING,
    ADAPTIVE,
    ESCAPE,
    LIF,
    MINICOLUMN_MODELS,
    POISSON,
    RATE,
    MinicolumnModel,
    Step,
)
from .model.paper import CALIBRATED_VARIANTS, VARIANTS, Variant, associative_memory
from .model.parameters import Parameters
from .model.phases import Phase
from .model.plasticity import (
    BCPNN,
    CONTINUOUS,
    COVARIANCE,
    ELIGIBILITY,
    PLASTICITY_RULES,
    PlasticityRule,
)
from .model.spiking_recurrent_cell import GRADED_NOISY_SRC, GRADED_SRC, NOISY_SRC, SRC, STEP_SRC
from .network import AssociativeMemory
from .recall import Recall
from .version import __version__

__all__ = [
    "ACCUMULATING",
    "ADAPTIVE",
    "BCPNN",
    "CALIBRATED_VARIANTS",
    "CONTINUOUS",
    "COVARIANCE",
    "ELIGIBILITY",
    "ESCAPE",
    "GRADED_NOISY_SRC",
    "GRADED_SRC",
    "LIF",
    "MINICOLUMN_MODELS",
    "NOISY_SRC",
    "PLASTICITY_RULES",
    "POISSON",
    "RATE",
    "SRC",
    "STEP_SRC",
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
