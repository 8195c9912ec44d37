"""The spiking recurrent cell of De Geeter, Ernst & Drion as a minicolumn, under BCPNN learning.

The cell is theirs; its input is the posterior of a hypercolumn, and it learns by BCPNN instead of by
gradient. See docs/spiking_recurrent_cell.md.
"""

from __future__ import annotations

from brian2 import Hz, Quantity

from . import equations
from .minicolumns import COMPETITION, MINICOLUMN_MODELS, MinicolumnModel, Step

#: Fixed point of the cell without drive, h = tanh(b + (r + r_s) h).
_REST = -0.902688933056

#: Spikes are the moments at which h rises above 0.5.
SRC = MinicolumnModel(
    name="SRC",
    source=(
        "De Geeter, Ernst & Drion (2023), Spike-based computation using classical recurrent neural "
        "networks, arXiv:2306.03623 (the cell; how it is driven is of this package)"
    ),
    equations=equations.SRC,
    threshold=equations.SRC_SPIKE,
    reset=equations.RESET,
    parameters={
        "alpha": 0.9,
        "rho": 3.0,
        "b": -6.0,
        "r": 2.0,
        "r_s": -7.0,
        "z_hyp": 0.9,
        "z_dep": 0.0,
        "certain": 2.5,
        "sharpness": 2.0,
        "f_saturated": 43.48 * Hz,
    },
    hypercolumn=equations.HYPERCOLUMN,
    steps=(
        *COMPETITION,
        Step("drive", equations.SRC_DRIVE, order=5),
        Step("cell", equations.SRC_CELL, order=6),
    ),
    gathering=equations.NORMALISATION,
    rest={"h": _REST, "h_before": _REST, "h_s": _REST},
)

#: The same with noise on its drive, as wide as the window between rest and firing.
NOISY_SRC = SRC.replaced(equations.SRC_BIAS, equations.SRC_NOISY_BIAS).changed(
    name="noisy SRC", parameters={"drive_noise": 0.5, "f_saturated": 40.28 * Hz}
)


def graded(model: MinicolumnModel, h_per_spike: float) -> MinicolumnModel:
    """A spiking recurrent cell that emits max(h, 0) in every time step.

    Parameters
    ----------
    model : MinicolumnModel
    h_per_spike : float
        What that amounts to in a spike, where the minicolumn is certain to win.
    """
    return model.changed(
        name=f"graded {model.name}",
        equations=model.equations + equations.EXPECTED_SPIKES,
        threshold=equations.EXPECTATION,
        reset=equations.RESET_EXPECTED,
        emitted=equations.EMITTED_EXPECTED,
        steps=(*model.steps, Step("emission", equations.SRC_GRADED, order=7)),
        parameters={"h_per_spike": h_per_spike},
        spiking=False,
    )


def step_gated(model: MinicolumnModel, f_saturated: Quantity) -> MinicolumnModel:
    """A spiking recurrent cell whose gate z_s is a step at h = 0.5 in place of a sigmoid.

    Parameters
    ----------
    model : MinicolumnModel
    f_saturated : Quantity
        How often it fires where the minicolumn is certain to win; by this its spikes are weighed.
    """
    return model.replaced(equations.SRC_GATE, equations.SRC_STEP_GATE).changed(
        name=f"{model.name}, step gate", parameters={"f_saturated": f_saturated}
    )


GRADED_SRC = graded(SRC, 1.3645)
GRADED_NOISY_SRC = graded(NOISY_SRC, 1.681)
STEP_SRC = step_gated(SRC, 41.67 * Hz)

MINICOLUMN_MODELS.update(
    (model.name, model) for model in (SRC, GRADED_SRC, NOISY_SRC, GRADED_NOISY_SRC, STEP_SRC)
)
