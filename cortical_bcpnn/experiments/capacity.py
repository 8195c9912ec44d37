"""What networks that store patterns are asked, each in a process of its own: rows of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from cyclopts import Parameter

from ..analysis.capacity import ONE_STEP, recall_measures, willshaw_recalled, willshaw_right
from ..biophysical import BiophysicalMemory
from ..circuits.simulation import check_device
from ..data.one_hot import draw_cues, draw_patterns
from ..model.plasticity import BCPNN, WILLSHAW, PlasticityRule
from .arguments import Difficulty, Hidden, Texts, Whole, Wholes
from .storing import AVERAGING, Store, rule_named

RULES = ("BCPNN", "Willshaw", "presynaptic covariance", "covariance", "Hebb", "Oja", "Hopfield")
LOADS = (5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 130, 160)
TWIN_LOADS = (4, 10, 20)
PATTERNS = ("random", "skewed", "clustered")
#: Gains that are tried, in units in which weights have a standard deviation of 1.
GAINS = (1.0, 2.0, 4.0, 8.0, 16.0)
#: Gains of each rule.
Gains: TypeAlias = Mapping[str, Sequence[float]]
_TUNING_SEED = 1_000_000  # far from those of networks that are reported
_PATTERNS, _CUES, _PROBES = 41, 42, 43  # streams of random numbers


class Memories(NamedTuple):
    """What all networks have in common.

    Attributes
    ----------
    size : (int, int)
        Hypercolumns and minicolumns.
    rules : mapping of str to PlasticityRule
    loads : sequence of int
        Numbers of patterns after which recall is tried, in rising order.
    missing, wrong : int
        Hypercolumns without a cue, and with a wrong one.
    probes : int
        Stored patterns that are recalled, at most.
    epochs : int
        How often a pattern is shown.
    device : str
    """

    size: tuple[int, int]
    rules: Mapping[str, PlasticityRule]
    loads: Sequence[int]
    missing: int
    wrong: int
    probes: int
    epochs: int
    device: str

    @property
    def cues(self) -> dict[str, tuple[int, int]]:
        """Missing and wrong hypercolumns of each kind of cue."""
        return {"missing": (self.missing, 0), "wrong": (0, self.wrong)}

    def store(self, kind: str, seed: int, tau_p: float = AVERAGING) -> Store:
        """Networks that have stored nothing."""
        return Store(self.size, self.rules, kind, tau_p, seed, self.epochs, self.device)

    def rngs(self, seed: int) -> list[np.random.Generator]:
        """Random numbers of patterns, of cues, and of which are recalled."""
        return [np.random.default_rng([seed, s]) for s in (_PATTERNS, _CUES, _PROBES)]


@Parameter(name="*")
@dataclass(kw_only=True)
class Storage:
    """Networks, and the patterns that they store.

    Attributes
    ----------
    rules
        Shipped rules by name, or MODULE:OBJECT, separated by commas.
    size
        Hypercolumns and minicolumns in each.
    loads
        Numbers of patterns after which recall is tried.
    missing
        Share of hypercolumns without a cue.
    wrong
        Share of hypercolumns with a wrong cue, in cues of their own.
    probes
        Stored patterns to recall, at most, at each load.
    epochs
        How often a pattern is shown before the next.
    device
        Brian2 device: cpp_standalone or runtime.
    """

    rules: Texts = field(default_factory=lambda: list(RULES))
    size: Hidden = (10, 10)
    loads: Wholes = field(default_factory=lambda: list(LOADS))
    missing: Difficulty = 0.3
    wrong: Difficulty = 0.2
    probes: Whole = 50
    epochs: Whole = 1
    device: str = "cpp_standalone"

    def memories(self) -> Memories:
        """The same, checked, with rules in place of their names and numbers in place of shares."""
        hypercolumns, minicolumns = self.size
        if hypercolumns < 3 or minicolumns < 3:
            raise ValueError(f"--size is {hypercolumns}x{minicolumns}: give 3x3 or more.")
        number = {}
        for name in ("missing", "wrong"):
            number[name] = round(getattr(self, name) * hypercolumns)
            if not 1 <= number[name] < hypercolumns:
                raise ValueError(
                    f"--{name} is {getattr(self, name)}, {number[name]} of {hypercolumns} hypercolumns: "
                    "give a share of one or more, and not of all."
                )
        rules = {name: rule_named(name) for name in self.rules}
        return Memories(self.size, rules, sorted(self.loads), **number, probes=self.probes,
                        epochs=self.epochs, device=check_device(self.device))  # fmt: skip


def build(memories: Memories, kind: str) -> None:
    """Compile all programs, so that processes side by side find them."""
    nothing = np.zeros((1, memories.size[0]), int)
    with memories.store(kind, 0) as store:
        store.store(nothing)
        for rule in memories.rules:
            store.recall(rule, nothing, 1.0)


def tuned_gains(memories: Memories, kind: str, seed: int) -> tuple[list[dict]]:
    """Gain of each rule that recalls most, over loads and cues, in a network that is not reported.

    The lower one where two are as good. Every second load is tried.
    """
    memories = memories._replace(loads=memories.loads[::2])
    every = dict.fromkeys(memories.rules, GAINS)
    (rows,) = stored_and_recalled(memories, every, kind, "random", _TUNING_SEED + seed)
    rows = [row for row in rows if row["cue"] in memories.cues]
    score = pd.DataFrame(rows).groupby(["rule", "gain"], sort=False)["recalled"].mean()
    best = {rule: score[rule].idxmax() for rule in memories.rules}
    return ([{"kind": kind, "rule": r, "gain": g, "recalled": score[r, g]} for r, g in best.items()],)


def stored_and_recalled(
    memories: Memories, gains: Gains, kind: str, patterns: str, seed: int
) -> tuple[list[dict]]:
    """Recall against the number of patterns stored, of all rules, with all their gains, and cues.

    Where theory holds, Willshaw's rule is asked for a single step as well.
    """
    hypercolumns, minicolumns = memories.size
    rng, cue_rng, probe_rng = memories.rngs(seed)
    learned = draw_patterns(patterns, max(memories.loads), *memories.size, rng)
    rows, before = [], 0
    with memories.store(kind, seed) as store:
        for load in memories.loads:
            store.store(learned[before:load])
            before = load
            of = {"kind": kind, "patterns": patterns, "seed": seed, "stored": load}
            probed = learned[probe_rng.permutation(load)[: memories.probes]]
            for cue, (missing, wrong) in memories.cues.items():
                cues = draw_cues(probed, minicolumns, missing, wrong, cue_rng)
                for rule, gain in [(rule, gain) for rule, tried in gains.items() for gain in tried]:
                    found = store.recall(rule, cues, gain)
                    rows.append({**of, "rule": rule, "cue": cue, "gain": gain,
                                 **recall_measures(found, probed)})  # fmt: skip
            if (kind, patterns) == ("rate", "random") and WILLSHAW in memories.rules.values():
                cues = draw_cues(probed, minicolumns, memories.missing, 0, cue_rng)
                found = store.recall(WILLSHAW.name, cues, None, one_step=True)
                cued = hypercolumns - memories.missing
                rows.append({
                    **of, "rule": WILLSHAW.name, "cue": ONE_STEP,
                    **recall_measures(found, probed),
                    "recalled_theory": willshaw_recalled(load, *memories.size, cued),
                    "missing_right": float((found == probed)[cues < 0].mean()),
                    "missing_theory": willshaw_right(load, minicolumns, cued),
                })  # fmt: skip
    return (rows,)


def forgotten(
    memories: Memories, gains: Gains, kind: str, length: int, tau_p: int, seed: int
) -> tuple[list[dict]]:
    """Recall of a sequence of random patterns from cues with missing hypercolumns, by their age.

    τ_p is in patterns.
    """
    rng, cue_rng, _ = memories.rngs(seed)
    learned = draw_patterns("random", length, *memories.size, rng)
    cues = draw_cues(learned, memories.size[1], memories.missing, 0, cue_rng)
    rows = []
    with memories.store(kind, seed, tau_p) as store:
        store.store(learned)
        for rule in memories.rules:
            found = store.recall(rule, cues, gains[rule][0])
            right = (found == learned).mean(axis=1)
            rows += [{"kind": kind, "tau_p": tau_p, "seed": seed, "rule": rule,
                      "age": len(learned) - 1 - n, "right": r,
                      "recalled": recall_measures(found[n : n + 1], learned[n : n + 1])["recalled"]}
                     for n, r in enumerate(right.tolist())]  # fmt: skip
    return (rows,)


def prototypes_extracted(
    memories: Memories, gains: Gains, kind: str, prototypes: int,
    examples: Sequence[int], distortion: float, seed: int,
) -> tuple[list[dict]]:  # fmt: skip
    """Prototypes recalled from new examples, against the number of examples of each that were stored.

    Prototypes are random and never shown; in an example another minicolumn is active in a share of
    hypercolumns, the distortion. Examples of all prototypes are shown in turn.
    """
    distorted = round(distortion * memories.size[0])
    rng, cue_rng, _ = memories.rngs(seed)
    wanted = draw_patterns("random", prototypes, *memories.size, rng)
    rows, before = [], 0
    with memories.store(kind, seed) as store:
        for number in sorted(examples):
            shown = np.tile(wanted, (number - before, 1))
            store.store(draw_cues(shown, memories.size[1], 0, distorted, rng))
            before = number
            asked = np.tile(wanted, (max(memories.probes // prototypes, 1), 1))
            cues = draw_cues(asked, memories.size[1], 0, distorted, cue_rng)
            for rule in memories.rules:
                found = store.recall(rule, cues, gains[rule][0])
                rows.append({"kind": kind, "distortion": distortion, "seed": seed, "rule": rule,
                             "examples": number} | recall_measures(found, asked))  # fmt: skip
    return (rows,)


def in_the_twin(memories: Memories, load: int, seed: int) -> tuple[list[dict]]:
    """Recall of ten random patterns of so many that the biophysical twin has learned, each once."""
    memories = memories._replace(probes=10)
    rng, cue_rng, probe_rng = memories.rngs(seed)
    learned = draw_patterns("random", load, *memories.size, rng)
    probed = learned[probe_rng.permutation(load)[: memories.probes]]
    rows = []
    with BiophysicalMemory(*memories.size, seed=seed) as twin:
        twin.learn(learned)
        for cue, (missing, wrong) in memories.cues.items():
            found = twin.recall(draw_cues(probed, memories.size[1], missing, wrong, cue_rng)).winners
            rows.append({"kind": "twin", "patterns": "random", "seed": seed, "stored": load,
                         "rule": BCPNN.name, "cue": cue} | recall_measures(found, probed))  # fmt: skip
    return (rows,)
