"""Plasticity rules on single synapses under given spike trains.

The biophysical rule runs through the strings of `biophysical.equations`, the abstract rule through
those of `cortical_bcpnn.model.equations`: the same as in the networks. Only the spikes are given.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Protocol

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    Quantity,
    Synapses,
    TimedArray,
    get_device,
    ms,
    second,
)

from ..engine.garbage import only_new_garbage
from ..model import equations as abstract
from ..values.numbers import is_number
from ..values.quantities import check_quantity
from . import equations

_TRACE = "fast"  # the name under which the one trace of a single synapse runs


@dataclass(frozen=True)
class Outcome:
    """Traces and weights of synapses after their spike trains, one array element a synapse.

    Attributes
    ----------
    p_i, p_j, p_ij : ndarray of float, shape (synapses,)
    """

    p_i: np.ndarray
    p_j: np.ndarray
    p_ij: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """w_ij = log(p_ij/(p_i p_j)), shape (synapses,)."""
        return np.log(self.p_ij / (self.p_i * self.p_j))

    @property
    def biases(self) -> np.ndarray:
        """log p_j, shape (synapses,)."""
        return np.log(self.p_j)


class Rule(Protocol):
    """A plasticity rule for single synapses."""

    @property
    def dt(self) -> Quantity:
        """Grid of the spikes."""

    @property
    def f_max(self) -> Quantity:
        """Rate at which z averages 1."""

    def run(self, pre: np.ndarray, post: np.ndarray) -> Outcome:
        """Run synapses under spike trains.

        Parameters
        ----------
        pre, post : ndarray of bool, shape (time steps, synapses)
            Spikes of the two cells of every synapse.
        """


@dataclass(frozen=True, kw_only=True)
class BiophysicalRule:
    """The event-driven rule z → (e →) p.

    Attributes
    ----------
    tau_zi, tau_zj : Quantity
        Time constants of the z traces before and after the synapse.
    tau_e : Quantity or None
        Time constant of the eligibility traces; None leaves them out, as in the network.
    tau_p : Quantity
    f_max : Quantity
        Rate at which z averages 1.
    epsilon : float
        Floor of z.
    kappa : float
        Print-now signal.
    p_start : float
        p_i and p_j at the start; p_ij starts at p_start².
    dt : Quantity
        Grid of the spikes. Between them the traces are exact.
    """

    tau_zi: Quantity = field(default_factory=lambda: 5 * ms)
    tau_zj: Quantity = field(default_factory=lambda: 5 * ms)
    tau_e: Quantity | None = None
    tau_p: Quantity = field(default_factory=lambda: 5 * second)
    f_max: Quantity = field(default_factory=lambda: 20 * Hz)
    epsilon: float = 0.01
    kappa: float = 1.0
    p_start: float = 0.05
    dt: Quantity = field(default_factory=lambda: 1 * ms)

    def __post_init__(self) -> None:
        _check(self)
        if not (is_number(self.kappa) and self.kappa >= 0):
            raise ValueError(f"kappa is {self.kappa!r}: give 0 or more.")
        own = [self.tau_zi, self.tau_zj, self.tau_zi * self.tau_zj / (self.tau_zi + self.tau_zj)]
        if self.tau_e is not None:
            for tau in own:
                self._keep_apart("tau_e", self.tau_e, tau)
            own.append(self.tau_e)
        if self.kappa:
            for tau in own:
                self._keep_apart("tau_p", self.tau_p / self.kappa, tau)

    def _keep_apart(self, name: str, first: Quantity, second: Quantity) -> None:
        """The closed form divides by differences of time constants."""
        if abs(float(first / second) - 1) < 1e-3:
            raise ValueError(
                f"{name} is {getattr(self, name)}, which coincides with another time constant of "
                f"the rule, {second}: give one that differs by a thousandth or more."
            )

    def run(self, pre: np.ndarray, post: np.ndarray) -> Outcome:
        """Run synapses under spike trains, see `Rule`."""
        pre, post, namespaces = _given(self, pre, post)
        eligible = self.tau_e is not None
        model = equations.TRACE_PARAMETERS + equations.TRACE.format(trace=_TRACE)
        advance, learn = equations.ADVANCE_TRACE, equations.LEARN
        synapse = equations.PLASTIC_SYNAPSE + equations.SYNAPSE_TRACE
        if eligible:
            model += equations.ELIGIBILITY.format(trace=_TRACE)
            advance, learn = equations.ADVANCE_TRACE_E, equations.LEARN_E
            synapse += equations.SYNAPSE_ELIGIBILITY
        learn = (equations.ELAPSED + (equations.DECAYED + learn).format(trace=_TRACE)
                 + equations.UPDATED)  # fmt: skip
        clock, cells = Clock(dt=self.dt), []
        for name, tau_z in (("pre", self.tau_zi), ("post", self.tau_zj)):
            group = NeuronGroup(
                pre.shape[1], model, threshold=equations.GIVEN_SPIKE,
                reset=equations.TRACE_RESET.format(trace=_TRACE) + "last_spike = t",
                events={"catch_up": equations.CATCH_UP_EVENT}, namespace=namespaces[name],
                dtype=np.float64, clock=clock, name=f"single_{name}*",
            )  # fmt: skip
            group.run_regularly(advance.format(trace=_TRACE), when="groups", order=1)
            group.set_event_schedule("catch_up", when="end")
            start = {
                "kappa": self.kappa, "tau_p": self.tau_p, "f_max": self.f_max,
                "epsilon": self.epsilon, f"tau_z_{_TRACE}": tau_z, f"z_{_TRACE}": self.epsilon,
                f"z_spike_{_TRACE}": self.epsilon, f"p_{_TRACE}": self.p_start,
            }  # fmt: skip
            if eligible:
                start |= {"tau_e": self.tau_e, f"e_{_TRACE}": self.epsilon}
            group.set_states(start)
            cells.append(group)
        synapses = Synapses(
            *cells, synapse.format(trace=_TRACE),
            on_pre={"learn_pre": learn, "catch_up": learn}, on_post={"learn_post": learn},
            on_event={"learn_pre": "spike", "catch_up": "catch_up", "learn_post": "spike"},
            namespace={}, dtype=np.float64,
            clock=clock, name="single_synapses*",
        )  # fmt: skip
        synapses.catch_up.when, synapses.catch_up.order = "end", 1
        synapses.connect(j="i")
        start = {f"p_ij_{_TRACE}": self.p_start**2}
        if eligible:
            start[f"e_ij_{_TRACE}"] = self.epsilon**2
        # The first traces advance one time step before the first spike can come.
        synapses.set_states(start | {"last_update": -self.dt})
        for group in cells:
            group.last_spike = -self.dt
        network = Network(*cells, synapses)
        with only_new_garbage():
            network.run((len(pre) - 1) * self.dt, namespace={})
            cells[0].settling = True
            network.run(self.dt, namespace={})
        p_i, p_j = (np.array(group.get_states([f"p_{_TRACE}"])[f"p_{_TRACE}"]) for group in cells)
        return Outcome(p_i, p_j, np.array(synapses.get_states([f"p_ij_{_TRACE}"])[f"p_ij_{_TRACE}"]))


@dataclass(frozen=True, kw_only=True)
class AbstractRule:
    """The rule of the abstract network: z by forward Euler, p in steps.

    Attributes
    ----------
    tau_z, tau_p, f_max, epsilon
        As in `cortical_bcpnn.Parameters`.
    step : Quantity
        Time between steps of the p traces, each of size step/tau_p.
    p_start : float
        p_i and p_j at the start; p_ij starts at p_start², and p at 1.
    dt : Quantity
        Time step of forward Euler.
    """

    tau_z: Quantity = field(default_factory=lambda: 20 * ms)
    tau_p: Quantity = field(default_factory=lambda: 5 * second)
    f_max: Quantity = field(default_factory=lambda: 100 * Hz)
    epsilon: float = 1e-7
    step: Quantity = field(default_factory=lambda: 1 * ms)
    p_start: float = 0.05
    dt: Quantity = field(default_factory=lambda: 1 * ms)

    def __post_init__(self) -> None:
        _check(self)
        if self.tau_z < self.dt:
            raise ValueError(f"tau_z is {self.tau_z}: give at least dt = {self.dt}.")
        steps = float(self.step / self.dt)
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 or self.step > self.tau_p:
            raise ValueError(f"step is {self.step}: give a multiple of dt = {self.dt}, at most tau_p.")

    def run(self, pre: np.ndarray, post: np.ndarray) -> Outcome:
        """Run synapses under spike trains, see `Rule`."""
        pre, post, namespaces = _given(self, pre, post)
        names = {"projection": "single", "conditioning": "post", "conditioned": "pre"}
        # A hypercolumn of its own for every cell, which nothing but given spikes makes fire.
        cell = abstract.PROVIDED + abstract.MINICOLUMN + abstract.HYPERCOLUMN
        cell += "evidence = 0 : 1\nspike_count : integer\n" + abstract.LEARNING + abstract.THRESHOLDS
        parts = {
            "pre": (
                [abstract.TRACE["pre"], abstract.CONDITIONED],
                [abstract.UPDATE_TRACE["pre"], abstract.UPDATE_CONDITIONED],
            ),
            "post": (
                [abstract.TRACE["post"], abstract.BIAS, abstract.CONDITIONING],
                [abstract.UPDATE_TRACE["post"], abstract.UPDATE_CONDITIONING],
            ),
        }
        clock, cells = Clock(dt=self.dt), []
        for side, (models, updates) in parts.items():
            model = cell + "\n".join(part.format(side=side, **names) for part in models)
            update = "\n".join(part.format(side=side, **names) for part in updates)
            group = NeuronGroup(
                pre.shape[1], model, threshold=equations.GIVEN_SPIKE, reset=abstract.RESET,
                events={"update": abstract.UPDATE_EVENT, "learn": "learning"}, method="euler",
                namespace=namespaces[side], dtype=np.float64, clock=clock, name=f"single_{side}*",
            )  # fmt: skip
            every = round(float(self.step / self.dt))
            group.run_regularly(f"learning = (t_in_timesteps + 1) % {every} == 0", when="start")
            group.run_regularly(abstract.LEARN_START, when="end", order=1)
            group.set_event_schedule("update", when="end", order=2)
            group.run_on_event("update", update, when="end", order=3)
            group.set_event_schedule("learn", when="end", order=4)
            group.set_states({
                "tau_m": self.dt, "tau_z": self.tau_z, "f_max": self.f_max,
                "epsilon": self.epsilon, "z": self.epsilon, "p": 1, "partition": 1, "z_min": -1,
                "kappa": float(self.step / self.tau_p), f"p_{side}_single": self.p_start,
            })  # fmt: skip
            cells.append(group)
        synapses = Synapses(
            *cells, abstract.SYNAPSE_TRACE, on_post={"learn": abstract.LEARN.format(**names)},
            on_event={"learn": "learn"}, namespace={}, dtype=np.float64,
            clock=clock, name="single_synapses*",
        )  # fmt: skip
        synapses.learn.when, synapses.learn.order = "end", 5
        synapses.connect(j="i")
        synapses.q = self.p_start
        with only_new_garbage():
            Network(*cells, synapses).run(len(pre) * self.dt, namespace={})
        p_j = np.array(cells[1].p_post_single)
        return Outcome(np.array(cells[0].p_pre_single), p_j, np.array(synapses.q) * p_j)


def _given(rule: Rule, pre: np.ndarray, post: np.ndarray) -> tuple:
    """Checked spike trains, and the namespaces in which the two groups find them."""
    if type(get_device()).__name__ != "RuntimeDevice":
        raise RuntimeError("single synapses run in runtime mode: call set_device('runtime') first.")
    pre, post = np.asarray(pre, bool), np.asarray(post, bool)
    if pre.shape != post.shape or pre.ndim != 2 or len(pre) < 2 or not pre.shape[1]:
        raise ValueError(
            f"spike trains have shapes {pre.shape} and {post.shape}: give two of the same shape "
            "(time steps, synapses)."
        )
    trains = (TimedArray(train.astype(float), dt=rule.dt) for train in (pre, post))
    return pre, post, {s: {"given_spikes": t} for s, t in zip(("pre", "post"), trains)}


def _check(rule: BiophysicalRule | AbstractRule) -> None:
    for item in fields(rule):
        value = getattr(rule, item.name)
        if item.name in ("epsilon", "p_start"):
            if not (is_number(value) and 0 < value < 1):
                raise ValueError(f"{item.name} is {value!r}: give a number between 0 and 1.")
        elif item.name == "f_max":
            check_quantity(item.name, value, Hz)
        elif item.name != "kappa" and value is not None:
            check_quantity(item.name, value, second)
