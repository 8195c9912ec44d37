"""Minicolumns that weigh recurrence in another way: by how sure they are, or over a longer time.

Both are models of a population that projections named ``feedforward`` and ``recurrent`` reach, HID
say. They recall what the model that they are made from has learned.
"""

from __future__ import annotations

from dataclasses import dataclass

from brian2 import Quantity

from . import equations
from .minicolumns import MinicolumnModel, Step


@dataclass(frozen=True)
class Listening:
    """How much a hypercolumn listens to recurrence, by its confidence in what the cue says.

    A hypercolumn's confidence is the log-partition of its feedforward support. The factor to the
    recurrent gain falls from `unsure` to `sure` by a logistic function of it.

    Attributes
    ----------
    sure, unsure : float
        Factors where confidence is high and where it is low.
    threshold : float
        Confidence at which it is halfway, in standard deviations from the mean over patterns that
        were learned.
    steepness : float
        Of the logistic function, for each standard deviation.
    """

    sure: float = 0.0
    unsure: float = 1.0
    threshold: float = -1.0
    steepness: float = 2.0


def listening_by_confidence(
    model: MinicolumnModel, listening: Listening, usual: float, spread: float
) -> MinicolumnModel:
    """Minicolumns whose hypercolumns listen to recurrence by how sure they are of the cue.

    Parameters
    ----------
    model : MinicolumnModel
        With a softmax of the published form, POISSON or RATE.
    listening : Listening
    usual, spread : float
        Mean and standard deviation of the confidence over patterns that were learned, see
        `learned.confidence`.
    """
    return model.replaced(
        equations.WITH_EVIDENCE, equations.WITH_LISTENING, where="equations"
    ).added(
        name=f"{model.name}, listening by confidence",
        equations=equations.OF_CUE,
        hypercolumn=equations.CONFIDENCE_HYPERCOLUMN,
        steps=(
            Step("excess_of_cue", equations.EXCESS_OF_CUE, order=2),
            Step("activation_of_cue", equations.ACTIVATION_OF_CUE, order=3),
            Step("confidence", equations.CONFIDENCE, on="hypercolumn", when="end", order=0),
            Step("listening", equations.LISTENING, on="hypercolumn", when="end", order=1),
        ),
        gathering=equations.PARTITION_OF_CUE,
        parameters={**vars(listening), "usual": usual, "spread": spread},
    )


def recurrence_over(model: MinicolumnModel, tau_z: Quantity, tau: Quantity) -> MinicolumnModel:
    """Minicolumns that take what recurrence brings over another time than what the cue brings.

    Parameters
    ----------
    model : MinicolumnModel
        With the input of the published form.
    tau_z : Quantity
        Time constant of the feedforward input, as in the variant.
    tau : Quantity
        That of the recurrent one.
    """
    return model.replaced(
        equations.WITH_EVIDENCE, equations.WITH_ITS_OWN_TIME, where="equations"
    ).changed(
        name=f"{model.name}, recurrence over {tau}",
        input=equations.INPUT_OF_ITS_OWN_TIME,
        parameters={"tau_feedforward": tau_z, "tau_recurrent": tau},
    )
