"""How features become hypercolumns: transformers of scikit-learn, by name."""

from .base import Encoder
from .categories import Categories
from .colour import ColourCodebook
from .intervals import Intervals
from .mixture import Mixture
from .names import ENCODERS, make_encoder
from .pairs import Bits, OnOff, Scaled
from .whitening import Whitening

__all__ = [
    "ENCODERS",
    "Bits",
    "Categories",
    "ColourCodebook",
    "Encoder",
    "Intervals",
    "Mixture",
    "OnOff",
    "Scaled",
    "Whitening",
    "make_encoder",
]
