"""Equations of minicolumns and hypercolumns, put together from a model and rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from brian2 import Equations
from brian2.equations.equations import DIFFERENTIAL_EQUATION, PARAMETER

from ..model import equations
from ..model.architecture import Architecture, Projection
from ..model.dynamics import Dynamics
from ..model.expressions import assigned, declared, names_in, names_time, shared, with_names
from ..model.minicolumns import MinicolumnModel
from ..model.parameters import Parameters
from ..model.plasticity import PlasticityRule
from .own_names import rules_of

#: Constants that the network provides to every model, and to those that name them.
CONSTANTS = {"tau_m": "second", "tau_z": "second", "f_max": "Hz", "epsilon": "1"}
OPTIONAL = {"emission_min": "1"}
#: What is behind the name of a population in those of its objects.
SUFFIXES = {"minicolumn": "", "hypercolumn": "_hypercolumns"}


@dataclass(frozen=True)
class Composition:
    """What the minicolumns of a population are put together from.

    Attributes
    ----------
    model : MinicolumnModel
    rules : tuple of PlasticityRule
        Those of the projections that start or end there, each once; none in circuits that do not
        learn.
    support_noise : bool
    """

    model: MinicolumnModel
    rules: tuple[PlasticityRule, ...] = ()
    support_noise: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """All that model and rules run in minicolumns."""
        noise = (self.model.noise,) if self.support_noise else ()
        return (*self.model.texts, *noise, *(text for added in self._added for text in added))

    @property
    def _added(self) -> list[tuple[str, str]]:
        """Equations and resets of the rules, once where several have the same."""
        return list(dict.fromkeys((rule.equations, rule.reset) for rule in self.rules))

    @property
    def linked(self) -> list[str]:
        """Variables of the hypercolumn that minicolumns read."""
        named = names_in(*self.texts)
        return [name for name in Equations(self.model.hypercolumn) if name in named]

    def minicolumn(
        self, inputs: Sequence[Projection], incoming: Sequence[Projection],
        outgoing: Sequence[Projection],
    ) -> Equations:  # fmt: skip
        """Equations of the minicolumns of a population with these projections.

        Parameters
        ----------
        inputs : sequence of Projection
            Those that transmit to it.
        incoming, outgoing : sequence of Projection
            Those that learn, where there are rules.
        """
        model = self.model
        text = equations.PROVIDED + model.equations + "\n"
        text += f"spike_count : {'integer' if model.spiking else '1'}\n"
        biased = [*inputs, *(p for p in incoming if self.rules and p not in inputs)]
        lines = [model.input.format(projection=p.name) for p in inputs]
        lines += [equations.GAIN.format(projection=p.name) for p in inputs]
        lines += [equations.BIAS.format(projection=p.name) for p in biased]
        evidence = " + ".join(equations.EVIDENCE.format(projection=p.name) for p in inputs)
        lines.append(f"evidence = {evidence or '0'} : 1")
        lines += [f"{name} : 1 (shared)" for name in OPTIONAL if name in names_in(*self.texts)]
        if self.support_noise:
            lines.append("support_noise : 1 (shared)")
        text += "\n".join(lines) + "\n"
        if self.rules:
            own = "\n".join(equations for equations, _ in self._added)
            text += own + "\n" + trace_equations(incoming, outgoing)
        composed = Equations(text) + shared(model.parameters)
        composed += shared({n: value for rule in self.rules for n, value in rule.parameters.items()})
        hypercolumn = Equations(model.hypercolumn)
        links = Equations([
            type(equation)(PARAMETER, name, equation.dim, flags=["linked"])
            for name, equation in hypercolumn.items() if name in self.linked
        ])  # fmt: skip
        return composed + links

    def hypercolumn(self) -> Equations:
        """Equations of the hypercolumns; they share the constants that they name."""
        named = names_in(*self.model.hypercolumn_texts, self.model.on_spike)
        provided = {n: d for n, d in {**CONSTANTS, **OPTIONAL}.items() if n in named}
        own = {n: v for n, v in self.model.parameters.items() if n in named}
        text = self.model.hypercolumn + "\n"
        text += "".join(f"{name} : {unit} (shared)\n" for name, unit in provided.items())
        return Equations(text) + shared(own)

    def reset(self) -> str:
        """What an emission changes in its minicolumn."""
        emitted = {"emitted": f"({self.model.emitted})"}
        of_rules = [with_names(reset, emitted) for _, reset in self._added if reset]
        return "; ".join((self.model.reset, *of_rules))

    def constants(self, parameters: Parameters) -> dict[str, dict[str, float]]:
        """Values of shared variables of 'minicolumn' and 'hypercolumn', in base units."""
        variant = parameters.variant
        values = {
            **{name: float(getattr(variant, name)) for name in ("tau_m", "tau_z", "f_max")},
            "epsilon": parameters.epsilon,
        }
        if "emission_min" in names_in(*self.texts, *self.model.hypercolumn_texts):
            values["emission_min"] = parameters.emission_min
        own = {name: float(value) for name, value in self.model.parameters.items()}
        of_rules = {n: float(value) for rule in self.rules for n, value in rule.parameters.items()}
        minicolumn = {**values, **own, **of_rules}
        if self.support_noise:
            minicolumn["support_noise"] = parameters.support_noise
        known = {**values, **own}
        hypercolumn = self.hypercolumn()
        return {
            "minicolumn": minicolumn,
            "hypercolumn": {name: known[name] for name in known if name in hypercolumn},
        }

    def at_rest(self, parameters: Parameters) -> dict[str, dict[str, float]]:
        """State variables of 'minicolumn' and 'hypercolumn' as they are at rest."""
        constants = self.constants(parameters)["minicolumn"]
        rest = {"z": "epsilon", **self.model.rest}
        rest |= {name: value for rule in self.rules for name, value in rule.rest.items()}
        given = {n: float(constants[v] if isinstance(v, str) else v) for n, v in rest.items()}
        changing = self._assigned() | given.keys()
        of_rules = "\n".join(equations for equations, _ in self._added)
        names = {
            "minicolumn": [
                "spike_count", "log_stimulus", *_state(self.model.equations, changing),
                *_state(of_rules, changing),
            ],
            "hypercolumn": _state(self.model.hypercolumn, changing),
        }  # fmt: skip
        return {group: {name: given.get(name, 0.0) for name in of} for group, of in names.items()}

    @property
    def names_time(self) -> bool:
        """Whether what happens depends on when it does."""
        return names_time(*self.texts, *self.model.hypercolumn_texts, self.model.on_spike)

    def _assigned(self) -> set[str]:
        """Variables that statements of model and rules set."""
        model = self.model
        texts = [model.reset, model.noise, model.on_spike, *(step.statements for step in model.steps)]
        return assigned(*texts, *(reset for _, reset in self._added))


def compositions(
    architecture: Architecture, dynamics: Dynamics, plastic: bool, support_noise: bool = False
) -> dict[str, Composition]:
    """What the populations are put together from, in circuits that learn or that recall."""
    rules = rules_of(architecture, dynamics)
    found: dict[str, Composition] = {}
    for population in architecture.populations:
        here = [p.name for p in architecture.projections if population.name in (p.pre, p.post)]
        learned: list[PlasticityRule] = []
        for rule in (rules[name] for name in here):
            if rule not in learned:
                learned.append(rule)
        own = tuple(learned or [dynamics.plasticity]) if plastic else ()
        composed = Composition(dynamics.minicolumn_of(population.name), own, support_noise)
        same = (other for other in found.values() if other == composed)
        found[population.name] = next(same, composed)
    return found


def composition_of(
    architecture: Architecture, parameters: Parameters, plastic: bool
) -> dict[str, Composition]:
    """`compositions` with these parameters."""
    return compositions(architecture, parameters, plastic, parameters.support_noise > 0)


def at_rest(
    architecture: Architecture, parameters: Parameters, plastic: bool
) -> dict[str, float]:
    """State variables of all populations, named 'object.variable', as they are at rest."""
    composed = composition_of(architecture, parameters, plastic)
    resting = {id(of): of.at_rest(parameters) for of in composed.values()}  # most are of one kind
    return {
        f"{name}{SUFFIXES[group]}.{variable}": value
        for name, of in composed.items()
        for group, values in resting[id(of)].items()
        for variable, value in values.items()
    }


def trace_equations(incoming: Sequence[Projection], outgoing: Sequence[Projection]) -> str:
    """Equations of the traces that minicolumns hold."""
    lines = [equations.LEARNING]
    for side, projections in (("post", incoming), ("pre", outgoing)):
        for projection in projections:
            texts = [equations.TRACE[side]]
            if side == projection.conditioning:
                texts.append(equations.CONDITIONING)
            else:
                texts.append(equations.CONDITIONED)
            lines += [text.format(projection=projection.name, side=side) for text in texts]
    if conditioning(incoming, outgoing):
        lines.append(equations.THRESHOLDS)
    return "\n".join(lines) + "\n"


def trace_updates(
    rules: Mapping[str, PlasticityRule], incoming: Sequence[Projection], outgoing: Sequence[Projection]
) -> str:
    """Statements by which these traces learn, each by the rule of its projection."""
    lines = []
    for side, projections in (("post", incoming), ("pre", outgoing)):
        for projection in projections:
            rule = rules[projection.name]
            own = {"z": rule.trace(side)}
            names = {"projection": projection.name, "side": side}
            lines.append(with_names(equations.UPDATE_TRACE[side].format(**names), own))
            if side == "post":
                lines.append(rule.bias_statement(projection.name))
            if side == projection.conditioning:
                lines.append(with_names(equations.UPDATE_CONDITIONING.format(**names), own))
            else:
                lines.append(equations.UPDATE_CONDITIONED.format(**names))
    return "\n".join(lines)


def conditioning(
    incoming: Sequence[Projection], outgoing: Sequence[Projection]
) -> list[tuple[str, str]]:
    """Name of each projection whose pairs a population's minicolumns teach, and its side."""
    found = [(p.name, "post") for p in incoming if p.conditioning == "post"]
    return found + [(p.name, "pre") for p in outgoing if p.conditioning == "pre"]


def learn_event(
    rules: Mapping[str, PlasticityRule], incoming: Sequence[Projection], outgoing: Sequence[Projection]
) -> str:
    """When minicolumns teach their pairs."""
    sides = conditioning(incoming, outgoing)
    deferred = " or ".join(equations.DEFERRED.format(projection=name) for name, _ in sides)
    traces = dict.fromkeys(rules[name].trace(side) for name, side in sides)
    active = " or ".join(f"{name} > z_min" for name in traces)
    return equations.LEARN_EVENT.format(active=active, deferred=deferred)


def _state(text: str, changing: Collection[str]) -> list[str]:
    """Variables that can change; shared ones that nothing sets are the user's to set."""
    kinds = (DIFFERENTIAL_EQUATION, PARAMETER)
    found = declared(text, kinds)
    return [n for n, equation in found.items() if "shared" not in equation.flags or n in changing]
