"""What is missing in a model's equations, or has wrong dimensions, said before anything starts."""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Mapping

import numpy as np
from brian2 import Equations, prefs
from brian2.devices.device import reset_device, set_device
from brian2.equations.equations import SUBEXPRESSION
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension
from brian2.utils.logger import catch_logs

from . import equations
from .architecture import Architecture, Population, Projection
from .circuit import build_circuit
from .composition import CONSTANTS, OPTIONAL, composition
from .expressions import BUILT_IN, dimensions, evaluate
from .minicolumns import MinicolumnModel
from .parameters import Parameters
from .plain import model_to_plain
from .plasticity import PlasticityRule, is_shipped
from .structure_checks import (
    check_all_are_set,
    check_flags,
    check_gathering,
    check_input,
    check_steps,
    check_time_constants,
    fixed_names,
    white_noise,
)
from .unit_checks import check_code, check_condition, check_equation, check_expression, reason, unit

_PER_PROJECTION = ("I", "g", "b", "p_pre", "p_post", "eta", "deferred", "average", "log_prior")
_TRACES = ("p_ij", "p_i", "p_j", "p")
_PROVIDED = frozenset({
    *Equations(equations.PROVIDED), *Equations(equations.LEARNING), *CONSTANTS, *OPTIONAL,
    *Equations(equations.THRESHOLDS), "evidence", "spike_count", "support_noise", "q", "log_q", "w",
    "emitted",
})  # fmt: skip
_FIXED = frozenset({*Equations(equations.PROVIDED), *CONSTANTS, *OPTIONAL, "evidence", "support_noise"})
_CHECKED: set[str] = set()


def check_models(architecture: Architecture, parameters: Parameters) -> None:
    """Raise unless a minicolumn model and a plasticity rule can be simulated.

    Shipped ones are taken as they are. Others are read, their names and dimensions are
    checked, and a miniature of the network is built and run for two time steps with them.

    Raises
    ------
    ValueError, TypeError
        With the equation and the variable in one sentence.
    """
    model, rule = parameters.minicolumn, parameters.plasticity
    of_model, of_rule = f"minicolumn model {model.name!r}", f"plasticity rule {rule.name!r}"
    texts = (*model.texts, *model.hypercolumn_texts, model.noise)
    check_time_constants(of_model, model.parameters, texts, parameters.dt)
    check_time_constants(of_rule, rule.parameters, (rule.equations, rule.reset), parameters.dt)
    if is_shipped(model) and is_shipped(rule):
        return
    projections = [(p.name, p.pre, p.post) for p in architecture.projections]
    plain = [model_to_plain(model), model_to_plain(rule), projections, parameters.support_noise > 0]
    key = json.dumps(plain, sort_keys=True)
    if key in _CHECKED:
        return
    _Checker(model, rule, architecture).check()
    _run_miniature(architecture, parameters)
    _CHECKED.add(key)


