"""Bounds that traces and state cannot leave, unless something has gone wrong."""

from __future__ import annotations

import numpy as np

from ..model.parameters import Parameters
from ..model.plasticity import is_shipped
from .traces import Traces

# Traces never sink that low; below, their ratios and logarithms would not be finite.
_SMALLEST, _SMALLEST_Q = 1e-100, np.nextafter(0, 1)
_START = 100  # random initial q lie above the bound of learned ones, but never that far


def largest_trace(parameters: Parameters) -> float:
    """Largest value of z, and so of its averages: a spike in every time step.

    It is 1 where a winner fires for certain in every step (f_max dt = 1), and above where it
    is the expected rate that gives z = 1.
    """
    return 1 / float(parameters.variant.f_max * parameters.dt)


def trace_fault(name: str, traces: Traces, parameters: Parameters) -> str | None:
    """What is wrong with the traces of a projection, None if nothing is.

    Parameters
    ----------
    name : str
        Of the projection, for the message.
    traces : Traces
    parameters : Parameters
    """
    largest = largest_trace(parameters) * (1 + 1e-6)
    ends = (traces.projection.pre, traces.projection.post)
    used = (*(parameters.minicolumn_of(population) for population in ends), parameters.rule_of(name))
    if not all(map(is_shipped, used)):
        largest = np.finfo(float).max / _START
    bounds = {
        "p_pre": (_SMALLEST, largest),
        "p_post": (_SMALLEST, largest),
        "q": (_SMALLEST_Q, _START * largest),
        "deferred": (0, 1 + 1e-9),
    }
    if not _SMALLEST <= traces.p <= 1 + 1e-9:
        return f"p of {name} is {traces.p}, outside (0, 1]"
    for field, (low, high) in bounds.items():
        values = getattr(traces, field)
        # NaN makes both comparisons false.
        if not (values.min() >= low and values.max() <= high):
            bad = values[~((values >= low) & (values <= high))][0]
            return f"{field} of {name} holds {bad}, outside its bounds {low:.0f} to {high:.4g}"
    return None
