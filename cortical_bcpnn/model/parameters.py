"""What a simulation is given beside its architecture, and whether a protocol fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

import numpy as np
from brian2 import Hz, Quantity, ms, second

from ..values.fields import ByName, Named, default
from ..values.numbers import check_whole, is_number
from ..values.quantities import check_quantity
from .computation import Computation
from .dynamics import Dynamics
from .minicolumns import POISSON, RATE, MinicolumnModel
from .paper import VARIANTS, Variant, find_variant
from .phases import Phase
from .plasticity import BCPNN, PlasticityRule

# Steps of learning add up numbers between epsilon and 1/(f_max dt): one more decimal place or
# two, and small traces would drown in rounding errors. So would they if tau_p came near dt.
_SMALLEST_EPSILON = 1e-12


@dataclass(frozen=True)
class Parameters(Dynamics, Computation):
    """Parameters of an associative memory, apart from its architecture.

    Models of minicolumns and rules of plasticity are the fields of `Dynamics`; those that say how
    exactly is computed, of `Computation`.

    Attributes
    ----------
    variant : Variant or str
        Time constants and phases, or the name of a published variant.
    tau_p : Quantity
        Time constant of the p traces; learning takes steps of κ = dt/τ_p per pattern.
    dt : Quantity
        Time step.
    epsilon : float
        Floor of z and of the clamped patterns.
    rewire_every : int
        Training patterns between rewirings; 0 for none.
    rewire_margin : float
        A silent connection replaces an active one if its score is that many times higher.
    max_swaps : int
        Largest number of swaps per postsynaptic hypercolumn and rewiring.
    support_noise : float
        Amplitude of uniform noise on the supports, 1e-3 in the paper's optional form.
    seed : int
        All randomness follows from it.
    """

    variant: Named[Variant] = default("spspk-full")
    tau_p: Quantity = field(default_factory=lambda: 5 * second)
    dt: Quantity = field(default_factory=lambda: 1 * ms)
    epsilon: float = 1e-7
    rewire_every: int = 200
    rewire_margin: float = 1.1
    max_swaps: int = 100
    support_noise: float = 0.0
    seed: int = 0
    _: KW_ONLY
    minicolumn: ByName[MinicolumnModel] = default(None)  # again, as mypy loses the types of fields
    plasticity: ByName[PlasticityRule] = default(BCPNN)  # that a frozen class has from another

    def __post_init__(self) -> None:
        Computation.__post_init__(self)
        if isinstance(self.variant, str):
            object.__setattr__(self, "variant", find_variant(self.variant))
        if not isinstance(self.variant, Variant):
            raise TypeError(
                f"variant is {self.variant!r}: give a Variant, or one of {', '.join(VARIANTS)}."
            )
        if not isinstance(self.variant.name, str):
            raise TypeError(f"name of the variant is {self.variant.name!r}: give text.")
        if not isinstance(self.variant.spiking, (bool, np.bool_)):
            raise TypeError(f"spiking is {self.variant.spiking!r}: give True or False.")
        Dynamics.__post_init__(self)
        check_quantity("dt", self.dt, second)
        check_quantity("tau_p", self.tau_p, second)
        for name in ("tau_m", "tau_z"):
            check_quantity(name, getattr(self.variant, name), second)
            if getattr(self.variant, name) < self.dt:
                raise ValueError(
                    f"{name} is {getattr(self.variant, name)}: forward Euler needs a time "
                    f"constant of at least dt = {self.dt}."
                )
        if self.tau_p < 2 * self.dt:
            raise ValueError(f"tau_p is {self.tau_p}: give at least 2 dt = {2 * self.dt}.")
        for name in ("gap", "feedforward", "overlap", "recurrent"):
            value = getattr(self.variant, name)
            is_time = isinstance(value, Quantity) and value.dim is second.dim
            if not (is_time and value.shape == () and float(value) == 0):
                check_quantity(name, value, second)
        if not (self.variant.recurrent_gain is None or is_number(self.variant.recurrent_gain)):
            raise ValueError(
                f"recurrent_gain is {self.variant.recurrent_gain!r}: give a number, or None for the "
                "calibrated one."
            )
        if not isinstance(self.variant.cue_kept, (bool, np.bool_)):
            raise TypeError(f"cue_kept is {self.variant.cue_kept!r}: give True or False.")
        check_quantity("f_max", self.variant.f_max, Hz)
        if self.variant.f_max * self.dt > 1 + 1e-12:
            raise ValueError(
                f"f_max is {self.variant.f_max}: f_max * dt must not exceed 1, so give at most "
                f"{1 / self.dt} or a shorter dt."
            )
        if not (is_number(self.epsilon) and _SMALLEST_EPSILON <= self.epsilon < 0.5):
            raise ValueError(
                f"epsilon is {self.epsilon!r}: give a number between {_SMALLEST_EPSILON} and 0.5."
            )
        if not (is_number(self.support_noise) and self.support_noise >= 0):
            raise ValueError(f"support_noise is {self.support_noise!r}: give 0 or more.")
        for name in ("rewire_every", "max_swaps", "seed"):
            check_whole(name, getattr(self, name), 0)
        if not (is_number(self.rewire_margin) and self.rewire_margin >= 1):
            raise ValueError(f"rewire_margin is {self.rewire_margin!r}: give 1 or more, finite.")

    @property
    def published(self) -> MinicolumnModel:
        return POISSON if self.variant.spiking else RATE

    @property
    def kappa(self) -> float:
        """Step size of the p traces, κ = dt/τ_p."""
        return float(self.dt / self.tau_p)

    def learning_protocol(self) -> list[Phase]:
        """That of the variant, as the rule learns by it."""
        return self.printing(self.variant.learning_protocol())

    def printing(self, protocol: Sequence[Phase]) -> list[Phase]:
        """A protocol by which a pattern is learned by κ in all, in however many time steps."""
        if not self.continuous:
            return list(protocol)
        steps = sum(self.steps(phase.duration) for phase in protocol)
        return [replace(phase, print_now=1 / steps) for phase in protocol]

    def steps(self, duration: Quantity) -> int:
        """A duration in time steps."""
        return round(float(duration / self.dt))

