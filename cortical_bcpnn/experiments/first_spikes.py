"""How a classifier decides: by first spikes and by rates of OUT, under conditions of all kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from brian2 import Quantity, ms
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ..analysis import first_spikes
from ..analysis.deciding import (
    END,
    OPENING,
    Noise,
    add_weight_noise,
    decision_protocol,
    gated,
    held_pattern,
)
from ..data.datasets import Dataset
from ..data.stimuli import CLEAN
from ..learned.supports import supports_by
from ..model.minicolumns import ACCUMULATING, ACCUMULATING_ESCAPE, ESCAPE, POISSON, MinicolumnModel
from ..model.phases import Phase
from ..model.protocol_checks import fitting_protocol
from ..network import AssociativeMemory
from ..other_dynamics import recalled_as
from ..recall import Recall
from .cues import cues_for
from .layers import OUT
from .setup import flat

#: Models of OUT by name. A softmax is held until it is opened; escape noise needs no opening.
OUTPUTS: dict[str, MinicolumnModel] = {
    "stochastic": gated(POISSON), "deterministic": gated(ACCUMULATING),
    "escape": ESCAPE, "deterministic escape": ACCUMULATING_ESCAPE,
}  # fmt: skip
SPIKES = (1, 2, 3, 5)  # that decide
WINDOWS = (2, 5, 10, 20, 50, 100)  # of rate readouts, in ms
COSTED = 50  # cues whose spikes are counted

#: What is varied, one at a time, and the column that says to what.
BASE, OPENED, THETA, GAIN, DIFFICULTY, F_MAX, NOISE = (
    "base", "opened", "theta", "gain", "distortion", "f_max", "weight noise",
)  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """How a classifier recalls.

    Attributes
    ----------
    varied : str
        What is not as in the others, and `value`, to what.
    opened : float
        Time from the onset of the cue until OUT is opened, in ms.
    theta : float
        Support at which minicolumns with escape noise reach half of f_max, in nats.
    gain, difficulty, noise : float
        Output gain β, difficulty of the distortion, amount of weight noise.
    f_max : Quantity, optional
        Other than in learning.
    """

    varied: str
    value: float
    opened: float
    theta: float
    gain: float = 1.0
    difficulty: float = 0.0
    noise: float = 0.0
    f_max: Quantity | None = None

    @property
    def key(self) -> tuple[str, float]:
        return self.varied, self.value


def conditions(
    opened: float, theta: float, *, openings: Iterable[float] = (), thetas: Iterable[float] = (),
    gains: Iterable[float] = (), difficulties: Iterable[float] = (), rates: Iterable[Quantity] = (),
    noises: Iterable[float] = (),
) -> list[Condition]:  # fmt: skip
    """All conditions: the usual one, and one thing at a time other than it is there."""
    usual = Condition(BASE, 0.0, opened, theta)
    return [
        usual,
        *(replace(usual, varied=OPENED, value=t, opened=t) for t in openings if t != opened),
        *(replace(usual, varied=THETA, value=t, theta=t) for t in thetas if t != theta),
        *(replace(usual, varied=GAIN, value=g, gain=g) for g in gains if g != 1),
        *(replace(usual, varied=DIFFICULTY, value=d, difficulty=d) for d in difficulties),
        *(replace(usual, varied=F_MAX, value=float(f), f_max=f) for f in rates),
        *(replace(usual, varied=NOISE, value=n, noise=n) for n in noises if n),
    ]


def applies(output: str, condition: Condition) -> bool:
    """Whether there is such a condition for a model of OUT: one with a threshold is never opened."""
    return condition.varied != (OPENED if _has_threshold(output) else THETA)


def _has_threshold(output: str) -> bool:
    return "theta" in OUTPUTS[output].parameters


def model_of(output: str, condition: Condition) -> MinicolumnModel:
    """The model of OUT in a condition."""
    model = OUTPUTS[output]
    return model.changed(parameters={"theta": condition.theta}) if _has_threshold(output) else model


def phases(
    memory: AssociativeMemory, output: str, condition: Condition, window: Quantity
) -> list[Phase]:
    """The protocol of recall, in which the cue is shown as long to all models of OUT.

    Raises
    ------
    ValueError
        If it does not fit the network.
    """
    opened, window = condition.opened * ms, window
    if _has_threshold(output):
        opened, window = 0 * ms, opened + window
    protocol = decision_protocol(memory, opened, window, condition.gain)
    return fitting_protocol(protocol, memory.architecture, memory.parameters)


def measure(
    memory: AssociativeMemory, output: str, condition: Condition, window: Quantity, shown: Dataset,
    readout: LogisticRegression, seed: int, *, kind: Noise = "multiplicative", jobs: int = 1,
) -> tuple[list[dict], list[dict]]:  # fmt: skip
    """Accuracy, latency and, in the usual condition, costs of all ways to decide.

    Parameters
    ----------
    memory : AssociativeMemory
        A classifier that has learned.
    output : str
        Of `OUTPUTS`.
    condition : Condition
    window : Quantity
        See `phases`.
    shown : Dataset
        Whose test images are decided on.
    readout : LogisticRegression
        Of z of HID, the control.
    seed : int
        Of distortions, weight noise, and draws among ties.
    kind : {'multiplicative', 'additive'}
        Of weight noise.
    jobs : int

    Returns
    -------
    decisions, costs : list of dict
        Rows of tables. Where no minicolumn has come first when the window ends, the largest support
        decides then; where a rate readout has no spike to count, a class is drawn.
    """
    cues = {"INP": flat(cues_for("distortion" if condition.difficulty else CLEAN, shown,
                                 condition.difficulty, seed))}  # fmt: skip
    protocol = phases(memory, output, condition, window)
    held = any(OUT in phase.clamped for phase in protocol)
    if held:
        cues[OUT] = held_pattern(memory, len(shown.test_images))
    with recalled_as(memory, {OUT: model_of(output, condition)}, condition.f_max) as deciding:
        if condition.noise:
            add_weight_noise(deciding, condition.noise, seed, kind)
        recall = deciding.recall(
            cues, protocol=protocol, populations=["HID", OUT], over_time=[OUT], since="open", jobs=jobs
        )
        waited = round(condition.opened) if held else 0
        found = _decisions(deciding, recall, waited, readout, seed)
        costs = _costs(deciding, cues, condition, protocol, found, waited, jobs)
    rows, where = [], {"seed": seed, "out": output, "varied": condition.varied,
                       "value": condition.value}  # fmt: skip
    support = found["support at the end", 0.0].choice
    lots = np.random.default_rng([seed, 1]).integers(len(readout.classes_), size=len(support))
    for (way, amount), decisions in found.items():
        choice = decisions.otherwise(lots if way == "rate" else support)
        late = decisions.steps + waited if way in _BY_SPIKES else decisions.steps
        rows.append({
            **where, "readout": way, "amount": amount,
            "accuracy": float((choice == shown.test_labels).mean()),
            "undecided": float(decisions.undecided.mean()), "tied": float(decisions.tied.mean()),
            "latency_ms": float(late.mean() * memory.parameters.dt / ms), "images": len(choice),
        })  # fmt: skip
    rows.append({**where, "readout": "posterior", "amount": 0.0, "accuracy": _sampled(
        deciding, recall, condition, shown.test_labels), "undecided": 0.0, "tied": 0.0,
        "latency_ms": float(waited), "images": len(support)})  # fmt: skip
    return rows, [{**where, **row} for row in costs]


_BY_SPIKES = ("first spike", "rate")


def _decisions(
    memory: AssociativeMemory, recall: Recall, waited: int, readout: LogisticRegression, seed: int
) -> dict[tuple[str, float], first_spikes.Decisions]:
    """Of all ways to decide, by name and amount: number of spikes, or window in ms."""
    spikes = recall.spikes_over_time[OUT]
    rng = np.random.default_rng([seed, 0])
    found = {("first spike", float(k)): first_spikes.first_to(spikes, k, rng) for k in SPIKES}
    for window in WINDOWS:
        steps = memory.parameters.steps(window * ms)
        if steps <= spikes.shape[1]:
            found["rate", float(window)] = first_spikes.most_spikes(spikes, steps, rng)

    def sure(choice: np.ndarray, steps: int) -> first_spikes.Decisions:
        return first_spikes.Decisions(choice, np.full(len(choice), steps), np.zeros(len(choice), bool))

    shown = waited + spikes.shape[1]
    if OPENING in recall.z:
        support = _supports(memory, recall, OPENING)
        found["support at the opening", 0.0] = sure(support.argmax(axis=1), waited)
    found["support at the end", 0.0] = sure(_supports(memory, recall, END).argmax(axis=1), shown)
    found["logistic regression", 0.0] = sure(readout.predict(recall.z[END]["HID"]), shown)
    return found


def _sampled(
    memory: AssociativeMemory, recall: Recall, condition: Condition, labels: np.ndarray
) -> float:
    """Accuracy of samples of the posterior, the theory of a first spike, at the opening (or the end)."""
    moment = OPENING if OPENING in recall.z else END
    shares = softmax(condition.gain * _supports(memory, recall, moment), axis=1)
    return float(shares[np.arange(len(labels)), labels].mean())


def _supports(memory: AssociativeMemory, recall: Recall, moment: str) -> np.ndarray:
    """What HID says to the classes at a moment, shape (n, classes)."""
    return supports_by(memory, "readout", recall.z[moment]["HID"])[:, 0]


def _costs(
    memory: AssociativeMemory, cues: dict[str, np.ndarray], condition: Condition,
    protocol: list[Phase], found: dict, waited: int, jobs: int,
) -> list[dict]:  # fmt: skip
    """Spikes and synaptic operations until the decision, of the first cues in the usual condition."""
    if condition.varied != BASE:
        return []
    few = {name: of[:COSTED] for name, of in cues.items()}
    every = [p.name for p in memory.architecture.populations]
    shown = [phase for phase in protocol if "INP" in phase.clamped]
    recall = memory.recall(few, protocol=protocol, populations=every, over_time=True,
                           since=shown[0].name, jobs=jobs)  # fmt: skip
    rows: list[dict] = []
    for (way, amount), decisions in found.items():
        if way not in _BY_SPIKES:
            continue
        steps = decisions.steps[:COSTED] + waited
        costs = first_spikes.costs(memory, recall, shown, steps)
        rows += [{"readout": way, "amount": amount, "what": what, "of": name, "number": number}
                 for what, numbers in costs.items() for name, number in numbers.items()]  # fmt: skip
    return rows


def usual_table(decisions: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Means over networks in the usual condition: in per cent, ms, operations and nJ."""
    keys = ["out", "readout", "amount"]
    usual = decisions[decisions["varied"] == BASE].groupby(keys, sort=False)
    table = 100 * usual["accuracy"].agg(["mean", "std"])
    table[["undecided", "tied"]] = 100 * usual[["undecided", "tied"]].mean()
    table["ms"] = usual["latency_ms"].mean()
    counted = costs[costs["what"] == "operations"].groupby([*keys, "seed"])["number"].sum()
    table["operations"] = counted.groupby(keys).mean()
    table["nJ"] = table["operations"] * first_spikes.PICOJOULES_PER_ADDITION / 1e3
    return table
