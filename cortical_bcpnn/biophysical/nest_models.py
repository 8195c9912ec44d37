"""The parameter table of the twin in the names and units of NEST's own models.

Pyramidal cells are ``aeif_cond_beta_multisynapse``, the one AdEx model of NEST whose conductances
are of any number and time constant; basket cells, with AMPA alone, are ``aeif_cond_exp``, and
depressing synapses ``tsodyks2_synapse``. NEST counts in ms, mV, pA, pF and nS.
"""

from __future__ import annotations

import numpy as np
from brian2 import Hz, Quantity, ms, mV, nS, pA, pF

from .parameters import BiophysicalParameters

PYRAMIDAL, BASKET = "aeif_cond_beta_multisynapse", "aeif_cond_exp"
#: Receptors of pyramidal cells, in NEST counted from 1: conductance in `equations`, its number.
RECEPTORS = {"g_ampa": 1, "g_nmda": 2, "g_gaba": 3, "g_inh_slow": 4}
#: Rise of conductances that jump in Brian2: NEST's take a positive time. Shorter ones take NEST
#: longer and change nothing (735 spikes of 500 cells in 400 ms at 0.02, 0.05, 0.1 and 0.2 ms).
RISE = 0.2 * ms
#: Absolute error of NEST's adaptive solver. At 1e-6 spikes are the same and take twice as long.
TOLERANCE = 1e-3


def decays(p: BiophysicalParameters) -> list[float]:
    """Time constants of `RECEPTORS`, in ms."""
    return [float(tau / ms) for tau in (p.tau_ampa, p.tau_nmda, p.tau_gaba, p.tau_nmda)]


def check_decays(p: BiophysicalParameters) -> None:
    """Raise a ValueError where a conductance decays as fast as NEST lets it rise."""
    for name in ("tau_ampa", "tau_nmda", "tau_gaba"):
        if getattr(p, name) <= 2 * RISE:
            raise ValueError(
                f"{name} is {float(getattr(p, name) / ms):g} ms: give more than "
                f"{float(2 * RISE / ms):g} ms in NEST, where conductances rise in "
                f"{float(RISE / ms):g} ms."
            )


def _membrane(p: BiophysicalParameters) -> dict[str, float]:
    return {
        "C_m": float(p.C_m / pF), "g_L": float(p.g_leak / nS), "E_L": float(p.E_leak / mV),
        "V_th": float(p.V_T / mV), "Delta_T": float(p.Delta_T / mV),
        "V_peak": float(p.V_spike / mV), "V_reset": float(p.V_reset / mV),
        "t_ref": float(p.t_ref / ms), "a": 0.0, "V_m": float(p.E_leak / mV),
        "gsl_error_tol": TOLERANCE,
    }  # fmt: skip


def pyramidal(p: BiophysicalParameters) -> dict:
    """Parameters of pyramidal cells."""
    excitation, inhibition = float(p.E_exc / mV), float(p.E_inh / mV)
    return _membrane(p) | {
        "b": float(p.b_adapt / pA), "tau_w": float(p.tau_w / ms),
        "E_rev": [excitation, excitation, inhibition, inhibition],
        "tau_rise": [float(RISE / ms)] * len(RECEPTORS), "tau_decay": decays(p),
    }  # fmt: skip


def basket(p: BiophysicalParameters) -> dict:
    """Parameters of basket cells; without inhibition, E_in and tau_syn_in mean nothing."""
    own = {"b": 0.0, "E_ex": float(p.E_exc / mV), "tau_syn_ex": float(p.tau_ampa / ms)}
    return _membrane(p) | own


def depression(p: BiophysicalParameters) -> dict[str, float]:
    """Parameters of depressing synapses.

    All synapses of a cell see the same spikes, so that depression by connection is that of the
    cell. u is what the first spike releases.
    """
    u, tau_rec = p.utilization, float(p.tau_rec / ms)
    return {"U": u, "u": u, "x": 1.0, "tau_rec": tau_rec, "tau_fac": 0.0}


def receptor_weight(conductance: Quantity, receptor: str, p: BiophysicalParameters) -> float:
    """NEST's weight, in nS, for a conductance that jumps in Brian2.

    NEST's conductance is a difference of two exponentials of peak 1. The weight gives it the
    charge of a jump: the integral over time is the same.
    """
    rise, decay = float(RISE / ms), decays(p)[RECEPTORS[receptor] - 1]
    top = np.log(decay / rise) * rise * decay / (decay - rise)
    peak = np.exp(-top / decay) - np.exp(-top / rise)
    return float(conductance / nS) * peak * decay / (decay - rise)


def in_hertz(rate: Quantity) -> float:
    """A rate as NEST takes it."""
    return float(rate / Hz)
