"""A classifier that has learned, recalled by other dynamics of OUT, f_max, or with noisy weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from brian2 import Quantity, ms

from ..model.minicolumns import MinicolumnModel
from ..model.phases import Phase
from ..network import AssociativeMemory

Noise = Literal["multiplicative", "additive"]
OPENING, END = "opening", "end"


def gated(model: MinicolumnModel) -> MinicolumnModel:
    """The same minicolumns, which emit nothing while their population is clamped.

    So a population can be held until it is opened. A softmax shares out f_max whether or not there
    is evidence, and what integrates its rate would begin with the prior.
    """
    changed = model.replaced("rate = f_max", "rate = int(not clamped)*f_max", where="equations")
    return changed.changed(name=f"{model.name}, gated")


def add_weight_noise(
    memory: AssociativeMemory, amount: float, seed: int, kind: Noise = "multiplicative"
) -> None:
    """Let all weights of a network be noisy, under the published rule.

    w = log q - …, so that noise of w is a factor of q. Biases stay as they are.

    Parameters
    ----------
    memory : AssociativeMemory
        Which is changed.
    amount : float
        Standard deviation of Gaussian noise: of w in units of w, or in nats.
    seed : int
    kind : {'multiplicative', 'additive'}
        w becomes w (1 + amount ξ), or w + amount ξ.
    """
    changed = {}
    for number, (name, traces) in enumerate(memory.traces.items()):
        noise = amount * np.random.default_rng([seed, number]).standard_normal(traces.q.shape)
        if kind == "multiplicative":
            w = memory.weights(name)
            noise *= w.T if traces.projection.conditioning == "post" else w
        changed[name] = replace(traces, q=(traces.q * np.exp(noise)).astype(traces.q.dtype))
    memory.traces = changed


def decision_protocol(
    memory: AssociativeMemory, opened: Quantity, window: Quantity, gain: float = 1.0,
    readout: str = "readout", out: str = "OUT",
) -> list[Phase]:  # fmt: skip
    """Recall in which OUT is held until it is opened, a while after the onset of the cue.

    Parameters
    ----------
    memory : AssociativeMemory
        A classifier.
    opened : Quantity
        Time from the onset of the cue; 0 where OUT is open all the time, and is given nothing.
    window : Quantity
        For how long it is open while the cue is on.
    gain : float
        Output gain β, of the readout: above 1 the posterior is sharper than what was learned.
    readout, out : str
        Projection and population.

    Returns
    -------
    list of Phase
        The gap of the variant, 'closed' (read as 'opening') and 'open' (read as 'end').
    """
    *gap, cue = memory.recall_protocol((memory.architecture.populations[0].name,))
    gains, held = {**cue.gains, readout: gain}, (out,) if opened > 0 * ms else ()
    phases = [replace(phase, clamped=held, gains=gains) for phase in gap]
    if held:
        phases.append(Phase(opened, (*cue.clamped, *held), gains, read=OPENING, name="closed"))
    return [*phases, Phase(window, cue.clamped, gains, read=END, name="open")]


def held_pattern(memory: AssociativeMemory, number: int, out: str = "OUT") -> np.ndarray:
    """What OUT is held by, shape (n, 1, classes): a pattern that prefers no class."""
    return np.ones((number, *memory.architecture.population(out).shape), np.float32)