class _Checker:
    """Checks of the strings of one model and one rule."""

    def __init__(
        self, model: MinicolumnModel, rule: PlasticityRule, architecture: Architecture
    ) -> None:
        self.model, self.rule = model, rule
        self.projections = [p.name for p in architecture.projections]
        self.of_model = f"minicolumn model {model.name!r}"
        self.of_rule = f"plasticity rule {rule.name!r}"

    def check(self) -> None:
        model, rule = self.model, self.rule
        own = self._read("equations", self.of_model, model.equations)
        above = self._read("hypercolumn", self.of_model, model.hypercolumn)
        added = self._read("equations", self.of_rule, rule.equations)
        self._check_collisions(own, above, added)
        provided = self._provided()
        minicolumn = {
            **provided, **_dims(own), **_dims(above), **_dims(added),
            **{n: dimensions(v) for item in (model, rule) for n, v in item.parameters.items()},
            **white_noise(model.equations, rule.equations),
        }  # fmt: skip
        hypercolumn = {
            **{name: provided[name] for name in (*CONSTANTS, *OPTIONAL)}, **_dims(above),
            **{name: dimensions(value) for name, value in model.parameters.items()},
            **white_noise(model.hypercolumn),
        }  # fmt: skip
        self._check_trace(self.of_model, "z", own)
        for name in (rule.presynaptic, rule.postsynaptic):
            self._check_trace(self.of_rule, name, {**own, **added})
        for owner, found, names in (
            (self.of_model, own, minicolumn), (self.of_model, above, hypercolumn),
            (self.of_rule, added, minicolumn),
        ):  # fmt: skip
            check_flags(owner, found)
            for equation in found.values():
                check_equation(owner, equation, names)
        check_condition(f"threshold of {self.of_model}", model.threshold, minicolumn)
        check_expression(f"emitted of {self.of_model}", model.emitted, minicolumn, DIMENSIONLESS)
        check_steps(self.of_model, model)
        check_gathering(self.of_model, model.gathering, _dims(own), _dims(above))
        check_input(self.of_model, model.input, minicolumn)
        fixed = {*_FIXED, *fixed_names(model, rule, own, above, added)}
        self._check_statements(minicolumn, hypercolumn, fixed)
        names = (self.of_model, f"the hypercolumn of {self.of_model}", self.of_rule)
        check_all_are_set(model, rule, dict(zip(names, (own, above, added))))
        self._check_rest(minicolumn, hypercolumn)
        self._check_weights()

    def _read(self, attribute: str, owner: str, text: str) -> Equations:
        """Equations of a text; the line that cannot be read is named."""
        try:
            return Equations(text)
        except Exception as error:
            fault, place = error, ""
            for line in filter(str.strip, text.splitlines()):
                try:
                    Equations(line)
                except Exception as of_line:
                    fault, place = of_line, f" at {line.partition('#')[0].strip()!r}"
                    break
            raise ValueError(
                f"{attribute} of {owner} cannot be read{place} ({reason(fault)}): write "
                "'dx/dt = EXPRESSION : UNIT', 'x = EXPRESSION : UNIT' or 'x : UNIT'."
            ) from None

    def _provided(self) -> dict[str, Dimension]:
        found = Equations(equations.PROVIDED + equations.LEARNING + equations.THRESHOLDS)
        names = ("evidence", "spike_count", "support_noise", *OPTIONAL)
        return {**_dims(found), **dict.fromkeys(names, DIMENSIONLESS)}

    def _check_collisions(self, own: Equations, above: Equations, added: Equations) -> None:
        reserved = _PROVIDED | {f"{n}_{p}" for n in _PER_PROJECTION for p in self.projections}
        seen: dict[str, str] = {}
        for owner, names in (
            (self.of_model, own), (f"the hypercolumn of {self.of_model}", above),
            (f"parameters of {self.of_model}", self.model.parameters),
            (self.of_rule, added), (f"parameters of {self.of_rule}", self.rule.parameters),
        ):  # fmt: skip
            for name in names:
                if name in reserved or name in BUILT_IN:
                    raise ValueError(
                        f"{name!r} in {owner} is a name that the network provides: choose another."
                    )
                if name in seen:
                    raise ValueError(
                        f"{name!r} is defined in {seen[name]} and in {owner}: choose another name."
                    )
                seen[name] = owner

    def _check_trace(self, owner: str, name: str, found: Mapping) -> None:
        if name not in found:
            example = "dz/dt = (epsilon - z)/tau_z : 1" if name == "z" else f"d{name}/dt = … : 1"
            raise ValueError(
                f"{owner} needs the variable {name!r} of the minicolumn, which nothing defines: add "
                f"an equation to it, for example '{example}'."
            )
        if found[name].dim is not DIMENSIONLESS:
            raise ValueError(
                f"equation of {name!r} of {owner} is in {unit(found[name].dim)}: {name} averages to "
                "a probability, so let it have no dimensions (': 1')."
            )
        if found[name].type == SUBEXPRESSION:
            raise ValueError(
                f"{name!r} of {owner} is an expression of other variables: write it as an equation "
                f"'d{name}/dt = … : 1'."
            )

    def _check_statements(
        self, minicolumn: Mapping, hypercolumn: Mapping, fixed: Collection[str]
    ) -> None:
        model, rule = self.model, self.rule
        if "spike_count" not in model.reset:
            raise ValueError(
                f"reset of {self.of_model} counts no spikes: add '; spike_count += 1', so that "
                "rates can be measured."
            )
        check_code(f"reset of {self.of_model}", model.reset, minicolumn, fixed)
        reset = {**minicolumn, "emitted": DIMENSIONLESS}
        check_code(f"reset of {self.of_rule}", rule.reset, reset, fixed)
        check_code(f"noise of {self.of_model}", model.noise, minicolumn, fixed)
        for step in model.steps:
            names = minicolumn if step.on == "minicolumn" else hypercolumn
            check_code(f"step {step.name!r} of {self.of_model}", step.statements, names, fixed)
        both = {
            **hypercolumn,
            **{f"{name}_pre": dim for name, dim in minicolumn.items()},
            **{f"{name}_post": dim for name, dim in hypercolumn.items()},
        }
        check_code(f"on_spike of {self.of_model}", model.on_spike, both)

    def _check_rest(self, minicolumn: Mapping, hypercolumn: Mapping) -> None:
        for owner, item in ((self.of_model, self.model), (self.of_rule, self.rule)):
            for name, value in item.rest.items():
                dim = minicolumn.get(name, hypercolumn.get(name))
                constants = {**CONSTANTS, **self.model.parameters, **self.rule.parameters}
                if dim is None or isinstance(value, str) and value not in constants:
                    unknown = name if dim is None else value
                    raise ValueError(
                        f"rest of {owner} names {unknown!r}, which nothing defines: give variables of "
                        "its equations, and values or names of constants."
                    )
                given = minicolumn[value] if isinstance(value, str) else dimensions(value)
                if given is not dim:
                    raise ValueError(
                        f"rest of {owner} gives {name!r} in {unit(given)}, and its equation has it "
                        f"in {unit(dim)}: give it in {unit(dim)}."
                    )

    def _check_weights(self) -> None:
        rule = self.rule
        parameters = {name: dimensions(value) for name, value in rule.parameters.items()}
        numbers = {name: float(value) for name, value in rule.parameters.items()}
        for attribute, allowed in (("weight", _TRACES), ("bias", ("p_j", "p"))):
            text, where = getattr(rule, attribute), f"{attribute} of {self.of_rule}"
            names = {**dict.fromkeys(allowed, DIMENSIONLESS), **parameters}
            check_expression(where, text, names, DIMENSIONLESS)
            samples = dict.fromkeys(allowed, np.array([0.2, 0.3]))
            try:
                evaluate(text, {**samples, **numbers})
            except Exception as error:
                raise ValueError(
                    f"{where}, {text!r}, cannot be evaluated ({reason(error)}): give an expression "
                    f"in {', '.join(names)}."
                ) from None


