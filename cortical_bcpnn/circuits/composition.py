"""Equations of minicolumns and hypercolumns, put together from a model and a rule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from brian2 import Equations
from brian2.equations.equations import DIFFERENTIAL_EQUATION, PARAMETER

from ..model import equations
from ..model.architecture import Architecture, Projection
from ..model.expressions import assigned, declared, names_in, names_time, shared, with_names
from ..model.minicolumns import MinicolumnModel
from ..model.parameters import Parameters
from ..model.plasticity import PlasticityRule

#: Constants that the network provides to every model, and to those that name them.
CONSTANTS = {"tau_m": "second", "tau_z": "second", "f_max": "Hz", "epsilon": "1"}
OPTIONAL = {"emission_min": "1"}


@dataclass(frozen=True)
class Composition:
    """A minicolumn model, and a plasticity rule where there is learning.

    Attributes
    ----------
    model : MinicolumnModel
    rule : PlasticityRule or None
        None in circuits that do not learn.
    support_noise : bool
    """

    model: MinicolumnModel
    rule: PlasticityRule | None
    support_noise: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """All that model and rule run in minicolumns."""
        noise = (self.model.noise,) if self.support_noise else ()
        rule = (self.rule.equations, self.rule.reset) if self.rule else ()
        return (*self.model.texts, *noise, *rule)

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
            Those that learn, where there is a rule.
        """
        model = self.model
        text = equations.PROVIDED + model.equations + "\n"
        text += f"spike_count : {'integer' if model.spiking else '1'}\n"
        biased = [*inputs, *(p for p in incoming if self.rule and p not in inputs)]
        lines = [model.input.format(projection=p.name) for p in inputs]
        lines += [equations.GAIN.format(projection=p.name) for p in inputs]
        lines += [equations.BIAS.format(projection=p.name) for p in biased]
        evidence = " + ".join(equations.EVIDENCE.format(projection=p.name) for p in inputs)
        lines.append(f"evidence = {evidence or '0'} : 1")
        lines += [f"{name} : 1 (shared)" for name in OPTIONAL if name in names_in(*self.texts)]
        if self.support_noise:
            lines.append("support_noise : 1 (shared)")
        text += "\n".join(lines) + "\n"
        if self.rule:
            text += self.rule.equations + "\n" + trace_equations(incoming, outgoing)
        composed = Equations(text) + shared(model.parameters)
        if self.rule:
            composed += shared(self.rule.parameters)
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
        if not (self.rule and self.rule.reset):
            return self.model.reset
        return f"{self.model.reset}; " + with_names(
            self.rule.reset, {"emitted": f"({self.model.emitted})"}
        )

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
        of_rule = {name: float(v) for name, v in self.rule.parameters.items()} if self.rule else {}
        minicolumn = {**values, **own, **of_rule}
        if self.support_noise:
            minicolumn["support_noise"] = parameters.support_noise
        known = {**values, **own}
        hypercolumn = self.hypercolumn()
        return {
            "minicolumn": minicolumn,
            "hypercolumn": {name: known[name] for name in known if name in hypercolumn},
        }

    def at_rest(self, architecture: Architecture, parameters: Parameters) -> dict[str, float]:
        """State variables of all populations, named 'object.variable', as they are at rest."""
        constants = self.constants(parameters)["minicolumn"]
        rest = {"z": "epsilon", **self.model.rest, **(self.rule.rest if self.rule else {})}
        given = {n: float(constants[v] if isinstance(v, str) else v) for n, v in rest.items()}
        of_rule = self.rule.equations if self.rule else ""
        changing = self._assigned() | given.keys()
        names = {
            "": [
                "spike_count", "log_stimulus", *_state(self.model.equations, changing),
                *_state(of_rule, changing),
            ],
            "_hypercolumns": _state(self.model.hypercolumn, changing),
        }  # fmt: skip
        return {
            f"{population.name}{group}.{name}": given.get(name, 0.0)
            for population in architecture.populations
            for group, variables in names.items()
            for name in variables
        }

    @property
    def names_time(self) -> bool:
        """Whether what happens depends on when it does."""
        return names_time(*self.texts, *self.model.hypercolumn_texts, self.model.on_spike)

    def _assigned(self) -> set[str]:
        """Variables that statements of model and rule set."""
        model = self.model
        texts = [model.reset, model.noise, model.on_spike, *(step.statements for step in model.steps)]
        texts += [self.rule.reset] if self.rule else []
        return assigned(*texts)


def composition(parameters: Parameters, plastic: bool) -> Composition:
    """Model and rule of these parameters, in circuits that learn or that recall."""
    rule = parameters.plasticity if plastic else None
    return Composition(parameters.minicolumn, rule, parameters.support_noise > 0)


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
    rule: PlasticityRule, incoming: Sequence[Projection], outgoing: Sequence[Projection]
) -> str:
    """Statements by which these traces learn."""
    lines = []
    for side, projections in (("post", incoming), ("pre", outgoing)):
        own = {"z": rule.trace(side)}
        for projection in projections:
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
    rule: PlasticityRule, incoming: Sequence[Projection], outgoing: Sequence[Projection]
) -> str:
    """When minicolumns teach their pairs."""
    sides = conditioning(incoming, outgoing)
    deferred = " or ".join(equations.DEFERRED.format(projection=name) for name, _ in sides)
    traces = dict.fromkeys(rule.trace(side) for _, side in sides)
    active = " or ".join(f"{name} > z_min" for name in traces)
    return equations.LEARN_EVENT.format(active=active, deferred=deferred)


def _state(text: str, changing: Collection[str]) -> list[str]:
    """Variables that can change; shared ones that nothing sets are the user's to set."""
    kinds = (DIFFERENTIAL_EQUATION, PARAMETER)
    found = declared(text, kinds)
    return [n for n, equation in found.items() if "shared" not in equation.flags or n in changing]
