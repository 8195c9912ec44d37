"""Whether z estimates probability: z of a minicolumn against the posterior that it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from brian2 import Quantity, ms

from ..model.architecture import Architecture, Population
from ..model.minicolumns import MinicolumnModel
from ..model.phases import Phase
from ..network import AssociativeMemory

#: Posteriors of the minicolumn that is measured.
POSTERIORS = tuple(np.round(np.arange(1, 21) / 20, 2).tolist())


def transfer_curve(
    model: MinicolumnModel, variant: str, *,
    posteriors: Sequence[float] = POSTERIORS, minicolumns: int = 30, hypercolumns: int = 20,
    settling: Quantity = 200 * ms, duration: Quantity = 1000 * ms, seed: int = 0,
    device: str = "cpp_standalone",
) -> pd.DataFrame:  # fmt: skip
    """z of the first minicolumn of hypercolumns whose supports are held at a posterior.

    It has the probability π, the others share the rest evenly. Nothing is learned.

    Parameters
    ----------
    model : MinicolumnModel
    variant : str
        Whose time constants and f_max to use.
    posteriors : sequence of float
        Values of π, from 0 to 1.
    minicolumns : int
        Of a hypercolumn, 2 or more.
    hypercolumns : int
        Independent ones for each π.
    settling, duration : Quantity
        Before z is measured, and while it is.
    seed : int
    device : {'cpp_standalone', 'runtime'}

    Returns
    -------
    DataFrame
        A row for each π: ``posterior``; ``z``, the mean over hypercolumns and time, and ``spread``, the
        standard deviation of z at a moment; ``rate_hz``, spikes (or what is emitted for them).

    Raises
    ------
    ValueError
        If a posterior is not from 0 to 1, or there are fewer than two minicolumns.
    """
    given = np.asarray(posteriors, dtype=float)
    if given.ndim != 1 or not given.size or not ((given >= 0) & (given <= 1)).all():
        raise ValueError(f"posteriors are {posteriors!r}: give numbers from 0 to 1.")
    if minicolumns < 2:
        raise ValueError(f"minicolumns is {minicolumns}: give 2 or more, which share what is left.")
    columns = np.repeat(((1 - given) / (minicolumns - 1))[:, None], minicolumns, axis=1)
    columns[:, 0] = given
    pattern = np.repeat(columns, hypercolumns, axis=0)[None]
    population = Population("INP", len(given) * hypercolumns, minicolumns)
    held = [
        Phase(settling, ("INP",), read="settled", name="settling"),
        Phase(duration, ("INP",), read="held", name="held"),
    ]
    with AssociativeMemory(
        architecture=Architecture((population,), ()), variant=variant, minicolumn=model, seed=seed,
        device=device,
    ) as memory:  # fmt: skip
        recall = memory.recall(pattern, protocol=held, over_time=True)
        steps = memory.parameters.steps(duration)
    z = recall.z_over_time["INP"][0, -steps:, ::minicolumns].reshape(steps, len(given), -1)
    rates = recall.rates("INP", "held")[0, ::minicolumns].reshape(len(given), -1)
    return pd.DataFrame({
        "posterior": given, "z": z.mean(axis=(0, 2), dtype=float),
        "spread": z.std(axis=(0, 2), dtype=float),
        "rate_hz": rates.mean(axis=1),
    })  # fmt: skip


def calibration(curve: pd.DataFrame) -> dict[str, float]:
    """How well z estimates probability, from a transfer curve.

    Returns
    -------
    dict
        ``slope`` of the regression line of z on π, 1 where z is π; ``calibration_error``, the mean of
        abs(z − π), and ``largest_error`` of them; ``spread``, the mean standard deviation of z at a
        moment.
        A cell that is silent below π = 1/2 and else at 1 has the calibration error 1/4.
    """
    posterior, z = curve["posterior"].to_numpy(), curve["z"].to_numpy()
    off = np.abs(z - posterior)
    return {
        "slope": float(np.polyfit(posterior, z, 1)[0]),
        "calibration_error": float(off.mean()),
        "largest_error": float(off.max()),
        "spread": float(curve["spread"].mean()),
    }


def saturated(curve: pd.DataFrame) -> pd.DataFrame:
    """The same curve in units of z at the largest π, of a cell whose spikes are not weighed yet."""
    largest = curve["z"].iloc[int(curve["posterior"].argmax())]
    return curve.assign(z=curve["z"] / largest, spread=curve["spread"] / largest)


def against_noise(
    model: MinicolumnModel, noises: Sequence[float], variant: str, parameter: str = "drive_noise",
    **options,
) -> pd.DataFrame:  # fmt: skip
    """Calibration against noise, z in units of where a minicolumn is certain to win.

    Parameters
    ----------
    model : MinicolumnModel
    noises : sequence of float
        Values of `parameter`, a parameter of the model.
    variant : str
    parameter : str
    **options
        Of `transfer_curve`.

    Returns
    -------
    DataFrame
        A row for each noise: ``noise`` and what `calibration` finds.
    """
    rows = []
    for noise in noises:
        parameters: Mapping[str, float] = {parameter: noise}
        curve = transfer_curve(model.changed(parameters=parameters), variant, **options)
        rows.append({"noise": noise, **calibration(saturated(curve))})
    return pd.DataFrame(rows)
