"""Rules of plasticity: what traces learn, and which weights and biases follow from them.

A rule is handed to a network, ``AssociativeMemory(…, plasticity=RULE)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from brian2 import ms

from . import equations
from .changing import Changeable, Value
from .expressions import evaluate, of_side, with_names
from .minicolumns import MINICOLUMN_MODELS


@dataclass(frozen=True)
class PlasticityRule(Changeable):
    """What is learned of the activity before and after a synapse, and what it makes of it.

    p_i and p_j are averages of a variable of the presynaptic and of the postsynaptic
    minicolumn, p_ij that of their product, p that of 1 (see `equations`).

    Attributes
    ----------
    name : str
    source : str
        Where it is published.
    weight, bias : str
        In p_ij, p_i, p_j, p and parameters; the bias without p_ij and p_i.
    presynaptic, postsynaptic : str
        Variables of the minicolumn that are averaged. They must not be negative.
    equations, reset : str
        What the rule adds to every minicolumn that learns, and to its reset; ``emitted`` stands
        there for what an emission adds to z.
    parameters : mapping of str to Quantity or float
        Constants that its strings name.
    continuous : bool
        Whether traces learn in every time step, with the print-now signal of the phase as
        factor to their rate, instead of once, in the last time step of a pattern.
    rest : mapping of str to Quantity, float or str
        Variables of its equations that are not 0 at rest; a text names a constant.
    logarithmic : bool
        Whether the weight is the published logarithm, so that synapses can keep it as log q and
        need not evaluate it.
    """

    kind: ClassVar[str] = "plasticity rule"
    name: str
    source: str
    weight: str = equations.WEIGHT
    bias: str = equations.PRIOR
    presynaptic: str = "z"
    postsynaptic: str = "z"
    equations: str = ""
    reset: str = ""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    continuous: bool = False
    rest: Mapping[str, Value | str] = field(default_factory=dict)
    logarithmic: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.logarithmic and not self._has_published_weight():
            raise ValueError(
                f"logarithmic of {self.owner} is True, and its weight {self.weight!r} is not "
                f"{equations.WEIGHT}: leave it False."
            )

    def changed(self, **changes: Any) -> PlasticityRule:
        if "weight" in changes:
            changes.setdefault("logarithmic", False)
        return super().changed(**changes)

    changed.__doc__ = Changeable.changed.__doc__

    def _has_published_weight(self) -> bool:
        traces = {"p_ij": 0.2, "p_i": 0.5, "p_j": 0.3, "p": 0.7}
        given = {name: float(value) for name, value in self.parameters.items()}
        own, logarithm = (evaluate(t, {**given, **traces}) for t in (self.weight, equations.WEIGHT))
        return bool(np.isclose(own, logarithm, rtol=1e-12))

    def trace(self, side: str) -> str:
        """The variable that is averaged on that side, 'pre' or 'post'."""
        return self.presynaptic if side == "pre" else self.postsynaptic

    def bias_statement(self, projection: str) -> str:
        """Statement of a minicolumn that sets its bias."""
        bias = with_names(self.bias, {"p_j": f"p_post_{projection}"})
        return equations.UPDATE_BIAS.format(projection=projection, bias=bias)

    def transmission(self, projection: str, conditioning: str, emitted: str) -> str:
        """Statement of a synapse that evaluates the weight when a presynaptic minicolumn emits.

        Parameters
        ----------
        projection : str
        conditioning : {'pre', 'post'}
            Side whose p divides q, see `equations`.
        emitted : str
            What an emission adds to z.
        """
        joint = equations.JOINT.format(projection=projection, conditioning=conditioning)
        weight = with_names(self.weight, {
            **{name: f"{name}_post" for name in self.parameters},
            "p_ij": f"({joint})",
            "p_i": f"p_pre_{projection}_pre",
            "p_j": f"p_post_{projection}_post",
            "p": "p_post",
        })  # fmt: skip
        return equations.TRANSMIT_WEIGHT.format(
            projection=projection, weight=weight, emitted=of_side(emitted, "pre")
        )


_TULLY = (
    "Tully, Hennig & Lansner (2014), Synaptic and nonsynaptic plasticity approximating "
    "probabilistic inference, Frontiers in Synaptic Neuroscience 6:8, doi:10.3389/fnsyn.2014.00008"
)

#: The published rule: one step per pattern.
BCPNN = PlasticityRule(
    name="BCPNN",
    source=(
        "Ravichandran, Lansner & Herman (2024), Spiking representation learning for associative "
        "memories, Frontiers in Neuroscience 18:1439414, doi:10.3389/fnins.2024.1439414"
    ),
    logarithmic=True,
)

#: BCPNN with E traces between Z and P, and a time constant of its own behind the synapse.
ELIGIBILITY = BCPNN.changed(
    name="BCPNN with E traces",
    source=f"{_TULLY} (there with E traces of pairs, here of minicolumns)",
    presynaptic="e_i",
    postsynaptic="e_j",
    equations=equations.ELIGIBILITY,
    reset=equations.ELIGIBILITY_RESET,
    parameters={"tau_e": 20 * ms, "tau_zj": 10 * ms},
    rest={"e_i": "epsilon", "z_j": "epsilon", "e_j": "epsilon"},
)

#: BCPNN that learns in every time step, as far as the print-now signal lets it.
CONTINUOUS = BCPNN.changed(
    name="continuous BCPNN", source=f"{_TULLY} (κ, the print-now signal)", continuous=True
)

#: A control without logarithms and biases: weights are covariances.
COVARIANCE = BCPNN.changed(
    name="covariance",
    source=(
        "Sejnowski (1977), Storing covariance with nonlinearly interacting neurons, Journal of "
        "Mathematical Biology 4:303-321, doi:10.1007/BF00275079"
    ),
    weight=equations.COVARIANCE,
    bias="0",
    parameters={"gain": 100.0},
)


def _classical(name: str, source: str, weight: str, **parameters: float) -> PlasticityRule:
    """A rule without biases, of classical associative memories."""
    return BCPNN.changed(name=name, source=source, weight=weight, bias="0", parameters=parameters)


#: Rules of classical associative memories, which `protocols.capacity` holds against BCPNN.
HEBB = _classical("Hebb", "Hebb (1949), The Organization of Behavior, Wiley", equations.HEBB)
#: Synapses are on or off. Its threshold is κ/2, half of what one pattern adds to p_ij: give it with
#: τ_p. A pair is forgotten log(2) τ_p/dt patterns later.
WILLSHAW = _classical(
    "Willshaw",
    "Willshaw, Buneman & Longuet-Higgins (1969), Non-holographic associative memory, Nature "
    "222:960-962, doi:10.1038/222960a0",
    equations.WILLSHAW,
    threshold=1e-4,
)
HOPFIELD = _classical(
    "Hopfield",
    "Hopfield (1982), Neural networks and physical systems with emergent collective computational "
    "abilities, PNAS 79:2554-2558, doi:10.1073/pnas.79.8.2554",
    equations.HOPFIELD,
)
OJA = _classical(
    "Oja",
    "Oja (1982), A simplified neuron model as a principal component analyzer, Journal of "
    "Mathematical Biology 15:267-273, doi:10.1007/BF00275687 (its average at rest, for clamped cells)",
    equations.OJA,
)
PRESYNAPTIC_COVARIANCE = _classical(
    "presynaptic covariance",
    "Minai (1997), Covariance learning of correlated patterns in competitive networks, Neural "
    "Computation 9:667-681, doi:10.1162/neco.1997.9.3.667",
    equations.PRESYNAPTIC_COVARIANCE,
)

#: A family of rules to search in: a factor for each logarithm of BCPNN, whose factors it has.
LOGARITHMS = BCPNN.changed(
    name="logarithms",
    source="BCPNN with its factors, 1 and -1, as parameters; docs/evolution.md searches them",
    weight=equations.LOGARITHMS,
    bias=equations.LOGARITHMS_PRIOR,
    parameters={"theta_1": 1.0, "theta_2": -1.0, "theta_3": -1.0, "theta_4": 1.0, "theta_b": 1.0},
)

#: Shipped rules by name.
PLASTICITY_RULES: dict[str, PlasticityRule] = {
    rule.name: rule
    for rule in (
        BCPNN, ELIGIBILITY, CONTINUOUS, COVARIANCE,
        HEBB, WILLSHAW, HOPFIELD, OJA, PRESYNAPTIC_COVARIANCE, LOGARITHMS,
    )
}  # fmt: skip


def is_shipped(model: Changeable) -> bool:
    """Whether a model or rule is one of those that come with this package, unchanged."""
    return model in (*MINICOLUMN_MODELS.values(), *PLASTICITY_RULES.values())