def _run_miniature(architecture: Architecture, parameters: Parameters) -> None:
    """Two time steps of the same projections between small populations, in NumPy."""
    # Logs are of objects that no network takes, as building has failed; traces are 0.
    with catch_logs(), np.errstate(all="ignore"):
        fault = _miniature_fault(architecture, parameters)
        gc.collect()
    if fault:
        raise ValueError(
            f"minicolumn model {parameters.minicolumn.name!r} with plasticity rule "
            f"{parameters.plasticity.name!r} cannot be simulated ({fault}): mend it."
        )


def _miniature_fault(architecture: Architecture, parameters: Parameters) -> str | None:
    populations = tuple(Population(p.name, 2, 2) for p in architecture.populations)
    projections = tuple(
        Projection(p.name, p.pre, p.post, 1 if p.rewired else 2, p.rewired, p.conditioning)
        for p in architecture.projections
    )
    target = prefs.codegen.target
    set_device("runtime")
    try:
        prefs.codegen.target = "numpy"
        for plastic in (True, False):
            circuit = build_circuit(
                Architecture(populations, projections),
                dt=parameters.dt,
                transmitting=[p.name for p in projections],
                plastic=plastic,
                support_noise=parameters.support_noise > 0,
                minicolumn=parameters.minicolumn,
                plasticity=parameters.plasticity,
            )
            constants = composition(parameters, plastic).constants(parameters)
            for population in populations:
                for kind, suffix in (("minicolumn", ""), ("hypercolumn", "_hypercolumns")):
                    for name, value in constants[kind].items():
                        group = circuit.objects[population.name + suffix]
                        group.variables[name].get_value()[...] = value
            circuit.network.run(2 * parameters.dt, namespace={})
    except Exception as error:
        while error.__cause__ is not None:
            error = error.__cause__
        return reason(error)
    finally:
        prefs.codegen.target = target
        reset_device()
    return None


def _dims(found: Equations) -> dict[str, Dimension]:
    return {name: equation.dim for name, equation in found.items()}
