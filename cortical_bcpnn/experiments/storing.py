"""Recurrent networks that store patterns one by one, and recall them by any rule of plasticity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from brian2 import ms

from ..analysis.capacity import winners
from ..learned.traces import Traces
from ..model.architecture import Architecture, Population, Projection
from ..model.paper import VARIANTS
from ..model.phases import Phase
from ..model.plasticity import BCPNN, PLASTICITY_RULES, PlasticityRule
from ..network import AssociativeMemory
from .importing import imported

POPULATION, PROJECTION = "HID", "recurrent"
#: τ_p, in patterns, with which traces are plain averages to 0.3 % for 300 patterns; the random start
#: weighs as one pattern.
AVERAGING = 1e5
_LARGEST_JUMP = 600.0  # of a support in a time step: above 700 it is clipped, see `model.equations`
_TIES = 31  # stream of random numbers


def rule_named(name: str) -> PlasticityRule:
    """A shipped rule, or one that can be imported, MODULE:OBJECT.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name in PLASTICITY_RULES:
        return PLASTICITY_RULES[name]
    if ":" not in name:
        raise ValueError(
            f"rule {name!r} is unknown: choose from {', '.join(PLASTICITY_RULES)}, or give MODULE:OBJECT"
        )
    found = imported("rule", name, "MODULE:OBJECT")
    if not isinstance(found, PlasticityRule):
        raise ValueError(f"rule {name} is {found!r}: let it be a PlasticityRule")
    return found


def recurrent_network(hypercolumns: int, minicolumns: int) -> Architecture:
    """One population, connected to itself, but not within a hypercolumn; patterns are clamped.

    Within a hypercolumn one minicolumn is active by construction: what is learned there holds fast to
    the cue, a wrong one too.
    """
    return Architecture(
        (Population(POPULATION, hypercolumns, minicolumns),),
        (Projection(PROJECTION, POPULATION, POPULATION, hypercolumns - 1, False, "post"),),
        learning=(Phase("feedforward", (POPULATION,), {}, name="feedforward"),),
    )


