"""A biophysical twin of the recurrent network: AdEx cells, conductances and BCPNN synapses.

After Tully, Hennig & Lansner (2014), Fiebig & Lansner (2017) and Chrysanthidis, Fiebig, Lansner &
Herman (2022); see `BiophysicalParameters` for what is taken from where.
"""

from .layout import Layout
from .memory import BiophysicalMemory
from .nest_twin import NestTwin, to_nest
from .parameters import BiophysicalParameters
from .plasticity import Learned
from .recall import BiophysicalRecall, Spikes

__all__ = [
    "BiophysicalMemory",
    "BiophysicalParameters",
    "BiophysicalRecall",
    "Layout",
    "Learned",
    "NestTwin",
    "Spikes",
    "to_nest",
]
