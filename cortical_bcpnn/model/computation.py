"""How exactly is computed: what costs time or memory, and should change no conclusion."""

from __future__ import annotations

from dataclasses import dataclass

from ..values.numbers import is_number


@dataclass(frozen=True, kw_only=True)
class Computation:
    """Thresholds and precision of the computation.

    Attributes
    ----------
    z_min : float
        Minicolumns whose z is above this at the end of a pattern learn the pattern; 0 is the
        exact rule.
    deferred_max : float
        The others learn the average pattern, as soon as it amounts to a step of this size.
    emission_min : float
        In rate-based variants, minicolumns that expect no more spikes than this in a time step
        emit nothing; 0 is exact.
    precision : {'float32', 'float64'}
        Type of the synaptic variables.
    """

    z_min: float = 1e-5
    deferred_max: float = 1e-3
    emission_min: float = 1e-6
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("z_min", "deferred_max", "emission_min"):
            if not (is_number(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name} is {getattr(self, name)!r}: give 0 or more.")
        if self.precision not in ("float32", "float64"):
            raise ValueError(f"precision is {self.precision!r}: choose 'float32' or 'float64'.")