class Store:
    """Networks of one start that learn the same patterns, a rule each.

    Rules that learn the same traces share the network that learns them, and read them each in their
    own way.

    Parameters
    ----------
    size : (int, int)
        Hypercolumns and minicolumns in each.
    rules : mapping of str to PlasticityRule
        A parameter `threshold` is set to half of what one pattern adds to p_ij.
    kind : {'rate', 'spk', 'spspk'}
        Of minicolumns.
    tau_p : float
        In patterns; see `AVERAGING`.
    seed : int
    epochs : int
        How often a pattern is shown before the next.
    device : {'cpp_standalone', 'runtime'}
    """

    def __init__(
        self, size: tuple[int, int], rules: Mapping[str, PlasticityRule], kind: str = "rate",
        tau_p: float = AVERAGING, seed: int = 0, epochs: int = 1, device: str = "cpp_standalone",
    ) -> None:  # fmt: skip
        self.size, self.epochs, self._variant = size, epochs, VARIANTS[f"{kind}-full"]
        architecture = recurrent_network(*size)

        def memory(rule: PlasticityRule) -> AssociativeMemory:
            return AssociativeMemory(
                architecture=architecture, variant=self._variant, tau_p=tau_p * ms, seed=seed,
                rewire_every=0, plasticity=rule, device=device,
            )  # fmt: skip

        self._recalling = {n: memory(_with_threshold(r, epochs / tau_p)) for n, r in rules.items()}
        self._taught = {n: "" if _learns_as_published(r) else n for n, r in rules.items()}
        self._learning = {n: memory(rules[n] if n else BCPNN) for n in set(self._taught.values())}
        for learning in self._learning.values():
            learning.traces = {PROJECTION: _between_hypercolumns(learning.traces[PROJECTION])}
        self._rng = np.random.default_rng([seed, _TIES])

    def store(self, patterns: np.ndarray) -> None:
        """Learn further patterns, shape (n, H): the active minicolumn of each hypercolumn."""
        stimuli = self._stimuli(patterns)
        for learning in self._learning.values():
            for stimulus in stimuli if self.epochs > 1 else [stimuli]:
                learning.learn(stimulus.reshape(-1, *self.size), self.epochs)
        for name, memory in self._recalling.items():
            memory.traces = self._learning[self._taught[name]].traces

    def recall(
        self, rule: str, cues: np.ndarray, gain: float | None, one_step: bool = False
    ) -> np.ndarray:
        """Winners of hypercolumns when cues have settled, shape (n, H).

        Cues name minicolumns, -1 where nothing is cued. They are clamped, then recurrence is on,
        with the cue kept during the overlap of the variant, and then without; winners are those
        of the last third. `one_step` ends after the first time step of recurrence.

        Parameters
        ----------
        rule : str
        cues : ndarray of int, shape (n, H)
        gain : float or None
            In units in which weights between hypercolumns have a standard deviation of 1; None is as
            high as supports may jump, so that softmax takes the best.
        one_step : bool
        """
        memory = self._recalling[rule]
        largest = float(np.abs(memory.weights(PROJECTION)).max()) * self.size[0]
        on = {PROJECTION: _LARGEST_JUMP / largest if gain is None else gain / self.spread(rule)}
        variant = self._variant
        last = 1 if one_step else round(float(variant.recurrent / ms) / 3)
        first = 0 if one_step else round(float(variant.recurrent / ms)) - last
        cue = [Phase(variant.feedforward, (POPULATION,)), Phase(variant.overlap, (POPULATION,), on)]
        protocol = [phase for phase in (*cue, Phase(first * ms, (), on)) if phase.duration > 0 * ms]
        protocol[-1] = replace(protocol[-1], read="settled")
        protocol.append(Phase(last * ms, (), on, read="attractor"))
        found = memory.recall(self._stimuli(cues), protocol=protocol)
        return winners(found.rates(POPULATION, "attractor"), self.size[1], self._rng)

    def spread(self, rule: str) -> float:
        """Standard deviation of the weights between hypercolumns; 1 where they are all the same."""
        memory = self._recalling[rule]
        weights = memory.weights(PROJECTION)
        pairs = np.kron(memory.connections(PROJECTION), np.ones((self.size[1],) * 2, bool))
        spread = float(weights[pairs].std())
        return spread if spread > 0 else 1.0

    def weights(self, rule: str) -> np.ndarray:
        """Weights of all pairs of minicolumns, shape (H * M, H * M), those within hypercolumns too."""
        return self._recalling[rule].weights(PROJECTION)

    def _stimuli(self, patterns: np.ndarray) -> np.ndarray:
        active = (patterns[..., None] == np.arange(self.size[1])).astype(float)
        return np.where(patterns[..., None] < 0, np.nan, active)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_) -> None:
        for memory in (*self._learning.values(), *self._recalling.values()):
            memory.close()


def _with_threshold(rule: PlasticityRule, step: float) -> PlasticityRule:
    if "threshold" not in rule.parameters:
        return rule
    return rule.changed(name=rule.name, parameters={"threshold": step / 2})


def _learns_as_published(rule: PlasticityRule) -> bool:
    """Whether its traces are those of BCPNN, whatever weights it makes of them."""
    parts = ("presynaptic", "postsynaptic", "equations", "reset", "continuous", "rest")
    return all(getattr(rule, part) == getattr(BCPNN, part) for part in parts)


def _between_hypercolumns(traces: Traces) -> Traces:
    """The same with connections from all hypercolumns but the own."""
    number = len(traces.connections)
    others: Sequence[list[int]] = [[h for h in range(number) if h != own] for own in range(number)]
    return replace(traces, connections=np.array(others, np.int32))
